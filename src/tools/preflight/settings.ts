/**
 * What `harn.toml` says to `harn check` about what lies outside of the program.
 *
 * ```toml
 * [check]
 * strict_types = true
 * preflight_severity = "warning"          # or error, off
 * preflight_allow = ["project.*", "mcp.list"]
 * bundle_root = "dist"                    # templates are looked for there, too
 * host_capabilities = { editor = ["open"] }
 * host_capabilities_path = "host.json"
 * ```
 */

import { Failure } from "../../base/failure.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import { type Manifest, ManifestTable } from "../manifest.ts";
import {
  EXPECTED_CAPABILITIES,
  type HostCapabilities,
  mergeCapabilities,
  parseCapabilities,
} from "./host-capabilities.ts";

export const PREFLIGHT_SEVERITIES = ["error", "warning", "off"] as const;
export type PreflightSeverity = (typeof PREFLIGHT_SEVERITIES)[number];

export interface PreflightSettings {
  readonly strictTypes: boolean;
  readonly severity: PreflightSeverity;
  /** `capability.operation`, `capability.*`, `capability` or `*`. */
  readonly allow: readonly string[];
  readonly capabilities: HostCapabilities;
  /** Absolute; null: templates are looked for beside the program only. */
  readonly bundleRoot: string | null;
}

/** What flags say; absolute paths. They count more than the manifest. */
export interface PreflightFlags {
  readonly strictTypes?: boolean;
  readonly preflight?: PreflightSeverity;
  readonly hostCapabilities?: string;
  readonly bundleRoot?: string;
}

export function readPreflightSettings(
  manifest: Manifest | null,
  flags: PreflightFlags,
  files: FilesPort,
): PreflightSettings {
  const table = new ManifestTable(manifest, "check");
  const at = (path: string | null): string | null =>
    path === null ? null : joinPath(parentPath(manifest!.path), path);
  const ownFile = at(table.text("host_capabilities_path") ?? table.text("host_capabilities_file"));
  const file = flags.hostCapabilities ?? ownFile;
  const inline = [...table.textLists("host_capabilities")].map(([name, list]) => [name, new Set(list)] as const);
  return {
    strictTypes: flags.strictTypes ?? table.flag("strict_types") ?? false,
    severity: flags.preflight ?? table.choice("preflight_severity", PREFLIGHT_SEVERITIES) ?? "error",
    allow: table.texts("preflight_allow") ?? [],
    capabilities: mergeCapabilities(
      EXPECTED_CAPABILITIES,
      new Map(inline),
      file === null ? new Map() : readCapabilities(file, files),
    ),
    bundleRoot: flags.bundleRoot ?? at(table.text("bundle_root")),
  };
}

export function readCapabilities(path: string, files: FilesPort): HostCapabilities {
  try {
    return parseCapabilities(path, files.readTextSync(path));
  } catch (error) {
    if (error instanceof FileFailure) throw new Failure(`cannot read ${path}: ${error.reason}`);
    throw error;
  }
}

/** Need an operation not be known? */
export function isAllowed(allow: readonly string[], capability: string, operation: string): boolean {
  const accepted = ["*", capability, `${capability}.*`, `${capability}.${operation}`];
  return allow.some((entry) => accepted.includes(entry.trim()));
}
