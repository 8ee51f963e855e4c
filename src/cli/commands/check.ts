/**
 * `harn check`: everything that is wrong or odd in programs, without running them.
 *
 * A line of `--json` is `{path, severity, code, message, line, column, start, end, labels, help, edits}`: offsets in UTF-16 code units, lines and
 * columns from 1, `labels` the further places with their texts, `edits` what would mend it.
 */
import fs from "node:fs";
import path from "node:path";
import { type Diagnostic, renderDiagnostic } from "../../base/diagnostic.ts";
import { Failure } from "../../base/failure.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Span } from "../../base/span.ts";
import { indexLines, type LineIndex, positionAt } from "../../base/text.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import type { Workspace } from "../../check/workspace.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { openWorkspace } from "../../runtime/workspace.ts";
import { stdlibGlobals } from "../../stdlib/index.ts";
import { readHostFunctions } from "../../tools/host-functions.ts";
import { MANIFEST, ManifestFinder } from "../../tools/manifest.ts";
import type { HostCapabilities } from "../../tools/preflight/host-capabilities.ts";
import { OutsideCheck, type OutsideFlags, readOutsideFlags, workspaceTargets } from "../check-extras.ts";
import { errorColor } from "../display/color.ts";
import { explainHint } from "../display/explain-hint.ts";
import { paint } from "../display/test-lines.ts";
import { standardScreen } from "../display/view.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";
import { FileWatch, type Watched } from "../file-watch.ts";
import { programsAt } from "./parse.ts";

export interface CheckFlags extends OutsideFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
  /** Prints no summary. */
  readonly quiet?: boolean;
  /** Also what the nearest `harn.toml` lists. */
  readonly workspace?: boolean;
}

/** Folders stand for the programs below them. Warnings alone do not make it fail. */
export async function checkPrograms(given: readonly string[], flags: CheckFlags): Promise<number> {
  const { files } = createNodePorts();
  const outsideFlags = readOutsideFlags(flags);
  const open = (): Checked => {
    const names = flags.workspace ? [...given, ...workspaceTargets(files)] : given;
    if (names.length === 0) throw new UsageFailure("expected programs or folders to check, or --workspace");
    // What they are called where they are named; a module that is only imported is called by its way from here.
    const named = new Map<string, string>();
    const workspace = openChecked(files, named);
    const show = (programs: readonly string[]) =>
      report(workspace, programs, named, files, new OutsideCheck(files, outsideFlags), flags);
    return { workspace, names, named, show };
  };
  if (flags.watch) return watchPrograms(open, new ManifestFinder(files));
  const { names, named, show } = open();
  return show(list(names, named));
}

/** What is checked, as the manifests say now. */
interface Checked {
  readonly workspace: Workspace;
  readonly names: readonly string[];
  readonly named: Map<string, string>;
  show(programs: readonly string[]): number;
}

function openChecked(files: FilesPort, named: ReadonlyMap<string, string>): Workspace {
  const manifests = new ManifestFinder(files);
  const known = new Map<string, ReadonlySet<string>>();
  return openWorkspace({
    files,
    table: new BuiltinTable([allBuiltins()]),
    globals(key) {
      const folder = path.dirname(key);
      let names = known.get(folder);
      if (names === undefined) {
        const added = path.isAbsolute(key) ? readHostFunctions(manifests.nearest(folder)) : [];
        names = new Set(["argv", ...stdlibGlobals.keys(), ...added]);
        known.set(folder, names);
      }
      return names;
    },
    shown: (key) => named.get(key) ?? (path.isAbsolute(key) ? fromHere(key) : key),
  });
}

function fromHere(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

/** Absolute paths, in the order in which they are named. */
function list(names: readonly string[], named: Map<string, string>): readonly string[] {
  const keys = names.flatMap(programsAt).map((name) => {
    const key = path.resolve(name);
    named.set(key, name);
    return key;
  });
  return [...new Set(keys)];
}

function report(
  workspace: Workspace,
  programs: readonly string[],
  named: ReadonlyMap<string, string>,
  files: FilesPort,
  outside: OutsideCheck,
  { json = false, quiet = false }: CheckFlags,
): number {
  const screen = standardScreen();
  // A module that several programs import is shown once.
  const shown = new Set<string>();
  const codes = new Set<string | undefined>();
  const counts = { error: 0, warning: 0, note: 0 };
  for (const program of programs) {
    const modules = workspace.reached(program);
    if (modules.length === 0) throw unreadable(files, program, named.get(program) ?? program);
    let mocked: HostCapabilities | null = null;
    for (const module of modules) {
      const { key, path: name, text } = module;
      if (shown.has(key) || key.startsWith("std/")) continue;
      shown.add(key);
      const found = workspace.diagnostics(key) ?? [];
      for (const { code } of found) codes.add(code);
      const more = outside.problems(module, () => (mocked ??= outside.mockedBy(modules)));
      let lines: LineIndex | null = null;
      for (const diagnostic of [...found, ...more]) {
        counts[diagnostic.severity]++;
        if (json) screen.writeOut(`${JSON.stringify(problemJson(name, (lines ??= indexLines(text)), diagnostic))}\n`);
        else screen.writeError(`${renderDiagnostic(diagnostic, { path: name, text, color: screen.color })}\n`);
      }
    }
  }
  if (!json) {
    const hint = explainHint(codes);
    if (hint !== null) screen.writeError(`${hint}\n`);
    if (!quiet) screen.writeOut(`${summary(programs.length, counts.error, counts.warning)}\n`);
  }
  return counts.error === 0 ? EXIT.ok : EXIT.failed;
}

function unreadable(files: FilesPort, program: string, name: string): Failure {
  try {
    files.readTextSync(program);
  } catch (error) {
    if (error instanceof FileFailure) return new Failure(`cannot read ${name}: ${error.reason}`, "not_found");
    throw error;
  }
  return new Failure(`cannot read ${name}: it changes while it is read`);
}

/** Ends with Ctrl-C. What is wrong with a manifest or a file that has gone is said, and waits for the next change too. */
async function watchPrograms(open: () => Checked, manifests: ManifestFinder): Promise<number> {
  let changed = Promise.withResolvers<ReadonlySet<string>>();
  let ended = false;
  const watch = new FileWatch((files) => changed.resolve(files));
  const onSignal = () => {
    ended = true;
    changed.resolve(new Set());
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    let checked = open();
    for (let isFirst = true; !ended; isFirst = false) {
      changed = Promise.withResolvers<ReadonlySet<string>>();
      try {
        const programs = list(checked.names, checked.named);
        watch.watch(watchedBy(checked, programs, manifests));
        checked.show(programs);
      } catch (error) {
        if (isFirst || !(error instanceof Failure)) throw error;
        process.stderr.write(`error: ${error.message}\n`);
      }
      process.stderr.write(`${paint("waiting for a change, Ctrl-C ends", "dim", errorColor())}\n`);
      const files = await changed.promise;
      if ([...files].some((file) => path.basename(file) === MANIFEST)) checked = reopened(open, checked);
      else checked.workspace.filesChanged();
    }
    return EXIT.interrupted;
  } finally {
    watch.close();
    process.removeListener("SIGINT", onSignal).removeListener("SIGTERM", onSignal);
  }
}

function placeJson(lines: LineIndex, { start, end }: Span): JsonObject {
  return { start, end, ...positionAt(lines, start) };
}

/** Programs, what they import, and every place where a manifest that counts for them is or may come to be. */
function watchedBy({ workspace, names }: Checked, programs: readonly string[], manifests: ManifestFinder): Watched {
  const folders = names.map((name) => path.resolve(name)).filter((name) => fs.statSync(name).isDirectory());
  const reached = programs.flatMap((program) => workspace.reached(program).map(({ key }) => key));
  const modules = [...programs, ...reached.filter(path.isAbsolute)];
  const homes = new Set([process.cwd(), ...modules.map((module) => path.dirname(module))]);
  const places = [...homes].flatMap((home) => manifests.places(home));
  return { trees: new Set(folders), files: new Set([...modules, ...places]) };
}

/** As the manifests are now; as before when they are wrong. */
function reopened(open: () => Checked, before: Checked): Checked {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    before.workspace.filesChanged();
    return before;
  }
}

function problemJson(name: string, lines: LineIndex, diagnostic: Diagnostic): JsonObject {
  const [primary, ...others] = diagnostic.labels;
  return {
    path: name,
    severity: diagnostic.severity,
    code: diagnostic.code ?? "syntax",
    message: diagnostic.message,
    ...(primary === undefined
      ? {}
      : { ...placeJson(lines, primary.span), ...(primary.text === undefined ? {} : { note: primary.text }) }),
    labels: others.map(({ span, text }) => ({ ...placeJson(lines, span), text: text ?? "" })),
    help: diagnostic.help ?? null,
    edits: (diagnostic.edits ?? []).map(({ span, replacement }) => ({ start: span.start, end: span.end, replacement })),
  };
}

function summary(programs: number, errors: number, warnings: number): string {
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const found = errors + warnings === 0 ? "nothing found" : `${count(errors, "error")}, ${count(warnings, "warning")}`;
  return `${count(programs, "program")}: ${found}`;
}
