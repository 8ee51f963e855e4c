import { describe, expect, it } from "vitest";
import { Raise } from "../builtin/raise.ts";
import { UNMETERED } from "../value/cost.ts";
import { runBuiltin } from "./call-harness.ts";
import { compileRegex, regexBuiltins, widenClasses } from "./regex.ts";

describe("regular expressions", () => {
  it("knows Unicode letters, digits and blanks", () => {
    expect(runBuiltin(regexBuiltins, "regex_match", "\\w+", "café résumé")).toBe("[café, résumé]");
    expect(runBuiltin(regexBuiltins, "regex_match", "[\\w-]+", "naïve-é x")).toBe("[naïve-é, x]");
    expect(runBuiltin(regexBuiltins, "regex_match", "[^\\s]+", "a\u00a0b")).toBe("[a, b]");
  });

  it("leaves what is no class as it is", () => {
    expect(widenClasses("a\\.b[]\\d]\\\\w")).toBe("a\\.b[\\]\\p{Nd}]\\\\w");
    expect(widenClasses("[^]x]")).toBe("[^\\]x]");
  });

  it("matches the empty text between all characters", () => {
    expect(runBuiltin(regexBuiltins, "regex_match", "", "abc")).toBe("[, , , ]");
  });

  it("replaces with groups by number and name", () => {
    expect(
      runBuiltin(
        regexBuiltins,
        "regex_replace",
        "(\\w+)\\s(?P<second>\\w+)",
        ["$2 $", "{1}$$ $second"].join(""),
        "hello world",
      ),
    ).toBe("world hello$ world");
  });

  it("gives nil for groups that took no part, and no key for their names", () => {
    expect(runBuiltin(regexBuiltins, "regex_captures", "(\\d+)(?:-(?P<unit>\\w+))?", "123 4-b")).toBe(
      "[{groups: [123, nil], match: 123}, {groups: [4, b], match: 4-b, unit: b}]",
    );
  });

  it("refuses bad patterns by name", () => {
    expect(() => compileRegex("[oops", UNMETERED)).toThrow(expect.any(Raise));
    expect(() => compileRegex("(?=a)", UNMETERED)).toThrow(expect.any(Raise));
  });

  it("takes linear time where backtracking would not end", () => {
    const text = "a".repeat(5_000);
    expect(runBuiltin(regexBuiltins, "regex_match", "(a*)*b", text)).toBe("nil");
  });
});
