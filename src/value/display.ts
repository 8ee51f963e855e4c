/**
 * The text of a value, as `println` and string interpolation show it.
 *
 * Invariants
 * 1. Never recurses: a value nested a million deep is shown too.
 * 2. Keys come in UTF-8 byte order; strings inside containers stand without quotes.
 */
import { displayCost, Growth, type Meter, UNMETERED } from "./cost.ts";
import { compareUtf8 } from "./key-order.ts";
import { PathWatch } from "./path-watch.ts";
import {
  HBuiltin,
  HCaught,
  HClosure,
  HCursor,
  HDict,
  HDuration,
  HEnum,
  HFloat,
  HHandle,
  HList,
  HPair,
  HRange,
  type HRecord,
  HSet,
  HStruct,
  type Value,
} from "./value.ts";

/** Texts up to here are made for nothing. */
const SHORT_DISPLAY = 64;

/** What a part takes that is still to be written. */
const PENDING_BYTES = 32;

/** Shows a value with identity; its state lives in the run's object table. */
export type HandleText = (handle: HHandle) => string;

/** What stands where the object table is out of reach. */
export function plainHandleText(handle: HHandle): string {
  switch (handle.kind) {
    case "task":
      return `<task:vm_task_${handle.id}>`;
    case "iterator":
      return "<iter>";
    default:
      return `<${handle.kind}>`;
  }
}

export function displayValue(value: Value, handleText: HandleText = plainHandleText, meter: Meter = UNMETERED): string {
  if (typeof value === "string") return value;
  const simple = displaySimple(value);
  if (simple !== null) return simple;

  let out = "";
  // What is still to be written, last first: texts wrapped, values as they are.
  const pending: (Text | Value)[] = [value];
  const growth = new Growth(meter);
  const path = new PathWatch();
  while (pending.length > 0) {
    const next = pending.pop()!;
    if (next instanceof Text) {
      out += next.text;
      if (next.closes) path.leave();
      continue;
    }
    const text = typeof next === "string" ? next : displaySimple(next);
    if (text !== null) {
      out += text;
      continue;
    }
    if (next instanceof HHandle) {
      out += handleText(next);
      continue;
    }
    path.enter(next as object);
    growth.told(out.length + pending.length * PENDING_BYTES);
    if (next instanceof HList) pushSequence(pending, "[", next.values(), "]");
    else if (next instanceof HDict) pushFields(pending, "{", next);
    else if (next instanceof HStruct) pushFields(pending, `${next.name} {`, next);
    else if (next instanceof HEnum) pushSequence(pending, `${next.enumName}.${next.variant}(`, next.fields, ")");
    else if (next instanceof HSet) pushSequence(pending, "set(", [...next.items.values()], ")");
    else if (next instanceof HPair) pushSequence(pending, "(", [next.first, next.second], ")");
  }
  return out;
}

/** The same for a program, which pays for it. */
export function displayCounted(value: Value, meter: Meter, handleText?: HandleText): string {
  const text = displayValue(value, handleText, meter);
  if (typeof value === "object" && text.length > SHORT_DISPLAY) meter.spend(displayCost(text.length));
  return text;
}

class Text {
  readonly text: string;
  /** It ends a value with parts. */
  readonly closes: boolean;
  constructor(text: string, closes: boolean) {
    this.text = text;
    this.closes = closes;
  }
}

function pushSequence(pending: (Text | Value)[], open: string, items: readonly Value[], close: string): void {
  pending.push(new Text(close, true));
  for (let i = items.length - 1; i >= 0; i--) {
    pending.push(items[i]!);
    if (i > 0) pending.push(new Text(", ", false));
  }
  pending.push(new Text(open, false));
}

function pushFields(pending: (Text | Value)[], open: string, fields: HRecord): void {
  pending.push(new Text("}", true));
  const keys = fields.keys();
  const values = fields.values();
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!;
    pending.push(values[i]!);
    pending.push(new Text(i > 0 ? `, ${key}: ` : `${key}: `, false));
  }
  pending.push(new Text(open, false));
}

/** The text of a value without parts; null when it has parts or an identity. */
function displaySimple(value: Exclude<Value, string>): string | null {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? String(value) : displayFloat(value);
    case "boolean":
    case "bigint":
      return String(value);
    default:
      if (value === null) return "nil";
      if (value instanceof HFloat) return displayFloat(value.value);
      if (value instanceof HClosure) return `<fn(${value.proto.params.filter((name) => name !== "").join(", ")})>`;
      if (value instanceof HBuiltin) return `<builtin ${value.name}>`;
      if (value instanceof HDuration) return displayDuration(value.ms);
      if (value instanceof HRange) return `${value.start} to ${value.end}${value.exclusive ? " exclusive" : ""}`;
      if (value instanceof HEnum && value.fields.length === 0) return `${value.enumName}.${value.variant}`;
      if (value instanceof HCursor) return "<cursor>";
      if (value instanceof HCaught) return "<caught>";
      return null;
  }
}

/** No exponent ever; `.0` after an integral one below 1e15. */
export function displayFloat(n: number): string {
  if (Number.isNaN(n)) return "NaN";
  if (n === Number.POSITIVE_INFINITY) return "inf";
  if (n === Number.NEGATIVE_INFINITY) return "-inf";
  if (Number.isInteger(n) && Math.abs(n) < 1e15) return Object.is(n, -0) ? "-0.0" : `${n}.0`;
  return withoutExponent(String(n));
}

function withoutExponent(text: string): string {
  const at = text.indexOf("e");
  if (at < 0) return text;
  const negative = text.startsWith("-");
  const mantissa = text.slice(negative ? 1 : 0, at);
  const exponent = Number(text.slice(at + 1));
  const point = mantissa.indexOf(".");
  const digits = mantissa.replace(".", "");
  const whole = (point < 0 ? mantissa.length : point) + exponent;
  const sign = negative ? "-" : "";
  if (whole <= 0) return `${sign}0.${"0".repeat(-whole)}${digits}`;
  if (whole >= digits.length) return sign + digits + "0".repeat(whole - digits.length);
  return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

/** In the largest unit that divides it; milliseconds of any size are whole. */
export function displayDuration(ms: number): string {
  if (ms < 0) return `-${displayDuration(-ms)}`;
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  if (ms >= 1000 && ms % 1000 === 0) return `${ms / 1000}s`;
  return `${ms}ms`;
}

/** Dict keys in display order, for code that has a plain list of keys. */
export function sortKeys(keys: readonly string[]): string[] {
  return [...keys].sort(compareUtf8);
}
