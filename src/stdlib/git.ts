/**
 * Git, for delegated work: commit, merge, diff and status of a worktree as effects that survive a crash. What git refuses is a failure that says
 * why; a merge with conflicts is an answer, and leaves the worktree as it was.
 */
import type { JsonObject } from "../base/json.ts";
import type { Call, Outcome } from "../builtin/call.ts";
import { awaitEffect, type Suspension } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import type { Repeat } from "../ports/effects.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import { HDict, HList, type Value } from "../value/value.ts";
import { resolvePath } from "./files.ts";

const folderOf = (call: Call, args: readonly Value[]): string => resolvePath(call, displayValue(args[0] ?? "."));

function changing(operation: "commit" | "merge"): (call: Call, args: readonly Value[]) => Need {
  return (call, args) => ({
    grant: `git.${operation}`,
    effect: "workspace_write",
    over: `git.${operation}`,
    paths: [{ path: folderOf(call, args), write: true }],
  });
}

function looking(operation: "diff" | "status"): (call: Call, args: readonly Value[]) => Need {
  return (call, args) => ({
    grant: `git.${operation}`,
    effect: "read_only",
    over: `git.${operation}`,
    paths: [{ path: folderOf(call, args), write: false }],
  });
}

function effect(kind: string, args: JsonObject, repeat: Repeat): Suspension {
  return awaitEffect({ kind, version: 1, args, repeat, place: "host" });
}

type OptionKind = "string" | "bool" | "int";

/** The options of a call as effect arguments. Unknown and ill-typed ones are refused by name. */
function readOptions(
  name: string,
  options: Value,
  known: Readonly<Record<string, readonly [string, OptionKind]>>,
): JsonObject {
  if (options === null) return {};
  if (!(options instanceof HDict)) throw runtimeError(`${name}: options must be a dict, got ${typeName(options)}`);
  return Object.fromEntries([...options.entries()].map((entry) => readOption(name, entry, known)));
}

function readOption(
  name: string,
  [key, value]: readonly [string, Value],
  known: Readonly<Record<string, readonly [string, OptionKind]>>,
): [string, string | boolean | number] {
  const option = Object.hasOwn(known, key) ? known[key] : undefined;
  if (option === undefined) {
    throw runtimeError(`${name}: unknown option \`${key}\`; it knows ${Object.keys(known).join(", ")}`);
  }
  const [argument, kind] = option;
  if (typeName(value) !== kind) {
    throw runtimeError(`${name}: option \`${key}\` must be a ${kind}, got ${typeName(value)}`);
  }
  return [argument, typeof value === "boolean" || typeof value === "string" ? value : Number(value)];
}

function required(name: string, argument: string, value: Value): string {
  if (typeof value !== "string")
    throw runtimeError(`${name}: \`${argument}\` must be a string, got ${typeName(value)}`);
  if (value.trim() === "") throw runtimeError(`${name}: \`${argument}\` must not be empty`);
  return value;
}

const AUTHOR = { name: ["name", "string"], email: ["email", "string"] } as const;

/** Fields that an answer has whatever happened. */
function withDefaults(answer: Value, defaults: { readonly [key: string]: Value }): HDict {
  const dict = answer instanceof HDict ? answer : HDict.empty();
  for (const [key, value] of Object.entries(defaults)) if (!dict.has(key)) dict.set(key, value);
  return dict;
}

export const gitBuiltins: readonly Builtin[] = [
  suspending("git_commit", {
    sig: "(path: string, message: string, options?: dict) -> dict",
    doc: "Commits a worktree with what is new in it: {committed, head}; committed is false when there was nothing. Options: all (true), name, email.",
    needs: changing("commit"),
    borrows: true,
    examples: [
      {
        code: 'exec("git", "init", "-q", "-b", "main", "c")\nwrite_file("c/a.txt", "a")\nprintln(git_commit("c", "Begin", {name: "Ada", email: "ada@example.com"}).committed)',
        prints: "true",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, required("git_commit", "path", args.raw("path")));
      const message = required("git_commit", "message", args.raw("message"));
      const options = readOptions("git_commit", args.raw("options"), { all: ["all", "bool"], ...AUTHOR });
      return effect("git.commit", { ...options, path, message }, "checkable");
    },
  }),
  suspending("git_merge", {
    sig: "(path: string, ref: string, options?: dict) -> dict",
    doc: "Merges a branch or commit into a worktree: {merged, head, conflicts}. With conflicts nothing is changed. Options: message, fast_forward (true), name, email.",
    needs: changing("merge"),
    borrows: true,
    examples: [
      {
        code: 'let who = {name: "Ada", email: "ada@example.com"}\nexec("git", "init", "-q", "-b", "main", "m")\nwrite_file("m/a.txt", "a")\ngit_commit("m", "Begin", who)\nexec("git", "-C", "m", "switch", "-q", "-c", "side")\nwrite_file("m/b.txt", "b")\ngit_commit("m", "Add b", who)\nexec("git", "-C", "m", "switch", "-q", "main")\nprintln(git_merge("m", "side").merged)',
        prints: "true",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, required("git_merge", "path", args.raw("path")));
      const ref = required("git_merge", "ref", args.raw("ref"));
      const options = readOptions("git_merge", args.raw("options"), {
        message: ["message", "string"],
        fast_forward: ["fastForward", "bool"],
        ...AUTHOR,
      });
      return effect("git.merge", { ...options, path, ref }, "checkable");
    },
    finish: (_call, outcome) => finishGit(outcome, (answer) => withDefaults(answer, { conflicts: new HList([]) })),
  }),
  suspending("git_diff", {
    sig: "(path: string, base?: string) -> dict",
    doc: "What a worktree holds against a commit (its last one), with what is not committed: {diff, files: [{path, status}], base, truncated}.",
    needs: looking("diff"),
    borrows: true,
    examples: [
      {
        code: 'exec("git", "init", "-q", "-b", "main", "d")\nwrite_file("d/a.txt", "a")\ngit_commit("d", "Begin", {name: "Ada", email: "ada@example.com"})\nwrite_file("d/a.txt", "b")\nprintln(git_diff("d").files)',
        prints: "[{path: a.txt, status: M}]",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, required("git_diff", "path", args.raw("path")));
      const base = args.raw("base");
      const options: JsonObject = base === null ? {} : { base: required("git_diff", "base", base) };
      return effect("git.diff", { path, ...options }, "safe");
    },
  }),
  suspending("git_status", {
    sig: "(path: string) -> dict",
    doc: "A worktree's branch, commit and changed files: {branch, head, clean, files: [{path, status}]}.",
    needs: looking("status"),
    borrows: true,
    examples: [
      {
        code: 'exec("git", "init", "-q", "-b", "main", "s")\nwrite_file("s/new.txt", "")\nlet status = git_status("s")\nprintln("${status.branch} ${status.clean}")',
        prints: "main false",
      },
    ],
    run(call, args) {
      return effect(
        "git.status",
        { path: resolvePath(call, required("git_status", "path", args.raw("path"))) },
        "safe",
      );
    },
  }),
];

function finishGit(outcome: Outcome, shape: (answer: Value) => Value): Value {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  return shape(outcome.kind === "result" ? jsonToValue(outcome.result) : outcome.value);
}
