/** break-outside-loop, unreachable-code, empty-block, unnecessary-else-return, duplicate-match-arm. */

import { patternNames } from "../../../check/module-interface.ts";
import type { Block, Expr, MatchArm, Stmt } from "../../../syntax/ast.ts";
import { treeText } from "../../../syntax/printer.ts";
import { type LintContext, safeFix } from "../context.ts";
import type { Fix } from "../finding.ts";
import { exits, type RuleVisitor } from "../walk.ts";

export function controlFlowRules(c: LintContext): RuleVisitor {
  /** The statements of which nothing needs the value, with the block that they stand in. */
  const inner = new Map<Expr | Stmt, readonly Stmt[]>();
  return {
    block(stmts) {
      const end = stmts.findIndex(exits);
      const unreachable = end === -1 ? undefined : stmts[end + 1];
      if (unreachable) {
        c.report("unreachable-code", unreachable, "this is never reached", "remove it");
      }
      for (const stmt of stmts.slice(0, -1)) inner.set(stmt.kind === "expr" ? stmt.expr : stmt, stmts);
      const last = stmts.at(-1);
      // A block's last statement is its value, unless it ends in another way.
      if (last?.kind === "expr" && last.expr.kind === "if" && exits(last)) inner.set(last.expr, stmts);
    },
    stmt(stmt, at) {
      if ((stmt.kind === "break" || stmt.kind === "continue") && at.loopDepth === 0) {
        const help = "it belongs into the body of a `for` or `while`";
        c.report("break-outside-loop", stmt, `\`${stmt.kind}\` outside of a loop`, help);
      }
      if (stmt.kind === "for" && stmt.body.stmts.length === 0) {
        const isSafe = inner.has(stmt) && isInertList(stmt.iterable);
        const fix = isSafe ? removalFix(c, stmt, stmt.body) : null;
        c.report("empty-block", stmt, "this loop has no body", "remove it, or write its body", fix);
      }
      if (stmt.kind === "while" && stmt.body.stmts.length === 0) {
        c.report("empty-block", stmt, "this loop has no body", "remove it, or write its body");
      }
    },
    expr(expr) {
      if (expr.kind === "if") checkIf(c, expr, inner.get(expr) ?? null);
      if (expr.kind === "match") checkArms(c, expr.arms);
      if (expr.kind === "try" && (expr.catch || expr.finally) && expr.body.stmts.length === 0) {
        c.report("empty-block", expr, "this `try` has no body", "remove it, or write its body");
      }
    },
  };
}

type If = Extract<Expr, { kind: "if" }>;

function checkIf(c: LintContext, expr: If, block: readonly Stmt[] | null): void {
  if (expr.consequent.stmts.length === 0) {
    const isSafe = block !== null && expr.otherwise === null && isInertCondition(expr.condition);
    const fix = isSafe ? removalFix(c, expr, expr.consequent) : null;
    c.report("empty-block", expr, "this branch has no body", "remove the `if`, or write its body", fix);
  }
  const { otherwise } = expr;
  if (otherwise?.kind !== "block") return;
  const returns = (body: Block) => body.stmts.at(-1)?.kind === "return";
  if (!returns(expr.consequent) || !returns(otherwise)) return;
  c.report(
    "unnecessary-else-return",
    expr,
    "both branches return: the `else` is not needed",
    "put its body behind the `if`",
    block === null ? null : elseFix(c, expr, otherwise, block),
  );
}

/** The branch's statements behind the `if`. What they bind is then bound in the block around: no other of that name may be there. */
function elseFix(c: LintContext, expr: If, otherwise: Block, block: readonly Stmt[]): Fix | null {
  const own = otherwise.stmts.flatMap(boundNames);
  const around = block.flatMap(boundNames);
  if (own.some((name) => around.includes(name))) return null;
  const { text } = c.source;
  const lineStart = c.source.lineStart(expr.start);
  const indent = text.slice(lineStart, expr.start);
  const { start: open, end: close } = otherwise;
  const between = c.comments.some((comment) => comment.start > expr.consequent.end && comment.start < open);
  if (indent.trim() !== "" || between) return null;
  const inside = text.slice(open + 1, close - 1);
  // Texts over several lines must keep their blanks.
  const keepsBlanks = inside.includes('"""');
  const lines = inside.replace(/^[ \t]*\n/, "").trimEnd();
  const body = inside.includes("\n") ? (keepsBlanks ? lines : lines.replaceAll(/^ {2}/gm, "")) : indent + inside.trim();
  return safeFix({ start: expr.consequent.end, end: close, replacement: `\n${body}` });
}

function boundNames(stmt: Stmt): readonly string[] {
  switch (stmt.kind) {
    case "binding":
      return patternNames(stmt.pattern);
    case "fn":
    case "tool":
    case "skill":
    case "struct":
    case "enum":
    case "interface":
    case "type-alias":
      return [stmt.name.name];
    default:
      return [];
  }
}

/** The statement with its indentation and its line break. Comments in its body would be lost. */
function removalFix(c: LintContext, node: Expr | Stmt, body: Block): Fix | null {
  const { start, end } = node;
  if (c.comments.some((comment) => comment.start > start && comment.start < body.end)) return null;
  const lineStart = c.source.lineStart(start);
  const lineEnd = c.source.lineEnd(end);
  const { text } = c.source;
  if (text.slice(lineStart, start).trim() !== "" || text.slice(end, lineEnd).trim() !== "") return null;
  return safeFix({ start: lineStart, end: Math.min(lineEnd + 1, text.length), replacement: "" });
}

/** Can be read without doing anything and without failing. */
function isInertCondition(expr: Expr): boolean {
  switch (expr.kind) {
    case "bool":
    case "nil":
    case "int":
    case "float":
    case "string":
    case "name":
      return true;
    case "unary":
      return expr.op === "!" && isInertCondition(expr.operand);
    case "binary":
      return (
        ["==", "!=", "&&", "||", "??"].includes(expr.op) && isInertCondition(expr.left) && isInertCondition(expr.right)
      );
    default:
      return false;
  }
}

/** Can be walked through without doing anything and without failing. */
function isInertList(expr: Expr): boolean {
  if (expr.kind === "list") return expr.items.every(isInertCondition);
  return expr.kind === "range" && expr.from.kind === "int" && expr.to.kind === "int";
}

function checkArms(c: LintContext, arms: readonly MatchArm[]): void {
  const seen = new Set<string>();
  for (const arm of arms) {
    const text = treeText([arm.pattern, arm.guard]);
    if (seen.has(text)) {
      c.report("duplicate-match-arm", arm.pattern, "this pattern stands above already", "remove this arm");
    }
    seen.add(text);
  }
}
