import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNMETERED } from "../value/cost.ts";
import { replaceText, splitLines, splitText, titleCase, trimBoth, trimEnd, upperFirst } from "./text-edges.ts";

describe("texts", () => {
  it("trims Unicode white space and nothing else", () => {
    expect(trimBoth("\u0085\u3000 a b \u2028\n")).toBe("a b");
    expect(trimBoth("\ufeffa")).toBe("\ufeffa");
    expect(trimEnd("a ")).toBe("a");
  });

  it("splits at every character when there is no separator", () => {
    expect(splitText("a😀", "", UNMETERED)).toEqual(["", "a", "😀", ""]);
    expect(replaceText("😀a", "", "-", UNMETERED)).toBe("-😀-a-");
  });

  it("replaces as it stands: dollars are no patterns", () => {
    expect(replaceText("a.b.c", ".", "$&", UNMETERED)).toBe("a$&b$&c");
  });

  it("joins back what it split", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1 }),
        (text, by) => splitText(text, by, UNMETERED).join(by) === text,
      ),
    );
  });

  it("ends lines at \\n and \\r\\n, and begins none after the last end", () => {
    expect(splitLines("a\r\nb\n\nc", UNMETERED)).toEqual(["a", "b", "", "c"]);
    expect(splitLines("a\n", UNMETERED)).toEqual(["a"]);
    expect(splitLines("", UNMETERED)).toEqual([]);
  });

  it("changes case by characters", () => {
    expect(titleCase("éTé  is\tHERE")).toBe("Été  Is\tHere");
    expect(upperFirst("ßa")).toBe("SSa");
    expect(upperFirst("")).toBe("");
  });
});
