/** What single instructions do that needs nothing of a fiber, for the interpreter and for generated code. */
import { plainError, type Raise, runtimeError, thrownError, typeError } from "../builtin/raise.ts";
import { itemsCost, type Meter, sumCost, valueCost } from "../value/cost.ts";
import { add } from "../value/numbers.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { asDict, copyDict, HDict, HEnum, HList, HRange, HRecord, HSet, type HStruct, share } from "../value/value.ts";
import { addTo, listOfShared, pushItem } from "./places.ts";
import type { Run } from "./run.ts";

/** `name` may carry, behind a NUL, what was probably meant. */
export function undefinedVariable(name: string): Raise {
  const [plain, hint] = name.split("\u0000");
  return hint
    ? runtimeError(`Undefined variable: ${plain} (did you mean \`${hint}\`?)`)
    : plainError(`Undefined variable: ${plain}`);
}

export function globalValue(run: Run, name: string): Value {
  const value = run.globals.get(name.split("\u0000")[0]!);
  if (value === undefined) throw undefinedVariable(name);
  return share(value);
}

/** The binding of another module that a constant names. */
export function importedValue(run: Run, key: string, name: string): Value {
  const instance = run.modules.get(key);
  const slot = instance?.chunk.exports.find((entry) => entry.name === name)?.slot;
  const value = slot === undefined ? undefined : instance!.slots[slot];
  if (value === undefined) throw runtimeError(`Import error: '${name}' is not defined in ${key}`);
  return share(value);
}

/** `a + b`. */
export function addValues(a: Value, b: Value, meter: Meter): Value {
  const sum = add(a, b);
  if (typeof sum === "object") meter.spend(sumCost(sum, a, b));
  return sum;
}

/** The same where nobody else sees `a`, unless it is marked. */
export function addToValues(a: Value, b: Value, meter: Meter): Value {
  const sum = addTo(a, b);
  if (typeof sum === "object") meter.spend(sumCost(sum, a, b));
  return sum;
}

export function extendList(list: HList, value: Value, meter: Meter): void {
  const before = list.length;
  extend(list, value);
  meter.spend(itemsCost(list.length - before));
}

function extend(list: HList, value: Value): void {
  if (value instanceof HList) for (const item of value.items) pushItem(list, share(item));
  else if (value instanceof HSet) for (const item of value.items.values()) pushItem(list, share(item));
  else if (value instanceof HRange) {
    const end = value.exclusive ? value.end : value.end + 1;
    for (let i = value.start; i < end; i++) pushItem(list, i);
  } else
    throw typeError(`cannot destructure ${typeName(value)} with [...] pattern: only a list can be spread into a list`);
}

/** The dict with the entries of another; an empty one gives way to a copy. */
export function spreadDict(dict: HDict, value: Value, meter: Meter): HDict {
  if (value === null) return dict;
  meter.spend(valueCost(value));
  if (!(value instanceof HRecord))
    throw typeError(`cannot destructure ${typeName(value)} with {...} pattern: only a dict can be spread into a dict`);
  if (dict.size === 0) return value instanceof HDict ? copyDict(value) : asDict(value as HStruct);
  for (const [key, item] of value.entries()) dict.set(key, share(item));
  return dict;
}

export function makeRange(start: Value, end: Value, exclusive: boolean): HRange {
  if (typeof start !== "number" || typeof end !== "number" || !Number.isInteger(start) || !Number.isInteger(end)) {
    throw typeError(`range bounds must be int, got ${typeName(start)} and ${typeName(end)}`);
  }
  return new HRange(start, end, exclusive);
}

/** Raises unless `value` can be taken apart by the pattern. */
export function destructure(value: Value, pattern: string): void {
  const wanted = pattern.startsWith("{") ? "dict" : "list";
  const fits = wanted === "dict" ? value instanceof HRecord : value instanceof HList;
  if (!fits) throw typeError(`cannot destructure ${typeName(value)} with ${pattern} pattern — expected ${wanted}`);
}

export function restDict(value: Value, without: readonly string[], meter: Meter): HDict {
  destructure(value, "{...}");
  meter.spend(valueCost(value));
  const kept = (value as HRecord).entries().filter(([key]) => !without.includes(key));
  return HDict.from(kept.map(([key, item]) => [key, share(item)]));
}

export function restList(value: Value, from: number, meter: Meter): HList {
  destructure(value, "[...]");
  meter.spend(valueCost(value));
  return listOfShared((value as HList).items.slice(from));
}

export function expectResult(value: Value): void {
  if (!(value instanceof HEnum && value.enumName === "Result")) {
    throw typeError(`? operator requires a Result value, got ${typeName(value)}`);
  }
}

/** The error that RAISE states. */
export function raised(kind: string, message: string): Raise {
  return kind === "type" ? typeError(message) : kind === "plain" ? plainError(message) : runtimeError(message);
}

/** What THROW raises. */
export function thrown(value: Value): Raise {
  return thrownError(share(value));
}
