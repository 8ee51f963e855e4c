/** comparison-to-bool, redundant-nil-ternary, invalid-binary-op-literal. */
import type { Expr } from "../../../syntax/ast.ts";
import { type LintContext, safeFix, unsafeFix } from "../context.ts";
import type { Fix } from "../finding.ts";
import type { RuleVisitor } from "../walk.ts";

type Binary = Extract<Expr, { kind: "binary" }>;

export function conditionRules(c: LintContext): RuleVisitor {
  return {
    expr(expr) {
      if (expr.kind === "ternary") checkNilTernary(c, expr);
      if (expr.kind !== "binary") return;
      if (expr.op === "==" || expr.op === "!=") checkComparison(c, expr);
      if (["+", "-", "*", "/", "%"].includes(expr.op)) checkArithmetic(c, expr);
    },
  };
}

// ---------------------------------------------------------------- comparison-to-bool

function checkComparison(c: LintContext, expr: Binary): void {
  const literal = [expr.right, expr.left].find((side) => side.kind === "bool");
  if (literal === undefined) return;
  const other = literal === expr.right ? expr.left : expr.right;
  const keeps = (expr.op === "==") === literal.value;
  const help = keeps ? "use the condition itself" : "use `!condition`";
  const text = c.source.operandText(other);
  const { start, end } = c.source.whole(expr);
  const replacement = keeps ? text : `!${bindsTightly(other) || text.startsWith("(") ? text : `(${text})`}`;
  const edit = { start, end, replacement };
  const fix = isSurelyBool(c, other) ? safeFix(edit) : unsafeFix(edit);
  c.report("comparison-to-bool", expr, `comparison with \`${literal.value}\` is redundant`, help, fix);
}

function bindsTightly(expr: Expr): boolean {
  return ["name", "call", "method-call", "property", "index", "unary", "bool"].includes(expr.kind);
}

/** Whatever the variables hold. */
function isSurelyBool(c: LintContext, expr: Expr): boolean {
  switch (expr.kind) {
    case "bool":
      return true;
    case "unary":
      return expr.op === "!";
    case "binary":
      if (expr.op === "&&" || expr.op === "||") return isSurelyBool(c, expr.left) && isSurelyBool(c, expr.right);
      return ["==", "!=", "<", ">", "<=", ">=", "in", "not in"].includes(expr.op);
    case "call":
      return expr.callee.kind === "name" && givesBool(c, expr.callee.name);
    default:
      return false;
  }
}

function givesBool(c: LintContext, name: string): boolean {
  return c.around.givesBool(name) && !c.names.bound.has(name) && !importsEverything(c);
}

/** A whole imported module may bring in a function of any name. */
function importsEverything(c: LintContext): boolean {
  return c.file.items.some((item) => item.kind === "import" && item.names === null);
}

// ---------------------------------------------------------------- redundant-nil-ternary

function checkNilTernary(c: LintContext, expr: Extract<Expr, { kind: "ternary" }>): void {
  const { condition, whenTrue, whenFalse } = expr;
  if (condition.kind !== "binary" || (condition.op !== "==" && condition.op !== "!=")) return;
  const tested =
    condition.right.kind === "nil" ? condition.left : condition.left.kind === "nil" ? condition.right : null;
  if (tested?.kind !== "name") return;
  const [kept, fallback] = condition.op === "==" ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
  if (kept.kind !== "name" || kept.name !== tested.name) return;
  const text = c.source.operandText(fallback);
  const isTight = !["binary", "ternary", "range"].includes(fallback.kind) || text.startsWith("(");
  const { start, end } = c.source.whole(expr);
  const fix = isPlainOperand(fallback)
    ? safeFix({ start, end, replacement: `${tested.name} ?? ${isTight ? text : `(${text})`}` })
    : null;
  const message = `this is \`${tested.name} ?? …\``;
  c.report("redundant-nil-ternary", expr, message, "use `??`", fix);
}

/** Not one of those that end in a block or a `?`, where what follows counts. */
function isPlainOperand(expr: Expr): boolean {
  return !["if", "match", "try", "retry", "deadline", "spawn", "parallel", "yield", "propagate", "closure"].includes(
    expr.kind,
  );
}

// ---------------------------------------------------------------- invalid-binary-op-literal

function checkArithmetic(c: LintContext, expr: Binary): void {
  const isBad = (side: Expr) => side.kind === "bool" || side.kind === "nil";
  if (!isBad(expr.left) && !isBad(expr.right)) return;
  c.report(
    "invalid-binary-op-literal",
    expr,
    `\`${expr.op}\` with a bool or nil is an error when it runs`,
    "make a text of the value: `to_string(…)` or `${…}`",
    interpolationFix(c, expr),
  );
}

/** Text and literal as one text: then it is no error any more. */
function interpolationFix(c: LintContext, expr: Binary): Fix | null {
  if (expr.op !== "+") return null;
  const text = [expr.left, expr.right].find((side) => side.kind === "string");
  if (text === undefined || text.style !== "plain") return null;
  const { start, end } = c.source.whole(expr);
  const inner = c.source.text.slice(text.start + 1, text.end - 1);
  const other = text === expr.left ? expr.right : expr.left;
  const hole = `\${${c.source.text.slice(other.start, other.end)}}`;
  return unsafeFix({ start, end, replacement: text === expr.left ? `"${inner}${hole}"` : `"${hole}${inner}"` });
}
