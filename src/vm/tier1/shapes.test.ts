/** Places that read and change dicts and structs agree in every tier, also when they meet another shape after code was made for one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TierModes } from "../../../tests/properties/tier-modes.ts";

/** What a place may meet: several shapes with the key, without it, grown past their room, in a Map, of another kind. */
const VALUES = [
  "{x: i, y: 2}",
  "{x: i * 0.5}",
  "{a: 1, x: i, z: 3}",
  "{b: 1, x: i, y: 2, z: 3, w: 5}",
  "{y: 2}",
  "{}",
  'P {x: i, y: "t"}',
  "Q {a: 1, b: 2, c: 3, d: 4, e: 5, x: i, y: 7}",
  "grown(5, i)",
  "grown(9, i)",
  "grown(20, i)",
  "{...grown(3, i), x: i}",
  "without(grown(20, i))",
  "{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, x: i, y: [i], z: 12}",
  "nil",
  '"text"',
  "[i, 2]",
] as const;

const PROGRAM = `
struct P { x: any  y: any }
struct Q { a: int  b: int  c: int  d: int  e: int  x: any  y: any }
impl P { fn twice(self) { return self.x + self.x } }

fn grown(n, i) {
  var d = {}
  for k in 0 to n exclusive { d["k" + to_string(k)] = k }
  d.x = i
  d.y = {z: [i, i + 1]}
  return d
}
fn without(d) { return d.remove("k3").remove("nothing") }
fn read(v) { return v.x }
fn read_or(v) { return v?.y }
fn read_key(v) { return v["x"] }
fn named(v, key) { return v[key] }
fn kind(v) { return match v { {x: x, z: z} -> { "both \${x} \${z}" } {x: x} -> { "one \${x}" } _ -> { "none" } } }
fn change(given) {
  var v = given
  v.x = 10
  v.new = [1]
  v.x = v.x + 1
  v.new[0] = v.x
  return v
}
fn deep(given, i) {
  var v = {in: given, list: [given, i]}
  v.list[1] = v.list[1] + 1
  v.in.x = i
  v.in.y = i + 1
  return [v.in.x, v.list[0], v]
}
fn append(given) {
  var v = given
  v.y = []
  v.y = v.y.push(1).push(v.x)
  return v.y
}
fn keep(given) {
  let before = given
  var v = given
  v.x = "changed"
  return [before, v, before == v, {...v, x: nil} == {...v, x: nil}]
}
fn shown(f) {
  try { return "\${f()}" } catch e { return "failed \${e}" }
}
fn all(v, i) {
  return [
    shown({ -> read(v) }), shown({ -> read_or(v) }), shown({ -> read_key(v) }), shown({ -> named(v, "y") }), shown({ -> kind(v) }),
    shown({ -> change(v) }), shown({ -> deep(v, i) }), shown({ -> append(v) }), shown({ -> keep(v) }), shown({ -> v.get("x", "none") }),
    shown({ -> v.has("x") }), shown({ -> v.twice() }), shown({ -> {...v, q: 1} }), shown({ -> json_stringify(v) }), "\${v}",
  ]
}
`;

function program(phases: readonly { readonly value: number; readonly turns: number }[]): string {
  const run = phases.map(
    ({ value, turns }, n) => `  var last${n} = nil
  for i in 0 to ${turns} exclusive {
    let v = ${VALUES[value]}
    last${n} = all(v, i)
    if i < 3 { println(last${n}) }
  }
  println(last${n})`,
  );
  return `${PROGRAM}\npipeline default() {\n${run.join("\n")}\n}\n`;
}

/** Two shapes, then nil, at a place that was made for both. */
const NIL_AFTER_TWO = [0, 1, 14, 0].map((value) => ({ value, turns: 40 }));

const phase = fc.record({ value: fc.nat({ max: VALUES.length - 1 }), turns: fc.constantFrom(1, 3, 40, 700) });

describe("shapes", () => {
  it("are met one after the other with the same outcome in every tier", { timeout: 120_000 }, async () => {
    const tiers = new TierModes();
    const property = fc.asyncProperty(fc.array(phase, { minLength: 1, maxLength: 6 }), async (phases) => {
      const verdict = await tiers.compare(program(phases));
      expect(verdict).toMatchObject({ kind: "agrees" });
    });
    await fc.assert(property, { numRuns: 10_000, interruptAfterTimeLimit: 6_000, examples: [[NIL_AFTER_TWO]] });
  });
});
