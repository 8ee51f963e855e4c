/** What generated code calls by name: operations on values that need nothing of the run. The rare and the large cases; the common ones are inlined. */
import { Suspension } from "../../builtin/call.ts";
import { contains } from "../../value/contains.ts";
import { displayValue } from "../../value/display.ts";
import { compareValues, valuesEqual } from "../../value/equality.ts";
import { div, makeFloat, mod, mul, negate, pow, sub, toDouble } from "../../value/numbers.ts";
import { codePointLength, isFlat } from "../../value/strings.ts";
import { isTruthy } from "../../value/truthiness.ts";
import { typeName } from "../../value/type-name.ts";
import {
  Dict4,
  Dict8,
  dictOf,
  doubleOf,
  doubles,
  FloatStruct4,
  FloatStruct8,
  floatList,
  HBuiltin,
  type HCaught,
  HClosure,
  HCursor,
  HDict,
  HEnum,
  HFloat,
  HHandle,
  HList,
  HRange,
  HStruct,
  listOf,
  Struct4,
  Struct8,
  setSlotAt,
  share,
  slotAt,
  structOf,
  type Value,
} from "../../value/value.ts";
import { SUSPEND } from "../calls.ts";
import { caughtValue } from "../errors.ts";
import { openCursor } from "../iteration.ts";
import {
  addToValues,
  addValues,
  destructure,
  expectResult,
  extendList,
  globalValue,
  importedValue,
  makeRange,
  raised,
  restDict,
  restList,
  spreadDict,
  thrown,
} from "../operations.ts";
import {
  getField,
  getFieldOptional,
  getIndex,
  own,
  pushed,
  pushItem,
  setKey,
  setPath,
  slice,
  takeKey,
  takePath,
} from "../places.ts";
import { Rethrow } from "../rethrow.ts";
import type { ModuleInstance, Run } from "../run.ts";
import { checkParameter } from "../type-test.ts";
import {
  changeItem,
  changePath,
  hasKey,
  notePath,
  readField,
  readFieldOptional,
  readItem,
  readKey,
  takeFrom,
} from "./shape-cache.ts";
import { isSmallRange, kindOf } from "./value-types.ts";

/** The state of a loop over a list with the index that generated code kept for itself. */
function saveCursor(cursor: HCursor, items: readonly Value[] | null, index: number): HCursor {
  if (items !== null) cursor.index = index;
  return cursor;
}

/** The value of a key for another place, or what is given in its stead. */
function entryOf(dict: HDict, key: string, otherwise: Value): Value {
  const value = dict.get(key);
  return value === undefined ? otherwise : share(value);
}

function caughtIs({ error }: HCaught, name: string): boolean {
  const { value } = error;
  return (value instanceof HEnum && value.enumName === name) || (value instanceof HStruct && value.name === name);
}

function slotChanged(run: Run, instance: ModuleInstance): void {
  if (run.recording) run.dirty.modules.add(instance.key);
}

function rethrow(caught: HCaught): never {
  throw new Rethrow(caught);
}

/** Leaving the loop early means something to what it goes over. */
function mustClose({ source }: HCursor): boolean {
  return source instanceof HHandle && source.kind === "generator";
}

const SUPPORT = Object.freeze({
  S: SUSPEND,
  Suspension,
  floor: Math.floor,
  trunc: Math.trunc,
  isSafeInteger: Number.isSafeInteger,
  isSmallRange,
  kindOf,
  HBuiltin,
  HClosure,
  HCursor,
  Dict4,
  Dict8,
  dictOf,
  doubleOf,
  HDict,
  HEnum,
  HFloat,
  HList,
  HRange,
  HStruct,
  Struct4,
  Struct8,
  setSlotAt,
  slotAt,
  slotChanged,
  structOf,
  addToValues,
  addValues,
  caughtIs,
  caughtValue,
  changeItem,
  changePath,
  checkParameter,
  codePointLength,
  compareValues,
  contains,
  destructure,
  displayValue,
  div,
  doubles,
  entryOf,
  expectResult,
  extendList,
  FloatStruct4,
  FloatStruct8,
  floatList,
  getField,
  getFieldOptional,
  getIndex,
  globalValue,
  hasKey,
  importedValue,
  notePath,
  readItem,
  isFlat,
  isTruthy,
  listOf,
  makeFloat,
  makeRange,
  mod,
  mul,
  mustClose,
  negate,
  openCursor,
  own,
  pow,
  pushItem,
  pushed,
  raised,
  readField,
  readFieldOptional,
  readKey,
  thrown,
  restDict,
  restList,
  rethrow,
  saveCursor,
  setKey,
  setPath,
  share,
  slice,
  spreadDict,
  sub,
  takeFrom,
  takeKey,
  takePath,
  toDouble,
  typeName,
  valuesEqual,
});

export const SUPPORT_NAMES: readonly string[] = Object.keys(SUPPORT);
export const SUPPORT_VALUES: readonly unknown[] = Object.values(SUPPORT);
