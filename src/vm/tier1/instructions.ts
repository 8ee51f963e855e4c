/**
 * The code of a function as a list of instructions with what each reads and writes, for the analyses of tier 1.
 *
 * Invariant: registers that an instruction may write only in some cases (the callee of TAIL_CALL) count as read and written.
 */
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { OPCODES, Op, type OpName } from "../../bytecode/opcodes.ts";

export interface Instruction {
  readonly index: number;
  readonly pc: number;
  readonly next: number;
  readonly op: number;
  readonly name: OpName;
  /** As in the code, without the opcode. */
  readonly args: readonly number[];
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

export interface Instructions {
  readonly list: readonly Instruction[];
  /** Index by pc. */
  readonly at: ReadonlyMap<number, number>;
}

export function readInstructions(proto: FunctionProto): Instructions {
  const { code } = proto;
  const list: Instruction[] = [];
  const at = new Map<number, number>();
  for (let pc = 0; pc < code.length; ) {
    const info = OPCODES[code[pc]!]!;
    const args = Array.from(code.subarray(pc + 1, pc + info.length));
    const reads: number[] = [];
    const writes: number[] = [];
    info.operands.forEach((kind, i) => {
      const value = args[i]!;
      if (kind === "d") writes.push(value);
      else if (kind === "r") reads.push(value);
      else if (kind === "R") {
        const count = runLength(proto, info.name, args, i);
        for (let k = 0; k < count; k++) reads.push(value + k);
      }
    });
    addSpecial(proto, info.code, args, reads, writes);
    at.set(pc, list.length);
    list.push({ index: list.length, pc, next: pc + info.length, op: info.code, name: info.name, args, reads, writes });
    pc += info.length;
  }
  return { list, at };
}

function runLength(proto: FunctionProto, name: OpName, args: readonly number[], i: number): number {
  if (name !== "DICT") return args[i + 1]!;
  const shape = proto.chunk.constants[args[i - 1]!]!;
  return shape.kind === "shape" ? shape.keys.length : 0;
}

/** What the operand kinds do not say. */
function addSpecial(
  proto: FunctionProto,
  op: number,
  args: readonly number[],
  reads: number[],
  writes: number[],
): void {
  switch (op) {
    case Op.SET_PATH:
    // What passed the test has a narrower type from here on.
    case Op.CHECK_PARAM:
      writes.push(args[0]!);
      return;
    case Op.TAKE_PATH:
      writes.push(args[1]!);
      return;
    case Op.TAIL_CALL:
      writes.push(args[0]!);
      return;
    case Op.SELECT:
      writes.push(args[0]! + 1);
      return;
    case Op.CLOSURE:
      reads.push(...proto.chunk.functions[args[1]!]!.captures);
      return;
    case Op.TRY:
      // The register is written when the handler is entered.
      writes.length = 0;
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
export function branchTarget({ op, args }: Instruction): number {
  switch (op) {
    case Op.BR:
    case Op.CATCH:
      return args[0]!;
    case Op.BR_IF:
    case Op.BR_UNLESS:
    case Op.BR_NIL:
    case Op.BR_NOT_NIL:
      return args[1]!;
    case Op.ITER_NEXT:
      return args[2]!;
    default:
      return -1;
  }
}
