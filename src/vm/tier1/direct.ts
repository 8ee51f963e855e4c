/**
 * Calls between generated functions that know each other. A small function has a direct form beside the one for all callers: it takes its arguments as it
 * holds them, without a look at how many and of which kinds they are, or at the depth of calls, and gives floats as bare doubles. Its callers see to all
 * that, mostly before they run.
 *
 * Invariants
 * 1. What ends in another way than with such a double (SUSPEND, another value) is put aside (`Tier.away`) before anything else runs.
 * 2. A direct form is called with room for itself and for the direct forms that it calls without a look (`height` of them, one on the other).
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { CompiledFunction } from "../../value/value.ts";
import { type Facts, isRaw } from "./facts.ts";
import { kindTest } from "./feedback.ts";
import type { FunctionSource } from "./function-source.ts";
import { inlineCall } from "./inlining.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import { FRAME } from "./room.ts";
import { entryType } from "./types.ts";
import type { Unit } from "./unit.ts";
import { only, T } from "./value-types.ts";

export interface DirectParameter {
  readonly kinds: number;
  /** Passed as a bare double. */
  readonly raw: boolean;
}

export interface DirectShape {
  readonly params: readonly DirectParameter[];
  /** It gives floats alone, as bare doubles. */
  readonly givesFloats: boolean;
}

export interface DirectForm extends DirectShape {
  readonly code: CompiledFunction;
}

/** Words of code of a function that has a direct form; a larger one has its work elsewhere. */
const LARGEST_DIRECT = 300;

/** Null: the function has no direct form. */
export function directShape(facts: Facts, unit: Unit): DirectShape | null {
  const { proto, webs, feedback } = facts;
  if (unit.mode !== "fast" || proto.hasRest || proto.argcRegister >= 0) return null;
  const floats = givesFloats(facts);
  if (proto.code.length > LARGEST_DIRECT && !floats) return null;
  const params = proto.params.map((_, i) => {
    const kinds = entryType(proto, i, feedback);
    return { kinds, raw: kinds === T.FLOAT && isRaw(facts, webs.find(webs.entry[i]!)) };
  });
  return { params, givesFloats: floats };
}

/** Every way out with a result gives a float that is held as a bare double. */
function givesFloats(facts: Facts): boolean {
  const { instructions, webs } = facts;
  let any = false;
  for (const { index, op, args } of instructions.list) {
    if (!webs.reaches(index)) continue;
    if (op === Op.RET_NIL || op === Op.TAIL_CALL) return false;
    if (op !== Op.RET) continue;
    if (!isRaw(facts, webs.before(index, args[0]!))) return false;
    any = true;
  }
  return any;
}

/** What generated code calls: the form for all callers, and the direct one if there is one. */
export interface Callee {
  readonly unit: Unit;
  readonly name: string;
  readonly direct: (DirectShape & { readonly name: string }) | null;
  readonly counts: boolean;
  readonly height: number;
}

/** So many direct forms may call each other without a look at the depth. */
export const MOST_HEIGHT = 3;

/** What must hold for a function to be the one that is called, and the call when it does not. */
export interface Guard {
  readonly test: string;
  readonly other: string;
  /** A struct that goes in front of the arguments; null: none. */
  readonly receiver: string | null;
}

/** Calls a function whose closure is `self`, and assigns the result. */
export function emitDirectCall(
  s: FunctionSource,
  instruction: Instruction,
  callee: Callee,
  self: string,
  args: readonly Operand[],
  guard: Guard | null,
  suspended: string,
): void {
  const values = args.map((arg) => s.tagged(arg));
  const receiver = guard?.receiver ?? null;
  const first = receiver === null ? [] : [receiver];
  const full = `${callee.name}(${["m", self, ...first, ...values].join(", ")})`;
  const slow = guard === null ? full : `${guard.test} ? ${full} : ${guard.other}`;
  if (callee.counts) s.counts = true;
  s.variables.add("v");
  const { direct } = callee;
  const given = direct === null ? null : passed(s, direct.params.slice(first.length), args);
  const fits = given !== null && (receiver === null || (direct!.params[0]!.kinds & T.STRUCT) !== 0);
  if (direct === null || !fits) {
    s.emit(`v = ${slow};`);
    s.assignCall(instruction, "v", suspended);
    return;
  }
  if (emitInlined(s, instruction, callee, [...first, ...given.codes], guard, given.tests)) return;
  const tests = [...given.tests];
  if (callee.height < MOST_HEIGHT) s.height = Math.max(s.height, callee.height + 1);
  else tests.unshift(`m >= ${FRAME * (callee.height + 1)}`);
  if (guard !== null) tests.unshift(guard.test);
  const call = `${direct.name}(${["m", self, ...first, ...given.codes].join(", ")})`;
  const chosen = (other: string): string => (tests.length === 0 ? call : `${tests.join(" && ")} ? ${call} : ${other}`);
  if (direct.givesFloats) s.assignFloat(instruction, chosen(s.cold(`X.goAway(${slow})`)), suspended);
  else {
    s.emit(`v = ${chosen(s.cold(slow))};`);
    s.assignCall(instruction, "v", suspended);
  }
}

/** Makes the function part of the code, if it is small enough and changes nothing. */
function emitInlined(
  s: FunctionSource,
  instruction: Instruction,
  { unit, height }: Callee,
  args: readonly string[],
  guard: Guard | null,
  tests: readonly string[],
): boolean {
  if (height >= MOST_HEIGHT || s.regions > 0 || s.unit.refuted.has(instruction.pc)) return false;
  const begins = s.lines.length;
  if (guard !== null) s.emit(`if (!(${guard.test})) ${s.exit(s.coldly(s.leaveRefuted(instruction)))}`);
  const leave = s.exit(s.coldly(s.leaveAt(instruction)));
  if (tests.length > 0) s.emit(`if (!(${tests.join(" && ")})) ${leave}`);
  const result = inlineCall(s, unit, args, leave);
  if (result === null) {
    s.lines.length = begins;
    return false;
  }
  s.height = Math.max(s.height, height + 1);
  if (unit.direct!.givesFloats) s.assignRaw(instruction, result);
  else s.assign(instruction, result);
  return true;
}

/** The arguments as a direct form takes them, and what must hold of them; null: they do not fit. */
function passed(
  s: FunctionSource,
  params: readonly DirectParameter[],
  args: readonly Operand[],
): { readonly codes: readonly string[]; readonly tests: readonly string[] } | null {
  if (args.length !== params.length) return null;
  const codes: string[] = [];
  const tests: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const { kinds, raw } = params[i]!;
    if (raw && !arg.raw) return null;
    if ((arg.type & kinds) === 0) return null;
    const code = raw ? arg.code : s.tagged(arg);
    const test = arg.constant === undefined ? kindTest(code, arg.type, kinds) : "";
    if (arg.constant !== undefined && !only(arg.type, kinds)) return null;
    if (test !== "") tests.push(test);
    codes.push(code);
  }
  return { codes, tests };
}
