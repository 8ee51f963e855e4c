/** Values in generated code: how an operand is held, how a bare double becomes a value, and how a second reference to a value is noted. */
import type { Constant } from "../../bytecode/chunk.ts";
import { only, T } from "./value-types.ts";

export interface Operand {
  readonly code: string;
  readonly type: number;
  /** `code` is a bare double. */
  readonly raw: boolean;
  readonly constant: Constant | boolean | null | undefined;
}

/** Kinds that have an owner, and nothing else. */
const OWNED = T.LIST | T.DICT | T.STRUCT;
/** True when the value has an owner, who has to learn of a second reference. */
export function isOwned(code: string, type: number): string {
  if (only(type, OWNED)) return `${code}.shared === false`;
  return `typeof ${code} === "object" && ${code} !== null && ${code}.shared === false`;
}

/** A statement that marks what a variable holds as shared. */
export function sharing(variable: string, type: number): string {
  return `if (${isOwned(variable, type)}) ${variable}.shared = true;`;
}

/** A bare double, held in a variable, as a Harn value. */
export function boxed(variable: string): string {
  return `(floor(${variable}) === ${variable} ? makeFloat(${variable}) : ${variable})`;
}
