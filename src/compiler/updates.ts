/**
 * What an assignment does to its place, when its right side begins with what stands there: `p = p + v`, `p = p.push(v)`, `p = f(p, v)`,
 * `d[k] = d.get(k, []).push(v)`.
 */

import { forEachNode } from "../check/walk.ts";
import type { Expr, Stmt } from "../syntax/ast.ts";
import type { ArithmeticOp } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { mayAssign, mayRun } from "./operands.ts";

type Assign = Extract<Stmt, { kind: "assign" }>;
type Call = Extract<Expr, { kind: "call" }>;
type MethodCall = Extract<Expr, { kind: "method-call" }>;

/** `p = p + v` and `p += v` are the same. */
export type Change =
  | { readonly kind: "set"; readonly value: Expr }
  | { readonly kind: "operate"; readonly op: ArithmeticOp; readonly right: Expr }
  | { readonly kind: "method"; readonly call: MethodCall };

/** How the right side names a place `d[k]` that may not be there yet: `d.get(k, otherwise)`. */
export interface EntryRead {
  readonly read: MethodCall;
  readonly otherwise: Expr;
}

/** `entry`: null when the right side names the place as the left side does. */
export type PartChange =
  | Extract<Change, { kind: "set" }>
  | (Extract<Change, { kind: "operate" | "method" }> & { readonly entry: EntryRead | null })
  /** `place = f(…, place, …)`: what stands there is the argument at `at`. */
  | { readonly kind: "call"; readonly call: Call; readonly at: number; readonly entry: EntryRead | null };

export function changeOf({ target, op, value }: Assign): Change {
  if (op !== null) return { kind: "operate", op: op as ArithmeticOp, right: value };
  if (isUpdate(value) && samePlace(value.object, target)) return { kind: "method", call: value };
  if (value.kind === "binary" && isArithmetic(value.op) && samePlace(value.left, target)) {
    return { kind: "operate", op: value.op, right: value.right };
  }
  return { kind: "set", value };
}

/** The same for a part of a variable. `isLocal`: the variable is a local. */
export function changeOfPart(f: FunctionContext, stmt: Assign, isLocal: boolean): PartChange {
  const change = changeOf(stmt);
  if (change.kind !== "set") return { ...change, entry: null };
  const { target, value } = stmt;
  if (isUpdate(value)) {
    const entry = entryRead(value.object, target);
    if (entry !== null) return { kind: "method", call: value, entry };
  }
  if (value.kind === "binary" && value.op === "+" && !mayRun(value.right)) {
    const entry = entryRead(value.left, target);
    if (entry !== null) return { kind: "operate", op: "+", right: value.right, entry };
  }
  return (isLocal ? passedOn(f, target, value) : null) ?? change;
}

/**
 * The place goes to a function and its result comes back. Only of a local, which nobody else can see meanwhile, and where no handler can see what the
 * function did before it failed.
 */
function passedOn(f: FunctionContext, target: Expr, call: Expr): PartChange | null {
  if (call.kind !== "call" || call.callee.kind !== "name" || f.hasHandler) return null;
  if (f.resolve(call.callee.name).kind === "builtin") return null;
  for (const [at, arg] of call.args.entries()) {
    const entry = entryRead(arg, target);
    if (entry === null && !samePlace(arg, target)) continue;
    const others = call.args.filter((other) => other !== arg);
    return others.some((other) => other.kind === "spread" || mayRun(other)) ? null : { kind: "call", call, at, entry };
  }
  return null;
}

/** A method call that may read its receiver after its arguments. */
function isUpdate(value: Expr): value is MethodCall {
  return value.kind === "method-call" && !value.optional && !value.args.some(mayAssign);
}

export function isArithmetic(op: string): op is ArithmeticOp {
  return op === "+" || op === "-" || op === "*" || op === "/" || op === "%" || op === "**";
}

/** The same variable and keys, written twice; keys that run code may differ each time. */
function samePlace(a: Expr, b: Expr): boolean {
  if (a.kind === "name") return b.kind === "name" && a.name === b.name;
  if (a.kind === "property") {
    return b.kind === "property" && !a.optional && a.name.name === b.name.name && samePlace(a.object, b.object);
  }
  if (a.kind !== "index" || b.kind !== "index") return false;
  return !mayRun(a.index) && sameText(a.index, b.index) && samePlace(a.object, b.object);
}

/** A `get` of the place, with a list or dict where there is none. */
function entryRead(read: Expr, target: Expr): EntryRead | null {
  if (read.kind !== "method-call" || read.optional || read.method.name !== "get" || target.kind !== "index")
    return null;
  const [key, otherwise] = read.args;
  if (read.args.length !== 2 || key === undefined || otherwise === undefined) return null;
  if (mayRun(key) || !sameText(key, target.index) || !samePlace(read.object, target.object)) return null;
  return isPlainContainer(otherwise) ? { read, otherwise } : null;
}

/** A list or dict of literals: it is the same wherever it is evaluated. */
function isPlainContainer(expr: Expr): boolean {
  if (expr.kind !== "list" && expr.kind !== "dict") return false;
  let isPlain = true;
  forEachNode(expr, ({ kind }) => {
    if (!PLAIN.has(kind)) isPlain = false;
    return isPlain;
  });
  return isPlain;
}

const PLAIN: ReadonlySet<string> = new Set(["list", "dict", "key-name", "int", "float", "string", "bool", "nil"]);

/** True when `expr` may give something that a place in `root` is a part of, as it stands. */
export function isAround(expr: Expr, root: string): boolean {
  switch (expr.kind) {
    case "name":
      return expr.name === root;
    case "property":
    case "index":
      return isAround(expr.object, root);
    default:
      return false;
  }
}

const PLACES: ReadonlySet<string> = new Set(["start", "end", "opStart", "nameStart"]);

function sameText(a: Expr, b: Expr): boolean {
  const withoutSpans = (key: string, value: unknown): unknown =>
    PLACES.has(key) ? undefined : typeof value === "bigint" ? `${value}n` : value;
  return JSON.stringify(a, withoutSpans) === JSON.stringify(b, withoutSpans);
}
