/** Ints are 64-bit two's complement: every operation gives what BigInt gives, wrapped, through the library and through programs in every tier. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNodePorts, createRuntime } from "../../src/hosts/node/index.ts";
import { displayFloat } from "../../src/value/display.ts";
import * as numbers from "../../src/value/numbers.ts";
import type { Value } from "../../src/value/value.ts";

const MOST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

/** Where representations change: around powers of two, above all 2^31, 2^53 and 2^63. */
const edge = fc
  .tuple(
    fc.constantFrom(0n, 1n, 8n, 15n, 16n, 26n, 31n, 32n, 33n, 52n, 53n, 54n, 62n, 63n),
    fc.bigInt(-3n, 3n),
    fc.boolean(),
  )
  .map(([power, near, negative]) => BigInt.asIntN(64, (negative ? -1n : 1n) * 2n ** power + near));
const int64 = fc.oneof(edge, edge, fc.bigInt(-20n, 20n), fc.bigInt(LEAST, MOST), fc.bigInt(-(2n ** 53n), 2n ** 53n));
/** Quotients that lie close to a whole number. */
const multiples = fc
  .tuple(fc.bigInt(1n, 2n ** 31n), fc.bigInt(-(2n ** 31n), 2n ** 31n), fc.bigInt(-2n, 2n))
  .map(([divisor, quotient, near]): [bigint, bigint] => [BigInt.asIntN(64, divisor * quotient + near), divisor]);
const pair = fc.oneof(fc.tuple(int64, int64), fc.tuple(int64, int64), multiples);

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

type Operation = "+" | "-" | "*" | "/" | "%";
const OPERATIONS: readonly Operation[] = ["+", "-", "*", "/", "%"];

/** null: division by zero. */
function exact(op: Operation, a: bigint, b: bigint): bigint | null {
  switch (op) {
    case "+":
      return wrap(a + b);
    case "-":
      return wrap(a - b);
    case "*":
      return wrap(a * b);
    default:
      if (b === 0n) return null;
      return wrap(op === "/" ? a / b : a % b);
  }
}

const LIBRARY = { "+": numbers.add, "-": numbers.sub, "*": numbers.mul, "/": numbers.div, "%": numbers.mod } as const;

/** As value.ts wants it: a number where that is safe, never −0, else a bigint. */
function expectInt(actual: Value, expected: bigint): void {
  expect(actual).toBe(numbers.normalizeInt(expected));
}

describe("the library", () => {
  it.each(OPERATIONS)("%s", (op) => {
    const law = fc.property(pair, ([a, b]) => {
      const expected = exact(op, a, b);
      if (expected === null) return;
      expectInt(LIBRARY[op](numbers.normalizeInt(a), numbers.normalizeInt(b)), expected);
    });
    fc.assert(law, { numRuns: 20_000 });
  });

  it("negation, and powers with small exponents", () => {
    const law = fc.property(int64, fc.nat({ max: 70 }), (a, exponent) => {
      expectInt(numbers.negate(numbers.normalizeInt(a)), wrap(-a));
      expectInt(numbers.pow(numbers.normalizeInt(a), exponent), wrap(a ** BigInt(exponent)));
    });
    fc.assert(law, { numRuns: 5_000 });
  });
});

// ---------------------------------------------------------------- programs

function literal(value: bigint): string {
  if (value === LEAST) return "(-9223372036854775807 - 1)";
  return value < 0n ? `(${value})` : String(value);
}

/**
 * All operations on the operands in four places: known ints, values whose type nobody knows, operands of a loop's accumulator, and constants. A function is
 * called often enough to be generated in between.
 */
function programOf(pairs: readonly (readonly [bigint, bigint])[]): string {
  const list = pairs.map(([a, b]) => `[${literal(a)}, ${literal(b)}]`).join(", ");
  const folded = pairs.map(([a, b]) =>
    OPERATIONS.map((op) => `say({ -> ${literal(a)} ${op} ${literal(b)} })`).join("\n"),
  );
  return `
fn say(f) {
  println(try { f() } catch (err) { "none" })
}

fn typed(a: int, b: int) {
  say({ -> a + b })
  say({ -> a - b })
  say({ -> a * b })
  say({ -> a / b })
  say({ -> a % b })
}

fn plus(a: int, b: int) { return a + b }
fn minus(a: int, b: int) { return a - b }
fn times(a: int, b: int) { return a * b }
fn over(a: int, b: int) { return b == 0 ? "none" : a / b }
fn rest(a: int, b: int) { return b == 0 ? "none" : a % b }

fn loose(a, b) {
  var sum = a
  sum += b
  var less = a
  less -= b
  var product = a
  product *= b
  println([sum, less, product, -a, -b])
  println([a < b, a <= b, a > b, a >= b, a == b, a != b])
  println([a + 0.5, a * 1.0, 0 * a, (0 * a) / 2.0])
}

pipeline main(task) {
  let pairs = [${list}]
  for round in 1 to 260 {
    for [a, b] in pairs {
      let results = [plus(a, b), minus(a, b), times(a, b), over(a, b), rest(a, b)]
      if round == 260 { println(results) }
    }
  }
  for [a, b] in pairs {
    typed(a, b)
    loose(a, b)
  }
${folded.join("\n")}
}
`;
}

/** The same, as it should be. */
function expectedOf(pairs: readonly (readonly [bigint, bigint])[]): string {
  const lines: string[] = [];
  const all = (a: bigint, b: bigint) => OPERATIONS.map((op) => String(exact(op, a, b) ?? "none"));
  for (const [a, b] of pairs) lines.push(`[${all(a, b).join(", ")}]`);
  for (const [a, b] of pairs) {
    lines.push(...all(a, b));
    const [sum, less, product] = all(a, b);
    lines.push(`[${[sum, less, product, wrap(-a), wrap(-b)].join(", ")}]`);
    lines.push(`[${[a < b, a <= b, a > b, a >= b, a === b, a !== b].join(", ")}]`);
    // Mixed with a float an int is a double; an int 0 has no sign.
    lines.push(`[${[Number(a) + 0.5, Number(a)].map(displayFloat).join(", ")}, 0, 0.0]`);
  }
  for (const [a, b] of pairs) lines.push(...all(a, b));
  return lines.join("\n");
}

describe("programs", () => {
  it.each(["off", "hot", "forced"] as const)("with generated code %s", async (tiering) => {
    const runtime = createRuntime({ ports: createNodePorts(), performers: new Map(), volatile: true, tiering });
    const law = fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 12 }), async (pairs) => {
      const handle = runtime.run({ code: programOf(pairs), cwd: "/project" });
      let output = "";
      handle.onEvent((event) => {
        if (event.type === "output") output += String(event.text);
      });
      const outcome = await handle.result;
      expect(outcome).toMatchObject({ kind: "value" });
      expect(output.trimEnd()).toBe(expectedOf(pairs));
    });
    await fc.assert(law, { numRuns: 1_000, interruptAfterTimeLimit: 1_200 });
  });
});
