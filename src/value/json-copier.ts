/**
 * Copies of dicts as plain objects, for the platform's writer of JSON: generated JavaScript for each shape that is met often, which is three times as fast
 * as a loop over its keys.
 *
 * Invariant: the generated text has no names and texts of a program in it; keys come in as values.
 */
import type { HRecord } from "./record.ts";
import type { Shape } from "./shape.ts";
import type { Value } from "./value.ts";

export type Plain = { [key: string]: unknown };

/** Who copies what is in the fields, and counts characters. */
export interface FieldCopy {
  size: number;
  of(value: Value): unknown;
}

export type Copier = (record: HRecord, fields: FieldCopy) => Plain;

/** So many records of a shape are copied before it is worth generating code (a tenth of a millisecond). */
const OFTEN = 50;

/** The copier of a shape whose keys an object keeps as they are; null: not yet, or there is none for how it holds its values. */
export function copierOf(shape: Shape): Copier | null {
  if (shape.copied++ < OFTEN || shape.large || shape.floats || shape.room === 0) return null;
  shape.copier = makeCopier(shape);
  return shape.copier;
}

/**
 * For two keys: `let v0 = r.s0, n = 14; if (typeof v0 === "string") n += v0.length + 3; else … ; f.size += n; return {[k0]: v0, [k1]: v1};`. Small ints
 * and texts are the commonest; all others are left to `of`.
 */
function makeCopier({ keys, room }: Shape): Copier {
  let size = 2;
  let copies = "";
  for (let i = 0; i < keys.length; i++) {
    size += keys[i]!.length + 4;
    const slot = i < room ? `r.s${i}` : `r.more[${i - room}]`;
    copies +=
      `let v${i} = ${slot}; if (typeof v${i} === "string") n += v${i}.length + 3; ` +
      `else if (typeof v${i} === "number" && (v${i} | 0) === v${i}) n += 8; else v${i} = f.of(v${i});\n`;
  }
  const names = keys.map((_, i) => `k${i}`);
  const fields = names.map((name, i) => `[${name}]: v${i}`);
  const source = `"use strict"; // ${numbersOf(keys)}\nreturn (r, f) => { let n = ${size};\n${copies}f.size += n; return {${fields.join(", ")}}; };`;
  return new Function(...names, source)(...keys);
}

/** V8 keeps one set of notes for equal texts: other keys are to have their own. */
function numbersOf(keys: readonly string[]): string {
  return keys.map((key) => Array.from(key.slice(0, 30), (char) => char.charCodeAt(0)).join(".")).join(" ");
}
