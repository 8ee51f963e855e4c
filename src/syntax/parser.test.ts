import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { programText } from "../../tests/programs/arbitrary-program.ts";
import { legacyMessage, renderDiagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import { indexLines, lineAt } from "../base/text.ts";
import { type Expr, operatorOf, type SourceFile } from "./ast.ts";
import { parseSource } from "./parser.ts";

const sample = fs.readFileSync(new URL("./fixtures/whole-language.harn", import.meta.url), "utf8");
const problems = (text: string) => parseSource("t.harn", text).diagnostics.map(legacyMessage);
const lines = (text: string) =>
  parseSource("t.harn", text).diagnostics.map((found) => lineAt(indexLines(text), found.labels[0]!.span.start));
const rendered = (text: string) =>
  parseSource("t.harn", text)
    .diagnostics.map((found) => renderDiagnostic(found, { path: "t.harn", text }))
    .join("\n");

/** Calls back for every node with a span, with the nearest one around it. */
function walkSpans(node: unknown, around: Span, visit: (span: Span, around: Span, kind: string) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walkSpans(item, around, visit);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const own = "start" in node && "end" in node ? (node as Span) : null;
  if (own) visit(own, around, String((node as { kind?: string }).kind ?? "part"));
  for (const [key, value] of Object.entries(node)) {
    if (key !== "tokens") walkSpans(value, own ?? around, visit);
  }
}

/** `correct`: the file has no mistakes; a string that never ends goes on to the end of its line. */
function checkSpans(file: SourceFile, correct: boolean): void {
  const wrong: string[] = [];
  walkSpans(file.items, file, (span, around, kind) => {
    const own = file.text.slice(span.start, span.end);
    const fits =
      span.start <= span.end &&
      span.start >= around.start &&
      span.end <= around.end &&
      !(correct && /^[ \t\n]|[ \t\n]$/.test(own));
    if (!fits) wrong.push(`${kind} ${JSON.stringify(span)} in ${JSON.stringify(around)}: ${own}`);
  });
  expect(wrong).toEqual([]);
}

describe("limits", () => {
  test("on chains count one statement, not those before it", () => {
    const row = "if a { } else if b { } else if c { }\n".repeat(600);
    expect(problems(`${row}fn f() {\n${row}}\nlet g = { x -> ${row} }\n`)).toEqual([]);
    expect(problems(`if a { }${" else if b { }".repeat(600)}\n`)).toEqual([
      "Expression too long: at most 500 operators in a row",
    ]);
  });
});

describe("spans", () => {
  test("every node lies inside its parent and covers its own text only", () => {
    const { file, diagnostics } = parseSource("t.harn", sample);
    expect(diagnostics).toEqual([]);
    checkSpans(file, true);
  });

  test("in random programs too, and in what is left of broken ones", () => {
    fc.assert(
      fc.property(programText, fc.nat(), (text, cut) => {
        const whole = parseSource("t.harn", text);
        expect(whole.diagnostics).toEqual([]);
        checkSpans(whole.file, true);
        checkSpans(parseSource("t.harn", text.slice(0, cut % text.length)).file, false);
      }),
      { numRuns: 80 },
    );
  });

  test("an operator and an import's path have their own", () => {
    const { file } = parseSource("t.harn", 'import "./a"\nlet x = 1 + 2\n');
    const [first, second] = file.items as unknown as [{ pathSpan: Span }, { value: Extract<Expr, { kind: "binary" }> }];
    expect(file.text.slice(first.pathSpan.start, first.pathSpan.end)).toBe('"./a"');
    const operator = operatorOf(second.value);
    expect(file.text.slice(operator.start, operator.end)).toBe("+");
  });
});

describe("mistakes", () => {
  test("several in one file are all found, each at its place", () => {
    const text = `fn broken(a, b {
  return a
}
let fine = 1
pipeline main(task) {
  let x =
  let y = [1, 2
  let z = {a: }
  if x > 2
    log("no brace")
  }
  match x { 1 => 2 }
}
fn after() { return ) }
`;
    expect(lines(text)).toEqual([1, 7, 8, 8, 10, 12, 14]);
  });

  test("what stands around a mistake is kept in the tree", () => {
    const { file } = parseSource(
      "t.harn",
      "fn one() { return 1 }\nlet = 2\nfn two() {\n  let x = )\n  return 3\n}\nlet last = 4\n",
    );
    const names = file.items.map((item) => (item.kind === "fn" ? item.name.name : item.kind));
    expect(names).toEqual(["one", "two", "binding"]);
    const two = file.items[1] as Extract<SourceFile["items"][number], { kind: "fn" }>;
    expect(two.body.stmts.map((stmt) => stmt.kind)).toEqual(["return"]);
  });

  test("a block that never ends is shown where it starts, and what follows is still read", () => {
    const text = "fn one() {\n  if true {\n    log(1)\n}\nfn two() { let 3 = 4 }\n";
    expect(problems(text).some((message) => message.includes("5:16"))).toBe(true);
    expect(rendered(text)).toContain("2 |   if true {");
  });

  test("one mistake is one report", () => {
    expect(problems("let a = (1 + \nlet b = 2\n")).toHaveLength(1);
    expect(problems("let a = 'it'\n")).toHaveLength(1);
    expect(problems("}\n}\n}\n")).toHaveLength(1);
  });

  test("the wording that programs' .error files quote is kept beside ours", () => {
    const [found] = parseSource("t.harn", "let in = 3\n").diagnostics;
    expect(found).toMatchObject({
      message: "Expected variable name or destructuring pattern, got the keyword `in`",
      legacy: "Expected variable name or destructuring pattern, got 'in' (reserved keyword) at 1:5",
    });
    expect(problems("fn f() {\n")).toEqual(["Unexpected end of file, expected }"]);
    expect(problems("let x = <<EOF\n")[0]).toContain("heredoc");
  });

  test("the report shows the place and what to write instead", () => {
    expect(
      rendered('import helper from "./lib"\n'),
    ).toBe(`error: Expected import path string, got \`helper\` [unexpected-token]
 --> t.harn:1:8
  |
1 | import helper from "./lib"
  |        ^^^^^^ unexpected here
  = help: names stand in braces: \`import { name } from "./file"\`; for all of a file's exports: \`import "./file"\`
`);
  });

  const advice: Readonly<Record<string, string>> = {
    "match x { 1 => { 2 } }": "the arrow is `->`",
    "for i in 1..3 { log(i) }": "a range is `1 to 10`",
    "let d = {..x, a: 1}": "three dots",
    "fn f { return 1 }": "parameters in parentheses",
    "if a { b() } else c()": "braces",
    "let x =\nlet y = 2": "a value is missing",
    "let s = 'single'": "straight double quotes",
    "return x ++": "there is no `++`",
    "let a = b & c": "`&&`",
    "let d = {a, b}": "`key: value`",
  };
  for (const [text, hint] of Object.entries(advice)) {
    test(`advice for ${text.replace("\n", "⏎")}`, () => {
      const helps = parseSource("t.harn", text).diagnostics.map((found) => found.help ?? "");
      expect(helps.join("\n")).toContain(hint);
    });
  }
});

describe("any text at all", () => {
  /** Does not throw, ends, and reports inside the text. */
  const survive = (text: string) => {
    const { file, diagnostics } = parseSource("t.harn", text);
    checkSpans(file, diagnostics.length === 0);
    for (const { labels } of diagnostics) {
      for (const { span } of labels) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
    }
    for (const found of diagnostics.slice(0, 5)) renderDiagnostic(found, { path: "t.harn", text });
  };

  test("programs cut off anywhere", () => {
    for (let end = 0; end < sample.length; end += 17) survive(sample.slice(0, end));
    for (let start = 0; start < sample.length; start += 41) survive(sample.slice(start));
  });

  test("programs with tokens removed, doubled, exchanged or put in", () => {
    const { tokens } = parseSource("t.harn", sample).file;
    const texts = tokens.toArray().map((token) => sample.slice(token.leading, token.end));
    const change = fc.record({
      at: fc.nat({ max: texts.length - 1 }),
      kind: fc.constantFrom("remove", "double", "exchange", "insert"),
      with: fc.constantFrom(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        '"',
        '"""',
        "${",
        ",",
        ":",
        "->",
        "fn",
        "let",
        "match",
        "/*",
        "\n",
        "\\",
        "@",
        "#",
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = [...texts];
        for (const { at, kind, with: inserted } of changes) {
          if (kind === "remove") changed[at] = "";
          else if (kind === "double") changed[at] += changed[at]!;
          else if (kind === "insert") changed[at] += ` ${inserted} `;
          else [changed[at], changed[0]] = [changed[0]!, changed[at]!];
        }
        survive(changed.join(""));
      }),
      { numRuns: 300 },
    );
  });

  test("soup of tokens and of characters", () => {
    const word = fc.constantFrom(
      ...'{ } ( ) [ ] , : -> . ?. = == |> ?? ! - ... fn let var if else match try catch for in while parallel select tool skill @ ${ " """ name 1 2.5 3s to \n'.split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => survive(words.join(" "))),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), survive), { numRuns: 200 });
  });

  test("deep and long ones end with a report, not with the end of the stack", () => {
    for (const text of [
      "(".repeat(50_000),
      "[".repeat(50_000),
      "{ a -> ".repeat(20_000),
      `let x = ${"-".repeat(50_000)}1`,
      `let x = ${"1 + ".repeat(50_000)}1`,
      `let x = a${".b".repeat(50_000)}`,
      "if a { ".repeat(20_000),
      `if a { } ${"else if a { } ".repeat(20_000)}`,
      '"${'.repeat(20_000),
      `type T = ${"list<".repeat(20_000)}`,
    ]) {
      expect(parseSource("t.harn", text).diagnostics.length, text.slice(0, 12)).toBeGreaterThan(0);
    }
  });

  test("a mistake on every line ends after a bounded number of reports", () => {
    expect(parseSource("t.harn", "let = 1\n".repeat(5_000)).diagnostics.length).toBeLessThanOrEqual(101);
  });
});
