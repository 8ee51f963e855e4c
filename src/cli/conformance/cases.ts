/** Which programs a conformance run takes: every NAME.harn below `conformance/` with a NAME.expected or a NAME.error beside it. */
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { UsageFailure } from "../exit-codes.ts";

export interface ConformanceCase {
  /** Relative to the suite, with `/`. */
  readonly name: string;
  /** As the program is named in messages: relative to the working folder. */
  readonly file: string;
  readonly expectation: Expectation;
  /** JSON lines that answer its model calls. */
  readonly fixtures: string | null;
}

export type Expectation =
  | { readonly kind: "output"; readonly text: string }
  /** Any one of them fits: a part of the error text, or with `re:` a regular expression. */
  | { readonly kind: "error"; readonly patterns: readonly string[] };

const SUITE = "conformance";

/** Sorted by path. Programs without an expectation are helpers of others. Throws a `Failure` when there is nothing to run. */
export function findCases(
  cwd: string,
  selection: string | undefined,
  filter: string | undefined,
): readonly ConformanceCase[] {
  const suite = path.join(cwd, SUITE);
  if (!isFolder(suite)) throw new Failure(`there is no folder ${SUITE} in ${cwd}`, "not_found");
  const chosen = selection === undefined ? suite : select(cwd, suite, selection);
  const wanted = filter === undefined ? () => true : readFilter(filter);
  const programs = isFolder(chosen) ? programsBelow(chosen) : [chosen];
  const cases = programs.flatMap((program) => {
    const name = path.relative(suite, program).replaceAll(path.sep, "/");
    const expectation = expectationOf(program);
    if (expectation === null || !wanted(name)) return [];
    const fixtures = program.replace(/\.harn$/, ".llm-mock.jsonl");
    return [
      { name, file: path.relative(cwd, program), expectation, fixtures: fs.existsSync(fixtures) ? fixtures : null },
    ];
  });
  if (cases.length > 0) return cases;
  const where = path.relative(cwd, chosen) || SUITE;
  throw new Failure(
    `no conformance program${filter === undefined ? "" : ` that fits ${filter}`} in ${where}: one is a NAME.harn with a NAME.expected or NAME.error`,
  );
}

/** Relative to the working folder or to the suite; always inside the suite. */
function select(cwd: string, suite: string, selection: string): string {
  const candidates = [path.resolve(cwd, selection), path.resolve(suite, selection)].flatMap((at) => [at, `${at}.harn`]);
  const found = candidates.filter((candidate) => fs.existsSync(candidate) && isInside(suite, candidate));
  if (found.length > 0) return found[0]!;
  if (candidates.some((candidate) => fs.existsSync(candidate)))
    throw new UsageFailure(`${selection} is outside of ${suite}`);
  throw new UsageFailure(`there is no ${selection} in ${suite}`);
}

function isInside(suite: string, target: string): boolean {
  const way = path.relative(suite, target);
  return way === "" || !(way.startsWith("..") || path.isAbsolute(way));
}

function programsBelow(folder: string): readonly string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".harn"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function isFolder(target: string): boolean {
  return fs.statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
}

function expectationOf(program: string): Expectation | null {
  const expected = program.replace(/\.harn$/, ".expected");
  if (fs.existsSync(expected)) return { kind: "output", text: fs.readFileSync(expected, "utf8") };
  const error = program.replace(/\.harn$/, ".error");
  if (!fs.existsSync(error)) return null;
  const patterns = fs
    .readFileSync(error, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return { kind: "error", patterns };
}

/** `re:REGEX`, `a|b` parts of a path, a glob with `*` and `?`, or a part of the path. */
export function readFilter(filter: string): (name: string) => boolean {
  if (filter.startsWith("re:")) {
    let regex: RegExp;
    try {
      regex = new RegExp(filter.slice(3));
    } catch (error) {
      throw new UsageFailure(`--filter: ${(error as Error).message}`);
    }
    return (name) => regex.test(name);
  }
  if (filter.includes("|")) {
    const parts = filter.split("|").filter((part) => part !== "");
    return (name) => parts.some((part) => name.includes(part));
  }
  if (/[*?]/.test(filter)) {
    const regex = new RegExp(
      `^${filter
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
    );
    return (name) => regex.test(name);
  }
  return (name) => name.includes(filter);
}
