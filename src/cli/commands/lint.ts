/**
 * `harn lint`.
 *
 * `--json` prints a list of `{file, line, column, severity, rule, message}`. Syntax errors are no findings: they go to the error stream.
 */

import { type Diagnostic, renderDiagnostic } from "../../base/diagnostic.ts";
import { indexLines, positionAt } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import { closestName } from "../../check/suggestion.ts";
import { createFilesPort } from "../../hosts/node/files.ts";
import type { FilesPort } from "../../ports/files.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { stdlibGlobals } from "../../stdlib/index.ts";
import { explainRule, findRule } from "../../tools/lint/explain.ts";
import type { Finding } from "../../tools/lint/finding.ts";
import { type LintFilesOptions, lintFiles } from "../../tools/lint/lint-files.ts";
import { RULE_NAMES } from "../../tools/lint/rule-table.ts";
import { type FileFindings, toSarif } from "../../tools/lint/sarif.ts";
import { findPrograms } from "../../tools/program-files.ts";
import { PACKAGE_VERSION } from "../command-line.ts";
import { errorColor } from "../display/color.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

export interface LintFlags {
  readonly fix?: boolean;
  readonly unsafeFixes?: boolean;
  readonly requireFileHeader?: boolean;
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly explain?: string;
}

/** Ends with 1 for an error, and for any warning where `strict` is set. */
export async function lintPrograms(names: readonly string[], flags: LintFlags): Promise<number> {
  if (flags.explain !== undefined) return explainOne(flags.explain, flags.json ?? false);
  if (flags.json && flags.sarif) throw new UsageFailure("--json and --sarif are two forms of the same: choose one");
  const files = createFilesPort();
  const programs = await findPrograms(files, process.cwd(), names.length === 0 ? ["."] : names);
  const fix = flags.unsafeFixes ? "all" : flags.fix ? "safe" : "none";
  const table = new BuiltinTable([allBuiltins()]);
  const options = {
    fix,
    requireFileHeader: flags.requireFileHeader ?? false,
    builtins: knownBuiltins(table),
    accepts: checker(files, table),
  } as const;
  const isQuiet = flags.json === true || flags.sarif === true;
  const color = errorColor();
  const found: FileFindings[] = [];
  const counts = { error: 0, warning: 0, note: 0, fixed: 0 };
  let failed = false;
  for await (const report of lintFiles(programs, files, options)) {
    switch (report.kind) {
      case "linted":
        found.push({ name: report.file.name, text: report.text, findings: report.findings });
        counts.fixed += report.fixed;
        for (const finding of report.findings) {
          counts[finding.severity]++;
          failed ||= finding.severity === "error" || (report.isStrict && finding.severity === "warning");
          if (isQuiet) continue;
          const view = { path: report.file.name, text: report.text, color };
          process.stderr.write(`${renderDiagnostic(toDiagnostic(finding), view)}\n`);
        }
        break;
      case "refused":
        failed = true;
        for (const diagnostic of report.diagnostics) {
          const view = { path: report.file.name, text: report.text, color };
          process.stderr.write(`${renderDiagnostic(diagnostic, view)}\n`);
        }
        break;
      case "failed":
        failed = true;
        process.stderr.write(`error: ${report.message}\n`);
        break;
      case "warning":
        process.stderr.write(`warning: ${report.message}\n`);
        break;
      default:
        unreachable(report);
    }
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(found.flatMap(rows), null, 2)}\n`);
  else if (flags.sarif) process.stdout.write(`${JSON.stringify(toSarif(found, PACKAGE_VERSION), null, 2)}\n`);
  else process.stdout.write(`${summary(programs.length, counts)}\n`);
  return failed ? EXIT.failed : EXIT.ok;
}

function rows({ name, text, findings }: FileFindings) {
  const index = indexLines(text);
  return findings.map(({ rule, severity, message, span }) => ({
    file: name,
    ...positionAt(index, span.start),
    severity,
    rule,
    message,
  }));
}

function toDiagnostic({ rule, severity, message, help, span }: Finding): Diagnostic {
  return {
    severity,
    code: rule,
    message,
    labels: [{ span }],
    ...(help === null ? {} : { help }),
  };
}

function summary(programs: number, counts: Readonly<Record<"error" | "warning" | "note" | "fixed", number>>): string {
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const parts = (["error", "warning", "note"] as const).flatMap((word) =>
    counts[word] > 0 ? [count(counts[word], word)] : [],
  );
  if (counts.fixed > 0) parts.push(`${counts.fixed} fixed`);
  return `${count(programs, "program")}: ${parts.join(", ") || "nothing found"}`;
}

function checker(files: FilesPort, table: BuiltinTable): LintFilesOptions["accepts"] {
  return async (program, code, hostFunctions) => {
    const globals = new Set(["argv", ...stdlibGlobals.keys(), ...hostFunctions]);
    const { inspectProgram } = await import("../../runtime/program.ts");
    const problems = await inspectProgram({ entry: program.path, name: program.name, code }, { files, table, globals });
    return problems.every(({ diagnostic }) => diagnostic.severity !== "error");
  };
}

function knownBuiltins({ builtins }: BuiltinTable): LintFilesOptions["builtins"] {
  return {
    isBuiltin: (name) => builtins.has(name) || stdlibGlobals.has(name),
    builtinNames: () => builtins.keys(),
    givesBool: (name) => /-> bool$/.test(builtins.get(name)?.sig ?? ""),
  };
}

function explainOne(name: string, json: boolean): number {
  const rule = findRule(name);
  if (rule === null) {
    const near = closestName(name, RULE_NAMES);
    const hint = near === null ? "`harn explain` lists the rules" : `did you mean ${near}?`;
    throw new UsageFailure(`there is no lint rule ${name}: ${hint}`);
  }
  process.stdout.write(json ? `${JSON.stringify(rule, null, 2)}\n` : explainRule(rule));
  return EXIT.ok;
}
