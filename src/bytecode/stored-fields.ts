/**
 * Reads the fields of a stored chunk. Invariant: what is answered has the type it says; anything else is a `Failure`, whatever the text held.
 */
import { Failure } from "../base/failure.ts";
import type { TypeTest } from "./chunk.ts";

const LARGEST_WORD = 2 ** 31 - 1;
const INT64 = { lowest: -(2n ** 63n), highest: 2n ** 63n - 1n };
/** How deep types may nest; the parser allows less. */
const TYPE_DEPTH = 1_000;

export function damaged(problem: string): Failure {
  return new Failure(`stored bytecode is damaged: ${problem}`);
}

export function readText(value: unknown, what: string): string {
  if (typeof value !== "string") throw damaged(`${what} should be text`);
  return value;
}

/** A whole number of 32 bits: an operand, a count, a register. */
export function readInt(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > LARGEST_WORD + 1)
    throw damaged(`${what} should be a whole number of 32 bits`);
  return value;
}

export function readList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged(`${what} should be a list`);
  return value;
}

export function readInts(value: unknown, what: string): readonly number[] {
  return readList(value, what).map((item) => readInt(item, `an item of ${what}`));
}

export function readTexts(value: unknown, what: string): readonly string[] {
  return readList(value, what).map((item) => readText(item, `an item of ${what}`));
}

/** Keys of a dict literal: each once, in UTF-8 byte order, which is that of code points. */
export function readShape(value: unknown): readonly string[] {
  const keys = readTexts(value, "a shape");
  keys.forEach((key, i) => {
    if (i > 0 && !comesBefore(keys[i - 1]!, key)) throw damaged("the keys of a shape should be in order");
  });
  return keys;
}

function comesBefore(a: string, b: string): boolean {
  const left = [...a];
  const right = [...b];
  const at = left.findIndex((char, i) => char !== right[i]);
  if (at < 0) return left.length < right.length;
  return at < right.length && left[at]!.codePointAt(0)! < right[at]!.codePointAt(0)!;
}

export function readFlag(value: unknown): boolean {
  if (value !== 0 && value !== 1) throw damaged("a flag should be 0 or 1");
  return value === 1;
}

/** An int of Harn: beyond 2^53 as text. */
export function readIntConstant(value: unknown): number | bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value !== "string" || !/^-?[0-9]{16,20}$/.test(value)) throw damaged("an int should be a whole number");
  const int = BigInt(value);
  if (int < INT64.lowest || int > INT64.highest || Number.isSafeInteger(Number(int)))
    throw damaged("an int should have 64 bits");
  return int;
}

/** What JSON cannot say of a float stands as text. */
export function readExact(value: unknown): number {
  switch (value) {
    case "-0":
      return -0;
    case "NaN":
      return Number.NaN;
    case "Infinity":
      return Number.POSITIVE_INFINITY;
    case "-Infinity":
      return Number.NEGATIVE_INFINITY;
    default:
      if (typeof value !== "number") throw damaged("a float should be a number");
      return value;
  }
}

export function readTypeTest(value: unknown, depth = 0): TypeTest {
  if (typeof value !== "object" || value === null || depth > TYPE_DEPTH) throw damaged("a type should be an object");
  const data = value as { readonly [key: string]: unknown };
  const inner = (part: unknown): TypeTest => readTypeTest(part, depth + 1);
  switch (data.kind) {
    case "any":
      return { kind: "any" };
    case "name":
      return { kind: "name", name: readText(data.name, "a type's name") };
    case "union":
      return { kind: "union", members: readList(data.members, "a union").map(inner) };
    case "list":
      return { kind: "list", item: inner(data.item) };
    case "dict":
      return { kind: "dict", value: inner(data.value) };
    case "shape":
      return { kind: "shape", fields: readList(data.fields, "a shape").map((field) => readShapeField(field, inner)) };
    case "literal":
      if (typeof data.value !== "string" && typeof data.value !== "number")
        throw damaged("a literal type should be text or a number");
      return { kind: "literal", value: data.value };
    default:
      throw damaged(`no type is of kind ${String(data.kind)}`);
  }
}

function readShapeField(value: unknown, inner: (part: unknown) => TypeTest) {
  if (typeof value !== "object" || value === null) throw damaged("a field should be an object");
  const { name, type, optional } = value as { readonly [key: string]: unknown };
  if (typeof optional !== "boolean") throw damaged("a field should say whether it is optional");
  return { name: readText(name, "a field"), type: inner(type), optional };
}
