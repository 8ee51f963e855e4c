/**
 * What a stage is held to: verification contracts of a graph's nodes, and their check against what a stage answered (worker-runtime.md 3.7, 9.6).
 *
 * Invariants
 * 1. A contract that says nothing is none.
 * 2. Every key that a contract has is checked; what cannot be checked has failed.
 */
import { joinPath } from "../base/path.ts";
import { categoryError, runtimeError } from "../builtin/raise.ts";
import { readScopePolicy } from "../policy/capability.ts";
import { refuseNeed } from "../policy/gate.ts";
import { FileFailure } from "../ports/files.ts";
import { sourceDir } from "../stdlib/surroundings.ts";
import { parseJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import * as field from "./record-fields.ts";
import { nodesOf } from "./workflow-graph.ts";

const LARGEST = 1024 * 1024;
const SCALARS = ["summary", "command", "expect_status", "assert_text", "expect_text"] as const;
const LISTS: readonly (readonly string[])[] = [
  ["required_identifiers", "identifiers"],
  ["required_paths", "paths"],
  ["required_text", "exact_text", "required_strings"],
  ["notes"],
];

/** The contract of one node; null: it has none. Reads the file that it names. */
export function nodeContract(call: VmCall, id: string, node: HDict): HDict | null {
  const verify = node.get("verify");
  if (!(verify instanceof HDict)) return null;
  const inline = verify.get("contract") ?? null;
  if (inline !== null && !(inline instanceof HDict)) throw runtimeError("workflow verify.contract must be an object");
  const path = field.textAt(verify, "contract_path") ?? field.textAt(verify, "verification_contract_path");
  const sources = [...(path === null ? [] : [contractFile(call, path)]), ...(inline === null ? [] : [inline]), verify];
  const contract = new Map<string, Value>([["source_node", id]]);
  for (const key of SCALARS) contract.set(key, firstOf(sources, key));
  for (const names of LISTS) contract.set(names[0]!, new HList([...mergedTexts(sources, names)]));
  contract.set("checks", new HList([...allChecks(sources, contract)]));
  const says = [...contract].some(
    ([key, value]) => key !== "source_node" && value !== null && !(value instanceof HList && value.items.length === 0),
  );
  return says ? HDict.fromMap(contract) : null;
}

/** Of all nodes, in the order of their ids. */
export function graphContracts(call: VmCall, graph: HDict): readonly HDict[] {
  return nodesOf(graph)
    .entries()
    .flatMap(([id, node]) => (node instanceof HDict ? [nodeContract(call, id, node)] : []))
    .filter((contract) => contract !== null);
}

function contractFile(call: VmCall, path: string): HDict {
  const file = joinPath(sourceDir(call), path);
  const need = {
    grant: "workspace.read_text",
    over: "workspace.read_text",
    paths: [{ path: file, write: false }],
  } as const;
  for (const json of call.scope.policies) {
    const refusal = refuseNeed(call, readScopePolicy(json), need);
    if (refusal !== null)
      throw categoryError("tool_rejected", `a verification contract exceeds the policy: ${refusal.wants}`);
  }
  let text: string;
  try {
    text = call.ports.files.readTextSync(file, { maxBytes: LARGEST });
  } catch (error) {
    if (error instanceof FileFailure)
      throw runtimeError(`workflow verification contract read failed for ${file}: ${error.reason}`);
    throw error;
  }
  const parsed = parseJson(text);
  if (!parsed.ok) throw runtimeError(`workflow verification contract parse failed for ${file}: ${parsed.message}`);
  if (parsed.value instanceof HDict) return parsed.value;
  throw runtimeError("workflow verification contract file must parse to a JSON object");
}

function firstOf(sources: readonly HDict[], key: string): Value {
  const wanted = key === "expect_status" ? "int" : "string";
  for (const source of sources) {
    const value = source.get(key) ?? null;
    if (value === null || (typeof value === "string" && value.trim() === "")) continue;
    if (typeName(value) !== wanted)
      throw runtimeError(`workflow verify.${key}: expected ${wanted}, got ${typeName(value)}`);
    return value;
  }
  return null;
}

function mergedTexts(sources: readonly HDict[], names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const source of sources) {
    for (const name of names) {
      const value = source.get(name) ?? null;
      if (value === null) continue;
      const items = typeof value === "string" ? [value] : value instanceof HList ? value.items : null;
      if (items === null || items.some((item) => typeof item !== "string"))
        throw runtimeError(`workflow verify.${name}: expected list of strings, got ${typeName(value)}`);
      for (const item of items as readonly string[]) if (item.trim() !== "") found.add(item.trim());
    }
  }
  return found;
}

/** The checks of the sources, then those that the other keys amount to; each once. */
function allChecks(sources: readonly HDict[], contract: ReadonlyMap<string, Value>): readonly HDict[] {
  const given = sources.flatMap((source) =>
    field.dictsAt(source, "checks").map((check) => {
      const note = ["note", "description", "reason"].map((key) => field.textAt(check, key)).find((one) => one !== null);
      return checkOf(field.textAt(check, "kind") ?? "text", field.textAt(check, "value") ?? "", note ?? null);
    }),
  );
  const derived = DERIVED.flatMap(([key, kind, note]) => {
    const value = contract.get(key) ?? null;
    const values = value instanceof HList ? value.items : value === null ? [] : [value];
    return values.map((one) => checkOf(kind, String(one), note));
  });
  const once = new Map<string, HDict>();
  for (const check of [...given, ...derived]) {
    const key = `${check.get("kind")} ${check.get("value")}`;
    if (!once.has(key)) once.set(key, check);
  }
  return [...once.values()];
}

const checkOf = (kind: string, value: string, note: string | null) => HDict.of({ kind, value, note });

const DERIVED = [
  ["assert_text", "visible_text_contains", "what is said must contain this"],
  ["expect_text", "combined_output_contains", "the output, errors included, must contain this"],
  ["expect_status", "expect_status", "the command must end with this status"],
  ["required_identifiers", "identifier", "this name must be used as it is"],
  ["required_paths", "path", "this path must exist"],
  ["required_text", "text", "this text must appear as it is"],
] as const;

/** Is it among what the other keys of a contract say already? */
export function isDerivedCheck(check: HDict): boolean {
  return DERIVED.some(([, kind, note]) => check.get("kind") === kind && check.get("note") === note);
}

/** What a stage gave, as far as it can be checked. */
export interface Evidence {
  /** What a person or a model reads. */
  readonly text: string;
  /** Standard output and error of a command; else the text. */
  readonly combined: string;
  readonly status: number | null;
  /** A command ran and ended well; null: none ran. */
  readonly success: boolean | null;
  /** A model's verdict; `missing`: it was asked for one and gave none; null: nobody was asked. */
  readonly verdict: boolean | "missing" | null;
}

/** `{kind, ok, checks}`. */
export function checkEvidence(call: VmCall, contract: HDict | null, evidence: Evidence): HDict {
  const checks: HDict[] = [];
  const check = (kind: string, ok: boolean, expected: Value, actual: Value = null) =>
    checks.push(HDict.of({ kind, ok, expected, ...(actual === null ? {} : { actual }) }));
  if (contract !== null) contractChecks(call, contract, evidence, check);
  // A command that says nothing else says by its status whether all is well.
  const asksStatus = contract !== null && (contract.get("expect_status") ?? null) !== null;
  if (evidence.success !== null && !asksStatus) check("exit_status", evidence.success, 0, evidence.status);
  const { verdict } = evidence;
  // Where the answer itself was to be checked, that decides.
  if (verdict === "missing" ? checks.length === 0 : verdict !== null) check("verdict", verdict === true, true);
  if (checks.length === 0) return HDict.of({ kind: "none", ok: true });
  const ok = checks.every((entry) => entry.get("ok") === true);
  return HDict.of({ kind: "composite", ok, checks: new HList(checks) });
}

function contractChecks(
  call: VmCall,
  contract: HDict,
  evidence: Evidence,
  check: (kind: string, ok: boolean, expected: Value, actual?: Value) => void,
): void {
  const { text, combined } = evidence;
  const paths = field.textsAt(contract, "required_paths");
  const inFiles = (needle: string) => paths.some((path) => fileHolds(call, path, needle));
  for (const entry of field.dictsAt(contract, "checks")) {
    const kind = String(entry.get("kind"));
    const value = String(entry.get("value"));
    switch (kind) {
      case "visible_text_contains":
        check("assert_text", text.includes(value), value);
        break;
      case "combined_output_contains":
        check("expect_text", combined.includes(value), value);
        break;
      case "expect_status":
        check(kind, evidence.status === Number(value), Number(value), evidence.status);
        break;
      case "path":
        check(kind, call.ports.files.existsSync(joinPath(call.scope.cwd, value)), value);
        break;
      default:
        check(kind, combined.includes(value) || text.includes(value) || inFiles(value), value);
    }
  }
}

/** A file that a contract names is evidence, too, where the policy lets it be read. */
function fileHolds(call: VmCall, path: string, needle: string): boolean {
  const file = joinPath(call.scope.cwd, path);
  const need = {
    grant: "workspace.read_text",
    over: "workspace.read_text",
    paths: [{ path: file, write: false }],
  } as const;
  if (call.scope.policies.some((json) => refuseNeed(call, readScopePolicy(json), need) !== null)) return false;
  try {
    return call.ports.files.readTextSync(file, { maxBytes: 16 * LARGEST }).includes(needle);
  } catch (error) {
    if (error instanceof FileFailure) return false;
    throw error;
  }
}

/** What a model that was asked to verify decided: its last `VERDICT: PASS` or `FAIL`. Null: it did not say. */
export function verdictOf(text: string): boolean | null {
  const found = [...text.matchAll(/VERDICT:\s*(PASS|FAIL)/gi)].at(-1);
  return found === undefined ? null : found[1]!.toUpperCase() === "PASS";
}
