/**
 * How many bits the ints in each web can have, so that sums and products of few of them need no test: they cannot leave the range in which a
 * JavaScript number is exact.
 *
 * Invariant: what grows with the turns of a loop is tested, at the instruction where it would first become too wide.
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { Instruction, Instructions } from "./instructions.ts";
import { only, T } from "./value-types.ts";
import type { Webs } from "./webs.ts";

const SMALL_BITS = 31;
/** As many as an int may have that is a JavaScript number. */
export const MOST_BITS = 53;

export class Widths {
  /** Instructions whose result has to be tested. */
  private readonly tested = new Set<number>();
  private bits = new Map<number, number>();
  private readonly webs: Webs;

  constructor(webs: Webs) {
    this.webs = webs;
  }

  /** For another round of inference; false when the last one found nothing new to test. */
  again(found: ReadonlySet<number>): boolean {
    const before = this.tested.size;
    for (const index of found) this.tested.add(index);
    this.bits = new Map();
    return this.tested.size > before;
  }

  /** A web may hold ints of this type. True when that is new. */
  grow(web: number, type: number, bits: number): boolean {
    const width = only(type, T.INT) ? Math.min(bits, MOST_BITS + 1) : MOST_BITS;
    if ((this.bits.get(web) ?? 0) >= width) return false;
    this.bits.set(web, width);
    return true;
  }

  /** Bits of the result of an instruction of this type. */
  ofResult(instruction: Instruction, type: number): number {
    const { op, args, index } = instruction;
    const read = (n: number): number => this.bits.get(this.webs.before(index, args[n]!)) ?? 0;
    switch (op) {
      case Op.INT:
        return 32 - Math.clz32(Math.abs(args[1]!));
      case Op.MOVE:
      case Op.COPY:
        return read(1);
      case Op.ADD:
      case Op.SUB:
      case Op.MUL:
        if (!this.isTested(index)) return this.sum(instruction);
    }
    return type & T.WIDE ? MOST_BITS : SMALL_BITS;
  }

  /** The same of a sum, difference or product, if it is not tested. */
  sum({ op, args, index }: Instruction): number {
    const a = this.bits.get(this.webs.before(index, args[1]!)) ?? 0;
    const b = this.bits.get(this.webs.before(index, args[2]!)) ?? 0;
    return op === Op.MUL ? a + b : Math.max(a, b) + 1;
  }

  isTested(index: number): boolean {
    return this.tested.has(index);
  }
}

/** Sums, differences and products of ints that may have become too wide. */
export function tooWide(
  instructions: Instructions,
  webs: Webs,
  types: ReadonlyMap<number, number>,
  widths: Widths,
): ReadonlySet<number> {
  const found = new Set<number>();
  for (const instruction of instructions.list) {
    const { op, index, args } = instruction;
    if ((op !== Op.ADD && op !== Op.SUB && op !== Op.MUL) || !webs.reaches(index) || widths.isTested(index)) continue;
    const isInt = (n: number): boolean => only(types.get(webs.before(index, args[n]!)) ?? 0, T.INT);
    if (isInt(1) && isInt(2) && widths.sum(instruction) > MOST_BITS) found.add(index);
  }
  return found;
}
