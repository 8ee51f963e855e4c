/**
 * The code of a function as a list of instructions with what each reads and writes, for the analyses of tier 1.
 *
 * Invariant: ADD_TO is an ADD with a further argument, 1: what is known of sums holds for both.
 */
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { OPCODES, Op, type OpName } from "../../bytecode/opcodes.ts";
import { type EffectContext, branchTarget as targetOf, visitRegisters } from "../../bytecode/register-effects.ts";

export { endsFlow } from "../../bytecode/register-effects.ts";

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
  const { code, chunk } = proto;
  const context: EffectContext = {
    shapeSize(index) {
      const shape = chunk.constants[index]!;
      return shape.kind === "shape" ? shape.keys.length : 0;
    },
    captures: (index) => chunk.functions[index]!.captures,
  };
  const list: Instruction[] = [];
  const at = new Map<number, number>();
  for (let pc = 0; pc < code.length; ) {
    const { length, ...info } = OPCODES[code[pc]!]!;
    const args = Array.from(code.subarray(pc + 1, pc + length));
    const reads: number[] = [];
    const writes: number[] = [];
    visitRegisters(code, pc, context, {
      read: (register) => reads.push(register),
      write: (register) => writes.push(register),
    });
    const isAddTo = info.code === Op.ADD_TO;
    if (isAddTo) args.push(1);
    const { code: op, name } = isAddTo ? OPCODES[Op.ADD]! : info;
    at.set(pc, list.length);
    list.push({ index: list.length, pc, next: pc + length, op, name, args, reads, writes });
    pc += length;
  }
  return { list, at };
}

/** Where control may go besides the next instruction; −1: nowhere. */
export function branchTarget({ op, args }: Instruction): number {
  return targetOf([op, ...args], 0);
}
