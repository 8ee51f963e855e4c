/** Artifacts of the usual kinds, made from what a program has at hand (worker-runtime.md chapter 10). */
import type { Builtin, Example } from "../builtin/declaration.ts";
import { builtin, withExamples } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { stringifyJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { artifactId, readArtifact } from "./artifacts.ts";
import { unifiedDiff } from "./line-diff.ts";
import * as field from "./record-fields.ts";

type Entries = { readonly [key: string]: Value };

interface Made {
  readonly kind: string;
  readonly title: string;
  readonly text: string | null;
  readonly data: Entries;
  /** In the metadata, above that of the options. */
  readonly metadata?: Entries;
  readonly target?: HDict;
}

const OPTIONS: field.Fields = {
  id: field.textOr(""),
  title: field.optionalText,
  text: field.optionalText,
  source: field.optionalText,
  stage: field.optionalText,
  freshness: field.optionalText,
  priority: field.optionalInt,
  relevance: field.optionalNumber,
  estimated_tokens: field.optionalInt,
  lineage: field.texts,
  metadata: field.dict,
  data: field.anything,
};

function make(call: VmCall, who: string, made: Made, given: Value): HDict {
  if (given !== null && !(given instanceof HDict)) throw runtimeError("artifact helper options must be a dict or nil");
  const options = field.readRecord(given ?? HDict.empty(), OPTIONS, `${who} parse error at`);
  const { target } = made;
  const whole: Entries = { ...made.data, ...(target === undefined ? {} : refer(target)) };
  const added = options.get("data") ?? null;
  const lineage = [...field.textsAt(options, "lineage")];
  if (target !== undefined) lineage.push(...field.textsAt(target, "lineage"), artifactId(target));
  const own = { ...made.metadata, ...(target === undefined ? {} : refer(target)) };
  const artifact = field.withFields(options, {
    kind: made.kind,
    title: options.get("title") ?? made.title,
    text: options.get("text") ?? made.text,
    data:
      added === null
        ? HDict.of(whole)
        : added instanceof HDict
          ? field.withFields(HDict.of(whole), entries(added))
          : added,
    lineage: new HList(lineage),
    metadata: field.withFields(field.dictAt(options, "metadata"), own),
  });
  return readArtifact(call, artifact, `${who} parse error at`);
}

const entries = (dict: HDict): Entries => Object.fromEntries(dict.entries());

const refer = (target: HDict): Entries => ({
  target_artifact_id: artifactId(target),
  target_kind: target.get("kind") ?? null,
});

/** What displays as something. */
function required(args: readonly Value[], index: number, who: string, what: string): string {
  const text = displayValue(args[index] ?? null);
  if (args[index] == null || text === "") throw runtimeError(`${who}: missing ${what}`);
  return text;
}

/** Any value as text; what is not text, as JSON. */
function textOf(args: readonly Value[], index: number, who: string, what: string): string {
  if (index >= args.length) throw runtimeError(`${who}: missing ${what}`);
  const value = args[index]!;
  return typeof value === "string" ? value : stringifyJson(value);
}

function optionalText(value: Value | undefined): string | null {
  return value == null ? null : typeof value === "string" ? value : stringifyJson(value);
}

/** `read` gets the arguments; the options stand after the last that it takes. */
function maker(
  name: string,
  params: string,
  doc: string,
  optionsAt: number,
  read: (args: readonly Value[], who: string, call: VmCall) => Made,
): Builtin {
  const who = `artifact_${name}`;
  return builtin(who, {
    sig: `(${params}, options?: dict | nil) -> dict`,
    doc,
    needs: "nothing",
    deep: true,
    pace: 8,
    run(call, args) {
      const all = args.rest(params.slice(0, params.search(/[?:]/)) as never);
      return make(vmCall(call), who, read(all, who, vmCall(call)), all[optionsAt] ?? null);
    },
  });
}

/** About another artifact, which is in its lineage. */
function aboutTarget(
  name: string,
  params: string,
  doc: string,
  optionsAt: number,
  read: (args: readonly Value[], who: string, title: string) => Omit<Made, "target">,
): Builtin {
  return maker(name, `target: dict, ${params}`, doc, optionsAt, (args, who, call) => {
    const given = args[0] ?? null;
    if (given === null) throw runtimeError(`${who}: missing target artifact`);
    const target = readArtifact(call, given, `${who} parse error at target`);
    return { ...read(args, who, titleOf(target)), target };
  });
}

/** The title that a target goes by: its own, else its id. */
function titleOf(target: HDict): string {
  return field.textAt(target, "title") ?? artifactId(target);
}

const titled = (name: string, doc: string): Builtin =>
  maker(name, "title: any, text: any", doc, 2, (args, who) => {
    const [title, text] = [required(args, 0, who, "title"), textOf(args, 1, who, "text")];
    return { kind: name, title, text, data: { title, text } };
  });

const EXAMPLES: Readonly<Record<string, Example>> = {
  artifact_workspace_file: {
    code: 'let file = artifact_workspace_file("src/a.txt", "alpha")\nprintln([file.kind, file.title, file.metadata.path])',
    prints: "[workspace_file, src/a.txt, src/a.txt]",
  },
  artifact_workspace_snapshot: {
    code: 'let all = artifact_workspace_snapshot(["a.txt", "b.txt"], "two files")\nprintln([all.text, all.data.paths])',
    prints: "[two files, [a.txt, b.txt]]",
  },
  artifact_editor_selection: {
    code: 'println(artifact_editor_selection("a.txt", "let x = 1").title)',
    prints: "selection a.txt",
  },
  artifact_verification_result: {
    code: 'println(artifact_verification_result("lint", "clean").priority)',
    prints: "100",
  },
  artifact_test_result: { code: 'println(artifact_test_result("unit", "12 passed").text)', prints: "12 passed" },
  artifact_command_result: {
    code: 'println(artifact_command_result("make", {status: 0}).text)',
    prints: '{"status":0}',
  },
  artifact_diff: {
    code: 'println(artifact_diff("a.txt", "one\\ntwo", "one\\n2").text)',
    prints: "--- a/a.txt\n+++ b/a.txt\n one\n-two\n+2",
  },
  artifact_git_diff: { code: 'println(artifact_git_diff("diff --git a/x b/x").title)', prints: "git diff" },
  artifact_diff_review: {
    code: 'let diff = artifact_diff("a.txt", "1", "2", {id: "d1"})\nlet review = artifact_diff_review(diff, "fine")\nprintln([review.title, review.lineage])',
    prints: "[review diff a.txt, [d1]]",
  },
  artifact_review_decision: {
    code: 'let diff = artifact_diff("a.txt", "1", "2", {id: "d1"})\nprintln(artifact_review_decision(diff, "accepted").title)',
    prints: "accepted diff a.txt",
  },
  artifact_patch_proposal: {
    code: 'let file = artifact_workspace_file("a.txt", "1")\nprintln(artifact_patch_proposal(file, "-1\\n+2").title)',
    prints: "patch for a.txt",
  },
  artifact_verification_bundle: {
    code: 'println(artifact_verification_bundle("all", [{name: "lint", ok: true}]).data.checks[0].ok)',
    prints: "true",
  },
  artifact_apply_intent: {
    code: 'let diff = artifact_diff("a.txt", "1", "2")\nprintln(artifact_apply_intent(diff, "apply").data.intent)',
    prints: "apply",
  },
};

export const artifactMakers: readonly Builtin[] = withExamples(
  [
    maker("workspace_file", "path: any, content: any", "A file of the workspace as an artifact.", 2, (args, who) => {
      const [path, content] = [required(args, 0, who, "path"), textOf(args, 1, who, "content")];
      return { kind: "workspace_file", title: path, text: content, data: { path, content }, metadata: { path } };
    }),
    maker(
      "workspace_snapshot",
      "paths: any, summary?: any",
      "Which files a workspace has, with a summary.",
      2,
      (args, who) => {
        if (args.length === 0) throw runtimeError(`${who}: missing paths`);
        const paths = share(args[0]!);
        const text = optionalText(args[1]);
        return { kind: "workspace_snapshot", title: "workspace snapshot", text, data: { paths }, metadata: { paths } };
      },
    ),
    maker(
      "editor_selection",
      "path: any, text: any",
      "What is selected in an editor, as an artifact.",
      2,
      (args, who) => {
        const [path, text] = [required(args, 0, who, "path"), textOf(args, 1, who, "text")];
        return { kind: "editor_selection", title: `selection ${path}`, text, data: { path, text }, metadata: { path } };
      },
    ),
    titled("verification_result", "What a verification found, as an artifact."),
    titled("test_result", "What a test run found, as an artifact."),
    maker(
      "command_result",
      "command: any, output: any",
      "What a command gave, as an artifact; its output may be any value.",
      2,
      (args, who) => {
        const command = required(args, 0, who, "command");
        const text = textOf(args, 1, who, "output");
        const data = { command, output: share(args[1]!) };
        return { kind: "command_result", title: command, text, data, metadata: { command } };
      },
    ),
    maker(
      "diff",
      "path: any, before: any, after: any",
      "The difference of two texts by lines, as an artifact.",
      3,
      (args, who) => {
        const path = required(args, 0, who, "path");
        const [before, after] = [textOf(args, 1, who, "before"), textOf(args, 2, who, "after")];
        const text = unifiedDiff(path, before, after);
        return { kind: "diff", title: `diff ${path}`, text, data: { path, before, after }, metadata: { path } };
      },
    ),
    maker("git_diff", "diff: any", "The text of a `git diff` as an artifact.", 1, (args, who) => {
      const diff = textOf(args, 0, who, "diff_text");
      return { kind: "git_diff", title: "git diff", text: diff, data: { diff } };
    }),
    aboutTarget(
      "diff_review",
      "summary?: any",
      "A review of a diff, with the diff in its lineage.",
      2,
      (args, _who, title) => ({
        kind: "diff_review",
        title: `review ${title}`,
        text: optionalText(args[1]),
        data: {},
      }),
    ),
    aboutTarget(
      "review_decision",
      "decision: any",
      "What was decided about an artifact, with that in its lineage.",
      2,
      (args, who, title) => {
        const decision = required(args, 1, who, "decision");
        const entry = { decision };
        return { kind: "review_decision", title: `${decision} ${title}`, text: decision, data: entry, metadata: entry };
      },
    ),
    aboutTarget(
      "patch_proposal",
      "patch: any",
      "A patch that is proposed for an artifact, with that in its lineage.",
      2,
      (args, who, title) => {
        const patch = textOf(args, 1, who, "patch");
        return { kind: "patch_proposal", title: `patch for ${title}`, text: patch, data: { patch } };
      },
    ),
    maker(
      "verification_bundle",
      "title: any, checks: any",
      "Several checks with their results, as one artifact.",
      2,
      (args, who) => {
        const title = required(args, 0, who, "title");
        const text = textOf(args, 1, who, "checks");
        return { kind: "verification_bundle", title, text, data: { title, checks: share(args[1]!) } };
      },
    ),
    aboutTarget(
      "apply_intent",
      "intent: any",
      "What is meant to be done with an artifact, with that in its lineage.",
      2,
      (args, who, title) => {
        const intent = required(args, 1, who, "intent");
        return { kind: "apply_intent", title: `${intent} ${title}`, text: intent, data: { intent } };
      },
    ),
  ],
  EXAMPLES,
);
