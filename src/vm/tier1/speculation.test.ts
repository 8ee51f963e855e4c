/** Programs whose functions meet something else than before, where generated code that took it for granted went wrong once. */
import { describe, expect, it } from "vitest";
import { tierOutput } from "../../../tests/tier-output.ts";

const calls = (call: string): string => `for _ in 0 to 2000 exclusive {\n ${call}\n }`;

const programs: Readonly<Record<string, readonly [code: string, output: string]>> = {
  "an integral float beside an argument of another kind": [
    `fn show(x, y) {
      if y == nil { println(x) }
    }
    pipeline default() {
      ${calls("show(1.5, 0)")}
      show(2.0, nil)
    }`,
    "2.0\n",
  ],
  "a method of texts on a number that is known": [
    `fn number() {
      let n = 2
      return n.contains("2")
    }
    pipeline default() {
      println(number())
    }`,
    "nil\n",
  ],
  "an argument that is missing where a type is tested": [
    `fn typed(p: int, q) { return 1 }
    fn caller() { return typed() }
    pipeline default() {
      ${calls("typed(0)")}
      println(try { caller() } catch e { "caught" })
    }`,
    "caught\n",
  ],
  "nil for an argument that has a default": [
    `fn squared(p = 3, q = 4) {
      var b: any = 0
      b = q
      b *= b
      return b
    }
    pipeline default() {
      ${calls("squared()")}
      println(squared(nil))
      println(squared(0))
    }`,
    "16\n16\n",
  ],
  "a capture of another kind beside rest arguments": [
    `fn adder(by) {
      fn add(...rest) { return rest.sum() + by }
      return add
    }
    pipeline default() {
      let add = adder(1)
      ${calls("add(1, 2)")}
      let other = adder(1.5)
      println(other(1, 2))
    }`,
    "4.5\n",
  ],
  "an inner loop that is entered at its end": [
    `fn work(n) { return n }
    pipeline default() {
      var total = 0
      for d in 0 to 6000 exclusive {
        for i in 0 to 3 exclusive {
          total = total + work(i)
        }
      }
      println(total)
    }`,
    "18000\n",
  ],
  "ints that grow past 32 and 53 bits": [
    `fn grown(n) {
      var x = 1
      for _ in 0 to n exclusive { x = x * 3 + 1 }
      return x
    }
    pipeline default() {
      ${calls("grown(5)")}
      println([grown(25), grown(40), grown(60)])
    }`,
    "[1270932914164, -210245885124158415, 3919393905972539529]\n",
  ],
};

describe("code that takes for granted what was met", () => {
  describe.each(Object.keys(programs))("%s", (name) => {
    const [code, expected] = programs[name]!;
    it.each(["off", "hot", "forced"] as const)("tiering %s", async (tiering) => {
      expect(await tierOutput(code, tiering)).toBe(expected);
    });
  });
});
