/** Transcript events and dicts (worker-runtime.md 3.11): messages as a model reads them, events as a person does. */
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { copyDict, HDict, HList, share } from "../value/value.ts";
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
    id: call.ports.ids.uuidv7(),
    kind: event.kind,
    role: event.role,
    visibility: event.visibility,
    text: event.text,
    blocks: new HList(blocks.length > 0 ? [...blocks] : text),
    ...(event.metadata === null ? {} : { metadata: share(event.metadata) }),
  });
}

/** The event that a message is. */
export function messageEvent(call: VmCall, message: Value): HDict {
  const dict = message instanceof HDict ? message : HDict.empty();
  const role = displayValue(dict.get("role") ?? "user");
  const fallback: Visibility = role === "tool_result" ? "internal" : "public";
  const blocks = contentBlocks(dict.get("content") ?? null, fallback);
  return transcriptEvent(
    call,
    {
      kind: role === "tool_result" ? "tool_result" : "message",
      role,
      visibility: visibilityOf(blocks, fallback),
      text: blocks
        .map(blockText)
        .filter((text) => text !== "")
        .join(" "),
      metadata: null,
    },
    blocks,
  );
}

function contentBlocks(content: Value, visibility: Visibility): HDict[] {
  if (content === null) return [];
  const parts = content instanceof HList ? content.items : [content];
  return parts.map((part) => {
    const block = part instanceof HDict ? copyDict(part) : HDict.of({ text: displayValue(part) });
    if (!block.has("type")) block.set("type", "text");
    if (!block.has("visibility")) block.set("visibility", visibility);
    return block;
  });
}

/** One public block makes an event public. */
function visibilityOf(blocks: readonly HDict[], fallback: Visibility): Visibility {
  const found = blocks.map((block) => block.get("visibility"));
  if (found.includes("public")) return "public";
  return found.includes("internal") ? "internal" : fallback;
}

function blockText(block: HDict): string {
  const type = displayValue(block.get("type") ?? "text");
  switch (type) {
    case "text":
    case "output_text":
    case "reasoning":
      return displayValue(block.get("text") ?? block.get("content") ?? "");
    case "tool_call":
    case "tool_result":
      return `<${type}:${displayValue(block.get("name") ?? "tool")}>`;
    case "image":
    case "input_image":
      return `<image:${labelOf(block, "image")}>`;
    case "file":
    case "document":
    case "attachment":
      return `<${type}:${labelOf(block, type)}>`;
    default:
      return `<${type}>`;
  }
}

function labelOf(block: HDict, fallback: string): string {
  for (const key of ["name", "title", "path", "asset_id"]) {
    const value = block.get(key) ?? null;
    if (value !== null) return displayValue(value);
  }
  return fallback;
}

export interface TranscriptParts {
  readonly id: string;
  readonly messages: HList;
  readonly events: HList;
  readonly assets?: HList;
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
    assets: parts.assets === undefined ? new HList([]) : share(parts.assets),
    ...(parts.summary === null ? {} : { summary: parts.summary }),
    ...(parts.metadata === null ? {} : { metadata: share(parts.metadata) }),
    ...(parts.state === null ? {} : { state: parts.state }),
  });
}
