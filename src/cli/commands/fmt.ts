/**
 * `harn fmt`: lays out programs.
 *
 * `--json` prints a list of what is not as it should be: `{file, status: "would-change" | "error", line, column, message}`, line and column from 1.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { renderDiagnostic } from "../../base/diagnostic.ts";
import type { Json } from "../../base/json.ts";
import { indexLines, positionAt } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import { createFilesPort } from "../../hosts/node/files.ts";
import { formatFiles, formatSource } from "../../tools/format/format-files.ts";
import { readFormatSettings } from "../../tools/format/settings.ts";
import { ManifestFinder } from "../../tools/manifest.ts";
import { findPrograms } from "../../tools/program-files.ts";
import { errorColor } from "../display/color.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

export interface FmtFlags {
  readonly check?: boolean;
  readonly json?: boolean;
  readonly lineWidth?: number;
  readonly separatorWidth?: number;
  readonly range?: string;
  readonly stdinPath?: string;
}

/** Without names: the current folder. `-`: the standard input, to the standard output. */
export async function formatPrograms(names: readonly string[], flags: FmtFlags): Promise<number> {
  const range = flags.range === undefined ? null : readRange(flags.range);
  if (flags.stdinPath !== undefined && !names.includes("-")) throw new UsageFailure("--stdin-path is for `-`");
  if (flags.json && !flags.check) throw new UsageFailure("--json reports what would change: it needs --check");
  if (names.includes("-")) {
    if (names.length > 1) throw new UsageFailure("`-` stands alone: there is only one standard input");
    return formatInput(flags, range);
  }
  const files = createFilesPort();
  const programs = await findPrograms(files, process.cwd(), names.length === 0 ? ["."] : names);
  if (range !== null && programs.length !== 1)
    throw new UsageFailure(`--range is for one file, not for ${programs.length}`);
  const check = flags.check ?? false;
  const color = errorColor();
  const listed: Json[] = [];
  let failed = false;
  for await (const report of formatFiles(programs, files, { check, given: givenWidths(flags), range })) {
    switch (report.kind) {
      case "unchanged":
        break;
      case "changed":
        failed ||= check;
        if (flags.json) listed.push(row(report.file.name, "would-change", report.line, 1, "would be reformatted"));
        else if (check) process.stderr.write(`${report.file.name}: would be reformatted\n`);
        else process.stdout.write(`formatted ${report.file.name}\n`);
        break;
      case "refused":
        failed = true;
        for (const diagnostic of report.diagnostics) {
          if (flags.json) {
            const place = positionAt(indexLines(report.text), diagnostic.labels[0]?.span.start ?? 0);
            listed.push(row(report.file.name, "error", place.line, place.column, diagnostic.message));
          } else
            process.stderr.write(
              `${renderDiagnostic(diagnostic, { path: report.file.name, text: report.text, color })}\n`,
            );
        }
        break;
      case "failed":
        failed = true;
        if (flags.json) listed.push(row(report.file.name, "error", 1, 1, report.message));
        else process.stderr.write(`error: ${report.message}\n`);
        break;
      case "warning":
        process.stderr.write(`warning: ${report.message}\n`);
        break;
      default:
        unreachable(report);
    }
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  return failed ? EXIT.failed : EXIT.ok;
}

function row(file: string, status: "would-change" | "error", line: number, column: number, message: string): Json {
  return { file, status, line, column, message };
}

function formatInput(flags: FmtFlags, range: ReturnType<typeof readRange> | null): number {
  const text = readFileSync(0, "utf8");
  const name = flags.stdinPath ?? "<stdin>";
  const folder = flags.stdinPath === undefined ? process.cwd() : path.dirname(path.resolve(flags.stdinPath));
  const manifest = new ManifestFinder(createFilesPort()).nearest(folder);
  const result = formatSource(name, text, range, readFormatSettings(manifest, givenWidths(flags)).options);
  if (result.kind === "refused") {
    for (const diagnostic of result.diagnostics)
      process.stderr.write(`${renderDiagnostic(diagnostic, { path: name, text, color: errorColor() })}\n`);
    return EXIT.failed;
  }
  if (!flags.check) process.stdout.write(result.text);
  else if (result.text !== text) process.stderr.write(`${name}: would be reformatted\n`);
  return flags.check && result.text !== text ? EXIT.failed : EXIT.ok;
}

function givenWidths(flags: FmtFlags) {
  return {
    ...(flags.lineWidth === undefined ? {} : { lineWidth: flags.lineWidth }),
    ...(flags.separatorWidth === undefined ? {} : { separatorWidth: flags.separatorWidth }),
  };
}

function readRange(text: string): { readonly first: number; readonly last: number } {
  const match = /^(\d+):(\d+)$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || first < 1 || last < first) {
    throw new UsageFailure(`--range ${text}: expected two line numbers from 1, as in 10:20`);
  }
  return { first, last };
}
