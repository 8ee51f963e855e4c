/**
 * The texts that fuzzing starts from: every Harn program of the tree, the programs in the pages of the documentation, and a few that are here for
 * what the others do not use.
 */
import fs from "node:fs";
import path from "node:path";
import { readBlocks } from "../docs/pages.ts";

const root = path.resolve(import.meta.dirname, "../..");

export interface CorpusProgram {
  /** Path in the tree; of a page's program with its line. */
  readonly name: string;
  readonly text: string;
}

const FOLDERS = ["conformance", "examples", "src/stdlib", "src/check/fixtures", "bench"];

/** In an order that only depends on the names. */
export function readCorpus(): readonly CorpusProgram[] {
  return [...FOLDERS.flatMap(programsOf), ...pagePrograms(), ...RARE.map((text, i) => ({ name: `rare ${i}`, text }))];
}

function filesOf(folder: string, extension: string): readonly string[] {
  const absolute = path.join(root, folder);
  if (!fs.existsSync(absolute)) return [];
  return fs
    .readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension) && !name.includes("node_modules"))
    .map((name) => path.join(folder, name))
    .toSorted();
}

function programsOf(folder: string): readonly CorpusProgram[] {
  return filesOf(folder, ".harn").map((name) => ({ name, text: fs.readFileSync(path.join(root, name), "utf8") }));
}

function pagePrograms(): readonly CorpusProgram[] {
  return filesOf("docs/language", ".md").flatMap((name) =>
    readBlocks(fs.readFileSync(path.join(root, name), "utf8")).map(({ code, line }) => ({
      name: `${name}:${line}`,
      text: code,
    })),
  );
}

/** Forms that are rare elsewhere, next to each other so that splices meet them. */
const RARE: readonly string[] = [
  `#!/usr/bin/env harn
@deprecated(since: "1.0", use: other)
pub fn old<T, U>(a: list<T>, b: {x: int, y?: "k" | 3} = {x: 1}, ...rest: any) -> fn(T) -> U where T: Shown, U: Shown {
  return { v -> v }
}
interface Shown {
  type Item = list<int>
  fn show(self, n: int = 1) -> string
}
type Both<out T> = T | nil
struct Point { x: int, y?: float }
enum Shape { Dot, Line(from: Point, to: Point) }
impl Point {
  fn show(self, n: int = 1) -> string { return "\${self.x}\${"\${n}"}" }
}
skill tidy {
  description "keeps things tidy"
  when_to_use """
    often
    """
}
tool look(path: string, deep: bool = false) -> dict {
  description "looks"
  return {path: path}
}
pipeline base(task) { println(task) }
pipeline main(task) -> any extends base {
  override step(x) { return x }
}
`,
  `fn* gen() { yield 1 }
let {a, b: c = 2, ...others} = {a: 1}
let [first, second = 3, ...tail] = [1]
for (k, v) in {x: 1} { println("\${k}=\${v}") }
let r = try { throw Shape.Dot } catch (e: Shape) { 1 } finally { 2 }
let s = match r { 1 | 2 -> { "a" } n if n > 3 -> { "b" } {kind: "x", v: w} -> { w } [p, q, ...z] -> { z } _ -> { nil } }
let t = (1 to 10 exclusive)[2:]
let u = xs[:-1]?.map({ x, i -> x ** 2 ?? i })?.first
guard u != nil else { return 1 }
require u, "message"
deadline 1h30m { retry 3 { mutex { defer { spawn { 1 } } } } }
parallel each [1, 2] with { max_concurrent: 2 } { x -> x }
parallel settle [1] { x -> x }
parallel 3 { i -> i }
select { v from ch { v } timeout 5s { 0 } default { 1 } }
let w = a |> f |> { x -> x } |> g(_, 2)
let big = 9223372036854775807 + -9223372036854775808 - 0.1 * 1.0e3
let text = r"raw\\n" + "\\u{1F600}\\x41\\0" + """
  multi \${1 + 1}
    line
  """
x += 1; y.z[0].w -= 2; q["k"] = try* f()?
`,
];
