import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valuesEqual } from "./equality.ts";
import { joinJson, parseJson, stringifyJson } from "./json.ts";
import { platformJson } from "./json-plain.ts";
import { readJson } from "./json-reader.ts";
import { makeFloat } from "./numbers.ts";
import { HDict, HDuration, HList, HRange, structOf, type Value } from "./value.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "\b",
    "\f",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\\b",
    "\\ud83d",
    "\ud83d",
    "\u001f",
    "é",
    "v1.0",
    "a, 1.0, b",
  ),
  fc.string().map((part) => part + "é".repeat(5_000)),
);
const key = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("__proto__", "10", "9", "toJSON", "constructor"));
const leaf: fc.Arbitrary<Value> = fc.oneof(
  text,
  fc.integer(),
  fc.double().map((n) => makeFloat(n)),
  fc.constantFrom<Value>(null, true, false, 2n ** 62n, makeFloat(3), makeFloat(-0), 1e-7 as Value, 1.5e300),
);
const value = fc.letrec<{ any: Value }>((tie) => ({
  any: fc.oneof(
    { depthSize: "medium" },
    leaf,
    fc.array(tie("any"), { maxLength: 6 }).map((items) => new HList(items)),
    fc.array(fc.tuple(key, tie("any")), { maxLength: 20 }).map((entries) => HDict.from(entries)),
    fc.array(fc.tuple(key, tie("any")), { maxLength: 3 }).map((entries) => structOf("S", HDict.from(entries))),
    fc.constantFrom(new HDuration(1500), new HRange(1, 3, false)),
  ),
})).any;
const options = fc.constantFrom({}, { indent: 2 }, { keepFloats: true }, { others: "display" as const });

describe("JSON of a value", () => {
  it("is the same text whoever writes it", () => {
    fc.assert(
      fc.property(value, options, (made, how) => {
        const wanted = joinJson(made, how);
        expect(stringifyJson(made, how)).toBe(wanted);
        expect(platformJson(made, how) ?? wanted).toBe(wanted);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is mostly written by the platform", () => {
    const people = new HList([
      HDict.of({ name: 'Ada "the first"\n', age: 36, scores: new HList([1.5, makeFloat(2)]) }),
    ]);
    expect(platformJson(people, {})).toBe('[{"age":36,"name":"Ada \\"the first\\"\\n","scores":[1.5,2]}]');
    expect(platformJson(HDict.of({ 10: 1, 9: 2 }), {})).toBeNull();
    expect(platformJson("\u0085", {})).toBeNull();
  });

  it("tells its size before it is written", () => {
    const said: number[] = [];
    const long = "x".repeat(1_000_000);
    expect(stringifyJson(new HList([long, long]), { reserve: (bytes) => void said.push(bytes) })).toHaveLength(
      2_000_007,
    );
    expect(said).toHaveLength(1);
    expect(said[0]).toBeGreaterThan(2_000_000);
  });
});

describe("values of JSON", () => {
  /** Written with what a number needs a close look for. */
  const spelled = fc.oneof(
    fc.constantFrom("1.0", "-0", "1e3", "12345678901234567890", "9007199254740993", "0.5", "17", "-2.0E-2"),
    text.map((part) => JSON.stringify(part)),
    fc.constantFrom('"2024-01-01"', '"10.0.0.1"', '"\\u00e9"', '", 1.0,"', '"[1.0]"', "true", "null"),
  );
  const document = fc.array(fc.tuple(spelled, fc.constantFrom("", " ", "\n\t"))).map((parts) => {
    const items = parts.map(([part, space]) => space + part + space);
    return `{"items": [${items.join(",")}], "one" :${items[0] ?? "1"}}`;
  });

  it("are the same whoever reads it", () => {
    fc.assert(
      fc.property(document, (json) => {
        const exact = readJson(json);
        const found = parseJson(json);
        expect(found.ok).toBe(exact.ok);
        if (!found.ok || !exact.ok) return;
        expect(valuesEqual(found.value, exact.value)).toBe(true);
        expect(joinJson(found.value, { keepFloats: true })).toBe(joinJson(exact.value, { keepFloats: true }));
      }),
      { numRuns: 1_000 },
    );
  });
});
