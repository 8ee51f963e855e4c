/** What the model has said in a loop. It stands in the session, so the loop's own state need not repeat it at every step. */
import { HDict } from "../value/value.ts";
import type { LoopState } from "./loop-state.ts";
import type { SessionState } from "./sessions.ts";

function textAt(session: SessionState, index: number): string {
  const message = session.messages.items[index];
  const said = message instanceof HDict && message.get("role") === "assistant" ? message.get("content") : "";
  return typeof said === "string" ? said : "";
}

/** All of it; of a session that was cut short meanwhile, what is left. */
export function spokenText(state: LoopState, session: SessionState): string {
  const texts: string[] = [];
  for (let i = state.from; i < session.messages.items.length; i++) {
    const text = textAt(session, i);
    if (text !== "") texts.push(text);
  }
  return texts.join("\n");
}

/** The last answer that had a text. */
export function lastSpoken(state: LoopState, session: SessionState): string {
  for (let i = session.messages.items.length - 1; i >= state.from; i--) {
    const text = textAt(session, i);
    if (text !== "") return text;
  }
  return "";
}
