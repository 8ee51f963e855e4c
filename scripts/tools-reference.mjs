// Shows what `harn fmt` and `harn lint` must do with the reference's own programs:
//
//   1. `harn fmt --check` accepts every program that the reference accepts (all but those listed below), and says so fast enough; `harn check` of the
//      suite is fast enough.
//   2. Formatting any of them after random re-spacing gives it back.
//   3. `harn lint --json` over the suite reports the reference's rows, if ROWS has them: a table `file line column severity rule`.
//   4. `harn lint --fix` over the suite changes no program's output: the same cases pass with the same texts.
//
//   npm run tools:reference -- GIT_DIR [ROWS] [--tag v0.7.22] [--rounds N]
//
// GIT_DIR is a git directory that holds the tag. Its programs are unpacked into a temporary folder. Ends with status 1 if anything is wrong.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatText } from "../src/tools/format/format.ts";
import { randomNumbers, respace } from "../src/tools/format/respacing-harness.ts";
import { writeOddly } from "../src/tools/lint/oddness-harness.ts";

/** What the reference's `fmt --check` refuses at v0.7.22: not formatted, or not parsed. */
const NOT_FORMATTED = new Set(
  `
  conformance/errors/semantic/{adt_non_exhaustive_match,tool_arg_constraint_rejection}
  conformance/errors/syntax/{default_after_required,missing_close_brace,multiple_parse_errors}
  conformance/errors/syntax/{unexpected_character,unexpected_token,unterminated_string}
  crates/harn-vm/src/stdlib_{acp,agent_state,async,checkpoint,collections,context,json,math,path,project}
  crates/harn-vm/src/stdlib_{schema,testing,text,worktree}
  examples/{agent-loop-persistent,backslash_line_continuation,chatbot,code-reviewer,data-pipeline,data-transform}
  examples/{eval-workflow,mcp-client,mcp_server,multi-agent,parallel-pipeline,portal-demo,stress-test,tool-hooks}
  examples/playground/{echo}
  stdlib/{collections,json,math,path,schema,text}
  tests/bridge/{test_combined}
  `
    .trim()
    .split(/\s+/)
    .flatMap((line) => {
      const [, before, names] = /^(.*)\{(.*)\}$/.exec(line);
      return names.split(",").map((name) => `${before}${name}.harn`);
    }),
);
/** Rules that the reference does not have. */
const OWN_RULES = ["captured-assignment"];
/** Seconds that each may take over the suite, start-up included. */
const MOST_SECONDS = { fmt: 0.5, check: 1.5 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tag: { type: "string", default: "v0.7.22" },
    rounds: { type: "string", default: "3" },
  },
});
const [gitDir, rowsFile] = positionals;
if (!gitDir || !existsSync(gitDir)) {
  console.error("usage: npm run tools:reference -- GIT_DIR [ROWS] [--tag TAG] [--rounds N]");
  process.exit(2);
}

const harn = join(dirname(dirname(fileURLToPath(import.meta.url))), "bin", "harn.js");
const folder = mkdtempSync(join(tmpdir(), "harn-reference-"));
const problems = [];
try {
  unpack(folder);
  checkLayout();
  checkSpeed();
  checkRespacing();
  if (rowsFile) checkRows(rowsFile);
  else console.log("lint: no table of rows was given");
  checkFixes(false);
  checkFixes(true);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems.slice(0, 40)) console.error(`wrong: ${problem}`);
console.log(problems.length === 0 ? "all as it must be" : `${problems.length} things are wrong`);
process.exit(problems.length === 0 ? 0 : 1);

function run(args, cwd) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [harn, ...args], {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

/** The suite and all programs of the tag, below `target`: a snapshot may lack what else there is. */
function unpack(target) {
  const wanted = ["conformance", ":(glob)**/*.harn"];
  const archive = execFileSync("git", [`--git-dir=${gitDir}`, "archive", "--format=tar", values.tag, ...wanted], {
    maxBuffer: 1 << 30,
    // It complains about what a snapshot lacks, though nobody asks for it.
    stdio: ["ignore", "pipe", "ignore"],
  });
  execFileSync("tar", ["xf", "-", "-C", target], { input: archive, maxBuffer: 1 << 30 });
}

function programsBelow(start) {
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".harn"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Those that the reference accepts. */
function formattedPrograms() {
  return programsBelow(folder).filter((name) => !NOT_FORMATTED.has(name));
}

// ---------------------------------------------------------------- fmt

function checkLayout() {
  const accepted = formattedPrograms();
  const copies = join(folder, ".formatted");
  for (const name of accepted) {
    mkdirSync(dirname(join(copies, name)), { recursive: true });
    cpSync(join(folder, name), join(copies, name));
  }
  const runs = [0, 1, 2].map(() => run(["fmt", "--check", "."], copies));
  const [{ status, stderr }] = runs;
  const refused = stderr.split("\n").filter((line) => line.endsWith("would be reformatted"));
  problems.push(...refused);
  if (status !== 0 && refused.length === 0) problems.push(`fmt --check ended with ${status}: ${stderr}`);
  console.log(
    `fmt --check: ${accepted.length - refused.length} of ${accepted.length} programs accepted, ${inTime("fmt", runs)}`,
  );
  rmSync(copies, { recursive: true });
}

/** The best of the runs, since the first one fills the compile cache and the machine does other things too. */
function inTime(command, runs) {
  const seconds = Math.min(...runs.map((one) => one.seconds));
  const most = MOST_SECONDS[command];
  if (seconds > most) problems.push(`${command} took ${seconds.toFixed(2)} s, more than ${most} s`);
  return `${seconds.toFixed(2)} s`;
}

// ---------------------------------------------------------------- check

/** What it finds is not looked at here: the suite has programs that must be refused. */
function checkSpeed() {
  const runs = [0, 1, 2].map(() => run(["check", "conformance"], folder));
  const summary = runs[0].stdout.trim().split("\n").at(-1);
  if (!/^\d+ programs: /.test(summary)) problems.push(`check said ${JSON.stringify(summary)}: ${runs[0].stderr}`);
  console.log(`check: ${summary}, ${inTime("check", runs)}`);
}

function checkRespacing() {
  const accepted = formattedPrograms();
  let back = 0;
  let tried = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    accepted.forEach((name, at) => {
      const text = readFileSync(join(folder, name), "utf8");
      const spoilt = respace(text, randomNumbers(round * 7919 + at));
      const result = formatText(name, spoilt);
      tried++;
      if (result.kind === "formatted" && result.text === text) back++;
      else problems.push(`${name}: re-spaced in round ${round}, it does not come back`);
    });
  }
  console.log(`re-spaced and formatted: ${back} of ${tried} come back`);
}

// ---------------------------------------------------------------- lint

function checkRows(file) {
  const wanted = new Set(readFileSync(file, "utf8").trim().split("\n").slice(1));
  writeFileSync(join(folder, "harn.toml"), `[lint]\ndisabled = ${JSON.stringify(OWN_RULES)}\n`);
  const { stdout, stderr, seconds } = run(["lint", "--json", "conformance/tests"], folder);
  rmSync(join(folder, "harn.toml"));
  if (stdout === "") return problems.push(`lint --json printed nothing: ${stderr}`);
  // The table leaves out programs that must fail.
  const mustFail = (name) => existsSync(join(folder, name.replace(/\.harn$/, ".error")));
  const findings = JSON.parse(stdout).filter((finding) => !mustFail(finding.file));
  const undefinedNames = new Set(
    findings.filter(({ rule }) => rule === "undefined-function").map(({ message }) => /`(.*?)`/.exec(message)[1]),
  );
  const found = new Set(
    findings.map(({ file: path, line, column, severity, rule }) => [path, line, column, severity, rule].join("\t")),
  );
  const missing = [...wanted].filter((row) => !found.has(row));
  const more = [...found].filter((row) => !wanted.has(row));
  const [calls, others] = [more.filter(isCall), more.filter((row) => !isCall(row))];
  problems.push(...missing.map((row) => `lint: no ${row}`), ...others.map((row) => `lint: ${row} is not wanted`));
  if (calls.length > 0) {
    problems.push(
      `lint: ${calls.length} calls of builtins that are not there: ${[...undefinedNames].sort().join(" ")}`,
    );
  }
  console.log(
    `lint: ${wanted.size - missing.length} of ${wanted.size} rows, ${more.length} more, ${seconds.toFixed(2)} s`,
  );
}

function isCall(row) {
  return row.endsWith("\tundefined-function");
}

/** `isOdd`: the programs are written oddly first, so that there is more to mend. */
function checkFixes(isOdd) {
  // Programs leave things behind: each run has a suite of its own.
  const [plain, mended] = ["plain", "mended"].map((name) => {
    const suite = join(folder, `.${name}-${isOdd ? "odd" : "given"}`);
    cpSync(join(folder, "conformance"), join(suite, "conformance"), { recursive: true });
    if (isOdd) spoil(join(suite, "conformance"));
    return suite;
  });
  const fixed = run(["lint", "--fix", "conformance"], mended);
  const changed = /(\d+) fixed/.exec(fixed.stdout)?.[1] ?? "0";
  if (/internal error/.test(fixed.stderr)) problems.push(`lint --fix: ${fixed.stderr}`);
  const before = outcomes(plain);
  const after = outcomes(mended);
  const other = [...before].filter(([name, outcome]) => after.get(name) !== outcome);
  problems.push(...other.map(([name, outcome]) => `lint --fix: ${name} ${outcome} before, ${after.get(name)} after`));
  const which = isOdd ? "lint --fix after writing oddly" : "lint --fix";
  console.log(`${which}: ${changed} findings mended, ${before.size} cases run, ${other.length} with another outcome`);
}

/** Writes the programs below a folder oddly, all but those that must fail. */
function spoil(suite) {
  const random = randomNumbers(1);
  for (const name of programsBelow(suite)) {
    const file = join(folder, name);
    if (existsSync(file.replace(/\.harn$/, ".error"))) continue;
    writeFileSync(file, writeOddly(readFileSync(file, "utf8"), random));
  }
}

/** What each case of the suite did: from the JUnit report, texts in failures included, temporary names and times aside. */
function outcomes(suite) {
  const report = join(suite, "report.xml");
  writeFileSync(report, "");
  run(["test", "conformance", "--junit", report], suite);
  const cases = readFileSync(report, "utf8").matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  return new Map(
    Array.from(cases, ([, attributes, body]) => {
      const name = / name="([^"]*)"/.exec(` ${attributes}`)?.[1] ?? attributes;
      return [name, body === undefined ? "passed" : `failed: ${steady(body)}`];
    }),
  );
}

function steady(text) {
  return text.replaceAll(/\d+(?:\.\d+)?|[0-9a-f]{8}-[0-9a-f-]{27}/g, "#");
}
