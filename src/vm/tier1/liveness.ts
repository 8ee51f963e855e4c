/**
 * Which registers are read later: what a frame has to hold when an activation is suspended at an instruction.
 *
 * Invariant: what a handler reads is live at every instruction of its region, since each of them may fail.
 */
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { branchTarget, endsFlow, type Instructions } from "./instructions.ts";

export class Liveness {
  private readonly words: number;
  /** Before and after each instruction. */
  private readonly before: Int32Array;
  private readonly after: Int32Array;

  constructor(proto: FunctionProto, { list, at }: Instructions) {
    const words = (proto.registers + 31) >> 5;
    this.words = words;
    this.before = new Int32Array(list.length * words);
    this.after = new Int32Array(list.length * words);
    const { before, after } = this;
    const handlers = list.map(({ pc }) => proto.handlers.filter(({ start, end }) => pc >= start && pc < end));

    const row = new Int32Array(words);
    const merge = (index: number, except: number): void => {
      for (let w = 0; w < words; w++) {
        const bits = before[index * words + w]!;
        row[w]! |= except >> 5 === w ? bits & ~(1 << (except & 31)) : bits;
      }
    };
    const store = (into: Int32Array, base: number): boolean => {
      let changed = false;
      for (let w = 0; w < words; w++) {
        if (into[base + w] === row[w]) continue;
        into[base + w] = row[w]!;
        changed = true;
      }
      return changed;
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = list.length - 1; i >= 0; i--) {
        const instruction = list[i]!;
        const regions = handlers[i]!;
        row.fill(0);
        if (!endsFlow(instruction.op) && i + 1 < list.length) merge(i + 1, -1);
        const target = branchTarget(instruction);
        if (target >= 0) merge(at.get(target)!, -1);
        for (const { target: entry, register } of regions) merge(at.get(entry)!, register);
        changed = store(after, i * words) || changed;
        for (const register of instruction.writes) row[register >> 5]! &= ~(1 << (register & 31));
        for (const { target: entry, register } of regions) merge(at.get(entry)!, register);
        for (const register of instruction.reads) row[register >> 5]! |= 1 << (register & 31);
        changed = store(before, i * words) || changed;
      }
    }
  }

  isLiveBefore(index: number, register: number): boolean {
    return (this.before[index * this.words + (register >> 5)]! & (1 << (register & 31))) !== 0;
  }

  isLiveAfter(index: number, register: number): boolean {
    return (this.after[index * this.words + (register >> 5)]! & (1 << (register & 31))) !== 0;
  }
}
