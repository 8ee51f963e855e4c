/**
 * One tool call of a model: found, its arguments read, judged, approved, run, answered. Each function does a step and answers what the machine is to
 * wait for, or null when the call has its result.
 */
import type { Json } from "../base/json.ts";
import { checkToolCall } from "../policy/tools.ts";
import { displayValue } from "../value/display.ts";
import { valuesEqual } from "../value/equality.ts";
import { stringifyJson, valueToJson } from "../value/json.ts";
import type { RaisedError, Value } from "../value/value.ts";
import { HBuiltin, HDict, share } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import type { Fiber, MachineInput } from "../vm/fiber.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { traceAgent } from "./agent-trace.ts";
import { APPROVAL_MACHINE, approvalState, readApprovalAnswer } from "./approval-machine.ts";
import { noteVerification } from "./ending-rules.ts";
import { emitAgentEvent } from "./loop-events.ts";
import { type LoopState, type ToolEnding, turnIndex } from "./loop-state.ts";
import { answerOwnTool } from "./own-tools.ts";
import { appendEvent, appendMessage, requireSession } from "./sessions.ts";
import { checkArguments, readArguments, unknownTool } from "./tool-arguments.ts";
import { readHookVerdict, TOOL_HOOK_MACHINE, toolHooks } from "./tool-hooks.ts";
import { findTool, isCallable } from "./tool-registry.ts";
import { callableNames, isOutOfScope, registered } from "./tool-surface.ts";
import { transcriptEvent } from "./transcripts.ts";

/** Begins the call that is next. */
export function nextTool(state: LoopState, call: VmCall): Directive | null {
  const { id, name, arguments: text } = state.calls[state.at]!;
  const entry = entryOf(state, name);
  emitAgentEvent(call, state, {
    type: "tool_call",
    tool_call_id: id,
    tool_name: name,
    status: "pending",
    raw_input: text.length > 4_096 ? `${text.slice(0, 4_096)}…` : text,
  });
  const own = answerOwnTool(state, call);
  if (own !== null) return end(state, call, own, { isOwn: true });
  if (entry === null) {
    // A tool that the policy keeps from this agent is denied, whether the registry has it or not.
    const denied = checkToolCall(call, { name, args: HDict.empty(), entry: null });
    if (denied.kind === "deny") return end(state, call, { kind: "denied", reason: denied.reason });
    const known = [...callableNames(state)];
    return end(state, call, { kind: "error", message: unknownTool(name, known), category: "not_found" });
  }
  if (isOutOfScope(state, entry)) {
    const reason = `the active skills do not allow '${name}' (allowed: ${state.skills!.allowed!.join(", ")})`;
    return end(state, call, { kind: "denied", reason });
  }
  const read = readArguments(entry, text);
  if (read.kind === "refused")
    return end(state, call, { kind: "error", message: read.message, category: "schema_validation" });
  state.current = {
    args: share(read.args),
    startedMs: call.ports.clock.nowMs(),
    outer: call.scope.repeatable,
    attempts: 0,
  };
  return judge(state, call, entry, read.args);
}

/** Asks policies and, if they say so, an approver. */
function judge(state: LoopState, call: VmCall, entry: HDict, args: HDict): Directive | null {
  const { id, name } = state.calls[state.at]!;
  const verdict = checkToolCall(call, { name, args, entry });
  switch (verdict.kind) {
    case "allow":
      return beforeHandler(state, call, entry, args);
    case "deny":
      return end(state, call, { kind: "denied", reason: verdict.reason });
    case "require":
      state.phase = "approval";
      emitAgentEvent(call, state, {
        type: "approval_requested",
        tool_call_id: id,
        tool_name: name,
        reason: verdict.reason,
      });
      return { kind: "push", machine: APPROVAL_MACHINE, state: approvalState(verdict.request) };
  }
}

/** The approver may have changed the arguments: they are read and judged again; only a denial counts then, since they are the approver's own. */
export function approvalAnswered(state: LoopState, input: MachineInput, call: VmCall): Directive | null {
  const { id, name } = state.calls[state.at]!;
  const entry = entryOf(state, name);
  const answer = readApprovalAnswer(input.kind === "returned" ? input.value : null);
  emitAgentEvent(call, state, {
    type: "approval_answered",
    tool_call_id: id,
    tool_name: name,
    granted: answer.granted,
    reason: answer.reason,
  });
  if (!answer.granted || entry === null) return end(state, call, { kind: "denied", reason: answer.reason });
  if (!(answer.args instanceof HDict)) return beforeHandler(state, call, entry, state.current!.args);
  const read = checkArguments(entry, answer.args);
  if (read.kind === "refused")
    return end(state, call, { kind: "denied", reason: `the approver's arguments: ${read.message}` });
  const verdict = checkToolCall(call, { name, args: read.args, entry });
  if (verdict.kind === "deny")
    return end(state, call, { kind: "denied", reason: `the approver's arguments: ${verdict.reason}` });
  return beforeHandler(state, call, entry, read.args);
}

/** Hooks see the arguments once, when everybody else has agreed. */
function beforeHandler(state: LoopState, call: VmCall, entry: HDict, args: HDict): Directive | null {
  const { name } = state.calls[state.at]!;
  state.current = { ...state.current!, args: share(args) };
  const hooks = state.current.hooked ? null : toolHooks(call, { event: "PreToolUse", tool: name, args, text: "" });
  if (hooks === null) return runHandler(state, call, entry, args);
  state.phase = "pre_tool";
  return { kind: "push", machine: TOOL_HOOK_MACHINE, state: hooks };
}

/** Arguments that hooks have changed are read and judged again. */
export function hooksAnswered(state: LoopState, input: MachineInput, call: VmCall): Directive | null {
  if (input.kind !== "returned") return end(state, call, { kind: "denied", reason: "the hooks did not answer" });
  const verdict = readHookVerdict(input.value);
  const current = state.current!;
  state.current = { ...current, hooked: true };
  if (verdict.denied !== null) return end(state, call, { kind: "denied", reason: verdict.denied });
  const entry = entryOf(state, state.calls[state.at]!.name);
  if (entry === null) return end(state, call, { kind: "denied", reason: "the tool is gone" });
  if (valuesEqual(verdict.args, current.args, call)) return runHandler(state, call, entry, current.args);
  const read = checkArguments(entry, verdict.args);
  if (read.kind === "refused")
    return end(state, call, { kind: "denied", reason: `the arguments of a hook: ${read.message}` });
  state.current = { ...state.current, args: share(read.args) };
  return judge(state, call, entry, read.args);
}

function runHandler(state: LoopState, call: VmCall, entry: HDict, args: HDict): Directive | null {
  const { id, name } = state.calls[state.at]!;
  const handler = entry.get("handler") ?? null;
  const own = isCallable(handler) ? null : readingTool(name, args);
  if (!isCallable(handler) && own === null) {
    return end(state, call, { kind: "error", message: `the tool ${name} has no handler`, category: "tool_error" });
  }
  state.current = { ...state.current!, args: share(args) };
  emitAgentEvent(call, state, { type: "tool_call_update", tool_call_id: id, tool_name: name, status: "in_progress" });
  state.phase = "tool";
  if (entry.get("repeatable") === true) setRepeatable(call.fiber, true);
  return own ?? { kind: "call", fn: handler, args: [share(args)] };
}

/** Tools of these names need no handler: they only look, and the gate of the builtin asks whether they may. */
function readingTool(name: string, args: HDict): Directive | null {
  const path = displayValue(args.get("path") ?? "");
  switch (name) {
    case "read_file":
      return { kind: "call", fn: new HBuiltin("read_file"), args: [path] };
    case "list_directory":
      return { kind: "call", fn: new HBuiltin("list_dir"), args: [path === "" ? "." : path] };
    default:
      return null;
  }
}

export function handlerEnded(state: LoopState, input: MachineInput, call: VmCall): Directive | null {
  leaveHandler(state, call);
  if (input.kind === "returned") return afterHandler(state, call, { kind: "ok", text: resultText(input.value) });
  return input.kind === "raised" ? handlerFailed(state, call, input.error) : null;
}

/** What ran has a result that hooks may rewrite. */
function afterHandler(state: LoopState, call: VmCall, ending: ToolEnding): Directive | null {
  const { name } = state.calls[state.at]!;
  if (ending.kind === "denied") return end(state, call, ending);
  const text = clipped(messageText(name, ending), state.limits.maxToolOutput);
  const hooks = toolHooks(call, { event: "PostToolUse", tool: name, args: state.current!.args, text });
  if (hooks === null) return end(state, call, ending);
  state.current = { ...state.current!, ending };
  state.phase = "post_tool";
  return { kind: "push", machine: TOOL_HOOK_MACHINE, state: hooks };
}

export function resultHooksAnswered(state: LoopState, input: MachineInput, call: VmCall): Directive | null {
  const ending = state.current!.ending!;
  return end(state, call, ending, input.kind === "returned" ? { rewritten: readHookVerdict(input.value).text } : {});
}

/** A refusal stands; after another failure the tool runs again when the loop's options say so. */
function handlerFailed(state: LoopState, call: VmCall, error: RaisedError): Directive | null {
  const { toolRetries, toolBackoffMs } = state.limits;
  const current = state.current!;
  if (error.category === "tool_rejected" || current.attempts >= toolRetries)
    return afterHandler(state, call, raisedEnding(error));
  state.current = { ...current, attempts: current.attempts + 1 };
  state.phase = "tool_backoff";
  const delay = toolBackoffMs * 2 ** Math.min(current.attempts + 1, 5);
  return { kind: "wait", sources: [{ kind: "timer", due: call.ports.clock.nowMs() + delay }] };
}

/** Judged again: who may do what may have changed while it waited. */
export function tryAgain(state: LoopState, call: VmCall): Directive | null {
  const { name } = state.calls[state.at]!;
  const { args } = state.current!;
  const entry = entryOf(state, name);
  if (entry === null) return end(state, call, { kind: "denied", reason: `the tool ${name} is gone` });
  const verdict = checkToolCall(call, { name, args, entry });
  if (verdict.kind === "deny") return end(state, call, { kind: "denied", reason: verdict.reason });
  return runHandler(state, call, entry, args);
}

/** Back to the scope of the loop, which may itself run inside a repeatable tool. */
export function leaveHandler(state: LoopState, call: VmCall): void {
  if (state.phase === "tool" && state.current !== null) setRepeatable(call.fiber, state.current.outer);
}

function setRepeatable(fiber: Fiber, repeatable: boolean): void {
  if (fiber.scope.repeatable === repeatable) return;
  (fiber as { scope: Fiber["scope"] }).scope = { ...fiber.scope, repeatable };
}

function raisedEnding(error: RaisedError): ToolEnding {
  if (error.category === "tool_rejected") return { kind: "denied", reason: error.message };
  const message = error.kind === "thrown" ? displayValue(error.value) : headline(error);
  return { kind: "error", message, category: error.category ?? "tool_error" };
}

function resultText(value: Value): string {
  if (typeof value === "string") return value;
  return value === null ? "(no output)" : stringifyJson(value);
}

function entryOf(state: LoopState, name: string): HDict | null {
  return findTool(registered(state), name);
}

interface EndOptions {
  /** What hooks made of the result's text. */
  readonly rewritten?: string;
  /** A tool of the loop's own, which is not counted. */
  readonly isOwn?: boolean;
}

/** The call has its result: the model sees it, and so do observers. */
function end(state: LoopState, call: VmCall, ending: ToolEnding, { rewritten, isOwn = false }: EndOptions = {}): null {
  const { id, name } = state.calls[state.at]!;
  const session = requireSession(call, state.session, "agent_loop");
  const text = rewritten ?? clipped(messageText(name, ending), state.limits.maxToolOutput);
  appendMessage(
    call,
    session,
    state.callsInText
      ? HDict.of({ role: "user", content: `[result of ${name}]\n${text}\n[end of ${name}]` })
      : HDict.of({ role: "tool", tool_call_id: id, name, content: text }),
  );
  const status = ending.kind === "denied" ? "rejected" : ending.kind;
  const rejected = status === "rejected";
  const args = state.current === null ? null : state.current.args;
  const duration =
    state.current === null ? 0 : Math.max(0, Math.round(call.ports.clock.nowMs() - state.current.startedMs));
  const metadata = HDict.of({
    tool_name: name,
    tool_use_id: id,
    status,
    rejected,
    ...(duration === 0 ? {} : { duration_ms: duration }),
    ...(args === null ? {} : { arguments: share(args) }),
  });
  appendEvent(
    call,
    session,
    transcriptEvent(call, { kind: "tool_execution", role: "tool", visibility: "internal", text, metadata }),
  );
  if (!isOwn && !state.used.includes(name)) state.used.push(name);
  if (!isOwn && status === "ok" && !state.successful.includes(name)) state.successful.push(name);
  if (rejected && !state.rejected.includes(name)) state.rejected.push(name);
  state.turn.push({ tool_name: name, status, rejected });
  noteVerification(state, name, ending);
  traceAgent(call, () =>
    ending.kind === "denied"
      ? HDict.of({ type: "tool_rejected", tool_name: name, reason: ending.reason, iteration: turnIndex(state) })
      : HDict.of({
          type: "tool_execution",
          tool_name: name,
          tool_use_id: id,
          duration_ms: duration,
          status,
          classification: ending.kind === "error" ? ending.category : "success",
          iteration: turnIndex(state),
        }),
  );
  emitAgentEvent(call, state, {
    type: "tool_call_update",
    tool_call_id: id,
    tool_name: name,
    status: status === "ok" ? "completed" : "failed",
    duration_ms: duration,
    ...(status === "ok" ? { raw_output: text.slice(0, 2_048) } : { error: text }),
    ...(rejected ? { rejected: true } : {}),
    ...(args === null ? {} : { raw_input: clippedJson(valueToJson(args)) }),
  });
  state.current = null;
  state.at++;
  return null;
}

function messageText(name: string, ending: ToolEnding): string {
  switch (ending.kind) {
    case "ok":
      return ending.text;
    case "error":
      return JSON.stringify({ error: ending.category, tool: name, message: ending.message }, null, 2);
    case "denied":
      return JSON.stringify({ error: "permission_denied", tool: name, reason: ending.reason }, null, 2);
  }
}

/** The middle goes: beginnings and ends tell most. */
function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 60) / 2);
  return `${text.slice(0, half)}\n[… ${text.length - 2 * half} characters snipped …]\n${text.slice(-half)}`;
}

function clippedJson(json: Json): string {
  const text = JSON.stringify(json);
  return text.length > 1_024 ? `${text.slice(0, 1_024)}…` : text;
}
