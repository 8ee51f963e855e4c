/** Transcript events and dicts (worker-runtime.md 3.11): messages as a model reads them, events as a person does. */
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";

export type Visibility = "public" | "internal" | "private";

export interface SessionEvent {
  readonly kind: string;
  readonly role: string;
  readonly visibility: Visibility;
  readonly text: string;
  readonly metadata: Value;
}

export function transcriptEvent(call: VmCall, event: SessionEvent, blocks: readonly Value[] = []): HDict {
  const text: Value[] =
    event.text === "" ? [] : [HDict.of({ type: "text", text: event.text, visibility: event.visibility })];
  return HDict.of({
    id: `event_${call.ports.ids.uuidv7()}`,
    kind: event.kind,
    role: event.role,
    visibility: event.visibility,
    text: event.text,
    blocks: new HList(blocks.length > 0 ? [...blocks] : text),
    ...(event.metadata === null ? {} : { metadata: share(event.metadata) }),
  });
}

export interface TranscriptParts {
  readonly id: string;
  readonly messages: HList;
  readonly events: HList;
  readonly summary: string | null;
  readonly state: string | null;
  readonly metadata: Value;
}

/** Shares the lists: what the session goes on to append does not show in it. */
export function transcriptDict(parts: TranscriptParts): HDict {
  return HDict.of({
    _type: "transcript",
    version: 2,
    id: parts.id,
    messages: share(parts.messages),
    events: share(parts.events),
    assets: new HList([]),
    ...(parts.summary === null ? {} : { summary: parts.summary }),
    ...(parts.metadata === null ? {} : { metadata: share(parts.metadata) }),
    ...(parts.state === null ? {} : { state: parts.state }),
  });
}
