/** `value |> callable` and `value |> expression with _`. */
import type { Expr } from "../../syntax/ast.ts";
import { ANY, type Type } from "../../types/type.ts";
import type { Scope } from "../scope.ts";
import { checkValueCall } from "./calls.ts";
import type { Checker } from "./checker.ts";
import { checkExpr } from "./expressions.ts";
import { plainVariable } from "./session.ts";

export function checkPipe(c: Checker, expr: Extract<Expr, { kind: "binary" }>, scope: Scope): Type {
  const value = checkExpr(c, expr.left, scope);
  const inner = scope.child();
  inner.declare(plainVariable("_", "other", null, value));
  if (expr.right.kind === "name" && expr.right.name !== "_") {
    return checkValueCall(c, expr.right.name, expr.right, [expr.left], expr, scope);
  }
  const result = checkExpr(c, expr.right, inner);
  if (expr.right.kind !== "closure") return mentionsPlaceholder(expr.right) ? result : ANY;
  return result.kind === "fn" ? result.result : ANY;
}

function mentionsPlaceholder(expr: Expr): boolean {
  switch (expr.kind) {
    case "name":
      return expr.name === "_";
    case "call":
      return expr.args.some(mentionsPlaceholder);
    case "method-call":
      return mentionsPlaceholder(expr.object) || expr.args.some(mentionsPlaceholder);
    case "binary":
      return mentionsPlaceholder(expr.left) || mentionsPlaceholder(expr.right);
    case "unary":
      return mentionsPlaceholder(expr.operand);
    case "list":
      return expr.items.some(mentionsPlaceholder);
    case "property":
      return mentionsPlaceholder(expr.object);
    case "index":
      return mentionsPlaceholder(expr.object) || mentionsPlaceholder(expr.index);
    default:
      return false;
  }
}
