/** Transcripts as values (worker-runtime.md 12.3): every change gives another transcript. Events that are not messages outlive all of them. */
import type { Builtin, Example } from "../builtin/declaration.ts";
import { builtin, withExamples } from "../builtin/declaration.ts";
import { runtimeError, thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { parseJson, valueToJson } from "../value/json.ts";
import { isTruthy } from "../value/truthiness.ts";
import type { Value } from "../value/value.ts";
import { copyDict, HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { messageEvent, transcriptDict, transcriptEvent } from "./transcripts.ts";

function isTranscript(value: Value): value is HDict {
  return value instanceof HDict && value.get("_type") === "transcript";
}

export function requireTranscript(value: Value, who: string): HDict {
  if (isTranscript(value)) return value;
  throw thrownError(`${who}: argument must be a transcript`);
}

export function transcriptList(transcript: Value, key: string): HList {
  const list = transcript instanceof HDict ? (transcript.get(key) ?? null) : null;
  if (list === null) return new HList([]);
  if (!(list instanceof HList)) throw thrownError(`transcript.${key} must be a list`);
  return list;
}

function textAt(transcript: HDict, key: string): string | null {
  const text = transcript.get(key);
  return typeof text === "string" && text !== "" ? text : null;
}

const shared = (items: readonly Value[]): Value[] => items.map((item) => share(item));

/** What differs; the rest stays as it is. */
interface Changes {
  readonly messages?: readonly Value[];
  readonly assets?: readonly Value[];
  readonly summary?: string | null;
  readonly state?: string;
  readonly added?: readonly HDict[];
}

/** Events of messages are made anew, in order; the others follow. */
export function rebuiltTranscript(call: VmCall, transcript: HDict, changes: Changes): HDict {
  const messages = shared(changes.messages ?? transcriptList(transcript, "messages").items);
  const kept = transcriptList(transcript, "events").items.filter((event) => {
    const kind = event instanceof HDict ? event.get("kind") : null;
    return kind !== "message" && kind !== "tool_result";
  });
  const events = [...messages.map((message) => messageEvent(call, message)), ...shared(kept), ...(changes.added ?? [])];
  return transcriptDict({
    id: textAt(transcript, "id") ?? call.ports.ids.uuidv7(),
    messages: new HList(messages),
    events: new HList(events),
    assets: new HList(shared(changes.assets ?? transcriptList(transcript, "assets").items)),
    summary: changes.summary === undefined ? textAt(transcript, "summary") : changes.summary,
    state: changes.state ?? textAt(transcript, "state"),
    metadata: transcript.get("metadata") ?? null,
  });
}

function fresh(call: VmCall, messages: readonly Value[], metadata: Value): HDict {
  const empty = HDict.of({ id: call.ports.ids.uuidv7(), ...(metadata === null ? {} : { metadata: share(metadata) }) });
  return rebuiltTranscript(call, empty, { messages });
}

function milestone(call: VmCall, kind: string, text: string): HDict {
  return transcriptEvent(call, { kind, role: "system", visibility: "internal", text, metadata: null });
}

const STATES: Readonly<Record<string, string>> = { archive: "archived", abandon: "abandoned", resume: "active" };
const DONE: Readonly<Record<string, string>> = { archive: "archived", abandon: "abandoned", resume: "resumed" };

const lifecycle = (verb: "archive" | "abandon" | "resume"): Builtin =>
  builtin(`transcript_${verb}`, {
    sig: "(transcript: dict) -> dict",
    doc: `The transcript in state ${STATES[verb]}, with an event that says so.`,
    needs: "nothing",
    run(call, args) {
      const vm = vmCall(call);
      const transcript = requireTranscript(args.raw("transcript"), `transcript_${verb}`);
      const added = [milestone(vm, `transcript_${verb}`, `transcript ${DONE[verb]}`)];
      return rebuiltTranscript(vm, transcript, { state: STATES[verb]!, added });
    },
  });

/** `roles`: of tool calls in messages, only their number counts. */
function statsOf(transcript: Value): HDict {
  const dicts = (key: string) => transcriptList(transcript, key).items.filter((item) => item instanceof HDict);
  const messages = dicts("messages");
  const withRole = (...roles: string[]) =>
    messages.filter((message) => roles.includes(String(message.get("role")))).length;
  const calls = messages.map((message) => message.get("tool_calls"));
  return HDict.of({
    message_count: messages.length,
    user_message_count: withRole("user"),
    assistant_message_count: withRole("assistant"),
    user_facing_message_count: withRole("user", "assistant"),
    tool_result_message_count: withRole("tool", "tool_result"),
    tool_call_count: calls.reduce((sum: number, list) => sum + (list instanceof HList ? list.items.length : 0), 0),
    // The reference counts a visibility that it never writes; what a person sees is `public`.
    visible_event_count: dicts("events").filter((event) =>
      ["visible", "public"].includes(String(event.get("visibility"))),
    ).length,
  });
}

function render(transcript: HDict, full: boolean): string {
  const lines = transcriptList(transcript, "events").items.flatMap((event) => {
    if (!(event instanceof HDict)) return [];
    const [visibility, role, text] = ["visibility", "role", "text"].map((key) => displayValue(event.get(key) ?? ""));
    if (full) return [`[${visibility}] ${role}: ${text}`];
    return visibility === "public" && text !== "" ? [`${role}: ${text}`] : [];
  });
  return lines.join("\n");
}

function assetOf(call: VmCall, given: Value): HDict {
  const asset =
    given instanceof HDict ? copyDict(given) : HDict.of({ storage: HDict.of({ path: displayValue(given) }) });
  asset.set("_type", "transcript_asset");
  if (!asset.has("id")) asset.set("id", call.ports.ids.uuidv7());
  if (!asset.has("kind")) asset.set("kind", "blob");
  if (!asset.has("visibility")) asset.set("visibility", "internal");
  return asset;
}

const reader = (name: string, result: string, doc: string, read: (transcript: HDict) => Value): Builtin =>
  builtin(name, {
    sig: `(transcript: dict) -> ${result}`,
    doc,
    needs: "nothing",
    run: (_call, args) => share(read(requireTranscript(args.raw("transcript" as never), name))),
  });

/** A message at the end of a list of messages or of a transcript. */
function withMessage(call: VmCall, target: Value, message: HDict, who: string): Value {
  if (target instanceof HList) return new HList([...shared(target.items), message]);
  if (!isTranscript(target)) throw thrownError(`${who}: first argument must be a message list or transcript`);
  return rebuiltTranscript(call, target, { messages: [...transcriptList(target, "messages").items, message] });
}

const adder = (role: "user" | "assistant" | "system"): Builtin =>
  builtin(`add_${role}`, {
    sig: "(target: any, content?: any) -> any",
    doc: `The message list or transcript with one more message of role ${role}.`,
    needs: "nothing",
    run: (call, args) =>
      withMessage(
        vmCall(call),
        args.raw("target"),
        HDict.of({ role, content: args.has("content") ? share(args.raw("content")) : "" }),
        `add_${role}`,
      ),
  });

const EXAMPLES: Readonly<Record<string, Example>> = {
  transcript_messages: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_messages(talk).map({ message -> message.role }))',
    prints: "[user, assistant]",
  },
  transcript_events: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(len(transcript_events(talk)))',
    prints: "2",
  },
  transcript_assets: {
    code: 'let talk = transcript_add_asset(transcript(), {id: "plan", kind: "text"})\nprintln(transcript_assets(talk).map({ asset -> asset.id }))',
    prints: "[plan]",
  },
  transcript_summary: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_summary(talk))',
    prints: "nil",
  },
  transcript_id: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(type_of(transcript_id(talk)))',
    prints: "string",
  },
  transcript_render_visible: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_render_visible(talk))',
    prints: "user: Hi\nassistant: Hello",
  },
  transcript_render_full: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_render_full(talk))',
    prints: "[public] user: Hi\n[public] assistant: Hello",
  },
  transcript_archive: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_archive(talk).state)',
    prints: "archived",
  },
  transcript_abandon: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_abandon(talk).state)',
    prints: "abandoned",
  },
  transcript_resume: {
    code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_resume(transcript_archive(talk)).state)',
    prints: "active",
  },
  add_user: { code: 'println(add_user([], "Hi"))', prints: "[{content: Hi, role: user}]" },
  add_assistant: { code: 'println(add_assistant(add_user([], "Hi"), "Hello")[1].role)', prints: "assistant" },
  add_system: { code: 'println(add_system([], "Be brief")[0].role)', prints: "system" },
};

export const transcriptBuiltins: readonly Builtin[] = withExamples(
  [
    builtin("transcript", {
      sig: "(metadata?: any) -> dict",
      doc: "An empty transcript.",
      needs: "nothing",
      examples: [{ code: "println(transcript_messages(transcript()))", prints: "[]" }],
      run: (call, args) => fresh(vmCall(call), [], args.raw("metadata")),
    }),
    builtin("transcript_from_messages", {
      sig: "(messages: any) -> dict",
      doc: "A transcript of a list of messages, or of another transcript's.",
      needs: "nothing",
      pace: 128,
      examples: [
        {
          code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(len(transcript_messages(talk)))',
          prints: "2",
        },
      ],
      run(call, args) {
        const given = args.raw("messages");
        const list = isTranscript(given) ? transcriptList(given, "messages") : given;
        if (list instanceof HList) return fresh(vmCall(call), list.items, null);
        throw thrownError("transcript_from_messages: argument must be a message list or transcript");
      },
    }),
    reader("transcript_messages", "list", "The messages.", (transcript) => transcriptList(transcript, "messages")),
    reader("transcript_events", "list", "The events.", (transcript) => transcriptList(transcript, "events")),
    reader("transcript_assets", "list", "The assets.", (transcript) => transcriptList(transcript, "assets")),
    reader(
      "transcript_summary",
      "string | nil",
      "The summary, or nil.",
      (transcript) => transcript.get("summary") ?? null,
    ),
    reader("transcript_id", "string", "The id.", (transcript) => textAt(transcript, "id") ?? ""),
    reader(
      "transcript_render_visible",
      "string",
      "What a person is meant to read: `role: text` a line.",
      (transcript) => render(transcript, false),
    ),
    reader("transcript_render_full", "string", "All events: `[visibility] role: text` a line.", (transcript) =>
      render(transcript, true),
    ),
    builtin("transcript_events_by_kind", {
      sig: "(transcript: any, kind: string) -> list",
      doc: "The events of one kind; none for what is no transcript.",
      needs: "nothing",
      examples: [
        {
          code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(len(transcript_events_by_kind(talk, "message")))',
          prints: "2",
        },
      ],
      run(_call, args) {
        const kind = args.text("kind");
        const events = transcriptList(args.raw("transcript"), "events").items;
        return new HList(shared(events.filter((event) => event instanceof HDict && event.get("kind") === kind)));
      },
    }),
    builtin("transcript_stats", {
      sig: "(transcript: any) -> dict",
      doc: "How many messages of which role, tool calls and visible events there are; zeros for what is no transcript.",
      needs: "nothing",
      examples: [
        {
          code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(transcript_stats(talk).message_count)',
          prints: "2",
        },
      ],
      run: (_call, args) => statsOf(args.raw("transcript")),
    }),
    builtin("transcript_add_asset", {
      sig: "(transcript: dict, asset: any) -> dict",
      doc: "The transcript with an asset, which takes the place of one with its id.",
      needs: "nothing",
      examples: [
        {
          code: 'var talk = transcript_add_asset(transcript(), {id: "plan", kind: "text"})\ntalk = transcript_add_asset(talk, {id: "plan", kind: "image"})\nprintln(transcript_assets(talk).map({ asset -> asset.kind }))',
          prints: "[image]",
        },
      ],
      run(call, args) {
        const vm = vmCall(call);
        const transcript = requireTranscript(args.raw("transcript"), "transcript_add_asset");
        const asset = assetOf(vm, args.raw("asset"));
        const id = displayValue(asset.get("id")!);
        const others = transcriptList(transcript, "assets").items.filter(
          (other) => !(other instanceof HDict) || displayValue(other.get("id") ?? "") !== id,
        );
        return rebuiltTranscript(vm, transcript, { assets: [...others, asset] });
      },
    }),
    builtin("transcript_export", {
      sig: "(transcript: dict) -> string",
      doc: "The transcript as JSON text.",
      needs: "nothing",
      examples: [
        {
          code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nprintln(json_parse(transcript_export(talk)).messages[0].content)',
          prints: "Hi",
        },
      ],
      run: (_call, args) =>
        JSON.stringify(valueToJson(requireTranscript(args.raw("transcript"), "transcript_export")), null, 2),
    }),
    builtin("transcript_import", {
      sig: "(text: string) -> any",
      doc: "The value of JSON text that `transcript_export` made.",
      needs: "nothing",
      pace: 64,
      examples: [
        {
          code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nlet back = transcript_import(transcript_export(talk))\nprintln(transcript_id(back) == transcript_id(talk))',
          prints: "true",
        },
      ],
      run(_call, args) {
        const parsed = parseJson(args.text("text"));
        if (parsed.ok) return parsed.value;
        throw runtimeError(`transcript_import: ${parsed.message}`);
      },
    }),
    builtin("transcript_fork", {
      sig: "(transcript: dict, options?: dict) -> dict",
      doc: "A copy in state forked, with an id of its own. Options: retain_messages, retain_summary (both true).",
      needs: "nothing",
      examples: [
        {
          code: 'let talk = transcript_from_messages([{role: "user", content: "Hi"}, {role: "assistant", content: "Hello"}])\nlet fork = transcript_fork(talk)\nprintln("${fork.state} ${transcript_id(fork) == transcript_id(talk)}")',
          prints: "forked false",
        },
      ],
      run(call, args) {
        const vm = vmCall(call);
        const transcript = requireTranscript(args.raw("transcript"), "transcript_fork");
        const options = args.raw("options");
        const keeps = (key: string) => !(options instanceof HDict) || isTruthy(options.get(key) ?? true);
        const forked = rebuiltTranscript(vm, transcript, {
          state: "forked",
          added: [milestone(vm, "transcript_fork", "transcript forked")],
          ...(keeps("retain_messages") ? {} : { messages: [] }),
          ...(keeps("retain_summary") ? {} : { summary: null }),
        });
        forked.set("id", vm.ports.ids.uuidv7());
        return forked;
      },
    }),
    builtin("transcript_reset", {
      sig: "(options?: dict) -> dict",
      doc: "An empty active transcript with the option `metadata`.",
      needs: "nothing",
      examples: [
        { code: 'println(transcript_reset({metadata: {topic: "build"}}).metadata)', prints: "{topic: build}" },
      ],
      run(call, args) {
        const vm = vmCall(call);
        const options = args.raw("options");
        const metadata = options instanceof HDict ? (options.get("metadata") ?? null) : null;
        const added = [milestone(vm, "transcript_reset", "transcript reset")];
        return rebuiltTranscript(vm, fresh(vm, [], metadata), { state: "active", added });
      },
    }),
    lifecycle("archive"),
    lifecycle("abandon"),
    lifecycle("resume"),
    builtin("add_message", {
      sig: "(target: any, role: string, content?: any) -> any",
      doc: "The message list or transcript with one more message.",
      needs: "nothing",
      examples: [{ code: 'println(add_message([], "user", "Hi")[0].role)', prints: "user" }],
      run(call, args) {
        const content = args.has("content") ? share(args.raw("content")) : "";
        return withMessage(
          vmCall(call),
          args.raw("target"),
          HDict.of({ role: args.text("role"), content }),
          "add_message",
        );
      },
    }),
    adder("user"),
    adder("assistant"),
    adder("system"),
    builtin("add_tool_result", {
      sig: "(target: any, tool_use_id: string, content?: any) -> any",
      doc: "The message list or transcript with a tool's result.",
      needs: "nothing",
      examples: [{ code: 'println(add_tool_result([], "call_1", "42")[0].role)', prints: "tool_result" }],
      run(call, args) {
        const message = HDict.of({
          role: "tool_result",
          tool_use_id: args.text("tool_use_id"),
          content: args.text("content"),
        });
        return withMessage(vmCall(call), args.raw("target"), message, "add_tool_result");
      },
    }),
  ],
  EXAMPLES,
);
