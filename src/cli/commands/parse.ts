/** `harn parse`: reads programs, reports what is wrong with them, or prints one as its parser understood it. */
import fs from "node:fs";
import path from "node:path";
import { renderDiagnostic } from "../../base/diagnostic.ts";
import { Failure } from "../../base/failure.ts";
import { systemReason } from "../../hosts/node/errno.ts";
import { parseSource } from "../../syntax/parser.ts";
import { printSource } from "../../syntax/printer.ts";
import { standardScreen } from "../display/view.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

/** Folders stand for the programs below them. */
export async function parseFiles(names: readonly string[], check: boolean): Promise<number> {
  const files = names.flatMap(programsAt);
  if (!check && files.length !== 1)
    throw new UsageFailure(`${files.length} programs: only one can be printed; --check reads many`);
  const { color } = standardScreen();
  let wrong = 0;
  for (const file of files) {
    const text = readProgram(file);
    const { file: tree, diagnostics } = parseSource(file, text);
    if (diagnostics.length > 0) wrong++;
    for (const diagnostic of diagnostics)
      process.stderr.write(`${renderDiagnostic(diagnostic, { path: file, text, color })}\n`);
    if (!check && diagnostics.length === 0) process.stdout.write(printSource(tree));
  }
  if (check) process.stdout.write(`${files.length - wrong} of ${files.length} programs are well formed\n`);
  return wrong === 0 ? EXIT.ok : EXIT.failed;
}

/** The file itself, or the .harn files below a folder, in order. */
export function programsAt(name: string): readonly string[] {
  let stat: fs.Stats;
  try {
    stat = fs.statSync(name);
  } catch (error) {
    throw new Failure(`cannot read ${name}: ${systemReason(error)}`);
  }
  if (!stat.isDirectory()) return [name];
  const found = fs
    .readdirSync(name, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".harn"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  if (found.length === 0) throw new Failure(`there is no .harn file below ${name}`);
  return found;
}

function readProgram(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(fs.readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) throw new Failure(`cannot read ${file}: it is not UTF-8 text`);
    throw new Failure(`cannot read ${file}: ${systemReason(error)}`);
  }
}
