// Parses every program of a folder and compares with what its author says about it: a `NAME.error` beside `NAME.harn` whose text one of
// the program's syntax diagnostics contains makes it a program that must be refused, with that text first; every other must be accepted.
//
//   node scripts/parse-reference.mjs DIR [--verbose]
//
// Prints the programs that are wrongly refused or refused with another text, and ends with status 1 if there are any.
// It also prints each accepted program, parses the print and compares the trees.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { legacyMessage, renderDiagnostic } from "../src/base/diagnostic.ts";
import { parseSource } from "../src/syntax/parser.ts";
import { equalTrees, printSource } from "../src/syntax/printer.ts";

const [folder] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (!folder) {
  console.error("usage: node scripts/parse-reference.mjs DIR [--verbose]");
  process.exit(2);
}
const verbose = process.argv.includes("--verbose");

const programs = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".harn"))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

let refusedRightly = 0;
let wrong = 0;
let bytes = 0;
let milliseconds = 0;
for (const path of programs) {
  const text = readFileSync(path, "utf8");
  const started = performance.now();
  const { file, diagnostics } = parseSource(relative(folder, path), text);
  milliseconds += performance.now() - started;
  bytes += text.length;
  const problem = judge(path, diagnostics) ?? (diagnostics.length === 0 ? checkPrint(file) : null);
  if (problem === null) continue;
  wrong++;
  console.log(`${relative(folder, path)}: ${problem}`);
  if (verbose) for (const diagnostic of diagnostics) console.log(renderDiagnostic(diagnostic, { path, text }));
}
console.log(
  `${programs.length} programs (${bytes} characters in ${milliseconds.toFixed(0)} ms): ` +
    `${programs.length - refusedRightly - wrong} accepted, ${refusedRightly} refused as they should be, ${wrong} wrong`,
);
process.exit(wrong === 0 ? 0 : 1);

/** What is wrong with the print of an accepted program, or null. */
function checkPrint(file) {
  const again = parseSource(file.path, printSource(file));
  const [first] = again.diagnostics;
  if (first) return `its print is refused: ${legacyMessage(first)}`;
  return equalTrees(file, again.file) ? null : "its print is another program";
}

/** What is wrong with the verdict on a program, or null. */
function judge(path, diagnostics) {
  const errorPath = path.replace(/\.harn$/, ".error");
  const expected = existsSync(errorPath) ? readFileSync(errorPath, "utf8").trim() : null;
  const isSyntaxCase = expected !== null && /[\\/]syntax[\\/]/.test(path);
  const first = diagnostics.length > 0 ? legacyMessage(diagnostics[0]) : null;
  if (first === null) return isSyntaxCase ? `accepted, but should be refused: ${expected}` : null;
  if (expected !== null && matches(first, expected)) {
    refusedRightly++;
    return null;
  }
  return expected === null ? `refused: ${first}` : `refused: ${first} (its .error says: ${expected})`;
}

function matches(text, expected) {
  return expected.startsWith("re:") ? new RegExp(expected.slice(3)).test(text) : text.includes(expected);
}
