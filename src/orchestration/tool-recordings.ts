/** The tool calls of a stage, as its run's record keeps them (worker-runtime.md 3.8). */
import { sha256Hex } from "../stdlib/digests.ts";
import { stringifyJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";

/** The same for the same tool and arguments, in every run: the keys of a dict have one order. */
function argumentsHash(tool: string, args: Value): string {
  return sha256Hex(stringifyJson(new HList([tool, share(args)]))).slice(0, 16);
}

/** `events` of one agent loop, in their order. */
export function recordingsOf(call: VmCall, events: readonly HDict[]): readonly HDict[] {
  let iteration = 0;
  return events.flatMap((event) => {
    if (event.get("kind") === "message" && event.get("role") === "assistant") iteration++;
    if (event.get("kind") !== "tool_execution") return [];
    const metadata = field.dictAt(event, "metadata");
    const tool = field.textAt(metadata, "tool_name") ?? "";
    return [
      HDict.of({
        tool_name: tool,
        tool_use_id: field.textAt(metadata, "tool_use_id") ?? "",
        args_hash: argumentsHash(tool, metadata.get("arguments") ?? null),
        result: field.textAt(event, "text") ?? "",
        is_rejected: metadata.get("rejected") === true,
        duration_ms: field.numberAt(metadata, "duration_ms") ?? 0,
        iteration,
        timestamp: nowText(call),
      }),
    ];
  });
}

/** What a model thought without saying it. */
export function reasoningOf(events: readonly HDict[]): readonly string[] {
  return events.flatMap((event) => (event.get("kind") === "private_reasoning" ? [String(event.get("text"))] : []));
}
