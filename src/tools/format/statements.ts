/** The layout of statements. */
import { unreachable } from "../../base/unreachable.ts";
import type { Expr, Stmt } from "../../syntax/ast.ts";
import { printAnnotation } from "../../syntax/printer/types.ts";
import { formatBody, formatIf, formatMatch, formatParallel, formatTry } from "./blocks.ts";
import { formatDeclaration, formatImport } from "./declarations.ts";
import { formatExpr, formatOperand } from "./expressions.ts";
import type { Layout } from "./layout.ts";
import { formatPattern } from "./signatures.ts";

/**
 * Without the indentation of its first line and without a line break at its end. `level`: how deep it stands. `plain`: it starts a line of
 * a plain block, and then `level` is `Layout.base`.
 */
export function formatStmt(l: Layout, stmt: Stmt, level: number, plain: boolean): string {
  const value = (expr: Expr) => formatExpr(l, expr);
  const head = (expr: Expr) => formatOperand(l, expr, { kind: "head" });
  switch (stmt.kind) {
    case "binding": {
      const word = stmt.mutable ? "var" : "let";
      return `${word} ${formatPattern(l, stmt.pattern)}${printAnnotation(stmt.type)} = ${value(stmt.value)}`;
    }
    case "assign":
      return `${value(stmt.target)} ${stmt.op ?? ""}= ${value(stmt.value)}`;
    case "for": {
      const pattern = formatPattern(l, stmt.pattern);
      return `for ${pattern} in ${head(stmt.iterable)} ${formatBody(l, stmt.body, level, plain)}`;
    }
    case "while":
      return `while ${head(stmt.condition)} ${formatBody(l, stmt.body, level, plain)}`;
    case "return":
      return stmt.value ? `return ${value(stmt.value)}` : "return";
    case "throw":
      return `throw ${value(stmt.value)}`;
    case "break":
    case "continue":
      return stmt.kind;
    case "guard":
      return `guard ${guardCondition(l, stmt.condition)} else ${formatBody(l, stmt.elseBody, l.base, plain)}`;
    case "require":
      return `require ${value(stmt.condition)}${stmt.message ? `, ${value(stmt.message)}` : ""}`;
    case "defer":
      return `defer ${formatBody(l, stmt.body, l.base, false)}`;
    case "expr":
      return formatExprStmt(l, stmt.expr, level, plain);
    case "import":
      return formatImport(l, stmt);
    case "pipeline":
    case "fn":
    case "tool":
    case "skill":
    case "struct":
    case "enum":
    case "interface":
    case "impl":
    case "type-alias":
    case "override":
      return formatDeclaration(l, stmt, level, plain);
    default:
      return unreachable(stmt);
  }
}

/** An `if` without parentheses would take the `else` of the guard for its own. */
function guardCondition(l: Layout, condition: Expr): string {
  const text = formatExpr(l, condition);
  return condition.kind === "if" && l.isParenthesized(condition) ? `(${text})` : text;
}

function formatExprStmt(l: Layout, expr: Expr, level: number, plain: boolean): string {
  switch (expr.kind) {
    case "if":
      return formatIf(l, expr, level, plain);
    case "try":
      // Without a handler it is a value like others, and laid out like them.
      return formatTry(l, expr, plain || expr.catch || expr.finally ? level : l.base, plain);
    case "closure":
      // A statement that begins with `fn` would be a declaration.
      return expr.style === "fn" ? `(${formatExpr(l, expr)})` : formatExpr(l, expr);
  }
  if (!plain) return startsStatement(l, expr);
  switch (expr.kind) {
    case "match":
      return formatMatch(l, expr, true);
    case "parallel":
      return formatParallel(l, expr, true);
    case "retry":
      return `retry ${formatOperand(l, expr.count, { kind: "primary" })} ${formatBody(l, expr.body, level, true)}`;
    case "deadline":
      return `deadline ${formatOperand(l, expr.duration, { kind: "primary" })} ${formatBody(l, expr.body, level, true)}`;
    case "mutex":
    case "spawn":
      return `${expr.kind} ${formatBody(l, expr.body, level, true)}`;
    default:
      return startsStatement(l, expr);
  }
}

function startsStatement(l: Layout, expr: Expr): string {
  return formatExpr(l, expr);
}
