/** Texts of one extreme each: depth, length, number. Up to a few hundred kilobytes: what is not linear shows there. */
import { KEYWORDS, PUNCTUATORS } from "../../src/syntax/tokens.ts";
import { DENSE_FORMS, denseText } from "./dense.ts";
import type { Random } from "./random.ts";

/** What opens, what stands inside, what closes. */
const NESTS: readonly (readonly [open: string, inside: string, close: string])[] = [
  ["(", "1", ")"],
  ["[", "", "]"],
  ["{a: ", "1", "}"],
  ["{ x -> ", "x", " }"],
  ["f(", "1", ")"],
  ["-", "1", ""],
  ["!", "x", ""],
  ["a.b(", "1", ")"],
  ["x[", "0", "]"],
  ['"${', "1", '}"'],
  ['"""${', "1", '}"""'],
  ["if x { ", "1", " }"],
  ["if x { 1 } else ", "{ 2 }", ""],
  ["fn f() { ", "1", " }"],
  ["fn(x) { ", "x", " }"],
  ["try { ", "1", " } catch (e) { 2 }"],
  ["try { 1 } finally { ", "1", " }"],
  ["match x { 1 -> { ", "1", " } }"],
  ["spawn { ", "1", " }"],
  ["try* ", "f()", ""],
  ["a ? ", "b", " : c"],
  ["a ? b : ", "c", ""],
  ["1 + (", "2", ")"],
  ["let a: list<", "int", "> = 1"],
  ["let a: fn(", "int", ") -> int = 1"],
  ["let a: {x: ", "int", "} = 1"],
  ["for x in y { ", "x", " }"],
  ["while x { ", "x", " }"],
  ["parallel 3 { i -> ", "i", " }"],
  ["select { v from ch { ", "v", " } }"],
  ["struct S { x: ", "int", " }"],
  ["@a(", "1", ")\nfn f() {}"],
  ["/* ", "x", " */"],
  ["yield ", "1", ""],
];

const CHAINS: readonly string[] = [
  ".x",
  "?.x",
  "()",
  "[0]",
  "?",
  " + 1",
  " ** 2",
  " |> f",
  " ?? x",
  " && x",
  " == 1",
  " in x",
  " to 1",
  " ? 1 : 2",
  "[1:]",
  ".m({ x -> x })",
  ", 1",
  "\n1",
  ";",
  " | int",
];

const REPEATED: readonly string[] = [
  "let x = 1\n",
  "fn f() {}\n",
  "{",
  "}",
  "(",
  ")",
  '"',
  '"""',
  "${",
  "\\",
  "@",
  "@a\n",
  "/* ",
  "/**",
  "///\n",
  "#",
  "'",
  "“",
  "\n",
  "\r",
  "\0",
  "\ud83d",
  "😀",
  "漢",
  "9",
  "9.",
  "1s",
  "_",
  "a",
  "...",
  "| ",
  "enum E { A }\n",
  "struct S { a: int }\n",
  'import "./a"\n',
  "if x { 1 } else ",
  "match x { 1 -> { 2 } }\n",
  "x = x + 1\n",
  "type T = T | int\n",
  "let {a, b} = x\n",
  'println("${x} ${y}")\n',
  "f(a, b, c)(d)\n",
  "pipeline p(t) { }\n",
  "x.y.z\n",
  "impl S { fn a(self) { self.a } }\n",
];

export function extremeText(random: Random): string {
  switch (random.below(7)) {
    case 0: {
      const depth = random.skewed(20_000);
      const [open, inside, close] = random.pick(NESTS);
      const closed = random.chance(0.6) ? depth : random.below(depth + 1);
      return (random.chance(0.5) ? "let x = " : "") + open.repeat(depth) + inside + close.repeat(closed);
    }
    case 1: {
      // Of several kinds in one another.
      const depth = random.skewed(3_000);
      const opened = Array.from({ length: depth }, () => random.pick(NESTS));
      const close = opened.toReversed().map((nest) => nest[2]);
      return opened.map((nest) => nest[0]).join("") + (opened.at(-1)?.[1] ?? "") + close.join("");
    }
    case 2:
      return `let x = a${random.pick(CHAINS).repeat(random.skewed(20_000))}`;
    case 3:
      return random.pick(REPEATED).repeat(random.skewed(20_000));
    case 4: {
      const length = random.skewed(2_000);
      const words: readonly string[] = [...KEYWORDS, ...PUNCTUATORS, ...REPEATED, "\n"];
      return Array.from({ length }, () => random.pick(words)).join(random.pick([" ", ""]));
    }
    case 5:
      return denseText(random.pick(DENSE_FORMS), random.skewed(200_000));
    default:
      return hugeLiteral(random, 1 + random.skewed(200_000));
  }
}

function hugeLiteral(random: Random, length: number): string {
  const digits = "9".repeat(length);
  return random.pick([
    () => `let x = ${digits}`,
    () => `let x = ${digits}.${digits}`,
    () => `let x = 0.${"0".repeat(length)}1`,
    () => `let x = ${digits}ms`,
    () => `let x = "${"a".repeat(length)}"`,
    () => `let x = "${"\\n".repeat(length)}"`,
    () => `let x = "${"${x}".repeat(length >> 2)}"`,
    () => `let x = """\n${"    line\n".repeat(length >> 3)}"""`,
    () => `let ${"a".repeat(length)} = ${"a".repeat(length)}`,
    () => `let x = [${"1,".repeat(length >> 1)}]`,
    () => `let x = {${"k: 1, ".repeat(length >> 2)}}`,
    () => `let x = {${Array.from({ length: length >> 4 }, (_, i) => `k${i}: ${i}`).join(", ")}}`,
    () => `f(${"a: int, ".repeat(length >> 3)})`,
    () => `fn f(${Array.from({ length: length >> 4 }, (_, i) => `p${i}: int = ${i}`).join(", ")}) {}`,
    () => `type T = ${Array.from({ length: length >> 4 }, (_, i) => `"k${i}"`).join(" | ")}\nfn f(x: T) -> T { x }`,
    () =>
      `enum E { ${Array.from({ length: length >> 4 }, (_, i) => `V${i}`).join("\n")} }\nfn f(x: E) { match x { E.V1 -> { 1 } } }`,
    () => Array.from({ length: length >> 5 }, (_, i) => `fn f${i}(x) { return f${i + 1}(x) }`).join("\n"),
    () => Array.from({ length: length >> 5 }, (_, i) => `let x${i + 1} = x${i}`).join("\n"),
    () => `match x { ${Array.from({ length: length >> 5 }, (_, i) => `${i} -> { ${i} }`).join("\n")} }`,
    () => `// ${"x".repeat(length)}`,
    () => `/* ${"*/ /*".repeat(length >> 3)}`,
    () => `import { ${"a, ".repeat(length >> 2)} } from "${"../".repeat(length >> 2)}"`,
  ])();
}
