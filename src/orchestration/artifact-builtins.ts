/** Builtins over artifacts: making, deriving, selecting, rendering (worker-runtime.md 3.2, chapter 10). */
import type { Args } from "../builtin/arguments.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { renderArtifacts } from "./artifact-context.ts";
import { artifactKind, estimateTextTokens } from "./artifact-kinds.ts";
import { artifactMakers } from "./artifact-makers.ts";
import { asDicts, readContextPolicy, selectAdaptively, selectArtifacts } from "./artifact-selection.ts";
import { artifactId, readArtifact, readArtifacts } from "./artifacts.ts";
import * as field from "./record-fields.ts";

function read(call: VmCall, args: Args<"artifacts" | "policy">, who: string) {
  const artifacts = asDicts(readArtifacts(call, args.raw("artifacts"), who));
  return { artifacts, policy: readContextPolicy(args.raw("policy"), who) };
}

const TWO = 'let all = [artifact({id: "a", kind: "plan", text: "go"}), artifact({id: "b", kind: "file", text: "x"})]\n';

export const artifactBuiltins: readonly Builtin[] = [
  builtin("artifact", {
    sig: "(payload: dict) -> dict",
    doc: "An artifact: what is missing of id, kind, creation time, priority and token estimate is filled in.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: 'let note = artifact({kind: "summary", text: "12345678"})\nprintln([note.kind, note.priority, note.estimated_tokens])',
        prints: "[summary, 60, 2]",
      },
    ],
    run(call, args) {
      if (args.raw("payload") === null) throw runtimeError("artifact: missing artifact payload");
      return readArtifact(vmCall(call), args.raw("payload"), "artifact parse error at");
    },
  }),
  builtin("artifact_derive", {
    sig: "(parent: dict, kind?: string | nil, changes?: dict | nil) -> dict",
    doc: "An artifact of another kind that was made from this one, which is in its lineage; `changes.text` replaces the text.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: 'let note = artifact({id: "n1", kind: "summary", text: "short"})\nlet made = artifact_derive(note, "plan", {text: "longer"})\nprintln([made.kind, made.text, made.lineage])',
        prints: "[plan, longer, [n1]]",
      },
    ],
    run(call, args) {
      if (args.raw("parent") === null) throw runtimeError("artifact_derive: missing parent");
      const parent = readArtifact(vmCall(call), args.raw("parent"), "artifact_derive parse error at parent");
      const kind = args.raw("kind");
      const changes = args.raw("changes");
      const text = changes instanceof HDict ? (changes.get("text") ?? null) : null;
      return field.withFields(parent, {
        id: `${artifactId(parent)}_derived`,
        kind: kind === null ? "artifact" : artifactKind(args.text("kind")),
        lineage: new HList([...field.textsAt(parent, "lineage"), artifactId(parent)]),
        ...(typeof text === "string" ? { text, estimated_tokens: estimateTextTokens(text) } : {}),
      });
    },
  }),
  builtin("artifact_select", {
    sig: "(artifacts: list | nil, policy?: dict | nil) -> list",
    doc: "The artifacts that a context policy lets through, the most important first.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      { code: `${TWO}println(artifact_select(all, {exclude_kinds: ["plan"]}).map({ a -> a.id }))`, prints: "[b]" },
    ],
    run(call, args) {
      const { artifacts, policy } = read(vmCall(call), args, "artifact_select");
      return list(selectArtifacts(artifacts, policy));
    },
  }),
  builtin("select_artifacts_adaptive", {
    sig: "(artifacts: list | nil, policy?: dict | nil) -> list",
    doc: "As `artifact_select`, after stale evidence and repeated texts are left out and what is much too long is shortened.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: 'let all = [artifact({id: "a", text: "same"}), artifact({id: "b", text: "same"})]\nprintln(select_artifacts_adaptive(all).map({ a -> a.id }))',
        prints: "[a]",
      },
    ],
    run(call, args) {
      const { artifacts, policy } = read(vmCall(call), args, "select_artifacts_adaptive");
      return list(selectAdaptively(artifacts, policy));
    },
  }),
  builtin("artifact_context", {
    sig: "(artifacts: list | nil, policy?: dict | nil) -> string",
    doc: 'The selected artifacts as text for a model: tagged blocks, or JSON with `render: "json"`.',
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: 'let note = artifact({title: "Note", kind: "plan", text: "go"})\nprintln(artifact_context([note]))',
        prints:
          "<artifact>\n<title>Note</title>\n<kind>plan</kind>\n<source>unknown</source>\n<freshness>normal</freshness>\n<priority>80</priority>\n<body>\ngo\n</body>\n</artifact>",
      },
    ],
    run(call, args) {
      const { artifacts, policy } = read(vmCall(call), args, "artifact_context");
      return renderArtifacts(selectArtifacts(artifacts, policy), policy);
    },
  }),
  ...artifactMakers,
];

function list(artifacts: readonly HDict[]): HList {
  return new HList(artifacts.map((artifact): Value => artifact));
}
