/** Programs of n lines or functions, for the parser, the checker and the compiler. */
import type { GrowthCase } from "./cases.ts";

function lines(size: number): string {
  const out: string[] = [];
  for (let i = 0; i < size / 10; i++) {
    out.push(
      `// Step ${i} of many.`,
      `fn step_${i}(items, limit) {`,
      "  var sum = 0",
      "  for item in items {",
      "    if item.value < limit && item.name != nil {",
      `      sum = sum + item.value * ${i} - limit / 3`,
      "    }",
      "  }",
      `  return {sum: sum, text: "step \${sum} of ${i}", list: [1, 2.5, "three"]}`,
      "}",
    );
  }
  return out.join("\n");
}

function functions(size: number): string {
  const out = ["fn f_0(n: int) -> int { return n }"];
  for (let i = 1; i < size; i++) out.push(`fn f_${i}(n: int) -> int { return f_${i - 1}(n) + ${i} }`);
  return out.join("\n");
}

/** Functions of one block that see their neighbours. A block has room for 65,536. */
function siblings(size: number): string {
  const out = ["fn all() {"];
  for (let i = 0; i < size; i++) {
    const [before, behind] = [Math.max(0, i - 1), Math.min(size - 1, i + 1)];
    out.push(`  fn f_${i}(n) { return f_${before}(n) + f_${behind}(n) }`);
  }
  return [...out, "  return f_0(1)", "}"].join("\n");
}

export const sourceCases: readonly (readonly [string, GrowthCase])[] = [
  ["parse, lines", { kind: "parse", text: lines }],
  ["check, functions", { kind: "check", text: functions }],
  ["compile, functions", { kind: "compile", text: functions }],
  ["compile, functions of a block", { kind: "compile", text: siblings, most: 60_000 }],
];
