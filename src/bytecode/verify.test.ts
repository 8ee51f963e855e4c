/** What the verifier lets through and what it refuses, in code that no compiler makes. */
import { describe, expect, it } from "vitest";
import type { Constant } from "./chunk.ts";
import { LineTableWriter } from "./line-table.ts";
import { linkChunk } from "./link.ts";
import { OPCODES, Op, type OpName } from "./opcodes.ts";
import type { FunctionParts } from "./verify.ts";

const CONSTANTS: readonly Constant[] = [
  { kind: "string", value: "name" },
  { kind: "shape", keys: ["a", "b"] },
];

/** One instruction a line, operands behind it: numbers, or the label in front of another instruction. */
function assemble(text: string): Int32Array {
  const labels = new Map<string, number>();
  const words: (number | string)[] = [];
  for (const line of text.trim().split("\n")) {
    const [, label, name, operands] = /^\s*(?:(\w+):)?\s*([A-Z_]+)(.*)$/.exec(line)!;
    if (label !== undefined) labels.set(label, words.length);
    const given = operands!.split(" ").filter((word) => word !== "");
    expect([name, given.length]).toEqual([name, OPCODES[Op[name as OpName]]!.operands.length]);
    words.push(Op[name as OpName], ...given.map((word) => (/^-?\d+$/.test(word) ? Number(word) : word)));
  }
  return Int32Array.from(words, (word) => (typeof word === "number" ? word : labels.get(word)!));
}

function parts(code: string, changes: Partial<FunctionParts> = {}): FunctionParts {
  return {
    borrows: 0,
    name: "f",
    params: [],
    required: 0,
    hasRest: false,
    argcRegister: -1,
    captures: [],
    captureNames: [],
    captureBase: 0,
    registers: 8,
    code: assemble(code),
    lines: new LineTableWriter().finish(),
    kind: "function",
    internal: false,
    ...changes,
  };
}

/** What is wrong with a function; null: nothing. Beside it there are function 2, which captures registers 0 and 1, and function 3, which does not. */
function problemOf(code: string, changes: Partial<FunctionParts> = {}): string | null {
  const functions = [
    parts("RET_NIL", { kind: "init" }),
    parts(code, changes),
    parts("RET 0", { captures: [0, 1], captureNames: ["x", "y"] }),
    parts("RET_NIL"),
  ];
  const names = { slots: ["s"], exports: [], imports: [], pipelines: [], methods: [] };
  try {
    linkChunk({ module: "m", file: "m", constants: CONSTANTS, functions, ...names });
    return null;
  } catch (thrown) {
    return (thrown as Error).message.replace(/^malformed bytecode in function "f" at /, "");
  }
}

describe("registers", () => {
  it.each([
    ["RET 3", "0: RET: register 3 holds nothing yet, not a value"],
    ["INT 3 7\n RET 3", null],
    ["INT 0 1\n LIST 2 0 2\n RET 2", "3: LIST: register 1 holds nothing yet, not a value"],
    ["INT 0 1\n DICT 2 1 0\n RET 2", "3: DICT: register 1 holds nothing yet, not a value"],
    ["NIL 0\n CLOSURE 2 2\n RET 2", "2: CLOSURE: register 1 holds nothing yet, not a value"],
  ])("are written before they are read: %s", (code, problem) => {
    expect(problemOf(code)).toBe(problem);
  });

  it("are there from the start when they are parameters, captures or their number", () => {
    expect(problemOf("RET 1", { params: ["a", "b"] })).toBeNull();
    expect(problemOf("RET 2", { params: ["a", "b"] })).toMatch(/^0: RET: register 2 /);
    expect(problemOf("RET 2", { params: ["a"], argcRegister: 2 })).toBeNull();
    const captures = { captures: [0], captureNames: ["x"] };
    expect(problemOf("RET 5", { ...captures, captureBase: 5 })).toBeNull();
    expect(problemOf("RET 5", { ...captures, captureBase: 0, params: ["a"] })).toMatch(/captures in the registers of/);
    expect(problemOf("RET 5", { ...captures, captureBase: 5, argcRegister: 5 })).toMatch(/argc register is taken/);
  });

  it("are written on every way that leads to the read", () => {
    const either = (first: string, second: string) => `
      TRUE 0
      BLOCK end
      BLOCK other
      BR_UNLESS 0 other
      ${first}
      BR end
      other: END
      ${second}
      end: END
      RET 1`;
    expect(problemOf(either("INT 1 5", "NIL 1"))).toBeNull();
    expect(problemOf(either("INT 1 5", "RET_NIL"))).toBeNull();
    expect(problemOf(either("RET_NIL", "INT 1 5"))).toBeNull();
    expect(problemOf(either("INT 1 5", "NIL 2"))).toMatch(/RET: register 1 holds nothing yet or a value, not a value$/);
    expect(problemOf(either("NIL 2", "INT 1 5"))).toMatch(/RET: register 1 holds nothing yet or a value, not a value$/);
  });

  it("are what they were at the branch, not what they became behind it", () => {
    const leaving = (before: string, after: string) => `
      TRUE 0
      ${before}
      BLOCK outer
      BLOCK inner
      BR_IF 0 outer
      ${after}
      BR_IF 0 inner
      INT 1 2
      BR inner
      inner: END
      outer: END
      RET 1`;
    expect(problemOf(leaving("NIL 1", "INT 1 1"))).toBeNull();
    expect(problemOf(leaving("INT 2 0", "INT 1 1"))).toMatch(/RET: register 1 holds nothing yet or a value/);
    expect(problemOf(leaving("NIL 1", "ITER 1 0"))).toMatch(
      /RET: register 1 holds nil or a value or the state of a loop/,
    );
  });

  it("hold in a loop what any round leaves behind", () => {
    const loop = (before: string, first: string, then: string) => `
      TRUE 0
      ${before}
      head: LOOP end
      BR_UNLESS 0 end
      ${first}
      ${then}
      BR head
      end: END
      RET 0`;
    expect(problemOf(loop("INT 1 0", "ADD 1 1 0", "MOVE 2 1"))).toBeNull();
    expect(problemOf(loop("INT 2 0", "MOVE 2 1", "INT 1 0"))).toMatch(/MOVE: register 1 holds nothing yet or a value/);
    expect(problemOf(loop("INT 1 0", "MOVE 2 1", "ITER 1 0"))).toMatch(/MOVE: register 1 holds a value or the state/);
    expect(problemOf(loop("LIST 1 0 0", "LIST_PUSH 1 0", "NOT 2 0"))).toBeNull();
    expect(problemOf(loop("LIST 1 0 0", "LIST_PUSH 1 0", "MOVE 2 1"))).toMatch(
      /LIST_PUSH: register 1 holds a value or/,
    );
  });

  it("hold no item behind a loop, nor what they held before", () => {
    const items = (read: number) => `
      NIL 0
      NIL 2
      ITER 1 0
      head: LOOP end
      ITER_NEXT 2 1 end
      MOVE 0 2
      BR head
      end: END
      RET ${read}`;
    expect(problemOf(items(0))).toBeNull();
    expect(problemOf(items(2))).toMatch(/RET: register 2 holds nothing yet, not a value/);
  });

  it("hold in a handler what any instruction of its region leaves behind", () => {
    const region = (before: string, inside: string, read: string) => `
      TRUE 0
      ${before}
      TRY catch 3 0
      ${inside}
      catch: CATCH end
      ${read}
      end: END
      RET_NIL`;
    expect(problemOf(region("NIL 1", "INT 1 5", "MOVE 2 1"))).toBeNull();
    expect(problemOf(region("NIL 2", "INT 1 5", "MOVE 2 1"))).toMatch(/MOVE: register 1 holds nothing yet or a value/);
    expect(problemOf(region("NIL 1", "ITER 1 0\n INT 1 5", "MOVE 2 1"))).toMatch(
      /register 1 holds nil or a value or the/,
    );
    expect(problemOf(region("NIL 1", "INT 1 5", "CAUGHT_VALUE 2 3"))).toBeNull();
    expect(problemOf(region("NIL 1", "CAUGHT_VALUE 2 3", "NIL 1"))).toMatch(
      /register 3 holds nothing yet, not a caught/,
    );
    expect(problemOf(region("NIL 1", "INT 1 5", "MOVE 2 3"))).toMatch(/register 3 holds a caught failure, not a value/);
  });

  it("are not looked at where control never gets", () => {
    expect(problemOf("RET_NIL\n RET 3")).toBeNull();
    expect(problemOf("BLOCK end\n BR end\n RET 3\n end: END\n RET_NIL")).toBeNull();
    expect(problemOf("RET_NIL\n TRY catch 1 0\n catch: CATCH end\n RET 3\n end: END\n RET_NIL")).toBeNull();
  });
});

describe("kinds", () => {
  it("a finally asks whether anything was caught before it goes on with it", () => {
    const cleanup = (test: string) => `
      NIL 1
      TRY catch 1 1
      NIL 2
      catch: CATCH end
      end: END
      BLOCK fine
      ${test}
      RETHROW 1
      fine: END
      RET_NIL`;
    expect(problemOf(cleanup("BR_NIL 1 fine"))).toBeNull();
    expect(problemOf(cleanup("TRUE 3"))).toMatch(
      /RETHROW: register 1 holds nil or a caught failure, not a caught failure/,
    );
    expect(problemOf(cleanup("BR_NOT_NIL 1 fine"))).toMatch(/BR_NOT_NIL: register 1 holds nil or a caught failure/);
  });

  it.each([
    ["NIL 0\n ITER 1 0\n RET 1", /RET: register 1 holds the state of a loop, not a value/],
    ["NIL 0\n ITER_CLOSE 0\n RET_NIL", /ITER_CLOSE: register 0 holds nil, not the state of a loop/],
    ["NIL 0\n ITER 1 0\n ITER_CLOSE 1\n RET 0", null],
    ["NIL 0\n LIST_PUSH 0 0\n RET 0", /LIST_PUSH: register 0 holds nil, not a list being built/],
    ["NIL 0\n LIST 1 0 1\n LIST_PUSH 1 0\n RET 1", null],
    ["NIL 0\n LIST 1 0 1\n MOVE 2 1\n LIST_PUSH 1 2\n RET 1", /LIST_PUSH: register 1 holds a value, not a list being/],
    ["NIL 0\n LIST 1 0 1\n LIST_PUSH 1 1\n RET 1", /LIST_PUSH: .* a value/],
    ["NIL 0\n LIST 1 0 1\n CALL_SPREAD 2 0 1\n RET 2", null],
    ["NIL 0\n CALL_SPREAD 2 0 0\n RET 2", /CALL_SPREAD: register 0 holds nil, not a list being built/],
    ["NIL 0\n NIL 1\n DICT 2 1 0\n STRUCT 3 0 2\n RET 3", null],
    ["NIL 0\n NIL 1\n DICT 2 1 0\n STRUCT 3 0 2\n DICT_SET 2 0 0\n RET 3", /DICT_SET: register 2 holds a value/],
    ["NIL 0\n NIL 1\n CLOSURE 2 2\n SET_CAPTURE 2 1 2\n RET 2", null],
    ["NIL 0\n NIL 1\n CLOSURE 2 2\n SET_CAPTURE 2 2 2\n RET 2", /SET_CAPTURE: the closure has no capture 2/],
    [
      "NIL 0\n NIL 1\n CLOSURE 2 2\n MOVE 3 2\n SET_CAPTURE 3 1 2\n RET 2",
      /register 3 holds a value, not a new closure/,
    ],
  ])("%s", (code, problem) => {
    if (problem === null) expect(problemOf(code)).toBeNull();
    else expect(problemOf(code)).toMatch(problem);
  });

  it("a closure is filled only where it is known which one it is", () => {
    const either = `
      NIL 0
      NIL 1
      CLOSURE 2 2
      BLOCK end
      BR_IF 0 end
      CLOSURE 2 3
      end: END
      SET_CAPTURE 2 0 1
      RET 2`;
    expect(problemOf(either)).toMatch(/SET_CAPTURE: register 2 holds a value, not a new closure/);
  });
});

describe("instructions", () => {
  it.each([
    ["NIL 0\n TAIL_CALL 0 0 0\n RET 0", null],
    ["NIL 0\n NIL 1\n TAIL_CALL 0 0 0\n RET 1", "4: TAIL_CALL: its RET does not follow"],
    ["NIL 0\n SET_PATH 0 0 0 0\n RET 0", "2: SET_PATH: no keys"],
    ["NIL 0\n TAKE_PATH 1 0 0 0\n RET 0", "2: TAKE_PATH: no keys"],
    [
      "NIL 0\n ITER 1 0\n head: LOOP end\n ITER_NEXT 2 1 head\n BR end\n end: END\n RET 0",
      "7: ITER_NEXT: the end of a cursor is no way back",
    ],
    ["CLOSURE 0 0\n RET 0", "0: CLOSURE: function 0 initialises the module"],
  ])("%s", (code, problem) => {
    expect(problemOf(code)).toBe(problem);
  });

  it("nest in blocks, but not endlessly", () => {
    const nested = (depth: number) => {
      const code = new Int32Array(3 * depth + 1);
      for (let i = 0; i < depth; i++) code.set([Op.BLOCK, 3 * depth - 1 - i], 2 * i);
      code.fill(Op.END, 2 * depth, 3 * depth).set([Op.RET_NIL], 3 * depth);
      return { code };
    };
    expect(problemOf("RET_NIL", nested(9_000))).toBeNull();
    expect(problemOf("RET_NIL", nested(11_000))).toMatch(/blocks nest deeper than 10000/);
  });
});
