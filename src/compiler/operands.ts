/**
 * How a value gets to where it is wanted: into a register that keeps it (`compileInto`), or just to be looked at (`compileOperand`).
 *
 * Invariants
 * 1. After `compileInto` the destination owns its value or the value is marked as shared.
 * 2. `compileOperand` may answer the register of a local, without an instruction; what stands between must not assign that local
 *    (`mayAssign` of the operands that follow decides).
 */
import type { Span } from "../base/span.ts";
import { forEachNode } from "../check/walk.ts";
import type { Expr, MatchPattern } from "../syntax/ast.ts";
import { compileExpr } from "./expressions.ts";
import type { FunctionContext, Local } from "./function-context.ts";

/** Evaluates into `dst`, for keeps. */
export function compileInto(f: FunctionContext, expr: Expr, dst: number): void {
  compileExpr(f, expr, dst, "keep");
}

/** Evaluates into a new temporary, for keeps. */
export function compileToTemp(f: FunctionContext, expr: Expr): number {
  const register = f.code.take();
  compileInto(f, expr, register);
  return register;
}

/** A register to read the value from. `later`: what is evaluated before the value is used. */
export function compileOperand(f: FunctionContext, expr: Expr, later: readonly Expr[] = []): number {
  const local = plainLocal(f, expr);
  if (local !== null && !later.some(mayAssign)) return local.register;
  const register = f.code.take();
  compileExpr(f, expr, register, local === null && !later.some(mayRun) ? "look" : "keep");
  return register;
}

/** The local that an expression names, if its register can be read as it stands. */
export function plainLocal(f: FunctionContext, expr: Expr): Local | null {
  if (expr.kind !== "name") return null;
  const resolved = f.resolve(expr.name);
  return resolved.kind === "local" && !resolved.local.unset && !resolved.local.pending ? resolved.local : null;
}

/** True when evaluating `expr` may assign a local of this function: only blocks hold statements. */
export function mayAssign(expr: Expr): boolean {
  let found = false;
  forEachNode(expr, (node) => {
    if (node.kind === "assign") found = true;
    return !found && node.kind !== "closure" && node.kind !== "spawn" && node.kind !== "parallel";
  });
  return found;
}

/** True when evaluating `expr` may run code of the program elsewhere, which may change module slots, or assign locals. */
export function mayRun(expr: Expr | MatchPattern): boolean {
  let found = false;
  forEachNode(expr, (node) => {
    if (
      node.kind === "call" ||
      node.kind === "method-call" ||
      node.kind === "assign" ||
      (node.kind === "binary" && node.op === "|>") ||
      node.kind === "yield"
    )
      found = true;
    return !found && node.kind !== "closure";
  });
  return found;
}

/** True when what `compileOperand` answers for `expr` owns its value or has it marked: it is no part of something else, nor a binding of the module. */
export function ownsResult(f: FunctionContext, expr: Expr): boolean {
  switch (expr.kind) {
    case "name":
      return f.resolve(expr.name).kind === "local";
    case "property":
    case "index":
      return false;
    default:
      return true;
  }
}

export function emitBoolean(f: FunctionContext, value: boolean, dst: number): void {
  f.code.emit(value ? "TRUE" : "FALSE", dst);
}

/** Small ints are operands; others come from the pool. */
export function emitInt(f: FunctionContext, value: number | bigint, dst: number): void {
  if (typeof value === "number" && (value | 0) === value) f.code.emit("INT", dst, value);
  else f.code.emit("CONST", dst, f.module.pool.int(value));
}

export function emitString(f: FunctionContext, value: string, dst: number): void {
  f.code.emit("CONST", dst, f.module.pool.string(value));
}

/** Raises an error that the compiler foresaw, when control gets there. */
export function emitRaise(f: FunctionContext, kind: "runtime" | "type" | "plain", message: string, span: Span): void {
  f.code.at(span);
  f.code.emit("RAISE", f.module.pool.string(kind), f.module.pool.string(message));
}
