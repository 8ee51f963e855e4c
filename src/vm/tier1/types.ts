/**
 * What is known at compile time of the values of each web: constants, results of operations, parameters that were tested. Flow-insensitive; a
 * web's type covers all its definitions.
 *
 * Invariant: types only grow while they are inferred, so the loop ends; what enters a function from outside is anything.
 */

import type { Constant, FunctionProto, TypeTest } from "../../bytecode/chunk.ts";
import { Op } from "../../bytecode/opcodes.ts";
import { UNMETERED } from "../../value/cost.ts";
import { isFlat } from "../../value/strings.ts";
import { type Feedback, isSource, speculated, speculatedCursor } from "./feedback.ts";
import type { Instruction, Instructions } from "./instructions.ts";
import { builtinType, methodType } from "./intrinsics.ts";
import type { Liveness } from "./liveness.ts";
import { ANY, isRangeCursor, kindOf, only, T } from "./value-types.ts";
import type { Webs } from "./webs.ts";
import { MOST_BITS, tooWide, Widths } from "./widths.ts";

const NUMBER = T.INT | T.BIG | T.FLOAT;
/** What is shown without surrogates. */
const FLAT_TEXTS = T.FLAT | T.INT | T.BIG | T.FLOAT | T.BOOL | T.NIL;
const ANY_INT = T.INT | T.BIG;

export interface Inferred {
  /** By web. */
  readonly types: ReadonlyMap<number, number>;
  /** By instruction: what its first result may be before anything is taken for granted. */
  readonly given: ReadonlyMap<number, number>;
  /** By instruction: what its first result is taken for; what is not is tested. */
  readonly kinds: ReadonlyMap<number, number>;
}

export interface Origin {
  readonly proto: FunctionProto;
  readonly instructions: Instructions;
  readonly webs: Webs;
  readonly liveness: Liveness;
  /** What was seen, when it is to be taken for granted. */
  readonly feedback: Feedback | null;
  /** pc where the code begins, or −1: at the beginning. */
  readonly loop: number;
}

export function inferTypes(origin: Origin): Inferred {
  const widths = new Widths(origin.webs);
  for (;;) {
    const inferred = inferOnce(origin, widths);
    if (!widths.again(tooWide(origin.instructions, origin.webs, inferred.types, widths))) return inferred;
  }
}

function inferOnce({ proto, instructions, webs, liveness, feedback, loop }: Origin, widths: Widths): Inferred {
  const { constants } = proto.chunk;
  const types = new Map<number, number>();
  const given = new Map<number, number>();
  const kinds = new Map<number, number>();
  const grow = (web: number, type: number, bits: number): boolean => {
    const known = types.get(web) ?? 0;
    const isWider = widths.grow(web, type, bits);
    if ((known | type) === known) return isWider;
    types.set(web, known | type);
    return true;
  };
  const growAny = (web: number, type: number): boolean => grow(web, type, type & T.WIDE ? MOST_BITS : 31);
  webs.entry.forEach((web, register) => {
    if (register === proto.argcRegister) growAny(webs.find(web), T.SMALL);
    else growAny(webs.find(web), entryType(proto, register, feedback));
  });
  for (const { target, register } of proto.handlers) {
    const index = instructions.at.get(target)!;
    if (webs.reaches(index)) growAny(webs.before(index, register), ANY);
  }
  // Without feedback, what tier 0 left in a register is what its definitions can give.
  if (loop >= 0 && feedback !== null) {
    const index = instructions.at.get(loop)!;
    const seen = feedback.inside(loop);
    for (let register = 0; register < proto.registers; register++) {
      if (liveness.isLiveBefore(index, register)) growAny(webs.before(index, register), loopType(seen[register]!));
    }
  }

  for (let changed = true; changed; ) {
    changed = false;
    for (const instruction of instructions.list) {
      const { index } = instruction;
      if (!webs.reaches(index)) continue;
      const read = (n: number): number => types.get(webs.before(index, instruction.args[n]!)) ?? 0;
      const readRegister = (register: number): number => types.get(webs.before(index, register)) ?? 0;
      instruction.writes.forEach((_, n) => {
        if (n > 0) {
          changed = growAny(webs.writtenBy(index, n), secondType(instruction, read)) || changed;
          return;
        }
        let type = resultType(instruction, read, readRegister, constants);
        let expected = narrowed(instruction, type, feedback);
        if (isSum(instruction.op) && only(read(1), T.INT) && only(read(2), T.INT) && feedback !== null) {
          const bits = widths.sum(instruction);
          if (bits <= MOST_BITS && !widths.isTested(index) && expected !== 0) {
            // Nothing to test: no result is too wide.
            type = bits <= 31 ? T.SMALL : T.INT;
            expected = type;
          }
        }
        given.set(index, type);
        kinds.set(index, expected);
        changed = grow(webs.writtenBy(index, 0), expected, widths.ofResult(instruction, expected)) || changed;
      });
    }
  }
  return { types, given, kinds };
}

function isSum(op: number): boolean {
  return op === Op.ADD || op === Op.SUB || op === Op.MUL;
}

/** What an instruction's first result is taken for. */
function narrowed(instruction: Instruction, given: number, feedback: Feedback | null): number {
  if (feedback === null || !isSource(instruction.op)) return given;
  const seen = feedback.results[instruction.pc]!;
  return instruction.op === Op.ITER ? speculatedCursor(given, seen) : speculated(given, seen);
}

/** Of a parameter or capture. */
export function entryType(proto: FunctionProto, register: number, feedback: Feedback | null): number {
  const isGiven =
    register < proto.params.length ||
    (register >= proto.captureBase && register < proto.captureBase + proto.captures.length);
  if (!isGiven || feedback === null) return ANY;
  const seen = feedback.entry[register]!;
  return seen === 0 ? ANY : speculated(ANY, seen);
}

/** Of a register when code is entered from tier 0 inside a function. */
function loopType(seen: number): number {
  if (seen === 0) return ANY;
  if (seen === T.CURSOR_RANGE || seen === (T.CURSOR_RANGE | T.WIDE) || seen === T.CURSOR_LIST) return seen;
  return seen > ANY ? ANY : speculated(ANY, seen);
}

/** The second register: the root of TAKE_PATH, the value of SELECT. */
function secondType(instruction: Instruction, read: (n: number) => number): number {
  return instruction.op === Op.TAKE_PATH ? read(1) & ~(T.NIL | T.BOOL | T.CLOSURE) : ANY;
}

function resultType(
  instruction: Instruction,
  read: (n: number) => number,
  readRegister: (register: number) => number,
  constants: readonly Constant[],
): number {
  const { op, args } = instruction;
  switch (op) {
    case Op.CONST:
      return constantType(constants[args[1]!]!);
    case Op.INT:
      return T.SMALL;
    case Op.NIL:
      return T.NIL;
    case Op.TRUE:
    case Op.FALSE:
    case Op.NOT:
    case Op.EQ:
    case Op.NE:
    case Op.LT:
    case Op.GT:
    case Op.LE:
    case Op.GE:
    case Op.IN:
    case Op.IS_VARIANT:
    case Op.IS_KIND:
    case Op.HAS_KEY:
    case Op.LEN_AT_LEAST:
    case Op.CAUGHT_IS:
      return T.BOOL;
    case Op.MOVE:
    case Op.COPY:
      return read(1);
    case Op.CHECK_PARAM: {
      const test = constants[args[1]!]!;
      return test.kind === "type" ? read(0) & testedType(test.type) : ANY;
    }
    case Op.ADD:
      return sumType(read(1), read(2));
    case Op.SUB:
      return differenceType(read(1), read(2));
    case Op.MUL: {
      const a = read(1);
      const b = read(2);
      const repeats = (a & T.STRING && b & ANY_INT) || (b & T.STRING && a & ANY_INT) ? T.STRING : 0;
      return arithmeticType(a, b) | repeats;
    }
    case Op.DIV:
    case Op.MOD: {
      const a = read(1);
      const b = read(2);
      // A remainder is no larger than either operand.
      const isSmall = op === Op.MOD && (only(a, T.SMALL) || only(b, T.SMALL));
      if (only(a, T.INT) && only(b, T.INT)) return isSmall ? T.SMALL : T.INT;
      return arithmeticType(a, b);
    }
    case Op.POW: {
      const type = arithmeticType(read(1), read(2));
      return type & ANY_INT ? type | T.FLOAT : type;
    }
    case Op.NEG: {
      const type = read(1) & NUMBER;
      // The smallest of each width has no counterpart in it.
      return type | (type & ANY_INT ? T.INT : 0) | (read(1) & T.OTHER);
    }
    case Op.CONCAT:
      return isFlatText(instruction, readRegister) ? T.FLAT : T.STRING;
    case Op.LIST:
    case Op.REST_LIST:
      return T.LIST;
    case Op.DICT:
    case Op.REST_DICT:
      return T.DICT;
    case Op.STRUCT:
      return T.STRUCT;
    case Op.ENUM:
      return T.OTHER;
    case Op.RANGE:
      return T.RANGE;
    case Op.CLOSURE:
      return T.CLOSURE;
    case Op.SET_PATH:
      // The place's root stays what it is.
      return read(0) & (T.LIST | T.DICT | T.STRUCT);
    case Op.METHOD: {
      const name = constants[args[2]!]!;
      return name.kind === "string" ? methodType(name.value, read(1)) : ANY;
    }
    case Op.BUILTIN: {
      const name = constants[args[1]!]!;
      const types = Array.from({ length: args[3]! }, (_, i) => readRegister(args[2]! + i));
      return name.kind === "string" ? builtinType(name.value, types) : ANY;
    }
    case Op.ITER_NEXT:
      if (isRangeCursor(read(1))) return read(1) & T.WIDE ? T.INT : T.SMALL;
      return read(1) && ANY;
    case Op.ITER:
      if (only(read(1), T.RANGE)) return T.CURSOR_RANGE | T.WIDE;
      return only(read(1), T.LIST) ? T.CURSOR_LIST | T.OTHER : read(1) && ANY;
    default:
      return ANY;
  }
}

function constantType(constant: Constant): number {
  switch (constant.kind) {
    case "int":
      return kindOf(constant.value);
    case "float":
      return T.FLOAT;
    case "string":
      return isFlat(constant.value, UNMETERED) ? T.FLAT : T.STRING;
    default:
      return T.OTHER;
  }
}

/** Every part is known to be shown without surrogates. */
function isFlatText({ args }: Instruction, readRegister: (register: number) => number): boolean {
  for (let i = 0; i < args[2]!; i++) if (!only(readRegister(args[1]! + i), FLAT_TEXTS)) return false;
  return true;
}

function arithmeticType(a: number, b: number): number {
  let type = 0;
  if (a & ANY_INT && b & ANY_INT) type |= ANY_INT;
  if ((a & T.FLOAT && b & NUMBER) || (b & T.FLOAT && a & NUMBER)) type |= T.FLOAT;
  // Durations come of durations and ints, never of a float.
  const partner = ANY_INT | T.OTHER;
  if ((a & T.OTHER && b & partner) || (b & T.OTHER && a & partner)) type |= T.OTHER;
  return type;
}

/** Of small operands it is no large int. */
function differenceType(a: number, b: number): number {
  const type = arithmeticType(a, b);
  return only(a, T.SMALL) && only(b, T.SMALL) ? type & ~T.BIG : type;
}

function sumType(a: number, b: number): number {
  return differenceType(a, b) | (a & b & (T.STRING | T.LIST | T.DICT));
}

/** What a tested parameter can be; int and float pass for each other. */
export function testedType(test: TypeTest): number {
  if (test.kind !== "name") return ANY;
  switch (test.name) {
    case "int":
    case "float":
      return NUMBER;
    case "string":
      return T.STRING;
    case "bool":
      return T.BOOL;
    case "list":
      return T.LIST;
    case "dict":
      return T.DICT | T.STRUCT;
    default:
      return ANY;
  }
}
