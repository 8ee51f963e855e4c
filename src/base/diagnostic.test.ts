import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Diagnostic, renderDiagnostic } from "./diagnostic.ts";
import type { Span } from "./span.ts";
import { displayWidth, indexLines, lineText, offsetAt, positionAt } from "./text.ts";

const spanIn = (text: string, part: string): Span => {
  const start = text.indexOf(part);
  return { start, end: start + part.length, ...positionAt(indexLines(text), start) };
};
const render = (text: string, diagnostic: Partial<Diagnostic>, color = false) =>
  renderDiagnostic({ severity: "error", message: "Wrong", labels: [], ...diagnostic }, { path: "a.harn", text, color });

describe("renderDiagnostic", () => {
  it("puts the carets under the place, with tabs and wide characters before it", () => {
    const text = "\tlet 漢 = bad\n";
    expect(render(text, { labels: [{ span: spanIn(text, "bad"), text: "this" }], help: "do not" })).toBe(
      "error: Wrong\n --> a.harn:1:10\n  |\n1 |     let 漢 = bad\n  |              ^^^ this\n  = help: do not\n",
    );
  });

  it("names the code behind the message", () => {
    expect(render("bad", { code: "some-code" })).toBe("error: Wrong [some-code]\n");
  });

  it("shows a second place, lines apart", () => {
    const text = "one {\n\n\ntwo\n";
    const labels = [{ span: spanIn(text, "two") }, { span: spanIn(text, "{"), text: "opened here" }];
    expect(render(text, { labels })).toBe(
      "error: Wrong\n --> a.harn:4:1\n  |\n1 | one {\n  |     - opened here\n...\n4 | two\n  | ^^^\n",
    );
  });

  it("cuts a line that no terminal could show", () => {
    const text = `${"x".repeat(500)}bad${"y".repeat(500)}`;
    const lines = render(text, { labels: [{ span: spanIn(text, "bad") }] }).split("\n");
    expect(lines[3]!.length).toBeLessThan(200);
    expect(lines[3]!.indexOf("bad")).toBe(lines[4]!.indexOf("^^^"));
  });

  it("colours only when asked, and never moves a caret by it", () => {
    const text = "a bad\n";
    const labels = [{ span: spanIn(text, "bad") }];
    const plain = render(text, { labels }, true).replace(/\u001b\[[\d;]*m/g, "");
    expect(plain).toBe(render(text, { labels }));
  });
});

describe("lines and columns", () => {
  it("offset and position are inverse", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "\n", "\r\n", "é", "😀", "漢"), maxLength: 60 }),
        fc.nat(),
        (text, at) => {
          const index = indexLines(text);
          const points = [...text].map((_, i) => [...text].slice(0, i).join("").length);
          const offset = points[at % Math.max(1, points.length)] ?? 0;
          const { line, column } = positionAt(index, offset);
          // The `\r` of a line end belongs to the line but is not shown.
          const expected = text.startsWith("\r\n", offset - 1) ? offset - 1 : offset;
          expect([offset, expected]).toContain(offsetAt(index, line, column));
        },
      ),
    );
  });

  it("clamps what lies outside", () => {
    const index = indexLines("ab\ncd");
    expect(positionAt(index, 99)).toEqual({ line: 2, column: 3 });
    expect(offsetAt(index, 1, 99)).toBe(2);
    expect(lineText(index, 9)).toBe("");
    expect(displayWidth("a漢e\u0301\t")).toBe(1 + 2 + 1 + 4);
  });
});
