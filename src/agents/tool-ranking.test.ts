import fc from "fast-check";
import { expect, test } from "vitest";
import { rankByPattern, rankByWords, toolText, wordsOf } from "./tool-ranking.ts";

const schema = { type: "object", properties: { path: { type: "string", description: "A file to look at" }, n: {} } };
const tools = [
  toolText("open_file", "Opens something", {}, null),
  toolText("weather", "", {}, null),
  toolText("travel", "Trips, where the weather is part of a long text about many other things", {}, null),
  toolText("view", "Shows", schema, null),
  toolText("issues", "Lists them", {}, "github"),
];

test.each([
  ["weather", ["weather", "travel"]],
  ["FILE", ["open_file", "view"]],
  ["github", ["issues"]],
  ["mcp:github", ["issues"]],
])("%s finds %j, the shorter text first", (query, names) => {
  expect(rankByWords(query, tools)).toEqual({ names, diagnostic: null });
});

test("nothing found says what to do better", () => {
  expect(rankByWords("poetry", tools)).toMatchObject({ names: [], diagnostic: expect.stringContaining("fewer") });
  expect(rankByWords("?!", tools).diagnostic).toContain("no words");
  expect(rankByPattern(" ", tools).diagnostic).toContain("empty");
  expect(rankByPattern("(", tools).diagnostic).toContain("Invalid regex");
  expect(rankByPattern("poetry", tools).names).toEqual([]);
});

test("a pattern finds by number of matches, then by name", () => {
  expect(rankByPattern("open_|SHOWS|path", tools).names).toEqual(["view", "open_file"]);
});

test("at most twenty, whatever is asked", () => {
  const many = Array.from({ length: 50 }, (_, i) => toolText(`tool_${i}`, "same", {}, null));
  expect(rankByWords("same", many).names).toHaveLength(20);
  expect(rankByPattern("same", many).names).toHaveLength(20);
});

test("every word of a name finds its tool, and the order of the tools does not matter", () => {
  const text = fc.string({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 12 }), (names) => {
      const some = names.map((name) => toolText(name, "", {}, null));
      for (const word of wordsOf(names.join(" "))) {
        const found = rankByWords(word, some).names;
        expect(found.length).toBeGreaterThan(0);
        expect(rankByWords(word, some.toReversed()).names).toEqual(found);
      }
    }),
  );
});
