/** Functions that became part of their callers' code, where something else comes than they were made for. */
import { describe, expect, it } from "vitest";
import { tierOutput } from "../../../tests/tier-output.ts";

const programs: Readonly<Record<string, readonly [code: string, output: string]>> = {
  "a sum that becomes too large for a small int": [
    `fn doubled(n) { return n + n }
    fn up(turns) {
      var n = 1
      for i in 0 to turns exclusive {
        n = doubled(n) % 4611686018427387904
        if i % 40 == 39 { n = 1 }
      }
      return n
    }
    pipeline default() {
      for _ in 0 to 300 exclusive { up(20) }
      println(up(5030))
      println(up(61))
    }`,
    "1073741824\n2097152\n",
  ],
  "a float after ints, and a text after both": [
    `fn next(x) { return x + 1 }
    fn each(items) {
      var out = []
      for item in items { out = out.push(next(item)) }
      return out
    }
    pipeline default() {
      for _ in 0 to 2000 exclusive { each([1, 2, 3]) }
      println(each([1, 2.5, 3]))
      println(each([1, 2.0]))
      println(try { each([1, "two"]) } catch e { "caught" })
      println(each([4, 5]))
    }`,
    "[2, 3.5, 4]\n[2, 3.0]\ncaught\n[5, 6]\n",
  ],
  "an error in a function inside another, with its own lines": [
    `fn part(a, b) { return a / b }
    fn whole(a, b) {
      return part(a, b) + 1
    }
    fn sum(items) {
      var total = 0
      for item in items { total = total + whole(12, item) }
      return total
    }
    pipeline default() {
      for _ in 0 to 2000 exclusive { sum([1, 2, 3]) }
      println(sum([3, 4]))
      sum([1, 0])
    }`,
    "9\nRuntime error: Division by zero (line 1)",
  ],
  "another callback in the place of the one that was always there": [
    `fn total(items, f) {
      var sum = 0
      for item in items { sum = sum + f(item) }
      return sum
    }
    pipeline default() {
      for _ in 0 to 2000 exclusive { total([1, 2, 3], { x -> x * 2 }) }
      println(total([1, 2, 3], { x -> x * 2 }))
      for i in 0 to 50 exclusive {
        if i % 10 == 0 { println(total([1, 2, i], { x -> x - 1 })) }
      }
      println(total([1, 2, 3], { x -> x * 2 }))
    }`,
    "12\n0\n10\n20\n30\n40\n12\n",
  ],
  "a struct of another type with a method of the same name": [
    `struct Near { n: int }
    struct Far { n: int, by: int }
    impl Near { fn reach(self) { return self.n } }
    impl Far { fn reach(self) { return self.n * self.by } }
    fn total(items) {
      var sum = 0
      for item in items { sum = sum + item.reach() }
      return sum
    }
    pipeline default() {
      let near = [Near {n: 1}, Near {n: 2}]
      for _ in 0 to 2000 exclusive { total(near) }
      println(total(near))
      println(total(near.push(Far {n: 3, by: 5})))
      println(total([Far {n: 2, by: 2}, Far {n: 3, by: 3}]))
    }`,
    "3\n18\n13\n",
  ],
  "a function that calls itself through another": [
    `fn even(n) { if n == 0 { return true } return odd(n - 1) }
    fn odd(n) { if n == 0 { return false } return even(n - 1) }
    pipeline default() {
      var count = 0
      for i in 0 to 3000 exclusive { if even(i % 30) { count = count + 1 } }
      println(count)
      println(try { even(1000000) } catch e { "too deep" })
    }`,
    "1500\ntrue\n",
  ],
  "a list that its function was lent, and then keeps": [
    `fn first(items) { return items[0] }
    fn read(items) {
      var sum = 0
      for i in 0 to 5 exclusive { sum = sum + first(items) }
      return sum
    }
    pipeline default() {
      var items = [1, 2]
      for _ in 0 to 2000 exclusive { read(items) }
      println(read(items))
      println(try { read([]) } catch e { "caught" })
      let kept = items
      items[0] = 7
      println([read(items), read(kept)])
    }`,
    "5\ncaught\n[35, 5]\n",
  ],
};

describe("a small function in its caller's code", () => {
  for (const [name, [code, expected]] of Object.entries(programs)) {
    it.each(["off", "hot", "forced"] as const)(`${name}, tier %s`, async (tiering) => {
      expect(await tierOutput(code, tiering)).toBe(expected);
    });
  }
});
