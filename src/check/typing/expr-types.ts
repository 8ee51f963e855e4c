/**
 * The types of expressions, while the statement or body in which they stand is checked. What an expression says by itself, and that nothing is known of it, takes no room: a text may be
 * nothing but literals, or names that mean nothing. One `Map` holds 16 million entries at the most, which a large generated program exceeds.
 */
import type { Expr } from "../../syntax/ast.ts";
import { ANY, BOOL, DURATION, FLOAT, INT, NIL, STRING, type Type } from "../../types/type.ts";

const MOST_IN_A_MAP = 1 << 23;

/** The type of a literal; null: `expr` is none. */
export function literalType(expr: Expr): Type | null {
  switch (expr.kind) {
    case "int":
      return INT;
    case "float":
      return FLOAT;
    case "string":
    case "interpolation":
      return STRING;
    case "bool":
      return BOOL;
    case "nil":
      return NIL;
    case "duration":
      return DURATION;
    default:
      return null;
  }
}

export class ExprTypes {
  private readonly maps: Map<Expr, Type>[] = [];

  /** `ANY` where nothing is known, also of what has not been looked at. */
  get(expr: Expr): Type {
    const literal = literalType(expr);
    if (literal !== null) return literal;
    for (let i = this.maps.length - 1; i >= 0; i--) {
      const found = this.maps[i]!.get(expr);
      if (found !== undefined) return found;
    }
    return ANY;
  }

  set(expr: Expr, type: Type): void {
    if (literalType(expr) !== null) return;
    if (type === ANY) {
      for (const map of this.maps) map.delete(expr);
      return;
    }
    let last = this.maps.at(-1);
    if (last === undefined || last.size >= MOST_IN_A_MAP) {
      last = new Map();
      this.maps.push(last);
    }
    last.set(expr, type);
  }
}
