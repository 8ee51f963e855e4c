/**
 * Files. Relative paths start at the scope's working folder. Reading completes at once; writing is an effect, so it happens only once the turn that
 * asked for it is safe. Failures are thrown as texts that name the path and the system's reason.
 */
import { joinPath } from "../base/path.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { raiseFailure, thrownError } from "../builtin/raise.ts";
import { FileFailure } from "../ports/files.ts";
import { displayValue } from "../value/display.ts";
import { makeFloat } from "../value/numbers.ts";
import { HDict, HList, type Value } from "../value/value.ts";
import { errResult, okResult } from "./results.ts";

export const resolvePath = (call: Call, path: string): string => joinPath(call.scope.cwd, path);

const pathAt = (args: readonly Value[], index: number, otherwise = ""): string => {
  const value = args[index];
  return value === undefined ? otherwise : displayValue(value);
};

export function readingNeed(
  grant: `workspace.${string}`,
  otherwise?: string,
): (call: Call, args: readonly Value[]) => Need {
  return (call, args) => ({
    grant,
    over: grant,
    paths: [{ path: resolvePath(call, pathAt(args, 0, otherwise)), write: false }],
  });
}

function writing(grant: `workspace.${string}`, over: string): (call: Call, args: readonly Value[]) => Need {
  return (call, args) => ({
    grant,
    effect: "workspace_write",
    over,
    paths: [{ path: resolvePath(call, pathAt(args, 0)), write: true }],
  });
}

/** Both ends of a copy or a move: the first is read (and, when moved, written), the second written. */
function transferring(moves: boolean): (call: Call, args: readonly Value[]) => Need {
  return (call, args) => ({
    grant: "workspace.write_text",
    effect: "workspace_write",
    over: "workspace write",
    paths: [
      { path: resolvePath(call, pathAt(args, 0)), write: moves },
      { path: resolvePath(call, pathAt(args, 1)), write: true },
    ],
  });
}

/** Reads, and throws `what path: reason` when that fails. */
function attempt<T>(what: string, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FileFailure) throw thrownError(`${what} ${path}: ${error.reason}`);
    throw error;
  }
}

/** A file effect's outcome: nil, or `what path: reason` thrown. `data` is that beginning; failures with a category keep it. */
function finishWrite(_call: Call, outcome: Outcome, data: Value): Value | Suspension {
  if (outcome.kind !== "failed") return null;
  if (outcome.category !== null) throw raiseFailure(outcome);
  const reason = /: ([^:]*(?:\(os error \d+\))?)$/.exec(outcome.message)?.[1] ?? outcome.message;
  throw thrownError(`${displayValue(data)}: ${reason}`);
}

export const fileBuiltins: readonly Builtin[] = [
  builtin("read_file", {
    sig: "(path: any) -> string",
    doc: "The text of a file. Throws `Failed to read file …` when it cannot be read or is no UTF-8.",
    needs: readingNeed("workspace.read_text"),
    borrows: true,
    examples: [{ code: 'write_file("a.txt", "hello")\nprintln(read_file("a.txt"))', prints: "hello" }],
    run(call, args) {
      const path = resolvePath(call, args.text("path"));
      return attempt("Failed to read file", path, () => call.ports.files.readTextSync(path));
    },
  }),
  builtin("read_file_result", {
    sig: "(path: any) -> any",
    doc: "`Ok` with the text of a file, or `Err` with what is wrong.",
    needs: readingNeed("workspace.read_text"),
    borrows: true,
    examples: [{ code: 'println(is_err(read_file_result("no such file")))', prints: "true" }],
    run(call, args) {
      const path = resolvePath(call, args.text("path"));
      try {
        return okResult(call.ports.files.readTextSync(path));
      } catch (error) {
        if (error instanceof FileFailure) return errResult(`Failed to read file ${path}: ${error.reason}`);
        throw error;
      }
    },
  }),
  builtin("file_exists", {
    sig: "(path: any) -> bool",
    doc: "Is there a file or folder?",
    needs: readingNeed("workspace.exists"),
    borrows: true,
    examples: [{ code: 'println(file_exists("no such file"))', prints: "false" }],
    run: (call, args) => call.ports.files.existsSync(resolvePath(call, args.text("path"))),
  }),
  builtin("list_dir", {
    sig: "(path?: any) -> list",
    doc: "The names in a folder, in order.",
    needs: readingNeed("workspace.list", "."),
    borrows: true,
    examples: [
      {
        code: 'mkdir("notes")\nwrite_file("notes/b.txt", "")\nwrite_file("notes/a.txt", "")\nprintln(list_dir("notes"))',
        prints: "[a.txt, b.txt]",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, args.has("path") ? args.text("path") : ".");
      const entries = attempt("Failed to list directory", path, () => call.ports.files.listSync(path));
      return new HList(entries.map((entry) => entry.name));
    },
  }),
  builtin("stat", {
    sig: "(path: any) -> dict",
    doc: "What is known of a file or folder: {size, is_file, is_dir, readonly, modified (seconds since 1970)}.",
    needs: readingNeed("workspace.exists"),
    borrows: true,
    examples: [
      {
        code: 'write_file("five.txt", "12345")\nlet found = stat("five.txt")\nprintln("${found.size} ${found.is_dir}")',
        prints: "5 false",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, args.text("path"));
      const stat = attempt("Failed to stat", path, () => call.ports.files.statSync(path));
      if (stat === null) throw thrownError(`Failed to stat ${path}: No such file or directory (os error 2)`);
      return HDict.of({
        size: stat.size,
        is_file: stat.kind === "file",
        is_dir: stat.kind === "directory",
        readonly: (stat.mode & 0o222) === 0,
        modified: makeFloat(stat.modifiedMs / 1000),
      });
    },
  }),
  builtin("temp_dir", {
    sig: "() -> string",
    doc: "The system's folder for temporary files.",
    needs: "nothing",
    examples: [{ code: "println(len(temp_dir()) > 0)", prints: "true" }],
    run: (call) => call.ports.environment.tempDir,
  }),
  suspending("write_file", {
    sig: "(path: any, text: any) -> nil",
    doc: "Replaces a file's text, or makes the file. The folder must exist. Readers see the old text or the new, nothing between.",
    needs: writing("workspace.write_text", "workspace write"),
    borrows: true,
    examples: [
      {
        code: 'write_file("out.txt", "first")\nwrite_file("out.txt", "second")\nprintln(read_file("out.txt"))',
        prints: "second",
      },
    ],
    run(call, args) {
      if (!args.has("text")) return null;
      const path = resolvePath(call, args.text("path"));
      return awaitEffect(
        { kind: "file.write", version: 1, args: { path, text: args.text("text") }, repeat: "safe", place: "any" },
        `Failed to write file ${path}`,
      );
    },
    finish: finishWrite,
  }),
  suspending("append_file", {
    sig: "(path: any, text: any) -> nil",
    doc: "Appends to a file, or makes it.",
    needs: writing("workspace.write_text", "workspace write"),
    borrows: true,
    examples: [
      { code: 'write_file("log.txt", "a")\nappend_file("log.txt", "b")\nprintln(read_file("log.txt"))', prints: "ab" },
    ],
    run(call, args) {
      if (!args.has("text")) return null;
      const path = resolvePath(call, args.text("path"));
      // Where it ends now: after a crash this tells whether the text is there already.
      const stat = attempt("Failed to open file", path, () => call.ports.files.statSync(path));
      const offset = stat?.kind === "file" ? stat.size : 0;
      return awaitEffect(
        {
          kind: "file.append",
          version: 1,
          args: { path, text: args.text("text"), offset },
          repeat: "checkable",
          place: "any",
        },
        `Failed to open file ${path}`,
      );
    },
    finish: finishWrite,
  }),
  suspending("mkdir", {
    sig: "(path: any) -> nil",
    doc: "Makes a folder, with those above it. One that exists is fine.",
    needs: writing("workspace.write_text", "workspace write"),
    borrows: true,
    examples: [{ code: 'mkdir("deep/er")\nprintln(stat("deep/er").is_dir)', prints: "true" }],
    run(call, args) {
      const path = resolvePath(call, args.text("path"));
      return awaitEffect(
        { kind: "file.mkdir", version: 1, args: { path }, repeat: "safe", place: "any" },
        `Failed to create directory ${path}`,
      );
    },
    finish: finishWrite,
  }),
  suspending("delete_file", {
    sig: "(path: any) -> nil",
    doc: "Deletes a file, or a folder with all it holds.",
    needs: writing("workspace.delete", "workspace.delete"),
    borrows: true,
    examples: [
      {
        code: 'write_file("gone.txt", "")\ndelete_file("gone.txt")\nprintln(file_exists("gone.txt"))',
        prints: "false",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, args.text("path"));
      const what = call.ports.files.statSync(path)?.kind === "directory" ? "directory" : "file";
      return awaitEffect(
        { kind: "file.delete", version: 1, args: { path }, repeat: "checkable", place: "any" },
        `Failed to delete ${what} ${path}`,
      );
    },
    finish: finishWrite,
  }),
  suspending("copy_file", {
    sig: "(from: any, to: any) -> nil",
    doc: "Copies a file, over one that is there.",
    needs: transferring(false),
    borrows: true,
    examples: [
      {
        code: 'write_file("from.txt", "text")\ncopy_file("from.txt", "to.txt")\nprintln(read_file("to.txt"))',
        prints: "text",
      },
    ],
    run(call, args) {
      if (!args.has("to")) return null;
      const from = resolvePath(call, args.text("from"));
      const to = resolvePath(call, args.text("to"));
      return awaitEffect(
        { kind: "file.copy", version: 1, args: { from, to }, repeat: "safe", place: "any" },
        `Failed to copy ${from} to ${to}`,
      );
    },
    finish: finishWrite,
  }),
  suspending("move_file", {
    sig: "(from: any, to: any) -> nil",
    doc: "Moves or renames a file or folder, over a file that is there.",
    needs: transferring(true),
    borrows: true,
    examples: [
      {
        code: 'write_file("old.txt", "text")\nmove_file("old.txt", "new.txt")\nprintln([file_exists("old.txt"), read_file("new.txt")])',
        prints: "[false, text]",
      },
    ],
    run(call, args) {
      if (!args.has("to")) return null;
      const from = resolvePath(call, args.text("from"));
      const to = resolvePath(call, args.text("to"));
      return awaitEffect(
        { kind: "file.rename", version: 1, args: { from, to }, repeat: "checkable", place: "any" },
        `Failed to move ${from} to ${to}`,
      );
    },
    finish: finishWrite,
  }),
];
