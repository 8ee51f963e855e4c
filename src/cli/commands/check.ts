/**
 * `harn check`: everything that is wrong or odd in programs, without running them.
 *
 * A line of `--json` is `{path, severity, code, message, line, column, start, end, labels, help, edits}`: offsets in UTF-16 code units, lines and
 * columns from 1, `labels` the further places with their texts, `edits` what would mend it.
 */
import path from "node:path";
import { renderDiagnostic } from "../../base/diagnostic.ts";
import type { JsonObject } from "../../base/json.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { inspectProgram, type SourceProblem } from "../../runtime/program.ts";
import { stdlibGlobals } from "../../stdlib/index.ts";
import { readHostFunctions } from "../../tools/host-functions.ts";
import { ManifestFinder } from "../../tools/manifest.ts";
import { explainHint } from "../display/explain-hint.ts";
import { standardScreen } from "../display/view.ts";
import { EXIT } from "../exit-codes.ts";
import { programsAt } from "./parse.ts";

/** Folders stand for the programs below them. Warnings alone do not make it fail. */
export async function checkFiles(names: readonly string[], json: boolean): Promise<number> {
  const screen = standardScreen();
  const { files } = createNodePorts();
  const table = new BuiltinTable([allBuiltins()]);
  const manifests = new ManifestFinder(files);
  const programs = names.flatMap(programsAt);
  // A module that several programs import is shown once.
  const shown = new Set<string>();
  const codes = new Set<string | undefined>();
  const counts = { error: 0, warning: 0, note: 0 };
  for (const name of programs) {
    const entry = path.resolve(name);
    const hostFunctions = readHostFunctions(manifests.nearest(path.dirname(entry)));
    const globals = new Set(["argv", ...stdlibGlobals.keys(), ...hostFunctions]);
    for (const problem of await inspectProgram({ entry, name }, { files, table, globals })) {
      const { diagnostic } = problem;
      const where = path.resolve(problem.path);
      const id = `${where}\0${diagnostic.labels[0]?.span.start}\0${diagnostic.message}`;
      if (shown.has(id)) continue;
      shown.add(id);
      counts[diagnostic.severity]++;
      codes.add(diagnostic.code);
      if (json) screen.writeOut(`${JSON.stringify(problemJson(problem))}\n`);
      else screen.writeError(`${renderDiagnostic(diagnostic, { ...problem, color: screen.color })}\n`);
    }
  }
  if (!json) {
    const hint = explainHint(codes);
    if (hint !== null) screen.writeError(`${hint}\n`);
    screen.writeOut(`${summary(programs.length, counts.error, counts.warning)}\n`);
  }
  return counts.error === 0 ? EXIT.ok : EXIT.failed;
}

function problemJson({ path: file, diagnostic }: SourceProblem): JsonObject {
  const [primary, ...others] = diagnostic.labels;
  return {
    path: file,
    severity: diagnostic.severity,
    code: diagnostic.code ?? "syntax",
    message: diagnostic.message,
    ...(primary === undefined
      ? {}
      : { ...primary.span, ...(primary.text === undefined ? {} : { note: primary.text }) }),
    labels: others.map(({ span, text }) => ({ ...span, text: text ?? "" })),
    help: diagnostic.help ?? null,
    edits: (diagnostic.edits ?? []).map(({ span, replacement }) => ({ start: span.start, end: span.end, replacement })),
  };
}

function summary(programs: number, errors: number, warnings: number): string {
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const found = errors + warnings === 0 ? "nothing found" : `${count(errors, "error")}, ${count(warnings, "warning")}`;
  return `${count(programs, "program")}: ${found}`;
}
