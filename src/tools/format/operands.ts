/**
 * Where parentheses stand: where the tree needs them, and around `&&` in `||`, `||` in `&&` and right operands of equal strength for
 * clarity.
 *
 * Invariant: an expression that ends in a block or in `?` keeps the parentheses that its author gave it, since what follows decides
 * whether it needs them.
 */

import type { BinaryOp, Expr } from "../../syntax/ast.ts";
import { TERNARY_STARTS } from "../../syntax/parser/expressions.ts";
import type { Layout } from "./layout.ts";

/** How tightly operators bind. */
const BINDING: Readonly<Record<BinaryOp, number>> = {
  "|>": 1,
  "||": 3,
  "&&": 4,
  "==": 5,
  "!=": 5,
  "<": 6,
  ">": 6,
  "<=": 6,
  ">=": 6,
  in: 6,
  "not in": 6,
  "+": 7,
  "-": 7,
  "??": 8,
  "*": 9,
  "/": 9,
  "%": 9,
  "**": 10,
};

/** Operators that may begin a line; others need a `\` on the line above. */
const BEGINS_LINE: ReadonlySet<BinaryOp> = new Set(["|>", "||", "&&", "+", "*", "/", "%", "**"] as const);

export function mayBeginLine(op: BinaryOp): boolean {
  return BEGINS_LINE.has(op);
}

/** The places in which an operand can stand. */
export type Place =
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly isRight: boolean }
  /** In front of `.`, `[` or `?`. */
  | { readonly kind: "object" }
  | { readonly kind: "unary" }
  | { readonly kind: "ternary"; readonly part: "condition" | "true" | "false" }
  | { readonly kind: "range" }
  /** In front of the `{` of a block. */
  | { readonly kind: "head" }
  /** The same, where the language reads no operators. */
  | { readonly kind: "primary" };

export function needsParentheses(l: Layout, expr: Expr, place: Place): boolean {
  switch (expr.kind) {
    case "binary":
      return binaryNeeds(expr, place);
    case "unary":
      return place.kind === "object" || place.kind === "primary";
    case "ternary":
      return place.kind !== "head" && !(place.kind === "binary" && place.op === "|>") && place.kind !== "range";
    case "range":
      return place.kind !== "head" && !(place.kind === "binary" && place.op === "|>");
    case "call":
    case "method-call":
    case "property":
    case "index":
    case "slice":
    case "struct-literal":
      return place.kind === "primary" || startsOddly(l, expr, place);
    case "name":
      // In front of a brace the name of a struct would begin a literal of it.
      return place.kind === "head" && /^[A-Z]/.test(expr.name) && l.isParenthesized(expr);
    case "int":
    case "float":
    case "bool":
    case "nil":
    case "list":
    case "dict":
    case "interpolation":
      return false;
    case "string":
    case "duration":
      return startsOddly(l, expr, place);
    default:
      return l.isParenthesized(expr);
  }
}

function binaryNeeds(expr: Extract<Expr, { kind: "binary" }>, place: Place): boolean {
  switch (place.kind) {
    case "object":
    case "unary":
    case "primary":
      return true;
    case "ternary":
    case "range":
      return expr.op === "|>";
    case "head":
      return false;
    default:
      return inBinary(expr.op, place.op, place.isRight);
  }
}

function inBinary(child: BinaryOp, parent: BinaryOp, isRight: boolean): boolean {
  if (BINDING[child] !== BINDING[parent]) {
    if (BINDING[child] < BINDING[parent]) return true;
    return (parent === "||" && child === "&&") || (parent === "&&" && child === "||");
  }
  return parent === "**" ? !isRight : isRight;
}

function startsOddly(l: Layout, expr: Expr, place: Place): boolean {
  if (place.kind !== "ternary" || place.part !== "true") return false;
  const first = l.kindAt(l.tokenAt(expr.start));
  return first !== null && !TERNARY_STARTS.has(first) && l.isParenthesized(expr);
}
