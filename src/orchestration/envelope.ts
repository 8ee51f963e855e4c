/** What `sub_agent_run` answers (worker-runtime.md 5.6): a short result made from the loop's, without the child's transcript. */
import { parseJson, stringifyJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";

export interface EnvelopeOptions {
  readonly session: string;
  readonly tokenBudget: number | null;
  /** `returns.schema`, or null. */
  readonly schema: Value;
  /** `response_format: "json"`, `json_schema` or `output_schema` was asked for. */
  readonly wantsJson: boolean;
  /** Checks a value against the schema; answers the complaint or null. */
  readonly validate: (value: Value, schema: Value) => string | null;
}

export function envelopeOf(result: HDict, options: EnvelopeOptions): HDict {
  const text = textOf(result, "visible_text") ?? textOf(result, "text") ?? "";
  const usage = result.get("usage");
  const tokens = usage instanceof HDict ? number(usage.get("input_tokens")) + number(usage.get("output_tokens")) : 0;
  const structured = options.schema !== null || options.wantsJson;
  const candidate = structured ? jsonIn(text) : undefined;
  let data: Value = null;
  let error: HDict | null = null;
  if (structured) {
    if (candidate === undefined) {
      error = problem(
        "schema_validation",
        "Error [schema_validation]: sub_agent_run: child transcript did not contain valid JSON",
      );
    } else {
      const complaint = options.schema === null ? null : options.validate(candidate, options.schema);
      if (complaint === null) data = candidate;
      else {
        error = problem(
          "schema_validation",
          `Error [schema_validation]: sub_agent_run: return schema validation failed: ${complaint}`,
        );
      }
    }
  }
  const status = textOf(result, "status") ?? "done";
  const rejected = result.get("rejected_tools");
  const succeeded = result.get("successful_tools");
  if (error === null && rejected instanceof HList && rejected.items.length > 0 && status !== "done") {
    error = denial(result, String(rejected.items[0]));
  } else if (
    error === null &&
    rejected instanceof HList &&
    rejected.items.length > 0 &&
    !(succeeded instanceof HList && succeeded.items.length > 0)
  ) {
    // A run that did nothing but be denied has not done its job; one that recovered has (W-25).
    error = denial(result, String(rejected.items[0]));
  }
  if (error === null && (status === "stuck" || status === "failed" || status === "budget_exhausted")) {
    error = problem(status, `the agent loop ended ${status}`);
  }
  const artifacts = assetsOf(result);
  return HDict.of({
    ok: error === null,
    summary: structured && candidate !== undefined ? stringifyJson(candidate) : text,
    artifacts,
    evidence_added: artifacts.items.length,
    tokens_used: tokens,
    budget_exceeded: options.tokenBudget !== null && options.tokenBudget >= 0 && tokens >= options.tokenBudget,
    data: share(data),
    error,
    denied: new HList([...denialsOf(result)]),
    session_id: options.session,
  });
}

export function failedEnvelope(message: string, category: string, session: string): HDict {
  return HDict.of({
    ok: false,
    summary: "",
    artifacts: new HList([]),
    evidence_added: 0,
    tokens_used: 0,
    budget_exceeded: false,
    data: null,
    error: problem(category, message),
    denied: new HList([]),
    session_id: session,
  });
}

function problem(category: string, message: string, tool?: string): HDict {
  return HDict.of(tool === undefined ? { category, message } : { category, message, tool });
}

/** Tool calls that a policy or an approver refused, in order: {tool, reason}. */
function denialsOf(result: HDict): readonly HDict[] {
  const transcript = result.get("transcript");
  const events = transcript instanceof HDict ? transcript.get("events") : null;
  if (!(events instanceof HList)) return [];
  return events.items.flatMap((event) => {
    const metadata = event instanceof HDict ? event.get("metadata") : null;
    if (!(event instanceof HDict) || !(metadata instanceof HDict) || metadata.get("rejected") !== true) return [];
    const parsed = jsonIn(textOf(event, "text") ?? "");
    if (!(parsed instanceof HDict) || parsed.get("error") !== "permission_denied") return [];
    return [HDict.of({ tool: textOf(parsed, "tool"), reason: textOf(parsed, "reason") ?? "" })];
  });
}

/** The newest denial, for its reason. */
function denial(result: HDict, tool: string): HDict {
  const newest = denialsOf(result).at(-1);
  if (newest === undefined) return problem("permission_denied", `tool '${tool}' was denied`, tool);
  return problem("permission_denied", textOf(newest, "reason") ?? "", textOf(newest, "tool") ?? tool);
}

function assetsOf(result: HDict): HList {
  const transcript = result.get("transcript");
  const assets = transcript instanceof HDict ? transcript.get("assets") : null;
  return assets instanceof HList ? share(assets) : new HList([]);
}

function textOf(dict: HDict, key: string): string | null {
  const value = dict.get(key);
  return typeof value === "string" ? value : null;
}

function number(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** JSON in a model's answer: the whole of it, a fenced block, or the outermost braces. */
export function jsonIn(text: string): Value | undefined {
  const trimmed = text.trim();
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(trimmed)?.[1];
  for (const candidate of [trimmed, fenced, between(trimmed, "{", "}"), between(trimmed, "[", "]")]) {
    if (candidate === undefined || candidate === "") continue;
    const first = candidate[0]!;
    if (first !== "{" && first !== "[") continue;
    const parsed = parseJson(candidate);
    if (parsed.ok) return parsed.value;
  }
  return undefined;
}

function between(text: string, open: string, close: string): string | undefined {
  const from = text.indexOf(open);
  const to = text.lastIndexOf(close);
  return from >= 0 && to > from ? text.slice(from, to + 1) : undefined;
}
