/**
 * The verifier: what passes here may be run, and JavaScript may be generated from it.
 *
 * Invariants
 * 1. Every operand of every instruction is in range of what its kind names, and a constant has the kind that the instruction needs.
 * 2. Blocks nest as chunk.ts says; control cannot run off the end of a function.
 * 3. What an instruction reads was written before, as what the instruction is made for (register-flow.ts).
 * 4. It answers with the handlers of the function, innermost first, or throws a `Failure` that names function and pc; nothing else.
 */
import { Failure } from "../base/failure.ts";
import type { Constant, FunctionProto, Handler } from "./chunk.ts";
import { OPCODES, Op, type OpInfo, type OpName } from "./opcodes.ts";
import { type RegisterSpace, verifyRegisters } from "./register-flow.ts";

/** A function as it comes from the compiler or from a file. */
export type FunctionParts = Omit<FunctionProto, "chunk" | "handlers" | "index">;

/** What the operands of a function may refer to. */
export interface VerifyLimits {
  readonly constants: readonly Constant[];
  readonly functions: readonly FunctionParts[];
  readonly slots: number;
  readonly space: RegisterSpace;
}

/** Words of code. */
export const LARGEST_FUNCTION = 1 << 24;
export const MOST_REGISTERS = 65_536;
/** Blocks in one another: far more than the parser lets a program have. */
const DEEPEST = 10_000;

/** Constant kinds by instruction, operand by operand; everything else is a string. */
const CONSTANT_KINDS: { readonly [name in OpName]?: readonly (readonly Constant["kind"][])[] } = {
  CONST: [["int", "float", "string", "duration"]],
  GET_IMPORT: [["import"]],
  DICT: [["shape"]],
  REST_DICT: [["shape"]],
  CHECK_PARAM: [["type"], ["string"]],
};
const STRINGS: readonly Constant["kind"][] = ["string"];

/** Instructions after which the next one is not reached. */
const TERMINAL = new Set<number>([Op.RET, Op.RET_NIL, Op.TAIL_CALL, Op.THROW, Op.RETHROW, Op.RAISE]);

const NO_HANDLERS: readonly Handler[] = Object.freeze([]);
const MISPLACED = "line entry is not at an instruction, in order";

interface OpenBlock {
  readonly kind: "block" | "loop" | "try" | "catch";
  readonly pc: number;
  readonly end: number;
}

export function verifyFunction(fn: FunctionParts, limits: VerifyLimits): readonly Handler[] {
  const at = (pc: number, problem: string): Failure =>
    new Failure(`malformed bytecode in function ${JSON.stringify(fn.name)} at ${pc}: ${problem}`);
  verifyHeader(fn, at);

  const code = fn.code;
  const handlers: Handler[] = [];
  const open: OpenBlock[] = [];
  const lines = fn.lines[Symbol.iterator]();
  let line = lines.next();
  let last: OpInfo | null = null;
  let pc = 0;
  while (pc < code.length) {
    const op = OPCODES[code[pc]!];
    if (op === undefined) throw at(pc, `no instruction has the number ${code[pc]}`);
    if (pc + op.length > code.length) throw at(pc, `${op.name} is cut off`);
    if (!line.done && line.value.pc <= pc) {
      if (line.value.pc < pc) throw at(line.value.pc, MISPLACED);
      line = lines.next();
    }
    verifyOperands(fn, limits, op, pc, at);
    verifyStructure(code, op, pc, open, handlers, at);
    last = op;
    pc += op.length;
  }
  if (open.length > 0) throw at(pc, `the block opened at ${open[open.length - 1]!.pc} is not closed`);
  if (last === null || !TERMINAL.has(last.code)) throw at(pc, "control runs off the end");
  if (!line.done) throw at(line.value.pc, MISPLACED);
  verifyRegisters(fn, limits.constants, limits.functions, limits.space, at);
  return handlers.length === 0 ? NO_HANDLERS : handlers;
}

function verifyHeader(fn: FunctionParts, at: (pc: number, problem: string) => Failure): void {
  const registers = fn.registers;
  if (!isCount(registers) || registers > MOST_REGISTERS) throw at(0, `${registers} registers`);
  if (fn.code.length > LARGEST_FUNCTION) throw at(0, "code too long");
  if (fn.params.length > registers) throw at(0, "more parameters than registers");
  if (!isCount(fn.required) || fn.required > fn.params.length) throw at(0, `${fn.required} required parameters`);
  if (fn.hasRest && fn.params.length === 0) throw at(0, "a rest parameter without parameters");
  if (fn.captures.length !== fn.captureNames.length) throw at(0, "captures without names");
  const base = fn.captureBase;
  if (!isCount(base) || base + fn.captures.length > registers) throw at(0, "captures out of range");
  if (fn.captures.length > 0 && base < fn.params.length) throw at(0, "captures in the registers of parameters");
  const argc = fn.argcRegister;
  if (argc !== -1) {
    if (!inRange(argc, registers)) throw at(0, "argc register out of range");
    if (argc < fn.params.length || (argc >= base && argc < base + fn.captures.length))
      throw at(0, "argc register is taken");
  }
  for (const capture of fn.captures) if (!isCount(capture)) throw at(0, "capture is not a register");
}

function verifyOperands(
  fn: FunctionParts,
  limits: VerifyLimits,
  op: OpInfo,
  pc: number,
  at: (pc: number, problem: string) => Failure,
): void {
  const code = fn.code;
  let constantIndex = 0;
  for (let i = 0; i < op.operands.length; i++) {
    const kind = op.operands[i]!;
    const value = code[pc + 1 + i]!;
    switch (kind) {
      case "d":
      case "r":
        if (!inRange(value, fn.registers)) throw at(pc, `${op.name}: no register ${value}`);
        break;
      case "R": {
        const count = op.operands[i + 1] === "n" ? code[pc + 2 + i]! : shapeSize(limits, code[pc + i]!);
        if (!isCount(value) || !isCount(count) || value + count > fn.registers) {
          throw at(pc, `${op.name}: no registers ${value} to ${value + count - 1}`);
        }
        break;
      }
      case "k": {
        const constant = limits.constants[value];
        if (!inRange(value, limits.constants.length) || constant === undefined)
          throw at(pc, `${op.name}: no constant ${value}`);
        const allowed = CONSTANT_KINDS[op.name]?.[constantIndex++] ?? STRINGS;
        if (!allowed.includes(constant.kind)) throw at(pc, `${op.name}: constant ${value} is of kind ${constant.kind}`);
        break;
      }
      case "f": {
        const target = limits.functions[value];
        if (!inRange(value, limits.functions.length) || target === undefined)
          throw at(pc, `${op.name}: no function ${value}`);
        if (target.kind === "init") throw at(pc, `${op.name}: function ${value} initialises the module`);
        for (const register of target.captures) {
          if (register >= fn.registers) throw at(pc, `${op.name}: function ${value} captures register ${register}`);
        }
        break;
      }
      case "s":
        if (!inRange(value, limits.slots)) throw at(pc, `${op.name}: no module slot ${value}`);
        break;
      case "n":
        if (!isCount(value)) throw at(pc, `${op.name}: negative count ${value}`);
        break;
      case "t":
        if (!inRange(value, code.length)) throw at(pc, `${op.name}: target ${value} outside the code`);
        break;
      case "i":
        break;
    }
  }
  switch (op.code) {
    case Op.SELECT:
      // It writes the value beside the index.
      if (code[pc + 1]! + 1 >= fn.registers) throw at(pc, "SELECT: no register for the value");
      break;
    case Op.SET_PATH:
      if (code[pc + 3] === 0) throw at(pc, "SET_PATH: no keys");
      break;
    case Op.TAKE_PATH:
      if (code[pc + 4] === 0) throw at(pc, "TAKE_PATH: no keys");
      break;
    case Op.TAIL_CALL:
      // What a builtin answers is returned from the register of the callee.
      if (code[pc + 4] !== Op.RET || code[pc + 5] !== code[pc + 1]) throw at(pc, "TAIL_CALL: its RET does not follow");
      break;
  }
}

function verifyStructure(
  code: Int32Array,
  op: OpInfo,
  pc: number,
  open: OpenBlock[],
  handlers: Handler[],
  at: (pc: number, problem: string) => Failure,
): void {
  if (open.length > DEEPEST) throw at(pc, `blocks nest deeper than ${DEEPEST}`);
  switch (op.name) {
    case "BLOCK":
    case "LOOP":
      open.push({ kind: op.name === "BLOCK" ? "block" : "loop", pc, end: code[pc + 1]! });
      return;
    case "TRY":
      open.push({ kind: "try", pc, end: code[pc + 1]! });
      return;
    case "CATCH": {
      const region = open.pop();
      if (region?.kind !== "try" || region.end !== pc) throw at(pc, "CATCH does not end the innermost TRY");
      handlers.push({
        start: region.pc + OPCODES[Op.TRY]!.length,
        end: pc,
        target: pc + op.length,
        register: code[region.pc + 2]!,
        kind: code[region.pc + 3] === 1 ? "finally" : "catch",
      });
      open.push({ kind: "catch", pc, end: code[pc + 1]! });
      return;
    }
    case "END": {
      const block = open.pop();
      if (block === undefined || block.kind === "try" || block.end !== pc)
        throw at(pc, "END does not close the innermost block");
      return;
    }
    default:
      if (op.code === Op.ITER_NEXT && code[pc + 3]! < pc) throw at(pc, "ITER_NEXT: the end of a cursor is no way back");
      for (let i = 0; i < op.operands.length; i++) {
        if (op.operands[i] === "t" && !isBranchTarget(code, open, code[pc + 1 + i]!)) {
          throw at(
            pc,
            `${op.name}: ${code[pc + 1 + i]} is neither the end of an enclosing block nor the head of an enclosing loop`,
          );
        }
      }
  }
}

function isBranchTarget(code: Int32Array, open: readonly OpenBlock[], target: number): boolean {
  for (let i = open.length - 1; i >= 0; i--) {
    const block = open[i]!;
    if (block.kind === "loop" && block.pc === target) return true;
    if (block.kind !== "try" && block.end === target) return true;
    // The end of a protected region stands in its CATCH, which is checked when it is reached.
    if (block.kind === "try" && code[block.end] === Op.CATCH && code[block.end + 1] === target) return true;
  }
  return false;
}

function shapeSize(limits: VerifyLimits, index: number): number {
  const constant = limits.constants[index];
  return constant?.kind === "shape" ? constant.keys.length : 0;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function inRange(value: number, limit: number): boolean {
  return isCount(value) && value < limit;
}
