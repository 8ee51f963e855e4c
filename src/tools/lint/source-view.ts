/** How much text an expression takes, parentheses included: fixes that copy or replace text need it. */
import type { Expr, SourceFile } from "../../syntax/ast.ts";
import type { TokenTable } from "../../syntax/token-table.ts";
import type { Token } from "../../syntax/tokens.ts";

export interface Extent {
  readonly start: number;
  readonly end: number;
}

export class SourceView {
  readonly text: string;
  readonly #tokens: TokenTable;

  constructor(file: SourceFile) {
    this.text = file.text;
    this.#tokens = file.tokens;
  }

  /** An operand's text, in the parentheses that it has. Not for arguments of calls: their parentheses are the call's. */
  operandText(expr: Expr): string {
    const { start, end } = this.operand(expr);
    return this.text.slice(start, end);
  }

  operand(expr: Expr): Extent {
    let { start, end } = this.whole(expr);
    for (;;) {
      const before = this.tokenAt(start) - 1;
      const behind = this.tokenAt(end);
      if (this.#tokens.findKind(before) !== "(" || this.#tokens.findKind(behind) !== ")") return { start, end };
      start = this.#tokens.start(before);
      end = this.#tokens.end(behind);
    }
  }

  /** Without parentheses around the whole, but with those around its first and last part. */
  whole(expr: Expr): Extent {
    const [first, last] = ends(expr);
    return {
      start: first === null ? expr.start : this.operand(first).start,
      end: last === null ? expr.end : this.operand(last).end,
    };
  }

  /** Index of the first token that starts at `offset` or behind it. */
  tokenAt(offset: number): number {
    return this.#tokens.indexAt(offset);
  }

  token(index: number): Token | null {
    return this.#tokens.find(index);
  }

  lineStart(offset: number): number {
    return this.text.lastIndexOf("\n", offset - 1) + 1;
  }

  /** Offset of the line break that ends the line, or of the text's end. */
  lineEnd(offset: number): number {
    const at = this.text.indexOf("\n", offset);
    return at === -1 ? this.text.length : at;
  }
}

/** The parts that stand first and last in an expression's text; null: none does, its own token stands there. */
function ends(expr: Expr): readonly [Expr | null, Expr | null] {
  switch (expr.kind) {
    case "binary":
      return [expr.left, expr.right];
    case "ternary":
      return [expr.condition, expr.whenFalse];
    case "range":
      return [expr.from, expr.exclusive ? null : expr.to];
    case "unary":
      return [null, expr.operand];
    case "try-star":
      return [null, expr.value];
    case "propagate":
      return [expr.value, null];
    case "method-call":
    case "property":
    case "index":
    case "slice":
      return [expr.object, null];
    default:
      return [null, null];
  }
}
