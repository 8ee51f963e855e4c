// Parses every program of the reference and compares with what its authors say about it: a `NAME.error` beside `NAME.harn` in a folder
// `syntax` whose text one of the program's syntax diagnostics contains makes it a program that must be refused with that text; every other
// must be accepted. It also prints each accepted program, parses the print and compares the trees.
//
//   node scripts/parse-reference.mjs SOURCE [TAG] [--verbose]
//
// SOURCE is a folder, or a git directory that holds the tag (default v0.7.22). Prints what is wrong; ends with status 1 if anything is.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { legacyMessage, renderDiagnostic } from "../src/base/diagnostic.ts";
import { parseSource } from "../src/syntax/parser.ts";
import { equalTrees, printSource } from "../src/syntax/printer.ts";

/** Programs that the reference itself refuses, though nothing beside them says so. */
const REFUSED_BY_THE_REFERENCE = new Set(["stdlib/json.harn"]);

const [source, tag = "v0.7.22"] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (!source) {
  console.error("usage: node scripts/parse-reference.mjs FOLDER_OR_GIT_DIR [TAG] [--verbose]");
  process.exit(2);
}
if (!existsSync(source)) {
  console.error(`${source}: there is no such folder`);
  process.exit(2);
}
const verbose = process.argv.includes("--verbose");
const isGitDir = existsSync(join(source, "HEAD")) && existsSync(join(source, "objects"));
/** Path to text, of all programs and expected errors. */
const texts = isGitDir ? readGit(source, tag) : readFolder(source);
const programs = [...texts.keys()].filter((path) => path.endsWith(".harn")).sort();
if (programs.length === 0) {
  console.error(`${source}: no .harn files there`);
  process.exit(2);
}

let refusedRightly = 0;
let wrong = 0;
let bytes = 0;
let milliseconds = 0;
for (const path of programs) {
  const text = texts.get(path);
  const started = performance.now();
  const { file, diagnostics } = parseSource(path, text);
  milliseconds += performance.now() - started;
  bytes += text.length;
  const problem = judge(path, diagnostics) ?? (diagnostics.length === 0 ? checkPrint(file) : null);
  if (problem === null) continue;
  wrong++;
  console.log(`${path}: ${problem}`);
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
  const expected = texts.get(path.replace(/\.harn$/, ".error"))?.trim();
  const isSyntaxCase = expected !== undefined && /[\\/]syntax[\\/]/.test(path);
  const found = diagnostics.map(legacyMessage);
  if (found.length === 0) return isSyntaxCase ? `accepted, but should be refused: ${expected}` : null;
  if (REFUSED_BY_THE_REFERENCE.has(path) || (expected !== undefined && matches(found[0], expected))) {
    refusedRightly++;
    return null;
  }
  return expected === undefined ? `refused: ${found[0]}` : `refused: ${found[0]} (its .error says: ${expected})`;
}

function matches(text, expected) {
  return expected.startsWith("re:") ? new RegExp(expected.slice(3)).test(text) : text.includes(expected);
}

function isWanted(path) {
  return /\.(harn|error)$/.test(path) && !/(^|[\\/])(node_modules|target)[\\/]/.test(path);
}

function readFolder(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files
      .map((file) => [relative(folder, file), file])
      .filter(([path]) => isWanted(path))
      .map(([path, file]) => [path, readFileSync(file, "utf8")]),
  );
}

/** All of the tag's files in one go: `cat-file --batch` answers `<id> blob <size>`, a line break, the bytes, a line break. */
function readGit(gitDir, name) {
  const git = (args, input) =>
    execFileSync("git", [`--git-dir=${gitDir}`, ...args], {
      input,
      maxBuffer: 1 << 30,
      stdio: ["pipe", "pipe", "inherit"],
    });
  const paths = git(["ls-tree", "-r", "-z", "--name-only", name]).toString("utf8").split("\0").filter(isWanted);
  const bytes = git(["cat-file", "--batch"], paths.map((path) => `${name}:${path}\n`).join(""));
  const found = new Map();
  let at = 0;
  for (const path of paths) {
    const end = bytes.indexOf(10, at);
    const size = Number(bytes.toString("latin1", at, end).split(" ")[2]);
    found.set(path, bytes.toString("utf8", end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return found;
}
