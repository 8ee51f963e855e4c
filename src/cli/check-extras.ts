/** What `harn check` looks at beside the language: the project's list of programs, what programs want from outside, and values nobody has checked. */
import fs from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { Failure } from "../base/failure.ts";
import type { GraphModule } from "../check/module-graph.ts";
import type { FilesPort } from "../ports/files.ts";
import { ManifestFinder, ManifestTable } from "../tools/manifest.ts";
import type { HostCapabilities } from "../tools/preflight/host-capabilities.ts";
import { mockedIn, preflight } from "../tools/preflight/preflight.ts";
import { mayCallOutside, type OutsideCall, outsideCalls } from "../tools/preflight/program-calls.ts";
import {
  PREFLIGHT_SEVERITIES,
  type PreflightFlags,
  type PreflightSettings,
  type PreflightSeverity,
  readPreflightSettings,
} from "../tools/preflight/settings.ts";
import { unvalidatedUses } from "../tools/preflight/unvalidated.ts";
import { UsageFailure } from "./exit-codes.ts";

/** As the command line has them: paths as they were written. */
export interface OutsideFlags {
  readonly strictTypes?: boolean;
  readonly preflight?: string;
  readonly hostCapabilities?: string;
  readonly bundleRoot?: string;
}

export function readOutsideFlags(flags: OutsideFlags): PreflightFlags {
  const { strictTypes, preflight: severity, hostCapabilities, bundleRoot } = flags;
  if (severity !== undefined && !PREFLIGHT_SEVERITIES.includes(severity as PreflightSeverity))
    throw new UsageFailure(`--preflight is ${severity}: expected ${PREFLIGHT_SEVERITIES.join(", ")}`);
  return {
    ...(strictTypes === undefined ? {} : { strictTypes }),
    ...(severity === undefined ? {} : { preflight: severity as PreflightSeverity }),
    ...(hostCapabilities === undefined ? {} : { hostCapabilities: path.resolve(hostCapabilities) }),
    ...(bundleRoot === undefined ? {} : { bundleRoot: path.resolve(bundleRoot) }),
  };
}

/** Files and folders that the nearest `harn.toml` lists below `[workspace]`, as paths from here. */
export function workspaceTargets(files: FilesPort): readonly string[] {
  const manifest = new ManifestFinder(files).nearest(process.cwd());
  if (manifest === null) throw new UsageFailure("--workspace: there is no harn.toml here or above");
  const listed = new ManifestTable(manifest, "workspace").texts("pipelines") ?? [];
  if (listed.length === 0)
    throw new UsageFailure(
      `--workspace: ${manifest.path} lists no programs: expected pipelines = [...] below [workspace]`,
    );
  const root = path.dirname(manifest.path);
  return listed.flatMap((entry) => {
    const found = /[*?[{]/.test(entry) ? fs.globSync(entry, { cwd: root }).sort() : [entry];
    const named = found.map((name) => path.relative(process.cwd(), path.join(root, name)) || ".");
    const missing = named.find((name) => !fs.existsSync(name));
    if (missing === undefined && named.length > 0) return named;
    throw new Failure(`${manifest.path}: [workspace] pipelines: there is no ${entry}`, "not_found");
  });
}

/** Looks at the modules of programs; one for a whole check. */
export class OutsideCheck {
  readonly #files: FilesPort;
  readonly #flags: PreflightFlags;
  readonly #manifests: ManifestFinder;
  readonly #settings = new Map<string, PreflightSettings>();

  constructor(files: FilesPort, flags: PreflightFlags) {
    this.#files = files;
    this.#flags = flags;
    this.#manifests = new ManifestFinder(files);
  }

  /** What the modules of a program mock. */
  mockedBy(modules: readonly GraphModule[]): HostCapabilities {
    return mockedIn(modules.flatMap(callsOf));
  }

  /** Further problems of one of them, in the order of the text. */
  problems(module: GraphModule, mocked: () => HostCapabilities): readonly Diagnostic[] {
    const settings = this.#settingsAt(path.dirname(module.key));
    const found: Diagnostic[] = [];
    const calls = callsOf(module);
    if (calls.length > 0)
      found.push(...preflight({ path: module.key, calls, mocked: mocked() }, settings, this.#files));
    if (settings.strictTypes) found.push(...unvalidatedUses(module.file));
    return found.sort((a, b) => a.labels[0]!.span.start - b.labels[0]!.span.start);
  }

  #settingsAt(folder: string): PreflightSettings {
    const known = this.#settings.get(folder);
    if (known !== undefined) return known;
    const read = readPreflightSettings(this.#manifests.nearest(folder), this.#flags, this.#files);
    this.#settings.set(folder, read);
    return read;
  }
}

function callsOf({ key, file, text }: GraphModule): readonly OutsideCall[] {
  return key.startsWith("std/") || !mayCallOutside(text) ? [] : outsideCalls(file);
}
