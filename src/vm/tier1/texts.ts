/**
 * Sums of texts. `text + a + b` is computed as `text + (a + b)`: V8 makes an object of each sum that is not tiny, and those of a text that grows live as long
 * as it does. Where what is added is short, a turn of a loop then leaves one of them behind, not two.
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import { only, T } from "./value-types.ts";

/** A sum that is not computed yet: the one behind it begins with it. */
export interface OpenSum {
  readonly first: string;
  /** All that is added to it. */
  readonly rest: string;
}

/** The sum of two texts; null: it is left to the one that goes on with it. */
export function joined(s: FunctionSource, instruction: Instruction, a: Operand, b: Operand): string | null {
  const begun = s.openSums.get(instruction.index);
  const sum =
    begun === undefined ? { first: a.code, rest: b.code } : { first: begun.first, rest: `${begun.rest} + ${b.code}` };
  const follower = followerOf(s, instruction);
  if (follower === null) return `${sum.first} + ${begun === undefined ? sum.rest : `(${sum.rest})`}`;
  s.openSums.set(follower.index, sum);
  return null;
}

/** The sum of texts that goes on with this one, which nothing else reads; nothing is computed between them. */
function followerOf({ facts, mode }: FunctionSource, { index, args }: Instruction): Instruction | null {
  const { webs, instructions, constants, types, liveness, kinds, given } = facts;
  // What is noted or tested is computed.
  if (mode === "probe" || kinds.get(index) !== given.get(index)) return null;
  const dst = args[0]!;
  const web = webs.writtenBy(index, 0);
  for (let i = index + 1; i < instructions.list.length; i++) {
    const next = instructions.list[i]!;
    if (next.op === Op.CONST && constants.has(webs.writtenBy(i, 0))) continue;
    const goesOn = next.op === Op.ADD && next.args[1] === dst && webs.before(i, dst) === web && next.args[2] !== dst;
    if (!goesOn || (next.args[0] !== dst && liveness.isLiveAfter(i, dst))) return null;
    return only(types.get(webs.before(i, next.args[2]!)) ?? 0, T.STRING) ? next : null;
  }
  return null;
}
