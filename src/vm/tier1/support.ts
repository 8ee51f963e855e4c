/** What generated code calls by name: operations on values that need nothing of the run. The rare and the large cases; the common ones are inlined. */
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
  FloatStruct4,
  FloatStruct8,
  floatList,
  HBuiltin,
  HClosure,
  HCursor,
  HDict,
  HEnum,
  HFloat,
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
  makeRange,
  raised,
  restDict,
  restList,
  spreadDict,
  thrown,
} from "../operations.ts";
import { getField, getFieldOptional, getIndex, pushItem, setKey, setPath, slice, takePath } from "../places.ts";
import { checkParameter } from "../type-test.ts";
import {
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

const SUPPORT = Object.freeze({
  S: SUSPEND,
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
  structOf,
  addToValues,
  addValues,
  caughtValue,
  changePath,
  checkParameter,
  codePointLength,
  compareValues,
  contains,
  destructure,
  displayValue,
  div,
  entryOf,
  expectResult,
  extendList,
  FloatStruct4,
  FloatStruct8,
  floatList,
  getField,
  getFieldOptional,
  getIndex,
  hasKey,
  notePath,
  readItem,
  isFlat,
  isTruthy,
  listOf,
  makeFloat,
  makeRange,
  mod,
  mul,
  negate,
  openCursor,
  pow,
  pushItem,
  raised,
  readField,
  readFieldOptional,
  readKey,
  thrown,
  restDict,
  restList,
  saveCursor,
  setKey,
  setPath,
  share,
  slice,
  spreadDict,
  sub,
  takeFrom,
  takePath,
  toDouble,
  typeName,
  valuesEqual,
});

export const SUPPORT_NAMES: readonly string[] = Object.keys(SUPPORT);
export const SUPPORT_VALUES: readonly unknown[] = Object.values(SUPPORT);
