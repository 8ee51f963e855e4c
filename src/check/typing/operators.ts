/** Unary and binary operators: what they give, and what they certainly refuse. */
import type { Span } from "../../base/span.ts";
import type { BinaryOp, Expr } from "../../syntax/ast.ts";
import { showType } from "../../types/display.ts";
import { kindName, splitByNil } from "../../types/narrowing.ts";
import { expand } from "../../types/substitution.ts";
import { ANY, BOOL, DICT, DURATION, FLOAT, INT, isNamed, LIST, STRING, type Type } from "../../types/type.ts";
import { unionOf } from "../../types/union.ts";
import type { Scope } from "../scope.ts";
import type { Checker } from "./checker.ts";
import { checkExpr } from "./expressions.ts";
import { elsewhere } from "./mismatches.ts";
import { isNilUnlikely, mayBeNil } from "./nil.ts";
import { checkPipe } from "./pipes.ts";
import { apply, refine } from "./refinements.ts";

type Binary = Extract<Expr, { kind: "binary" }>;

export function checkBinary(c: Checker, expr: Binary, scope: Scope): Type {
  switch (expr.op) {
    case "|>":
      return checkPipe(c, expr, scope);
    case "&&":
    case "||": {
      checkExpr(c, expr.left, scope);
      const { whenTrue, whenFalse } = refine(c, expr.left, scope);
      const inner = scope.child();
      apply(expr.op === "&&" ? whenTrue : whenFalse, inner);
      checkExpr(c, expr.right, inner);
      scope.forgetAssigned(inner);
      return BOOL;
    }
    case "??": {
      const left = checkExpr(c, expr.left, scope);
      const right = checkExpr(c, expr.right, scope);
      if (left.kind === "any" || isNamed(left, "nil")) return left.kind === "any" ? ANY : right;
      const rest = splitByNil(left).no;
      return rest === left ? left : unionOf([rest, right]);
    }
    default: {
      const left = withoutNil(c, expr.op, expr.left, checkExpr(c, expr.left, scope), scope);
      const right = withoutNil(c, expr.op, expr.right, checkExpr(c, expr.right, scope), scope);
      return operate(c, expr.op, left, right, { left: expr.left, right: expr.right, span: expr });
    }
  }
}

const ARITHMETIC: ReadonlySet<BinaryOp> = new Set(["+", "-", "*", "/", "%", "**"]);

/** An operand that may be nil is reported where the operator does not take nil, and judged for the values that get there. */
function withoutNil(c: Checker, op: BinaryOp, operand: Expr, type: Type, scope: Scope): Type {
  if (!ARITHMETIC.has(op) || !mayBeNil(type)) return type;
  if (!isNilUnlikely(c, operand, scope)) {
    const shown = operand.kind === "name" ? `\`${operand.name}\`` : "this";
    const variable = operand.kind === "name" ? scope.find(operand.name) : null;
    c.warning("may-be-nil", `${shown} may be nil, which '${op}' does not take`, operand, {
      note: `this is ${showType(type)}`,
      labels: elsewhere(variable?.typeSpan ?? variable?.span ?? null, "declared here"),
      help: "give another value for nil with `??`, or test it first",
    });
  }
  return splitByNil(type).no;
}

/** `site` is reported when the operator refuses the operands; `left` and `right` of it are shown. */
export function operate(
  c: Checker,
  op: BinaryOp,
  left: Type,
  right: Type,
  site: { readonly left: Expr; readonly right: Expr; readonly span: Span; readonly value?: boolean },
): Type {
  const a = operandKind(left);
  const b = operandKind(right);
  switch (op) {
    case "<":
    case ">":
    case "<=":
    case ">=":
      warnComparison(c, op, a, b, site);
      return BOOL;
    case "==":
    case "!=":
    case "in":
    case "not in":
    case "&&":
    case "||":
      return BOOL;
    default: {
      if (a === null || b === null) return numericGuess(op, a, b);
      const result = arithmetic(op, a, b);
      if (result !== null) return result;
      refuse(c, op, left, right, site);
      return ANY;
    }
  }
}

/** null: it cannot be told whether the operator takes it. */
function operandKind(type: Type): string | null {
  const seen = expand(type);
  if (seen.kind === "unknown") return "unknown";
  const kind = isNamed(seen, "duration") ? "duration" : kindName(seen);
  return kind === "struct" || kind === "enum" || kind === "set" || kind === "range" ? null : kind;
}

function numericGuess(op: BinaryOp, a: string | null, b: string | null): Type {
  const isNumeric = op === "-" || op === "/" || op === "%" || op === "**";
  return isNumeric && (a === "float" || b === "float") ? FLOAT : ANY;
}

/** null: refused. */
function arithmetic(op: BinaryOp, a: string, b: string): Type | null {
  const numbers = (a === "int" || a === "float") && (b === "int" || b === "float");
  if (numbers) {
    if (a === "float" || b === "float") return FLOAT;
    // A whole power with a negative exponent is no whole number.
    return op === "**" ? ANY : INT;
  }
  if (op === "+" && a === b) {
    if (a === "string") return STRING;
    if (a === "list") return LIST;
    if (a === "dict") return DICT;
  }
  if (a === "duration" || b === "duration") return durationArithmetic(op, a, b);
  if (op === "*" && ((a === "string" && b === "int") || (a === "int" && b === "string"))) return STRING;
  return null;
}

function durationArithmetic(op: BinaryOp, a: string, b: string): Type | null {
  if (a === b) {
    if (op === "+" || op === "-" || op === "%") return DURATION;
    return op === "/" ? INT : null;
  }
  if (op === "*" && (a === "int" || b === "int")) return DURATION;
  return op === "/" && b === "int" ? DURATION : null;
}

function refuse(
  c: Checker,
  op: BinaryOp,
  left: Type,
  right: Type,
  site: { readonly left: Expr; readonly right: Expr; readonly span: Span },
): void {
  const [l, r] = [plainName(left), plainName(right)];
  const message =
    op === "+"
      ? `can't add ${l} and ${r}`
      : op === "*"
        ? `can't multiply ${l} and ${r}${l === "duration" || r === "duration" ? "" : " (try string * int)"}`
        : `can't use '${op}' on ${l} and ${r} (needs numeric operands)`;
  const labels = [{ span: site.right, text: `this is ${showType(right)}` }];
  const replacement = op === "+" ? interpolated(c, site.left, site.right, l, r) : null;
  const asList = op === "+" && l === "list" && r !== "nil" ? `[${c.textOf(site.right)}]` : null;
  // A nil may be there to make the program fail.
  const report = l === "nil" || r === "nil" ? "warning" : "error";
  c[report]("operator", message, site.left, {
    note: `this is ${showType(left)}`,
    labels,
    help:
      replacement !== null
        ? `put it into the text: \`${replacement}\``
        : asList !== null
          ? `add a list: \`${asList}\``
          : operatorHelp(op, l, r),
    edits:
      replacement !== null
        ? [{ span: site.span, replacement }]
        : asList !== null
          ? [{ span: site.right, replacement: asList }]
          : null,
  });
}

function operatorHelp(op: BinaryOp, l: string, r: string): string | null {
  if (l === "unknown" || r === "unknown") return 'find out what it is first, with `type_of(…) == "…"`';
  if (l === "nil" || r === "nil") return "give another value for nil with `??`";
  if (l === "duration" || r === "duration") return durationHelp(op, l, r);
  if (l === "string" && r === "string" && op === "-") return 'remove a part of a text with `.replace(part, "")`';
  return null;
}

function durationHelp(op: BinaryOp, l: string, r: string): string {
  if (op === "*" || op === "/") return "durations are multiplied and divided by ints, and divided by durations";
  return l === "int" || r === "int"
    ? "a duration has a unit: write the other one with one too, as in `5s + 100ms`, or use `to_int(…)` for milliseconds"
    : "`to_int(…)` gives the milliseconds of a duration";
}

/** The kind of value without its parts. */
function plainName(type: Type): string {
  const seen = expand(type);
  return seen.kind === "unknown" ? "unknown" : (kindName(seen) ?? showType(seen));
}

/** `"a" + n` as `"a${n}"`; null where that would be no improvement or no longer the same. */
function interpolated(c: Checker, left: Expr, right: Expr, l: string, r: string): string | null {
  if ((l === "string") === (r === "string")) return null;
  const [text, other] = l === "string" ? [left, right] : [right, left];
  const isPlain = (text.kind === "string" || text.kind === "interpolation") && text.style === "plain";
  const source = c.textOf(other);
  if (!isPlain || /["{}\n]/.test(source)) {
    return /\n/.test(source) || r === "nil" || l === "nil"
      ? null
      : l === "string"
        ? `${c.textOf(left)} + to_string(${source})`
        : `to_string(${source}) + ${c.textOf(right)}`;
  }
  const inside = c.textOf(text).slice(1, -1);
  return l === "string" ? `"${inside}\${${source}}"` : `"\${${source}}${inside}"`;
}

function warnComparison(
  c: Checker,
  op: BinaryOp,
  a: string | null,
  b: string | null,
  site: { readonly left: Expr; readonly right: Expr; readonly span: Span },
): void {
  if (a === null || b === null) return;
  const ordered = (kind: string) => kind === "int" || kind === "float" || kind === "string" || kind === "duration";
  const odd = !ordered(a) ? a : !ordered(b) ? b : null;
  if (odd === "unknown" || odd === "list" || odd === "dict") return;
  if (odd !== null) c.warning("comparison", `'${op}' says nothing about ${a} and ${b}: ${odd} has no order`, site.span);
  else if (["string", "duration"].some((kind) => (a === kind) !== (b === kind))) {
    c.warning("comparison", `'${op}' compares ${a} with ${b}, which are never in order`, site.span, {
      help: "convert one of them first",
    });
  }
}
