import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HDict } from "../value/value.ts";
import { catalogEntries, renderCatalog, substituteBody } from "./skill-text.ts";

const skill = (name: string, more: Readonly<Record<string, string>> = {}): HDict => HDict.of({ name, ...more });

describe("a catalogue", () => {
  it("lists skills by id", () => {
    const entries = catalogEntries([skill("b"), skill("a", { namespace: "ops", description: "A" }), skill("")]);
    expect(entries.map((entry) => entry.get("name"))).toEqual(["b", "ops/a"]);
  });

  it("keeps to its budget, and says how many it leaves out", () => {
    const names = fc.array(fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }), { maxLength: 20 });
    fc.assert(
      fc.property(names, fc.integer({ min: 300, max: 900 }), (all, budget) => {
        const text = renderCatalog(catalogEntries(all.map((name) => skill(name))), budget);
        const left = Number(/\.\.\. (\d+) more skill/.exec(text)?.[1] ?? 0);
        const shown = text.split("\n").filter((line) => line.startsWith("- `")).length;
        return new TextEncoder().encode(text).length <= budget && (all.length === 0 || shown + left >= all.length);
      }),
    );
  });
});

describe("a body", () => {
  it("gets its arguments and variables; what is not given stays", () => {
    const values = { arguments: ["x", "y"], variable: (name: string) => (name === "HOME_DIR" ? "/h" : null) };
    expect(substituteBody("$1 $2 $3 $0 $ARGUMENTS $$1 ${HOME_DIR} ${NONE} $ ${", values)).toBe(
      "x y $3 $0 x y $1 /h ${NONE} $ ${",
    );
  });
});
