import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { programText } from "../../tests/programs/arbitrary-program.ts";
import { legacyMessage } from "../base/diagnostic.ts";
import { tokenize } from "./lexer.ts";
import { leadingTrivia } from "./trivia.ts";

const sample = fs.readFileSync(new URL("./fixtures/whole-language.harn", import.meta.url), "utf8");
const kinds = (text: string) =>
  tokenize(text)
    .tokens.toArray()
    .map((token) => token.kind);
const values = (text: string) =>
  tokenize(text)
    .tokens.toArray()
    .slice(0, -1)
    .map((token) => token.value);
const problems = (text: string) => tokenize(text).diagnostics.map(legacyMessage);

/** Trivia pieces and tokens, one after the other. */
function putTogether(text: string): string {
  let at = 0;
  let result = "";
  for (const token of tokenize(text).tokens.toArray()) {
    expect(token.leading).toBe(at);
    for (const piece of leadingTrivia(text, token)) {
      expect(piece.start).toBe(at);
      result += text.slice(piece.start, piece.end);
      at = piece.end;
    }
    expect(token.start).toBe(at);
    result += text.slice(token.start, token.end);
    at = token.end;
  }
  return result;
}

describe("tokens and trivia are the whole text", () => {
  test("of a program with one of everything", () => {
    expect(putTogether(sample)).toBe(sample);
    expect(tokenize(sample).diagnostics).toEqual([]);
  });

  test("of random programs, with Windows line ends too", () => {
    fc.assert(
      fc.property(programText, fc.boolean(), (program, windows) => {
        const text = windows ? program.replaceAll("\n", "\r\n") : program;
        expect(putTogether(text)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test("of any text, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(putTogether(text)).toBe(text);
      }),
      { numRuns: 300 },
    );
    const alphabet = fc.constantFrom(
      '"',
      '"""',
      "${",
      "}",
      "{",
      "\\",
      "\n",
      "/*",
      "*/",
      "//",
      "r",
      "<<",
      "1",
      ".",
      "e",
      "a",
      " ",
    );
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (text) => {
        expect(putTogether(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("literals", () => {
  test("numbers keep all 64 bits and their kind", () => {
    expect(values("9007199254740993 9223372036854775807")).toEqual([9007199254740993n, 9223372036854775807n]);
    expect(values("1.0 0.0015 1000")).toEqual([1, 0.0015, 1000]);
    expect(kinds("1.0 1")).toEqual(["float", "int", "eof"]);
  });

  test("durations are milliseconds", () => {
    expect(values("1h 30m 2s 5ms 1d")).toEqual([3_600_000, 1_800_000, 2_000, 5, 86_400_000]);
    expect(kinds("5ms 5m5")[0]).toBe("duration");
  });

  test("strings: escapes, raw ones, several lines", () => {
    expect(values('"a\\n\\"é"')).toEqual(['a\n"é']);
    expect(values('r"\\n"')).toEqual(["\\n"]);
    expect(values('"""\n    a\n      b\n    """')).toEqual(["a\n  b"]);
  });

  test("interpolations nest", () => {
    expect(kinds('"a ${f("b ${c}")} d"').filter((kind) => kind === "interpolation-open")).toHaveLength(2);
  });
});

describe("what is no token", () => {
  test("is reported at its place, and reading goes on", () => {
    expect(problems("let a = 'x'\nlet b = #\n")).toEqual([
      expect.stringContaining("Unexpected character ''' at 1:9"),
      expect.stringContaining("Unexpected character '#' at 2:9"),
    ]);
    expect(kinds("let a = # let b").filter((kind) => kind === "let")).toHaveLength(2);
  });

  test("a string ends with its line, so that the next line is read as usual", () => {
    const { tokens, diagnostics } = tokenize('let a = "open\nlet b = 1\n');
    expect(diagnostics.map(legacyMessage)).toEqual(["Unterminated string at 1:9"]);
    expect(tokens.toArray().filter((token) => token.kind === "let")).toHaveLength(2);
  });

  test("quotes of other languages enclose what is on their line, wherever others stand", () => {
    const { tokens } = tokenize("‘a\n‘b’ “c ‘d’\n“e”");
    const errors = tokens.toArray().filter((token) => token.kind === "error");
    expect(errors.map(({ start, end }) => end - start)).toEqual([1, 3, 1, 3, 3]);
  });

  test("a comment that never ends is reported where it starts", () => {
    expect(problems("let a = 1\n/* one /* two */\n")).toEqual(["Unterminated block comment at 2:1"]);
  });

  test("columns count code points", () => {
    expect(problems('"😀" #')).toEqual(["Unexpected character '#' at 1:5"]);
  });
});
