/**
 * Which registers an instruction reads and writes, and where control goes behind it: what every analysis of code starts from.
 *
 * Invariant: registers that an instruction writes only in some cases (the callee of TAIL_CALL) count as read and written.
 */
import { OPCODES, Op } from "./opcodes.ts";

/** What operands refer to. */
export interface EffectContext {
  /** How many keys the shape has that is constant `index`. */
  shapeSize(index: number): number;
  /** Registers that function `index` captures. */
  captures(index: number): readonly number[];
}

export interface RegisterVisitor {
  read(register: number): void;
  write(register: number): void;
}

/** Visits the registers of the instruction at `pc`: those that it reads in the order of its operands, then those that it writes beside its operands. */
export function visitRegisters(
  code: ArrayLike<number>,
  pc: number,
  context: EffectContext,
  visit: RegisterVisitor,
): void {
  const { code: op, operands } = OPCODES[code[pc]!]!;
  for (let i = 0; i < operands.length; i++) {
    const value = code[pc + 1 + i]!;
    switch (operands[i]) {
      case "d":
        // The register of TRY is written when its handler is entered.
        if (op !== Op.TRY) visit.write(value);
        break;
      case "r":
        visit.read(value);
        break;
      case "R": {
        const end = value + (op === Op.DICT ? context.shapeSize(code[pc + i]!) : code[pc + 2 + i]!);
        for (let register = value; register < end; register++) visit.read(register);
        break;
      }
    }
  }
  switch (op) {
    // What passed the test has a narrower type from here on.
    case Op.CHECK_PARAM:
    case Op.SET_PATH:
    case Op.TAIL_CALL:
      visit.write(code[pc + 1]!);
      return;
    case Op.TAKE_PATH:
      visit.write(code[pc + 2]!);
      return;
    case Op.SELECT:
      visit.write(code[pc + 1]! + 1);
      return;
    case Op.CLOSURE:
      for (const register of context.captures(code[pc + 2]!)) visit.read(register);
      return;
  }
}

/** Control does not go on to the next instruction. */
export function endsFlow(op: number): boolean {
  switch (op) {
    case Op.BR:
    case Op.CATCH:
    case Op.RET:
    case Op.RET_NIL:
    case Op.THROW:
    case Op.RETHROW:
    case Op.RAISE:
      return true;
    default:
      return false;
  }
}

/** Where control may go besides the next instruction; −1: nowhere. */
export function branchTarget(code: ArrayLike<number>, pc: number): number {
  switch (code[pc]) {
    case Op.BR:
    case Op.CATCH:
      return code[pc + 1]!;
    case Op.BR_IF:
    case Op.BR_UNLESS:
    case Op.BR_NIL:
    case Op.BR_NOT_NIL:
      return code[pc + 2]!;
    case Op.ITER_NEXT:
      return code[pc + 3]!;
    default:
      return -1;
  }
}
