/** Statements: a dispatch over their kinds, and the small ones themselves. */

import { unreachable } from "../base/unreachable.ts";
import type { Expr, Stmt } from "../syntax/ast.ts";
import { operatorOf } from "../syntax/ast.ts";
import { compileBinding } from "./bindings.ts";
import { compileBlock, compileFor, compileLoopExit, compileWhile } from "./blocks.ts";
import { compileArguments, compileCallee } from "./calls.ts";
import { compileCondition } from "./conditions.ts";
import { compileFunctionDecl, compileImpl, compileSkill, compileStruct, compileTool } from "./declarations.ts";
import { compileIfStatement } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileInto, compileToTemp, emitString, plainLocal } from "./operands.ts";
import { compileAssign } from "./places.ts";
import { emitReturn } from "./protected.ts";

/** `dst` null: nobody wants the value. Only expressions have one; the others give nil. */
export function compileStatement(f: FunctionContext, stmt: Stmt, dst: number | null): void {
  const { code } = f;
  code.at(stmt);
  if (stmt.kind === "expr") {
    const mark = code.top;
    if (dst !== null) compileInto(f, stmt.expr, dst);
    else if (stmt.expr.kind === "if") compileIfStatement(f, stmt.expr);
    else compileToTemp(f, stmt.expr);
    code.top = mark;
    return;
  }
  compileEffect(f, stmt);
  if (dst !== null) code.emit("NIL", dst);
}

function compileEffect(f: FunctionContext, stmt: Exclude<Stmt, { kind: "expr" }>): void {
  const { code } = f;
  const mark = code.top;
  switch (stmt.kind) {
    // These leave locals behind, above the mark.
    case "binding":
      compileBinding(f, stmt);
      return;
    case "fn":
      compileFunctionDecl(f, stmt);
      return;
    case "tool":
      compileTool(f, stmt);
      return;
    case "skill":
      compileSkill(f, stmt);
      return;
    case "struct":
      compileStruct(f, stmt);
      return;
    case "impl":
      compileImpl(f, stmt);
      break;
    case "assign":
      compileAssign(f, stmt);
      break;
    case "for":
      compileFor(f, stmt);
      break;
    case "while":
      compileWhile(f, stmt);
      break;
    case "return":
      compileReturn(f, stmt);
      break;
    case "throw": {
      const value = compileToTemp(f, stmt.value);
      code.at(stmt);
      code.emit("THROW", value);
      break;
    }
    case "break":
    case "continue":
      compileLoopExit(f, stmt.kind, stmt);
      break;
    case "guard": {
      const passed = code.openBlock();
      compileCondition(f, stmt.condition, passed, true);
      compileBlock(f, stmt.elseBody, null);
      code.close(passed);
      break;
    }
    case "require": {
      const passed = code.openBlock();
      compileCondition(f, stmt.condition, passed, true);
      const message = code.take();
      if (stmt.message === null) emitString(f, "require condition failed", message);
      else compileInto(f, stmt.message, message);
      code.at(stmt);
      code.emit("THROW", message);
      code.close(passed);
      break;
    }
    case "defer":
      // Reached only where a block has no statements after it; compileStatements takes the others.
      break;
    // Known to the compiler already; nothing happens when control gets here.
    case "enum":
    case "interface":
    case "type-alias":
    case "import":
    case "pipeline":
    case "override":
      break;
    default:
      unreachable(stmt);
  }
  code.top = mark;
}

function compileReturn(f: FunctionContext, stmt: Extract<Stmt, { kind: "return" }>): void {
  const { code } = f;
  if (stmt.value === null) {
    if (!f.isProtected) {
      code.emit("RET_NIL");
      return;
    }
    const nil = code.take();
    code.emit("NIL", nil);
    emitReturn(f, nil);
    return;
  }
  if (compileTailCall(f, stmt.value)) return;
  const local = plainLocal(f, stmt.value);
  if (local !== null && !f.isProtected) {
    code.emit("RET", local.register);
    return;
  }
  const value = code.take();
  compileInto(f, stmt.value, value);
  code.at(stmt);
  emitReturn(f, value);
}

/** `return f(x)` and `return x |> f` leave the frame for the call, unless something of this frame still has to happen. */
function compileTailCall(f: FunctionContext, given: Expr): boolean {
  const value = pipedCall(given) ?? given;
  if (value.kind !== "call" || value.callee.kind !== "name" || f.isProtected || f.kind !== "function") return false;
  if (value.args.some((arg) => arg.kind === "spread")) return false;
  const resolved = f.resolve(value.callee.name);
  if (resolved.kind === "builtin" || resolved.kind === "unknown") return false;
  const { code } = f;
  const { name } = value.callee;
  code.at(value);
  const callee = compileCallee(f, name, resolved);
  const base = compileArguments(f, value.args, resolved.kind === "slot" ? resolved.slot.index : -1);
  code.at(value);
  code.emit("TAIL_CALL", callee, base, value.args.length);
  // A callee that is no function of the program leaves its result in the callee's register.
  code.emit("RET", callee);
  return true;
}

/** `x |> f` as the call that it is. */
function pipedCall(expr: Expr): Expr | null {
  if (expr.kind !== "binary" || expr.op !== "|>" || expr.right.kind !== "name" || expr.right.name === "_") return null;
  return { kind: "call", callee: expr.right, args: [expr.left], ...operatorOf(expr) };
}
