import { describe, expect, it } from "vitest";
import { compiledText } from "../../tests/compiled-text.ts";
import type { FunctionProto } from "../bytecode/chunk.ts";
import { Op } from "../bytecode/opcodes.ts";

function functionsOf(text: string): ReadonlyMap<string, FunctionProto> {
  return new Map(compiledText(text).functions.map((fn) => [fn.name, fn]));
}

/** Whether the first argument of the first call in `fn f(v)` is marked. */
function marks(text: string): boolean {
  const { code } = functionsOf(text).get("f")!;
  const at = code.findIndex((word, pc) => word === Op.COPY && code[pc + 2] === 0);
  return at >= 0;
}

const F = "fn f(v) {\n  let n = g(v)\n  return [v, n]\n}";

describe("a parameter", () => {
  it("is lent when it is only looked at", () => {
    expect(marks(`fn g(v) { return len(v) + v[0].k }\n${F}`)).toBe(false);
    expect(marks(`fn g(v) { return h(v) }\nfn h(v) { return len(v) }\n${F}`)).toBe(false);
    expect(marks(`fn g(v) { if len(v) > 1 { g(v) }\n return nil }\n${F}`)).toBe(false);
  });

  it("is passed with a mark when it may be kept, changed or returned", () => {
    expect(marks(`fn g(v) { return v }\n${F}`)).toBe(true);
    expect(marks(`fn g(v) { return [v] }\n${F}`)).toBe(true);
    expect(marks(`fn g(v) { return v.push(1) }\n${F}`)).toBe(true);
    expect(marks(`fn g(v) { var x = v\n x.k = 1\n return x.k }\n${F}`)).toBe(true);
    expect(marks(`fn g(v) { return h(v) }\nfn h(v) { return v }\n${F}`)).toBe(true);
    expect(marks(`fn g(v) { yield len(v) }\n${F}`)).toBe(true);
    expect(marks(`fn g(...v) { return len(v) }\n${F}`)).toBe(true);
  });

  it("is passed with a mark when another argument may change the variable", () => {
    const g = "fn g(v, w) { return len(v) }";
    expect(marks(`${g}\nfn f(v) {\n  let n = g(v, v.push(1))\n  return n\n}`)).toBe(true);
    expect(marks(`${g}\nfn f(v) {\n  let n = g(v, 1)\n  return [v, n]\n}`)).toBe(false);
  });

  it("is passed with a mark when the name may have another value", () => {
    expect(marks(`fn g(v) { return len(v) }\n${F}\nvar g = { v -> v }`)).toBe(true);
    expect(marks(`fn g(v) { return len(v) }\nfn g(v) { return v }\n${F}`)).toBe(true);
    expect(marks(`fn f(v) {\n  let g = { v -> v }\n  let n = g(v)\n  return [v, n]\n}`)).toBe(true);
  });

  it("says in the chunk which parameters are only looked at", () => {
    const functions = functionsOf("fn a(v, w) { return [len(v), w] }\nfn b(v, w) { return a(w, v) }");
    expect(functions.get("a")!.borrows).toBe(1);
    expect(functions.get("b")!.borrows).toBe(2);
  });
});
