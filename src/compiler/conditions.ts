/** Tests that branch: `&&`, `||` and `!` become control flow instead of values. */
import type { Expr } from "../syntax/ast.ts";
import type { CodeBlock } from "./function-builder.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileOperand } from "./operands.ts";

/** Branches to the end of `block` when `expr` is `when`; else goes on. */
export function compileCondition(f: FunctionContext, expr: Expr, block: CodeBlock, when: boolean): void {
  const { code } = f;
  if (expr.kind === "unary" && expr.op === "!") {
    compileCondition(f, expr.operand, block, !when);
    return;
  }
  if (expr.kind === "bool") {
    if (expr.value === when) code.branchToEnd(block);
    return;
  }
  if (expr.kind === "binary" && (expr.op === "&&" || expr.op === "||")) {
    // Both sides branch alike when one of them decides; else the first skips the second.
    if ((expr.op === "||") === when) {
      compileCondition(f, expr.left, block, when);
      compileCondition(f, expr.right, block, when);
    } else {
      const skip = code.openBlock();
      compileCondition(f, expr.left, skip, !when);
      compileCondition(f, expr.right, block, when);
      code.close(skip);
    }
    return;
  }
  const mark = code.top;
  const value = compileOperand(f, expr);
  code.branchOn(when ? "BR_IF" : "BR_UNLESS", value, block);
  code.top = mark;
}
