/**
 * What is known at compile time of the values of each web: constants, results of operations, parameters that were tested. Flow-insensitive; a
 * web's type covers all its definitions.
 *
 * Invariant: types only grow while they are inferred, so the loop ends; what enters a function from outside is anything.
 */
import type { Constant, FunctionProto, TypeTest } from "../../bytecode/chunk.ts";
import { Op } from "../../bytecode/opcodes.ts";
import type { Instruction, Instructions } from "./instructions.ts";
import { builtinType, methodType } from "./intrinsics.ts";
import { ANY, only, T } from "./value-types.ts";
import type { Webs } from "./webs.ts";

const NUMBER = T.INT | T.BIG | T.FLOAT;
const ANY_INT = T.INT | T.BIG;

export function inferTypes(
  proto: FunctionProto,
  instructions: Instructions,
  webs: Webs,
  constants: readonly Constant[],
): Map<number, number> {
  const types = new Map<number, number>();
  const grow = (web: number, type: number): boolean => {
    const known = types.get(web) ?? 0;
    if ((known | type) === known) return false;
    types.set(web, known | type);
    return true;
  };
  for (const web of webs.entry) grow(webs.find(web), ANY);
  for (const { target, register } of proto.handlers) {
    const index = instructions.at.get(target)!;
    if (webs.reaches(index)) grow(webs.before(index, register), ANY);
  }

  for (let changed = true; changed; ) {
    changed = false;
    for (const instruction of instructions.list) {
      if (!webs.reaches(instruction.index)) continue;
      const read = (n: number): number => types.get(webs.before(instruction.index, instruction.args[n]!)) ?? 0;
      const readRegister = (register: number): number => types.get(webs.before(instruction.index, register)) ?? 0;
      instruction.writes.forEach((_, n) => {
        const type = n === 0 ? resultType(instruction, read, readRegister, constants) : secondType(instruction, read);
        changed = grow(webs.writtenBy(instruction.index, n), type) || changed;
      });
    }
  }
  return types;
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
      return T.INT;
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
      return arithmeticType(read(1), read(2));
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
      if (only(a, T.INT) && only(b, T.INT)) return T.INT;
      return arithmeticType(a, b);
    }
    case Op.POW: {
      const type = arithmeticType(read(1), read(2));
      return type & ANY_INT ? type | T.FLOAT : type;
    }
    case Op.NEG: {
      const type = read(1) & NUMBER;
      if (type & ANY_INT) return type & T.BIG ? type | T.INT : type;
      return type | (read(1) & T.OTHER);
    }
    case Op.CONCAT:
      return T.STRING;
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
      return read(1) === T.CURSOR_RANGE ? T.INT : read(1) && ANY;
    case Op.ITER:
      return only(read(1), T.RANGE) ? T.CURSOR_RANGE : read(1) && ANY;
    default:
      return ANY;
  }
}

function constantType(constant: Constant): number {
  switch (constant.kind) {
    case "int":
      return typeof constant.value === "number" ? T.INT : T.BIG;
    case "float":
      return T.FLOAT;
    case "string":
      return T.STRING;
    default:
      return T.OTHER;
  }
}

function arithmeticType(a: number, b: number): number {
  let type = 0;
  if (a & ANY_INT && b & ANY_INT) type |= ANY_INT;
  if ((a & T.FLOAT && b & NUMBER) || (b & T.FLOAT && a & NUMBER)) type |= T.FLOAT;
  // Durations come of durations and ints, never of a float. Where ints are possible, what follows tests for numbers anyway.
  const partner = ANY_INT | T.OTHER;
  if ((type & ANY_INT) === 0 && ((a & T.OTHER && b & partner) || (b & T.OTHER && a & partner))) type |= T.OTHER;
  return type;
}

function sumType(a: number, b: number): number {
  return arithmeticType(a, b) | (a & b & (T.STRING | T.LIST | T.DICT));
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
