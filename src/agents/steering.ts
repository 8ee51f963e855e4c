/**
 * Messages that reach an agent loop from outside, through its fiber's inbox: `{content, mode}`.
 *
 * `interrupt_immediate` breaks the model call off; `finish_step` (and a message without a mode) comes with the next turn; `wait_for_completion` comes
 * when the loop would be done. A loop that ends otherwise names what it did not deliver in `deferred_user_messages`.
 */
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { emitAgentEvent } from "./loop-events.ts";
import type { LoopState } from "./loop-state.ts";
import { appendEvent, appendMessage, requireSession } from "./sessions.ts";
import { transcriptEvent } from "./transcripts.ts";

/** The mode of messages that end a wait. */
export const INTERRUPT = "interrupt_immediate";
const AT_ONCE = new Set(["interrupt", INTERRUPT, "finish_step", "after_current_operation"]);

function comesNow(message: Value): boolean {
  if (!(message instanceof HDict)) return true;
  const mode = message.get("mode") ?? null;
  return mode === null || (typeof mode === "string" && AT_ONCE.has(mode));
}

/** What lies in the inbox goes to the model; `all`: what waits for the end too. Answers whether there was anything. */
export function takeMessages(state: LoopState, call: VmCall, all: boolean): boolean {
  const inbox = call.fiber.inbox ?? [];
  const taken = all ? inbox.splice(0) : inbox.filter(comesNow);
  if (taken.length === 0) return false;
  if (!all) inbox.splice(0, inbox.length, ...inbox.filter((message) => !comesNow(message)));
  call.run.dirty.fibers.add(call.fiber.id);
  for (const message of taken) steer(state, call, message);
  return true;
}

/** One message from outside becomes part of the conversation. */
export function steer(state: LoopState, call: VmCall, message: Value): void {
  state.textOnly = 0;
  addUserMessage(state, call, "steering", contentOf(message));
}

/** Takes out of the inbox what was meant for this loop and comes too late. */
export function undelivered(call: VmCall): string[] {
  const inbox = call.fiber.inbox ?? [];
  const late = inbox.filter((message) => message instanceof HDict && message.has("mode"));
  if (late.length === 0) return [];
  inbox.splice(0, inbox.length, ...inbox.filter((message) => !late.includes(message)));
  call.run.dirty.fibers.add(call.fiber.id);
  return late.map(contentOf);
}

function contentOf(message: Value): string {
  const content = message instanceof HDict ? (message.get("content") ?? message) : message;
  return displayValue(content);
}

/** `kind`: `steering` comes from a person or another agent; all else from the loop itself, and is not for people to read. */
export function addUserMessage(state: LoopState, call: VmCall, kind: string, text: string): void {
  const session = requireSession(call, state.session, "agent_loop");
  appendMessage(call, session, HDict.of({ role: "user", content: text }));
  const steered = kind === "steering";
  appendEvent(
    call,
    session,
    transcriptEvent(call, {
      kind: steered ? "host_input" : "message",
      role: "user",
      visibility: steered ? "public" : "internal",
      text,
      metadata: null,
    }),
  );
  emitAgentEvent(call, state, { type: "feedback_injected", kind, content: text });
}
