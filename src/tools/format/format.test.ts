/** The layout against golden texts of our own, and its laws: formatting twice, formatting what was spoilt, keeping every comment. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSource } from "../../syntax/parser.ts";
import { CommentStore } from "./comments.ts";
import { formatText } from "./format.ts";
import { DEFAULT_FORMAT } from "./options.ts";
import { formatRange } from "./range.ts";
import { insertComments, randomNumbers, respace } from "./respacing-harness.ts";

const fixtures = path.join(import.meta.dirname, "fixtures");
const root = path.join(import.meta.dirname, "../../..");

function formatted(text: string, options = DEFAULT_FORMAT): string {
  const result = formatText("test.harn", text, options);
  if (result.kind === "refused") throw new Error(result.diagnostics[0]!.message);
  return result.text;
}

/** Formatted programs: the fixtures and our conformance suite. */
function programs(): readonly string[] {
  const suite = readdirSync(path.join(root, "conformance"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".harn"))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const own = readdirSync(fixtures)
    .filter((name) => name.endsWith(".out.harn"))
    .map((name) => path.join(fixtures, name));
  return [...own, ...suite].map((file) => readFileSync(file, "utf8"));
}

describe("the layout", () => {
  it.each([
    "fn f(a) { guard (if a { true }) else { return 1 }\n return 2 }\n",
    "fn f(a) { guard (if a { true } else { false }) else { return 1 }\n return 2 }\n",
    "fn f(a) { guard (if a { true } else if !a { false }) else { return 1 }\n return 2 }\n",
  ])("keeps the parentheses of an if in front of the else of a guard: %s", (text) => {
    const once = formatted(text);
    expect(once).toContain("guard (if a {");
    expect(once).toContain("}) else {");
    expect(formatted(once)).toBe(once);
  });

  const names = readdirSync(fixtures).filter((name) => name.endsWith(".in.harn"));
  it.each(names)("%s", async (name) => {
    const text = formatted(readFileSync(path.join(fixtures, name), "utf8"));
    await expect(text).toMatchFileSnapshot(path.join(fixtures, name.replace(".in.", ".out.")));
    expect(formatted(text)).toBe(text);
  });

  it("ends every file with one line break", () => {
    expect(formatted("")).toBe("\n");
    expect(formatted("\n\n  \n")).toBe("\n");
    expect(formatted("let x = 1\n\n\n")).toBe("let x = 1\n");
    expect(formatted("// only a comment")).toBe("// only a comment\n");
  });

  it("counts bytes", () => {
    const call = (text: string) => `let x = f("${text}", 1)\n`;
    const options = { ...DEFAULT_FORMAT, lineWidth: 20 };
    expect(formatted(call("eeeeeeeeeee"), options)).toBe(call("eeeeeeeeeee"));
    expect(formatted(call("ééééééééééé"), options)).toBe('let x = f(\n  "ééééééééééé",\n  1,\n)\n');
  });

  it("keeps bars at the length that is asked for", () => {
    const text = "// -------- Title\nlet x = 1\n";
    expect(formatted(text, { ...DEFAULT_FORMAT, separatorWidth: 13 })).toBe(
      "// ----------\n// Title\n// ----------\n\nlet x = 1\n",
    );
  });

  it("leaves a rest parameter next to its bracket, which the grammar demands", () => {
    const text = "fn gather(first_of_many, second_of_many, ...others) {\n  return others\n}\n";
    expect(formatted(text, { ...DEFAULT_FORMAT, lineWidth: 40 })).toBe(
      "fn gather(\n  first_of_many,\n  second_of_many,\n  ...others) {\n  return others\n}\n",
    );
  });

  it("keeps text with several lines as it is read", () => {
    const text = 'let x = """\n\n    deep\n  ${a}  \n\t\ttabs\n  """\n';
    const read = (source: string) => JSON.stringify(parseSource("t", source).file.items[0], ["value", "parts", "text"]);
    expect(read(formatted(text))).toBe(read(text));
  });

  it("refuses a text with syntax errors", () => {
    expect(formatText("broken.harn", "let = 1\n")).toMatchObject({ kind: "refused" });
  });
});

describe("laws", () => {
  const all = programs();

  it("our programs are formatted", () => {
    expect(all.length).toBeGreaterThan(80);
    for (const text of all) expect(formatted(text)).toBe(text);
  });

  it("gives back what was spoilt", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(), (text, seed) => {
        const spoilt = respace(text, randomNumbers(seed));
        expect(formatted(spoilt)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps every comment, and changes nothing the second time", () => {
    const words = (text: string) => [...text.matchAll(/\bc\d+c\b/g)].map(([word]) => word).sort();
    const width = fc.constantFrom(30, 60, 100);
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(), width, (text, seed, lineWidth) => {
        const options = { ...DEFAULT_FORMAT, lineWidth };
        const commented = insertComments(text, randomNumbers(seed), 0.05);
        const once = formatted(commented, options);
        expect(words(once)).toEqual(words(commented));
        expect(formatted(once, options)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it("lists each comment once", () => {
    const { file } = parseSource("t", 'let a = /* x */ "${f(/* in code */ 1)}" // y\n/* z */');
    expect(new CommentStore(file).all.map(({ text }) => text)).toEqual(["/* x */", "// y", "/* z */"]);
  });
});

describe("ranges", () => {
  const text = "let a=1\nfn f() {\n  let b=2\n  if x {\n      go( )\n      log( )\n  }\n}\nlet c=3\n";
  const range = (first: number, last: number) => {
    const result = formatRange("test.harn", text, { first, last });
    if (result.kind === "refused") throw new Error("refused");
    return result.text.split("\n");
  };

  it("touch only the statements on their lines", () => {
    expect(range(1, 1)).toEqual(text.replace("a=1", "a = 1").split("\n"));
    expect(range(3, 3)).toEqual(text.replace("b=2", "b = 2").split("\n"));
    expect(range(5, 5)).toEqual(text.replace("      go( )", "    go()").split("\n"));
    expect(range(20, 30)).toEqual(text.split("\n"));
  });

  it("take the innermost block that holds all of them", () => {
    expect(range(3, 5)).toEqual(
      text.replace("b=2", "b = 2").replace("      go( )", "    go()").replace("      log( )", "    log()").split("\n"),
    );
    expect(range(1, 20).join("\n")).toBe(formatted(text));
  });

  it("of every line give the same program, and of all lines in turn the formatted one", () => {
    for (const program of programs().slice(0, 40)) {
      const spoilt = respace(program, randomNumbers(7));
      let current = spoilt;
      const lines = current.split("\n").length;
      const part = formatRange("test.harn", current, { first: Math.ceil(lines / 3), last: Math.ceil(lines / 2) });
      if (part.kind === "refused") throw new Error("refused");
      current = part.text;
      expect(formatted(current)).toBe(program);
    }
  });
});
