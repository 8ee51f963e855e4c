/** `value |> callable`, and `value |> expression with _`, where `_` is the value. */

import type { Expr } from "../syntax/ast.ts";
import { operatorOf } from "../syntax/ast.ts";
import { compileCallee } from "./calls.ts";
import { compileExpr } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileInto, compileOperand } from "./operands.ts";

type Binary = Extract<Expr, { kind: "binary" }>;

export function compilePipe(f: FunctionContext, expr: Binary, dst: number): void {
  const { code, module } = f;
  if (hasPlaceholder(expr.right)) {
    const mark = code.top;
    const value = code.take();
    compileInto(f, expr.left, value);
    f.openScope();
    f.declare("_", value, false);
    compileExpr(f, expr.right, dst, "keep");
    f.closeScope(mark);
    return;
  }
  // The argument is evaluated first, then the callable.
  const value = code.take();
  compileInto(f, expr.left, value);
  if (expr.right.kind === "name") {
    const { name } = expr.right;
    const resolved = f.resolve(name);
    if (resolved.kind === "builtin") {
      code.at(operatorOf(expr));
      code.emit("BUILTIN", dst, module.pool.string(name), value, 1);
      return;
    }
    const callee = compileCallee(f, name, resolved);
    code.at(operatorOf(expr));
    code.emit("CALL", dst, callee, value, 1);
    return;
  }
  const callee = compileOperand(f, expr.right);
  code.at(operatorOf(expr));
  code.emit("CALL", dst, callee, value, 1);
}

/** Where the grammar lets `_` stand for the piped value. */
function hasPlaceholder(expr: Expr): boolean {
  switch (expr.kind) {
    case "name":
      return expr.name === "_";
    case "call":
      return expr.args.some(hasPlaceholder);
    case "method-call":
      return hasPlaceholder(expr.object) || expr.args.some(hasPlaceholder);
    case "binary":
      return hasPlaceholder(expr.left) || hasPlaceholder(expr.right);
    case "unary":
      return hasPlaceholder(expr.operand);
    case "list":
      return expr.items.some(hasPlaceholder);
    case "property":
      return hasPlaceholder(expr.object);
    case "index":
      return hasPlaceholder(expr.object) || hasPlaceholder(expr.index);
    default:
      return false;
  }
}
