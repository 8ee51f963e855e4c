/**
 * What was seen of one function while it ran: the kinds of values that its instructions gave and that came in from outside. Faster code takes it for
 * granted, tests it where the values arise, and leaves for tier 0 where it no longer holds.
 *
 * Invariants
 * 1. Kinds are only added, so code that was generated again knows more than the code before it.
 * 2. What is taken for granted can be tested by one short expression (`isTestable`).
 */
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { OPCODES, Op } from "../../bytecode/opcodes.ts";
import { notNil, T } from "./value-types.ts";

export class Feedback {
  /** By pc: kinds that the first written register received. */
  readonly results: Int32Array;
  /** By register: kinds of parameters and captures when the function was entered. */
  readonly entry: Int32Array;
  /** By pc where code is entered inside a function, and register: kinds when it was entered from tier 0. */
  private readonly entries = new Map<number, Int32Array>();
  private readonly registers: number;

  constructor(proto: FunctionProto) {
    this.results = new Int32Array(proto.code.length);
    this.entry = new Int32Array(proto.registers);
    this.registers = proto.registers;
  }

  inside(pc: number): Int32Array {
    let kinds = this.entries.get(pc);
    if (kinds === undefined) {
      kinds = new Int32Array(this.registers);
      this.entries.set(pc, kinds);
    }
    return kinds;
  }
}

/** The call that ends in front of an instruction; −1: something else is there, as far as that can be seen. */
export function callBefore(code: Int32Array, pc: number): number {
  if (pc >= 5 && (code[pc - 5] === Op.CALL || code[pc - 5] === Op.BUILTIN)) return pc - 5;
  return pc >= 7 && code[pc - 7] === Op.METHOD ? pc - 7 : -1;
}

/** Instructions whose result depends on more than the types of their operands. */
const SOURCES: readonly number[] = [
  Op.CALL,
  Op.CALL_SPREAD,
  Op.BUILTIN,
  Op.METHOD,
  Op.METHOD_SPREAD,
  Op.GET_FIELD,
  Op.GET_FIELD_OPT,
  Op.GET_INDEX,
  Op.GET_INDEX_OPT,
  Op.GET_SLOT,
  Op.GET_IMPORT,
  Op.GET_GLOBAL,
  Op.ITER,
  Op.ITER_NEXT,
  Op.VARIANT_FIELD,
  Op.TAKE_PATH,
  Op.ADD,
  Op.ADD_TO,
  Op.SUB,
  Op.MUL,
  Op.DIV,
  Op.MOD,
  Op.NEG,
  Op.POW,
];
const IS_SOURCE: readonly boolean[] = OPCODES.map(({ code }) => SOURCES.includes(code));

export function isSource(op: number): boolean {
  return IS_SOURCE[op]!;
}

const OBJECTS = [T.LIST, T.DICT, T.STRUCT, T.CLOSURE, T.RANGE, T.STRING] as const;

/** What to take for granted of something that may be any of `given`, when `seen` was seen. 0: it never was there. */
export function speculated(given: number, seen: number): number {
  const kinds = given & seen;
  if (kinds === 0 || kinds === given) return kinds;
  if (kinds === T.SMALL || kinds === T.FLOAT || kinds === T.NIL || kinds === T.BOOL) return kinds;
  if ((kinds & ~T.INT) === 0) return given & T.INT;
  if ((kinds & ~(T.INT | T.FLOAT)) === 0) return given & (T.INT | T.FLOAT);
  for (const kind of OBJECTS) if ((kinds & ~T.NIL) === kind) return kinds;
  return given;
}

/** The same for the state of a loop. */
export function speculatedCursor(given: number, seen: number): number {
  if (given === 0 || seen === 0) return 0;
  if (given & T.CURSOR_RANGE) return seen === T.CURSOR_RANGE ? seen : given;
  return seen === T.CURSOR_RANGE || seen === T.CURSOR_LIST || seen === (T.CURSOR_RANGE | T.WIDE) ? seen : given;
}

/** JavaScript that is true when a value that is one of `given` is one of `kinds`, which `speculated` gave; "" when it always is. */
export function kindTest(code: string, given: number, kinds: number): string {
  const rest = given & ~kinds;
  if (rest === 0) return "";
  const isNumber = given & ~T.INT ? `typeof ${code} === "number"` : "";
  const both = (...tests: readonly string[]): string => tests.filter((test) => test !== "").join(" && ");
  // Testing with `>>` lets V8 drop the test where it knows the number for small; with `|` it does not.
  if (kinds === T.SMALL) return both(isNumber, `${code} >> 0 === ${code}`);
  if (kinds === T.WIDE || kinds === T.INT) return both(isNumber, `isSafeInteger(${code})`);
  if (kinds === T.NIL) return `${code} === null`;
  if (kinds === T.BOOL) return `typeof ${code} === "boolean"`;
  const object = kinds & ~T.NIL;
  const isThere = given & T.NIL && !(kinds & T.NIL) ? notNil(code) : "";
  const isFloat = `${isThere}${code}.constructor === HFloat`;
  if (kinds === T.FLOAT) return `(typeof ${code} === "number" ? floor(${code}) !== ${code} : ${isFloat})`;
  if ((kinds & ~(T.INT | T.FLOAT)) === 0) return `(typeof ${code} === "number" || ${isFloat})`;
  if (object === T.STRING)
    return kinds & T.NIL ? `(${code} === null || typeof ${code} === "string")` : `typeof ${code} === "string"`;
  const kind = CLASSES.get(object)!;
  return kinds & T.NIL
    ? `(${code} === null || ${code}.constructor === ${kind})`
    : `${isThere}${code}.constructor === ${kind}`;
}

const CLASSES: ReadonlyMap<number, string> = new Map([
  [T.LIST, "HList"],
  [T.DICT, "HDict"],
  [T.STRUCT, "HStruct"],
  [T.CLOSURE, "HClosure"],
  [T.RANGE, "HRange"],
]);
