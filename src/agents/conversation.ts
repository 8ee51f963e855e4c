/** The conversation that a model gets: named in the arguments of an effect, and filled in when it is performed. */
import { Failure } from "../base/failure.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { ModelMessage } from "../llm/contract.ts";
import { messageFromRecord } from "../llm/message-record.ts";
import { valueToJson } from "../value/json.ts";
import { HList } from "../value/value.ts";
import type { Run } from "../vm/run.ts";
import type { SessionState } from "./sessions.ts";

/** Type of a session's record among the run's objects. */
export const SESSION_TYPE = "agent_session";

/** Where a loop's messages stand: in the arguments of its effect in their place, so that a turn does not write the whole conversation again. */
export interface ConversationRef {
  /** Object of the session's record. */
  readonly object: string;
  /** How many messages the model gets. */
  readonly length: number;
}

export function readMessages(list: HList): readonly ModelMessage[] {
  try {
    return list.items.map((item, i) => messageFromRecord(valueToJson(item), `messages[${i}]`));
  } catch (error) {
    if (error instanceof Failure) throw runtimeError(error.message);
    throw error;
  }
}

/** The messages of a session's record, by its object; null when there is none. */
export function messagesOf(run: Run, object: string): HList | null {
  const found = run.objects.get(object);
  return found?.kind === "record" && found.type === SESSION_TYPE ? (found.state as SessionState).messages : null;
}

/** The arguments as the performer wants them. Throws a `Failure` when the conversation is gone. */
export function withMessages(args: JsonObject, findMessages: (object: string) => HList | null): JsonObject {
  const { conversation, ...rest } = args;
  if (!isJsonObject(conversation)) return args;
  const { object, length } = conversation as unknown as ConversationRef;
  const list = findMessages(object);
  if (list === null) throw new Failure(`the conversation of ${object} is gone`, "not_found");
  const messages = readMessages(new HList(list.items.slice(0, length)));
  return { ...rest, messages: JSON.parse(JSON.stringify(messages)) as JsonObject };
}
