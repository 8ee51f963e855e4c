/** Builtins and methods that are so common and so small that generated code has them inline. Each tests that its operands are of the common kind. */
import { SHORT_TEXT } from "../../value/cost.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import { ANY, isA, only, T } from "./value-types.ts";

const NUMBER = T.INT | T.BIG | T.FLOAT;

/** Functions of one number that give a float. */
const ON_FLOAT: ReadonlyMap<string, string> = new Map([
  ["sqrt", "sqrt"],
  ["sin", "sin"],
  ["cos", "cos"],
]);

/** Methods of texts that JavaScript has, too. */
const ON_TEXT: ReadonlyMap<string, string> = new Map([
  ["contains", "includes"],
  ["starts_with", "startsWith"],
  ["ends_with", "endsWith"],
]);

/** What a builtin gives for arguments of these types. */
export function builtinType(name: string, types: readonly number[]): number {
  const [first] = types;
  if (types.length === 2 && (name === "min" || name === "max") && types.every((type) => only(type, T.SMALL)))
    return T.SMALL;
  if (first === undefined || types.length !== 1) return ANY;
  if (first === 0) return 0;
  if (ON_FLOAT.has(name)) return only(first, NUMBER) ? T.FLOAT : T.FLOAT | T.NIL;
  if (name === "len") return T.SMALL;
  if (name === "abs" && only(first, NUMBER)) return first;
  return ANY;
}

/** Methods that give a list whenever the receiver is one. */
const LIST_TO_LIST: ReadonlySet<string> = new Set(["push", "map", "filter", "sort_by", "sort", "reverse", "concat"]);

/** What a method gives for receivers of these kinds. */
export function methodType(name: string, receiver: number): number {
  if (receiver === 0) return 0;
  if ((ON_TEXT.has(name) && only(receiver, T.STRING)) || (name === "has" && only(receiver, T.DICT))) return T.BOOL;
  return LIST_TO_LIST.has(name) && only(receiver, T.LIST) ? T.LIST : ANY;
}

/** True when the call was written. `slow` gives the call of the builtin itself, which completes at once. */
export function emitBuiltin(
  s: FunctionSource,
  instruction: Instruction,
  name: string,
  operands: readonly Operand[],
  slow: string,
): boolean {
  const [first, second] = operands;
  if (first === undefined) return false;
  const code = s.tagged(first);
  const math = ON_FLOAT.get(name);
  if (operands.length === 1 && math !== undefined) {
    if (first.raw || only(first.type, T.INT)) s.assignRaw(instruction, `Math.${math}(${first.code})`);
    else if (only(first.type, NUMBER)) {
      s.assignRaw(instruction, `typeof ${code} === "number" ? Math.${math}(${code}) : toDouble(${slow})`);
    } else s.assign(instruction, `typeof ${code} === "number" ? makeFloat(Math.${math}(${code})) : ${slow}`);
    return true;
  }
  if (operands.length === 1 && name === "len" && only(first.type, T.LIST)) {
    s.assign(instruction, lengthOf(code));
    return true;
  }
  if (operands.length === 1 && name === "len" && only(first.type, T.STRING)) {
    s.assign(instruction, only(first.type, T.FLAT) ? `${code}.length` : `codePointLength(${code}, ${s.meter})`);
    return true;
  }
  if (operands.length === 1 && name === "len") {
    s.assign(
      instruction,
      `${isA(code, first.type, "HList")} ? ${lengthOf(code)} : typeof ${code} === "string" ? codePointLength(${code}, ${s.meter}) : ${s.cold(slow)}`,
    );
    return true;
  }
  if (operands.length === 1 && name === "abs") {
    if (first.raw) s.assignRaw(instruction, `Math.abs(${first.code})`);
    else s.assign(instruction, `typeof ${code} === "number" ? Math.abs(${code}) : ${slow}`);
    return true;
  }
  if (operands.length === 2 && (name === "min" || name === "max")) {
    const other = s.tagged(second!);
    const areInts = only(first.type, T.INT) && only(second!.type, T.INT);
    const both = `${code} >> 0 === ${code} && ${other} >> 0 === ${other}`;
    const test = `typeof ${code} === "number" && typeof ${other} === "number" && ${both}`;
    const fast = `Math.${name}(${code}, ${other})`;
    s.assign(instruction, areInts ? fast : `${test} ? ${fast} : ${s.cold(slow)}`);
    return true;
  }
  return false;
}

/** How many items a list has: none of them are in `parts` while they are floats. */
function lengthOf(code: string): string {
  return `(${code}.parts.length || ${code}.length)`;
}

/** A test and the value when it holds, for a method on a list, dict or text; null: nothing inline. `isCostly`: by the size of the receiver. */
export function inlineMethod(
  name: string,
  operand: Operand,
  given: readonly Operand[],
  args: readonly string[],
  inPlace: boolean,
): { readonly test: string; readonly value: string; readonly isCostly?: boolean } | null {
  const receiver = operand.code;
  const onText = ON_TEXT.get(name);
  if (onText !== undefined && args.length === 1 && !operand.raw && operand.type & T.STRING) {
    const isText = only(operand.type, T.STRING) ? "" : `typeof ${receiver} === "string" && `;
    const looked = name === "contains" ? receiver : args[0];
    return {
      test: `${isText}typeof ${args[0]} === "string" && ${looked}.length <= ${SHORT_TEXT}`,
      value: `${receiver}.${onText}(${args[0]})`,
    };
  }
  const isList = only(operand.type, T.LIST) ? "true" : isA(receiver, operand.type, "HList");
  const isDict = only(operand.type, T.DICT) ? "true" : isA(receiver, operand.type, "HDict");
  if (operand.raw || operand.constant !== undefined) return null;
  if (name === "push" && args.length === 1 && inPlace) {
    const [item] = given;
    if (item!.raw) {
      // With the first one it becomes a list of floats. That has no code aside: a call that was made once takes V8's registers from the loop around it.
      const state = `${receiver}.state`;
      const first = `${state} === null ? ${receiver}.parts.length === 0 : ${state}.constructor === Array`;
      return {
        test: `${isList} && ${receiver}.shared === false && (${first})`,
        value: `(${state} === null ? ${state} = doubles(${item!.code}) : ${state}.push(${item!.code}), ${receiver})`,
      };
    }
    // The first item of a list may be a float.
    const isNoFloat = (item!.type & T.FLOAT) === 0;
    const push = isNoFloat ? `${receiver}.parts.push(${args[0]})` : `pushItem(${receiver}, ${args[0]})`;
    return {
      test: `${isList} && ${receiver}.shared === false && ${receiver}.state === null`,
      value: `(${push}, ${receiver})`,
    };
  }
  if (name === "push" && args.length === 1) {
    return { test: isList, value: `pushed(${receiver}, ${args[0]}, X.c)`, isCostly: true };
  }
  // A dict's builtin methods come before its fields.
  if (name === "get" && (args.length === 1 || args.length === 2)) {
    const test = `${isDict} && typeof ${args[0]} === "string"`;
    return { test, value: `entryOf(${receiver}, ${args[0]}, ${args[1] ?? "null"})` };
  }
  if (name === "has" && args.length === 1) {
    return { test: `${isDict} && typeof ${args[0]} === "string"`, value: `${receiver}.has(${args[0]})` };
  }
  if (name === "count" && args.length === 0) {
    return { test: isList, value: lengthOf(receiver) };
  }
  return null;
}
