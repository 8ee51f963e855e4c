import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileFailure } from "../../ports/files.ts";
import { jsonToValue } from "../../value/json.ts";
import { HDict, HRange, type Value } from "../../value/value.ts";
import type { Span } from "./renderer.ts";
import { renderTemplate } from "./renderer.ts";
import { TemplateProblem } from "./syntax.ts";

const files = new Map<string, string>();

function render(text: string, bindings: Readonly<Record<string, Value>> = {}, spans: Span[] | null = null): string {
  const reader = {
    read(path: string) {
      const found = files.get(path);
      if (found === undefined) throw new FileFailure("read", path, "ENOENT", "No such file");
      return { file: path, real: path, folder: "/", text: found };
    },
  };
  return renderTemplate({ file: "main", real: "main", folder: "/", text }, HDict.of(bindings), reader, spans);
}

function problem(text: string, bindings: Readonly<Record<string, Value>> = {}): string {
  try {
    return `no problem: ${render(text, bindings)}`;
  } catch (thrown) {
    if (thrown instanceof TemplateProblem) return thrown.text();
    throw thrown;
  }
}

describe("text", () => {
  it("without directives stays as it is", () => {
    const plain = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("{{"));
    fc.assert(fc.property(plain, (text) => render(text) === text));
  });

  it("in a raw block stays as it is, trimmed or not", () => {
    expect(render("a {{ raw }} {{- x }} {{ endraw }} b")).toBe("a  {{- x }}  b");
    expect(render("{{ raw | upper }}", { raw: "variable" })).toBe("VARIABLE");
  });

  it("is trimmed by one line at each mark", () => {
    expect(render("a \n\n{{- 'x' -}}\t\r\n\n b")).toBe("a \nx\n b");
  });

  it("of a missing name stays as it was written", () => {
    expect(render("{{ a }}{{b}}{{- c -}}")).toBe("{{ a }}{{b}}{{- c -}}");
  });
});

describe("problems", () => {
  it.each([
    ["x\n é{{ if }}", "main at 2:3: expected expression"],
    ["{{ for x of y }}", "main at 1:1: expected `in` in for-loop"],
    ["{{ for a, b, c in y }}", "main at 1:1: invalid for-loop variables"],
    ["{{ if x }}{{ for y in z }}", "main at 1:11: `{{ for }}` missing matching `{{ end }}`"],
    ["{{ x | default }}", "main at 1:1: filter `default` got wrong number of arguments: 0, takes 1"],
    ["{{ 'x' | indent: 100000 }}", "main at 1:1: `indent` width must be at most 10000, got 100000"],
    ["{{ # }}", "main at 1:1: unexpected character `#` in expression"],
    ["{{ x.1 }}", "main at 1:1: expected identifier after `.`"],
  ])("%j: %s", (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  it("are found before anything runs away", () => {
    expect(problem(`${"{{if 1}}".repeat(300)}`)).toContain("blocks nested deeper than 200");
    expect(problem(`{{ ${"(".repeat(300)} }}`)).toContain("expression nested deeper than 200");
    const range = new HRange(0, 20_000_000, true);
    expect(problem("{{ for i in r }}{{ end }}", { r: range })).toBe(
      "main at 1:1: the template takes more than 2000000 steps",
    );
    files.set("a", "{{ include 'b' }}");
    files.set("b", "\n{{ include 'a' }}");
    expect(problem("{{ include 'a' }}")).toBe("b at 2:1: circular include detected: main → a → b → a");
  });

  it("of generated templates are always problems, never defects", () => {
    const parts = [
      "{{",
      "}}",
      "{{-",
      "if x",
      "for a in l",
      "end",
      "else",
      "elif",
      "x",
      ".y",
      "|",
      "upper",
      '"',
      "(",
      "raw",
    ];
    const wild = fc.array(fc.constantFrom(...parts, " "), { maxLength: 24 });
    const bindings = { x: "1", l: jsonToValue([1, [2]]) };
    fc.assert(fc.property(wild, (words) => typeof problem(words.join(""), bindings) === "string"));
  });
});

describe("spans", () => {
  it("cover the output in bytes, and know the include that led to them", () => {
    files.set("part", "<{{ x }}>");
    const spans: Span[] = [];
    const text = render(
      "é{{ include 'part' }}{{ for c in l }}{{ c }}{{ end }}",
      { x: "ü", l: jsonToValue(["€", "a"]) },
      spans,
    );
    const bytes = new TextEncoder().encode(text);
    const leaves = spans.filter(({ kind }) => kind === "text" || kind === "legacy_bare");
    const shown = leaves.map(({ start, end }) => new TextDecoder().decode(bytes.slice(start, end)));
    expect(shown.join("")).toBe(text);
    expect(leaves.map(({ parent }) => parent?.kind ?? null)).toEqual([
      null,
      "include",
      "include",
      "include",
      null,
      null,
    ]);
    expect(spans.filter(({ kind }) => kind === "for_iteration").map(({ start, end }) => end - start)).toEqual([3, 1]);
  });
});
