import fs from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Diagnostic, TextEdit } from "../base/diagnostic.ts";
import { renderDiagnostic } from "../base/diagnostic.ts";
import { BuiltinTable } from "../builtin/declaration.ts";
import { allBuiltins } from "../runtime/language.ts";
import { checkModule, startCheck } from "./check-program.ts";
import { loadGraph, type ModuleText } from "./module-graph.ts";

const table = new BuiltinTable([allBuiltins()]);

/** Problems of the first module; the others are those that it may import, by path. */
function check(text: string, modules: Readonly<Record<string, string>> = {}): readonly Diagnostic[] {
  const resolve = (_importer: string, path: string): ModuleText | string => {
    const found = modules[path];
    return found === undefined ? `no module ${path}` : { key: path, path, text: found };
  };
  const graph = loadGraph({ key: "main", path: "main.harn", text }, resolve);
  const session = startCheck(graph, { table, globals: new Set(["argv"]) });
  return [...graph.modules.get("main")!.diagnostics, ...checkModule(session, "main")];
}

function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = [...edits].sort((a, b) => b.span.start - a.span.start);
  return sorted.reduce(
    (done, { span, replacement }) => done.slice(0, span.start) + replacement + done.slice(span.end),
    text,
  );
}

function render(text: string, diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, { path: "main.harn", text })).join("\n");
}

const messages = (text: string, modules?: Readonly<Record<string, string>>) =>
  check(text, modules).map(({ severity, message }) => `${severity}: ${message}`);

const programsIn = (folder: string) => {
  const url = new URL(`./fixtures/${folder}/`, import.meta.url);
  const names = fs.readdirSync(url).filter((name) => name.endsWith(".harn"));
  return names.map((name) => [name.slice(0, -5), fs.readFileSync(new URL(name, url), "utf8")] as const);
};

describe("wrong programs, and what mends them", () => {
  it.each(programsIn("wrong"))("%s", async (name, text) => {
    const found = check(text);
    const edits = found.flatMap((diagnostic) => diagnostic.edits ?? []);
    expect(edits.length).toBeGreaterThan(0);
    const mended = applyEdits(text, edits);
    expect(messages(mended)).toEqual([]);
    const golden = `${text}\n${render(text, found)}\nMended:\n\n${mended}`;
    await expect(golden).toMatchFileSnapshot(`fixtures/wrong/${name}.txt`);
  });
});

describe("wrong programs that only their author can mend", () => {
  it.each(programsIn("wrong-for-good"))("%s", async (name, text) => {
    const found = check(text);
    expect(found.length).toBeGreaterThan(0);
    await expect(`${text}\n${render(text, found)}`).toMatchFileSnapshot(`fixtures/wrong-for-good/${name}.txt`);
  });
});

const fine = (text: string) => expect(messages(text)).toEqual([]);

describe("what is not certain is no mistake", () => {
  it("any, and what builtins give that may be nil", () => {
    fine('let n: int = to_int("5")\nlet d = json_parse("{}")\nlet s: string = d.a.b\nprintln([n + s.c, d + 1])\n');
  });

  it("tests teach what a variable holds", () => {
    fine(
      'fn f(x: string | int | nil) -> string {\n  if x == nil { return "nil" }\n  if type_of(x) == "int" { return "${x}" }\n  let s: string = x\n  return s\n}\n',
    );
    fine('fn f(x: string | nil) -> string {\n  guard x != nil else { return "" }\n  return x\n}\n');
    fine('fn f(x: string | nil) -> string { return x != nil && len(x) > 0 ? x : "" }\n');
    fine(
      'type E = {kind: "a", n: int} | {kind: "b", s: string}\nfn f(e: E) -> int {\n  if e.kind == "a" { return e.n }\n  let s: string = e.s\n  return len(s)\n}\n',
    );
    fine('fn f(x: unknown) -> int {\n  if is_type(x, {type: "int"}) { return x }\n  return 0\n}\n');
  });

  it("an assignment ends what a test taught", () => {
    const text =
      "fn f(x: string | nil, y: string | nil) {\n  var s = x\n  if s == nil { return nil }\n  s = y\n  let t: string = s\n  return t\n}\n";
    expect(messages(text)).toEqual(["error: 't' declared as string, but assigned string | nil"]);
    const loop =
      'fn f(y: string | nil) {\n  var s: string | nil = "a"\n  if s == nil { return nil }\n  while true {\n    let t: string = s\n    s = y\n    println(t)\n  }\n}\n';
    expect(messages(loop)).toEqual(["error: 't' declared as string, but assigned string | nil"]);
  });

  it("the fields that a shape turned out to have", () => {
    const program = (test: string) =>
      `type E = {a: int} | {b: string}\nfn f(e: E) -> int {\n  if ${test} { return len(e.b) }\n  let n: int = e.a\n  return n\n}\nf({a: 1})\n`;
    for (const test of ['e.has("b")', '"b" in e', '"a" not in e']) fine(program(test));
    expect(messages(program('"a" in e').replace("e.a", "e.b"))).toEqual([
      "error: 'n' declared as int, but assigned string",
    ]);
  });

  it("literals are what they are used for", () => {
    fine(
      'let a: list<float> = [1, 2.5]\nlet b: dict<string, int | string> = {x: 1, y: "z"}\nlet c: list<{n: int | nil}> = [{n: 1}, {n: nil}]\nprintln([a, b, c])\n',
    );
  });

  it("what `try` is there to find out", () => {
    fine('fn f(n: int) { return n }\nlet r = try { f("x") }\nprintln(is_err(r))\n');
  });

  it("a variable that begins as nil, or as an empty list", () => {
    fine(
      "var best = nil\nvar all = []\nfor n in [1, 2] {\n  best = n\n  all = all + [n]\n}\nprintln([best + 1, all])\n",
    );
  });

  it("a loop variable may be assigned, and gets the next item all the same", () => {
    fine('for n in [1, 2] {\n  n += 1\n  println(n)\n}\nfor [a, b] in [[1, 2]] {\n  a = "x"\n  println([a, b])\n}\n');
    expect(messages("println(parallel each [1] { n ->\n  n = 2\n  n\n})\n")).toEqual([
      "warning: `n` cannot be assigned: it is bound as a parameter",
    ]);
  });

  it("a method of what was tested, or given a value, on the way", () => {
    fine(
      'struct R { x: string | nil }\nfn f(s: string | nil) -> string | nil { return s }\nfn ok(a: string | nil, r: R) {\n  println(a?.trim())\n  if r.x != nil { println(r.x.trim()) }\n  if f("a") != nil { println(f("a").trim()) }\n  var t: string | nil = nil\n  t = "a"\n  println(t.trim())\n  let v: string | nil = a ?? "x"\n  println(v.trim())\n  if a == nil { return nil }\n  [1].each({ n -> println(a.trim() * n) })\n}\nok("b", R {x: nil})\n',
    );
  });

  it("types that mention themselves", () => {
    fine(
      "type Tree = {value: int, left: Tree | nil, right: Tree | nil}\nlet t: Tree = {value: 1, left: {value: 2, left: nil, right: nil}, right: nil}\nfn same(t: Tree) -> Tree { return t }\nprintln(same(t))\n",
    );
    fine("type A = A\ntype B = B | nil\ntype D<T> = D<list<T>>\nfn f(a: A, b: B, d: D<int>) -> D<int> { return d }\n");
  });
});

describe("files with a pipeline", () => {
  it("run declarations and bindings beside it, nothing else", () => {
    const text = "let n = 1\nprintln(n)\nfn f() { return n }\nif n == 1 { f() }\npipeline default() { println(f()) }\n";
    expect(messages(text)).toEqual(Array(2).fill("warning: this never runs: the file has a pipeline"));
    expect(messages(text.replace(/pipeline.*/, ""))).toEqual([]);
  });
});

describe("names that are declared twice", () => {
  const twice = (name: string) => `warning: \`${name}\` is declared a second time in this block`;

  it("in one block, and in a function beside its parameters", () => {
    expect(messages("let a = 1\nlet [b, a] = [1, 2]\nprintln([a, b])\n")).toEqual([twice("a")]);
    expect(messages("fn f(n) {\n  let n = 2\n  return n\n}\nlet f = { x ->\n  let x = 1\n  x\n}\n")).toEqual([
      twice("n"),
      twice("f"),
      twice("x"),
    ]);
  });

  it("are fine where the block is another one, or with `var`", () => {
    fine("let a = 1\nif a == 1 {\n  let a = 2\n  println(a)\n}\nfn f() {\n  let a = 3\n  return a\n}\n");
    fine("let a = 1\nvar a = 2\nlet a = 3\nfor a in [1] {\n  let a = 5\n  println(a)\n}\n");
    fine(
      "match 1 { n -> {\n  let n = 2\n  println(n)\n} }\ntry { throw 1 } catch (e) {\n  let e = 2\n  println(e)\n}\n",
    );
  });
});

describe("very many problems", () => {
  it("are counted, and the first thousand listed", () => {
    const found = messages(`fn f(x) { x }\n${"f(y)\n".repeat(1_203)}`);
    expect(found.filter((message) => message.startsWith("error:"))).toHaveLength(1_000);
    expect(found.at(-1)).toBe("note: 203 more errors from here on: only the first 1000 are listed");
  });
});

describe("modules", () => {
  it("checks calls against what the imported module declares, and says where", () => {
    const lib =
      "pub fn area(width: int, height: int = 1) -> int { return width * height }\npub struct Box { size: int }\n";
    const found = check(
      'import "lib"\nlet x: string = area(2)\narea("3")\nlet b = Box({size: 1})\nprintln([b.sise, x])\n',
      { lib },
    );
    expect(found.map(({ message }) => message)).toEqual([
      "'x' declared as string, but assigned int",
      "argument 1 ('width') of `area`: expected int, got string",
      "struct `Box` has no field `sise`",
    ]);
  });

  it("knows the fields of an imported struct where one is made", () => {
    const lib = "pub struct Box { size: int }\n";
    const found = check('import { Box } from "lib"\nprintln(Box {size: "x"})\nprintln(Bocks {size: 1})\n', { lib });
    expect(found.map(({ message }) => message)).toEqual([
      "field 'size' of struct 'Box' expects int, got string",
      "`Bocks` is not defined here",
    ]);
  });

  it("calls nothing undefined that may come from a module that is not there", () => {
    const found = check('import "gone"\nhelp()\n');
    expect(found.map(({ code }) => code)).toEqual(["import"]);
  });

  it("imports in a circle do no harm", () => {
    const a = 'import "main"\npub fn even(n: int) -> bool { return n == 0 || odd(n - 1) }\n';
    const found = check(
      'import "a"\npub fn odd(n: int) -> bool { return n != 0 && even(n - 1) }\nlet x: int = even(3)\n',
      { a },
    );
    expect(found.filter(({ code }) => code === "declared-type").map(({ message }) => message)).toEqual([
      "'x' declared as int, but assigned bool",
    ]);
  });
});

describe("any text", () => {
  const sources = [
    ...programsIn("wrong"),
    ...programsIn("wrong-for-good"),
    [
      "whole language",
      fs.readFileSync(new URL("../syntax/fixtures/whole-language.harn", import.meta.url), "utf8"),
    ] as const,
  ].map(([, text]) => text);

  it("is checked without a crash, however it is cut and mixed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.constantFrom(...sources),
        fc.nat(),
        fc.nat(),
        fc.nat(9),
        (one, other, at, to, gap) => {
          const cut = at % one.length;
          const from = to % other.length;
          const text = one.slice(0, cut) + other.slice(from, from + 80) + one.slice(cut + gap);
          for (const { labels } of check(text)) {
            for (const { span } of labels) {
              expect(span.start).toBeGreaterThanOrEqual(0);
              expect(span.end).toBeLessThanOrEqual(text.length);
              expect(span.start).toBeLessThanOrEqual(span.end);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
