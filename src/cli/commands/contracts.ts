/**
 * `harn contracts WHAT`: what programs and hosts count on of each other, as JSON for tools that pack or host programs.
 *
 * builtins            {version, builtins: [{name, parser_known, runtime_registered, return_types, alignment_status}]}
 * host-capabilities   {version, capabilities: {CAPABILITY: [OPERATION]}}
 * bundle              modules, templates, folders and operations of programs (tools/preflight/bundle.ts)
 */
import path from "node:path";
import type { JsonObject } from "../../base/json.ts";
import { closestName } from "../../check/suggestion.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import type { FilesPort } from "../../ports/files.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { ManifestFinder } from "../../tools/manifest.ts";
import { bundleManifest } from "../../tools/preflight/bundle.ts";
import { capabilitiesJson } from "../../tools/preflight/host-capabilities.ts";
import { type PreflightFlags, readPreflightSettings } from "../../tools/preflight/settings.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { type OutsideFlags, readOutsideFlags } from "../check-extras.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";
import { checkPrograms } from "./check.ts";
import { programsAt } from "./parse.ts";

export interface ContractsFlags extends OutsideFlags {
  readonly verify?: boolean;
  readonly pretty: boolean;
}

const KINDS = ["builtins", "host-capabilities", "bundle"];

/** Ends with 1 when programs are verified and have errors. */
export async function printContracts(what: string, names: readonly string[], flags: ContractsFlags): Promise<number> {
  const { files } = createNodePorts();
  if (what !== "bundle" && names.length > 0)
    throw new UsageFailure(`contracts ${what} takes no files, got ${names[0]}`);
  switch (what) {
    case "builtins":
      return print({ version: 1, builtins: builtinRows() }, flags);
    case "host-capabilities": {
      const settings = readPreflightSettings(null, readOutsideFlags(flags), files);
      return print({ version: 1, capabilities: capabilitiesJson(settings.capabilities) as JsonObject }, flags);
    }
    case "bundle":
      return printBundle(names, flags, files);
    default: {
      const near = closestName(what, KINDS);
      throw new UsageFailure(
        `contracts: expected ${KINDS.join(", ")}, got ${what}${near === null ? "" : `; did you mean ${near}?`}`,
      );
    }
  }
}

function print(json: JsonObject, { pretty }: ContractsFlags): number {
  process.stdout.write(`${pretty ? JSON.stringify(json, null, 2) : JSON.stringify(json)}\n`);
  return EXIT.ok;
}

/** What is declared is both known to the checker and there when a program runs: it is one declaration. */
function builtinRows(): readonly JsonObject[] {
  return allBuiltins()
    .filter(({ name, receiver }) => receiver === null && !name.startsWith("__"))
    .sort((a, b) => compareUtf8(a.name, b.name))
    .map(({ name, sig }) => ({
      name,
      parser_known: true,
      runtime_registered: true,
      return_types: returnTypes(sig),
      alignment_status: "matched",
    }));
}

/** The members of the result type; none when it may be anything. */
function returnTypes(sig: string): string[] {
  const result = sig.slice(sig.lastIndexOf(") -> ") + 5).trim();
  return result === "any" ? [] : result.split(" | ");
}

async function printBundle(names: readonly string[], flags: ContractsFlags, files: FilesPort): Promise<number> {
  const programs = [...new Set(names.flatMap(programsAt))].sort(compareUtf8);
  if (programs.length === 0) throw new UsageFailure("contracts bundle: expected programs or folders with programs");
  const targets = programs.map((name) => ({ name, path: files.realpathSync(path.resolve(name)) }));
  const manifest = new ManifestFinder(files).nearest(path.dirname(targets[0]!.path));
  const outside: PreflightFlags = readOutsideFlags(flags);
  const { bundleRoot } = readPreflightSettings(manifest, outside, files);
  // Its report goes to the errors: what is printed stays JSON.
  const code = flags.verify ? await checkPrograms(programs, { ...flags, quiet: true }) : EXIT.ok;
  print(bundleManifest(targets, bundleRoot, files), flags);
  return code;
}
