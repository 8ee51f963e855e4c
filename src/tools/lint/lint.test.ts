/** Every rule by its own examples, where findings stand, suppressions, settings, and what `--fix` does and does not do. */

import path from "node:path";
import { describe, expect, it } from "vitest";
import { indexLines, type Position, positionAt } from "../../base/text.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { parseSource } from "../../syntax/parser.ts";
import { ManifestTable } from "../manifest.ts";
import type { LintSurroundings } from "./context.ts";
import { explainRule, findRule } from "./explain.ts";
import type { Finding } from "./finding.ts";
import { fixText } from "./fix.ts";
import { lintFile } from "./lint-text.ts";
import { RULES } from "./rule-table.ts";
import { renderRulesPage } from "./rules-page.ts";
import { applySettings, readLintSettings } from "./settings.ts";

const { builtins } = new BuiltinTable([allBuiltins()]);
const alone: LintSurroundings = {
  importedModule: () => ({
    interface: { key: "m", exports: new Map(), wildcard: ["from_everywhere"] },
    isInert: true,
  }),
  importedNames: new Set(["imported_by_others"]),
  isBuiltin: (name) => builtins.has(name),
  builtinNames: () => builtins.keys(),
  givesBool: (name) => name === "contains",
};

type Placed = Finding & { readonly at: Position };

function parse(text: string) {
  const { file, diagnostics } = parseSource("test.harn", text);
  expect(diagnostics, text).toEqual([]);
  return file;
}

function lint(text: string, more: { around?: Partial<LintSurroundings>; header?: boolean; limit?: number } = {}) {
  const index = indexLines(text);
  return lintFile(
    parse(text),
    { ...alone, ...more.around },
    { name: "src/test.harn", requireFileHeader: more.header ?? false, complexityThreshold: more.limit ?? 25 },
  ).map((finding): Placed => ({ ...finding, at: positionAt(index, finding.span.start) }));
}

const of = (rule: string, text: string, more = {}) => lint(text, more).filter((finding) => finding.rule === rule);
const places = (findings: readonly Placed[]) => findings.map(({ rule, at }) => `${at.line}:${at.column} ${rule}`);

function fixed(text: string, rule: string, withUnsafe = false): string {
  const file = parse(text);
  const only = (current: typeof file) => lint(current.text).filter((finding) => finding.rule === rule);
  return fixText(file, only, withUnsafe).text;
}

describe("very many findings", () => {
  it("of one rule are counted, and the first ten thousand listed", () => {
    const found = lint(`let {${"a, ".repeat(10_003)}} = f()\n`);
    const rules = new Set(found.map(({ rule }) => rule));
    expect(rules.size).toBeGreaterThan(0);
    for (const rule of rules) {
      const own = found.filter((finding) => finding.rule === rule);
      if (own.length <= 1) continue;
      expect(own).toHaveLength(10_001);
      expect(own.filter(({ severity }) => severity === "note").map(({ message }) => message)).toEqual([
        expect.stringMatching(/^\d more like this from here on: only the first 10000 are listed$/),
      ]);
    }
  });
});

describe("rules", () => {
  it.each(RULES.map((rule) => [rule.name, rule] as const))(
    "%s reports its bad example and not its good one",
    (name, rule) => {
      const more = { header: name === "require-file-header", limit: name === "cyclomatic-complexity" ? 1 : 25 };
      const sample =
        name === "cyclomatic-complexity"
          ? (text: string) => text.replace("// …", "if n > 1 {\n    go()\n  }")
          : (text: string) => text;
      expect(of(name, sample(rule.bad), more).map((finding) => finding.severity)).toContain(rule.severity);
      expect(of(name, sample(rule.good), more)).toEqual([]);
      expect(explainRule(rule)).toContain(rule.doc);
    },
  );

  it.each(RULES.filter((rule) => rule.fix !== null))("$name mends its bad example", ({ name, bad }) => {
    const file = parse(bad);
    const only = (current: typeof file) => of(name, current.text, { header: name === "require-file-header" });
    const result = fixText(file, only, true);
    const isMended = only(parse(result.text)).length === 0;
    // An `if` around nothing may only go where nothing needs its value.
    expect(isMended || name === "empty-block").toBe(true);
  });

  it("say where: at the keyword of a declaration, at the whole of an expression", () => {
    const text = [
      "pub fn Odd(unused) {",
      "  return (a || b) == true",
      "}",
      "",
      "pub enum Never { A }",
      "",
      "// plain",
      "fn used() {",
      "  return Odd(used())",
      "}",
      "",
    ].join("\n");
    expect(places(lint(text))).toEqual([
      "1:5 missing-harndoc",
      "1:5 naming-convention",
      "1:5 unused-parameter",
      "2:11 comparison-to-bool",
      "5:5 unused-type",
      "7:1 legacy-doc-comment",
    ]);
  });

  it("count a name as used wherever it is read: in interpolations, patterns, other files", () => {
    expect(places(lint('pipeline p(task) {\n  let a = 1\n  println("${a}")\n}\n'))).toEqual([]);
    expect(places(lint("fn imported_by_others() {\n  return 1\n}\n"))).toEqual([]);
    expect(places(lint('import "m"\n\nprintln(from_everywhere())\n'))).toEqual([]);
    expect(
      of("undefined-function", 'import "m"\n\nprintln(x())\n', { around: { importedModule: () => null } }),
    ).toEqual([]);
    expect(places(lint('import { Point } from "m"\n\nfn f(p: Point) {\n  return p\n}\n\nprintln(f(nil))\n'))).toEqual(
      [],
    );
  });

  it("find no way out of a closure into a loop around it", () => {
    expect(places(of("break-outside-loop", "for x in xs {\n  ys.each({ y ->\n    break\n    y\n  })\n}\n"))).toEqual([
      "3:5 break-outside-loop",
    ]);
  });

  it("leave `_` alone, however often it stands in a block", () => {
    expect(places(of("shadow-variable", "let _ = f()\n\nlet _ = g()\n"))).toEqual([]);
  });

  it("know what belongs to the file and what to a capture", () => {
    const text = "var total = 0\n\nfn add(n) {\n  total = total + n\n}\n\nadd(1)\n";
    expect(of("captured-assignment", text)).toEqual([]);
    const inner = "pipeline p(task) {\n  var n = 0\n  parallel 3 { i ->\n    n = n + i\n  }\n  println(n)\n}\n";
    expect(places(of("captured-assignment", inner))).toEqual(["4:5 captured-assignment"]);
  });
});

describe("documentation", () => {
  it("is what the table says", async () => {
    const page = path.join(import.meta.dirname, "../../../docs/lint-rules.md");
    await expect(renderRulesPage()).toMatchFileSnapshot(page);
  });
});

describe("suppressions", () => {
  it("turn a rule off for a line, the next line, or the file", () => {
    const bad = "fn f() {\n  let x = 1 // harn-lint: allow unused-variable\n  let y = 1\n}\n\nf()\n";
    expect(places(of("unused-variable", bad))).toEqual(["3:3 unused-variable"]);
    const above = "fn f() {\n  // harn-lint: allow unused-variable, shadow-variable\n  let x = 1\n}\n\nf()\n";
    expect(of("unused-variable", above)).toEqual([]);
    expect(of("unused-variable", `/* harn-lint: allow-file unused-variable */\n${bad}`)).toEqual([]);
  });
});

describe("fixes", () => {
  it("compare a bool only where it is certain to be one", () => {
    expect(fixed("let a = (x > 1) == true\n", "comparison-to-bool")).toBe("let a = (x > 1)\n");
    expect(fixed("let a = x > 1 == false\n", "comparison-to-bool")).toBe("let a = !(x > 1)\n");
    expect(fixed("let a = true != !b && c\n", "comparison-to-bool")).toBe("let a = !!b && c\n");
    expect(fixed("let a = contains(x, y) == false\n", "comparison-to-bool")).toBe("let a = !contains(x, y)\n");
    expect(fixed("let a = x == true\n", "comparison-to-bool")).toBe("let a = x == true\n");
    expect(fixed("let a = x == true\n", "comparison-to-bool", true)).toBe("let a = x\n");
  });

  it("keep what binds more loosely together", () => {
    expect(fixed("let a = x == nil ? b + 1 : x\n", "redundant-nil-ternary")).toBe("let a = x ?? (b + 1)\n");
    expect(fixed("let a = f(nil != x ? x : (b))\n", "redundant-nil-ternary")).toBe("let a = f(x ?? (b))\n");
  });

  it("rename and freeze only what nobody else can see", () => {
    expect(fixed("fn f() {\n  let x = g()\n  let _y = 1\n  let y = 2\n}\n", "unused-variable")).toBe(
      "fn f() {\n  let _x = g()\n  let _y = 1\n  let y = 2\n}\n",
    );
    expect(fixed("let x = 1\n", "unused-variable")).toBe("let x = 1\n");
    expect(fixed("fn f() {\n  var x = 1\n  return x\n}\n", "mutable-never-reassigned")).toContain("let x = 1");
    expect(fixed("fn f() {\n  var x = [1]\n  x[0] = 2\n  return x\n}\n", "mutable-never-reassigned")).toContain(
      "var x",
    );
  });

  it("leave the value of a block alone", () => {
    expect(fixed("fn f(x) {\n  if x {\n  }\n  return 1\n}\n", "empty-block")).toBe("fn f(x) {\n  return 1\n}\n");
    const last = "let f = { x ->\n  1\n  if x {\n  }\n}\n";
    expect(fixed(last, "empty-block")).toBe(last);
    const effect = "fn f(x) {\n  if x() {\n  }\n  return 1\n}\n";
    expect(fixed(effect, "empty-block")).toBe(effect);
    const comment = "fn f(x) {\n  if x {\n    // later\n  }\n  return 1\n}\n";
    expect(fixed(comment, "empty-block")).toBe(comment);
  });

  it("take an else apart, with its comments, unless its names would meet others", () => {
    const text = "fn f(x) {\n  if x {\n    return 1\n  } else {\n    // so\n    let y = 2\n    return y\n  }\n}\n";
    expect(fixed(text, "unnecessary-else-return")).toBe(
      "fn f(x) {\n  if x {\n    return 1\n  }\n  // so\n  let y = 2\n  return y\n}\n",
    );
    expect(fixed("fn f(x) {\n  if x { return 1 } else { return 2 }\n}\n", "unnecessary-else-return")).toBe(
      "fn f(x) {\n  if x { return 1 }\n  return 2\n}\n",
    );
    const meets = text.replace("  if x {", "  let y = 0\n  if x {");
    expect(fixed(meets, "unnecessary-else-return")).toBe(meets);
  });

  it("remove imports that do nothing when they are loaded", () => {
    const text = 'import { a, b } from "m"\nimport { c } from "n"\n\nprintln(b())\n';
    expect(fixed(text, "unused-import")).toBe('import { b } from "m"\n\nprintln(b())\n');
    const loud = {
      importedModule: () => ({ interface: { key: "m", exports: new Map(), wildcard: [] }, isInert: false }),
    };
    const file = parse(text);
    const only = (current: typeof file) => of("unused-import", current.text, { around: loud });
    expect(fixText(file, only, false).text).toBe('import { b } from "m"\nimport { c } from "n"\n\nprintln(b())\n');
  });

  it("put commas where the grammar wants them", () => {
    expect(fixed("let a = f(\n  1,\n  2 // two\n)\n", "trailing-comma")).toBe("let a = f(\n  1,\n  2, // two\n)\n");
    const rest = "fn f(\n  a,\n  ...b) {\n  return b\n}\n";
    expect(fixed(rest, "trailing-comma")).toBe(rest);
  });

  it("make no description of a tool out of a remark", () => {
    const text = "// Only for tests.\ntool look(path) {\n  return path\n}\n";
    expect(fixed(text, "legacy-doc-comment")).toBe(text);
    expect(fixed(text, "legacy-doc-comment", true)).toContain("/** Only for tests. */\ntool");
    expect(fixed(text.replace("{\n", '{\n  description "Looks"\n'), "legacy-doc-comment")).toContain("/** Only");
  });

  it("happen in rounds where they touch", () => {
    const text = "fn f() {\n  var x = (a > 1 == true) == true\n}\n";
    const file = parse(text);
    const result = fixText(file, (current) => lint(current.text), false);
    expect(result.text).toContain("let _x = (a > 1)");
    expect(result.count).toBe(4);
  });
});

describe("settings", () => {
  const manifest = (lintTable: object, check: object = {}) => ({
    path: "/p/harn.toml",
    tables: { lint: lintTable, check },
  });
  const text = "fn f() {\n  let x = 1\n  var n = 0\n  [1].each({ i -> n = n + i })\n  return n\n}\n\nf()\n";

  it("turn rules off and on and change their weight", () => {
    const settings = (lintTable: object, check: object = {}) => readLintSettings(manifest(lintTable, check), false);
    const found = (s: ReturnType<typeof settings>) =>
      applySettings(lint(text), s).map(({ rule, severity }) => `${rule} ${severity}`);
    expect(found(settings({}))).toEqual(["unused-variable warning", "captured-assignment warning"]);
    expect(found(settings({ disabled: ["unused-variable"] }))).toEqual(["captured-assignment warning"]);
    expect(found(settings({}, { disable_rules: ["unused-variable", "captured-assignment"] }))).toEqual([]);
    expect(found(settings({ severity: { "unused-variable": "error", "captured-assignment": "note" } }))).toEqual([
      "unused-variable error",
      "captured-assignment note",
    ]);
    expect(settings({ "complexity-threshold": 3 }, { strict: true })).toMatchObject({
      complexityThreshold: 3,
      isStrict: true,
    });
  });

  it("name what is wrong with them", () => {
    expect(() => readLintSettings(manifest({ disabled: "all" }), false)).toThrow(
      '/p/harn.toml: [lint] disabled must be a list of texts, got "all"',
    );
    expect(() => readLintSettings(manifest({ severity: { "unused-type": "fatal" } }), false)).toThrow(
      "severity must be",
    );
    expect(() => new ManifestTable({ path: "/p", tables: { lint: 3 } }, "lint")).toThrow("[lint] must be a table");
    expect(readLintSettings(manifest({ disabled: ["unused-typ"], sevrity: {} }), false).warnings).toEqual([
      "/p/harn.toml: [lint] has no key sevrity; did you mean severity?",
      "/p/harn.toml: there is no lint rule unused-typ; did you mean unused-type?",
    ]);
  });

  it("say what the rules are about", () => {
    expect(findRule("no-such-rule")).toBeNull();
    expect(explainRule(findRule("require-file-header")!)).toContain("off unless harn.toml gives it a severity");
  });
});
