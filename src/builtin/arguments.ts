/** Reading arguments by the names of the signature. Missing arguments are nil; conversions are the reference's lenient ones unless `expect…`. */
import type { Meter } from "../value/cost.ts";
import { displayCounted } from "../value/display.ts";
import { makeFloat } from "../value/numbers.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { asDict, HBuiltin, HClosure, HDict, HDuration, HFloat, HList, HStruct } from "../value/value.ts";
import { runtimeError } from "./raise.ts";

export interface Args<N extends string> {
  readonly count: number;
  /** As given; nil when absent. */
  raw(name: N): Value;
  has(name: N): boolean;
  /** What the value displays as; "" when absent. */
  text(name: N): string;
  /** A whole number within the safe range, or `otherwise`. */
  int(name: N, otherwise: number): number;
  /** A JavaScript number for ints and floats, or `otherwise`. */
  float(name: N, otherwise: number): number;
  bool(name: N): boolean;
  list(name: N): HList | null;
  /** Of a struct, a dict with its fields. */
  dict(name: N): HDict | null;
  callable(name: N): Value;
  /** Raises a runtime error that names builtin, parameter, wanted and got. */
  expectDict(name: N, builtin: string): HDict;
  expectList(name: N, builtin: string): HList;
  expectText(name: N, builtin: string): string;
  /** The arguments from this parameter on (a rest parameter). */
  rest(name: N): readonly Value[];
}

class Reader implements Args<string> {
  private readonly names: readonly string[];
  private readonly values: readonly Value[];
  private readonly offset: number;
  private readonly meter: Meter;
  constructor(names: readonly string[], values: readonly Value[], meter: Meter, offset: number) {
    this.names = names;
    this.values = values;
    this.meter = meter;
    this.offset = offset;
  }
  get count(): number {
    return this.values.length - this.offset;
  }
  private indexOf(name: string): number {
    const { names } = this;
    return names[0] === name ? 0 : names[1] === name ? 1 : names.indexOf(name);
  }
  raw(name: string): Value {
    return this.values[this.indexOf(name) + this.offset] ?? null;
  }
  has(name: string): boolean {
    return this.indexOf(name) < this.count;
  }
  text(name: string): string {
    return this.has(name) ? displayCounted(this.raw(name), this.meter) : "";
  }
  int(name: string, otherwise: number): number {
    const value = this.raw(name);
    if (typeof value === "number") return Number.isInteger(value) ? value : Math.trunc(value) || 0;
    if (typeof value === "bigint") return Number(value);
    if (value instanceof HFloat) return Math.trunc(value.value) || 0;
    if (value instanceof HDuration) return value.ms;
    return otherwise;
  }
  float(name: string, otherwise: number): number {
    const value = this.raw(name);
    if (typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    return value instanceof HFloat ? value.value : otherwise;
  }
  bool(name: string): boolean {
    return this.raw(name) === true;
  }
  list(name: string): HList | null {
    const value = this.raw(name);
    return value instanceof HList ? value : null;
  }
  dict(name: string): HDict | null {
    const value = this.raw(name);
    return value instanceof HDict || value instanceof HStruct ? asDict(value) : null;
  }
  callable(name: string): Value {
    const value = this.raw(name);
    return value instanceof HClosure || value instanceof HBuiltin ? value : null;
  }
  expectDict(name: string, builtin: string): HDict {
    return this.dict(name) ?? this.fail(name, builtin, "dict");
  }
  expectList(name: string, builtin: string): HList {
    return this.list(name) ?? this.fail(name, builtin, "list");
  }
  expectText(name: string, builtin: string): string {
    const value = this.raw(name);
    return typeof value === "string" ? value : this.fail(name, builtin, "string");
  }
  rest(name: string): readonly Value[] {
    return this.values.slice(this.names.indexOf(name) + this.offset);
  }
  private fail(name: string, builtin: string, wanted: string): never {
    throw runtimeError(`${builtin}: \`${name}\` must be a ${wanted}, got ${typeName(this.raw(name))}`);
  }
}

export function argumentReader<N extends string>(
  names: readonly string[],
  values: readonly Value[],
  meter: Meter,
  offset = 0,
): Args<N> {
  return new Reader(names, values, meter, offset) as Args<N>;
}

/** Names and counts of a signature `(a: T, b?: T, ...c: T) -> R`. Commas inside `<…>`, `{…}`, `(…)` do not separate. */
export function parseParameters(sig: string): { names: string[]; min: number; max: number } {
  const close = matchingParen(sig);
  const parts = splitTop(sig.slice(1, close));
  const names: string[] = [];
  let min = 0;
  let max = 0;
  for (const part of parts) {
    const match = /^\s*(\.\.\.)?([A-Za-z_]\w*)(\?)?\s*:/.exec(part);
    if (!match) throw new Error(`bad signature ${sig}`);
    names.push(match[2]!);
    if (match[1]) max = Number.POSITIVE_INFINITY;
    else {
      max++;
      if (!match[3]) min++;
    }
  }
  return { names, min, max };
}

function matchingParen(sig: string): number {
  let depth = 0;
  for (let i = 0; i < sig.length; i++) {
    if (sig[i] === "(") depth++;
    else if (sig[i] === ")" && --depth === 0) return i;
  }
  throw new Error(`bad signature ${sig}`);
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if ("<({[".includes(c)) depth++;
    else if (">)}]".includes(c) && text[i - 1] !== "-") depth--;
    else if (c === "," && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part.trim() !== "");
}

/** A float as a Harn value: boxed when integral. */
export const floatValue = makeFloat;
