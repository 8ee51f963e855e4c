/**
 * Reading records that programs give as dicts: each known key has a reader that says its type and its default. Keys that are not known are kept.
 *
 * Invariants
 * 1. A key that is missing or nil gets its default; one of the wrong type is an error that names the record and the path.
 * 2. What comes out is the caller's own: the dict given is not changed.
 */
import { runtimeError } from "../builtin/raise.ts";
import { makeFloat } from "../value/numbers.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, HRecord, share } from "../value/value.ts";

/** `where` is `LABEL parse error at PATH`. Null stands for a key that is missing. */
export type FieldReader = (value: Value, where: string) => Value;
export type Fields = Readonly<Record<string, FieldReader>>;

function wrong(where: string, wanted: string, value: Value) {
  return runtimeError(`${where}: expected ${wanted}, got ${typeName(value)}`);
}

const typed =
  (wanted: string, fits: (value: Value) => boolean, otherwise: Value): FieldReader =>
  (value, where) => {
    if (value === null) return otherwise;
    if (fits(value)) return share(value);
    throw wrong(where, wanted, value);
  };

const isText = (value: Value) => typeof value === "string";
const isInt = (value: Value) => typeName(value) === "int";

export const textOr = (otherwise: string): FieldReader => typed("string", isText, otherwise);
export const optionalText = typed("string", isText, null);
export const optionalInt = typed("int", isInt, null);
export const intOr = (otherwise: number): FieldReader => typed("int", isInt, otherwise);
export const boolOr = (otherwise: boolean): FieldReader =>
  typed("bool", (value) => typeof value === "boolean", otherwise);
export const anything: FieldReader = (value) => share(value);

export const optionalNumber: FieldReader = (value, where) => {
  if (value === null) return null;
  const type = typeName(value);
  if (type === "int") return makeFloat(Number(value));
  if (type === "float") return value;
  throw wrong(where, "number", value);
};

export const texts: FieldReader = (value, where) => {
  if (value === null) return new HList([]);
  if (!(value instanceof HList)) throw wrong(where, "list of strings", value);
  value.items.forEach((item, i) => {
    if (typeof item !== "string") throw wrong(`${where}[${i}]`, "string", item);
  });
  return new HList([...value.items]);
};

export const optionalTexts: FieldReader = (value, where) => (value === null ? null : texts(value, where));

/** Any dict; a struct counts as one. */
export const dict: FieldReader = (value, where) => {
  if (value === null) return HDict.empty();
  if (value instanceof HRecord) return share(value instanceof HDict ? value : fieldsOf(value));
  throw wrong(where, "dict", value);
};

export const anyList: FieldReader = (value, where) => {
  if (value === null) return new HList([]);
  if (value instanceof HList) return share(value);
  throw wrong(where, "list", value);
};

/** A list of records. */
export const listOf =
  (fields: Fields): FieldReader =>
  (value, where) => {
    if (value === null) return new HList([]);
    if (!(value instanceof HList)) throw wrong(where, "list", value);
    return new HList(value.items.map((item, i) => readRecord(item, fields, `${where}[${i}]`)));
  };

/** A record within a record; missing: one of defaults. */
export const recordOf =
  (fields: Fields): FieldReader =>
  (value, where) =>
    readRecord(value ?? HDict.empty(), fields, where);

export function readRecord(value: Value, fields: Fields, where: string): HDict {
  if (!(value instanceof HRecord)) throw wrong(where, "dict", value);
  const read = new Map<string, Value>();
  for (const [key, item] of value.entries()) if (!Object.hasOwn(fields, key)) read.set(key, share(item));
  for (const [key, reader] of Object.entries(fields)) read.set(key, reader(value.get(key) ?? null, below(where, key)));
  return HDict.fromMap(read);
}

function below(where: string, key: string): string {
  return where.endsWith(" at") ? `${where} ${key}` : `${where}.${key}`;
}

function fieldsOf(record: HRecord): HDict {
  return HDict.from(record.entries().map(([key, value]) => [key, share(value)] as const));
}

/** A text of a record that is there and not blank. */
export function textAt(record: HDict, key: string): string | null {
  const value = record.get(key);
  return typeof value === "string" && value !== "" ? value : null;
}

export function listAt(record: HDict, key: string): readonly Value[] {
  const value = record.get(key);
  return value instanceof HList ? value.items : [];
}

export function textsAt(record: HDict, key: string): readonly string[] {
  return listAt(record, key).filter((item) => typeof item === "string");
}

export function dictsAt(record: HDict, key: string): readonly HDict[] {
  return listAt(record, key).filter((item) => item instanceof HDict);
}

/** The dict under a key; an empty one when there is none. */
export function dictAt(record: HDict, key: string): HDict {
  const value = record.get(key);
  return value instanceof HDict ? value : HDict.empty();
}

export function numberAt(record: HDict, key: string): number | null {
  const value = record.get(key);
  return typeof value === "number" ? value : null;
}

/** The same record with some keys replaced; the caller owns it. */
export function withFields(record: HDict, changes: { readonly [key: string]: Value }): HDict {
  const next = new Map<string, Value>(record.entries().map(([key, value]) => [key, share(value)]));
  for (const [key, value] of Object.entries(changes)) next.set(key, share(value));
  return HDict.fromMap(next);
}
