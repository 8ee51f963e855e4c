/**
 * Which operations of a host a program may count on (`host_call("capability.operation")`): those that every host is expected to have, and those that
 * the project names.
 *
 * A file of them is JSON or TOML, the capabilities at the top or below `capabilities`: each a list of operations, a table with `operations` or `ops`, or a
 * table of operations to true and false.
 */
import { parse as parseToml } from "smol-toml";
import { Failure } from "../../base/failure.ts";
import { compareUtf8 } from "../../value/key-order.ts";

/** Operations by capability. */
export type HostCapabilities = ReadonlyMap<string, ReadonlySet<string>>;

const EXPECTED: Readonly<Record<string, string>> = {
  diagnostics: "get_causal_traces get_errors",
  editor: "get_active_file get_selection get_visible_files",
  git: "get_branch get_diff",
  interaction: "ask",
  learning: "get_learned_rules report_correction",
  process: "exec",
  project:
    "agent_instructions code_patterns compute_content_hash ide_context lessons mcp_config metadata_get metadata_refresh_hashes " +
    "metadata_save metadata_set metadata_stale scan scope_test_command test_commands",
  runtime: "approved_plan dry_run pipeline_input record_run set_result task",
  session: "active_roots changed_paths preread_get preread_read_many",
  template: "render",
  workspace: "apply_edit delete exists file_exists list project_root read_text roots write_text",
};

export const EXPECTED_CAPABILITIES: HostCapabilities = new Map(
  Object.entries(EXPECTED).map(([capability, operations]) => [capability, new Set(operations.split(" "))]),
);

export function mergeCapabilities(...all: readonly HostCapabilities[]): HostCapabilities {
  const merged = new Map<string, Set<string>>();
  for (const capabilities of all) {
    for (const [name, operations] of capabilities) {
      const known = merged.get(name) ?? new Set();
      merged.set(name, known);
      for (const operation of operations) known.add(operation);
    }
  }
  return merged;
}

export const hasOperation = (capabilities: HostCapabilities, capability: string, operation: string): boolean =>
  capabilities.get(capability)?.has(operation) ?? false;

/** In order of their names, as JSON. */
export function capabilitiesJson(capabilities: HostCapabilities): Readonly<Record<string, readonly string[]>> {
  const sorted = [...capabilities].sort(([a], [b]) => compareUtf8(a, b));
  return Object.fromEntries(sorted.map(([name, operations]) => [name, [...operations].sort(compareUtf8)]));
}

/** Throws a `Failure` that names the file when it is neither JSON nor TOML, or holds something else. */
export function parseCapabilities(path: string, text: string): HostCapabilities {
  const content = tableIn(path, text);
  const root = content.capabilities ?? content;
  if (!isTable(root)) throw new Failure(`${path}: \`capabilities\` must be a table of operations by capability`);
  return new Map(Object.entries(root).map(([name, entry]) => [name, new Set(operationsIn(path, name, entry))]));
}

function tableIn(path: string, text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = text.trimStart().startsWith("{") ? JSON.parse(text) : parseToml(text);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw new Failure(`${path}: ${reason}; expected JSON or TOML`);
  }
  if (isTable(parsed)) return parsed;
  throw new Failure(`${path} must hold a table of operations by capability`);
}

function operationsIn(path: string, capability: string, entry: unknown): readonly string[] {
  const listed = isTable(entry) ? (entry.operations ?? entry.ops ?? null) : entry;
  if (Array.isArray(listed) && listed.every((item) => typeof item === "string")) return listed;
  if (isTable(entry) && listed === null) {
    return Object.entries(entry).flatMap(([operation, isOffered]) => (isOffered === false ? [] : [operation]));
  }
  throw new Failure(`${path}: ${capability} must be a list of operations, or a table of them`);
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
