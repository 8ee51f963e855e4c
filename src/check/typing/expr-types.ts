/** The types of a module's expressions. One `Map` holds 16 million entries at the most, which a large generated program exceeds. */
import type { Expr } from "../../syntax/ast.ts";
import type { Type } from "../../types/type.ts";

const MOST_IN_A_MAP = 1 << 23;

export class ExprTypes {
  private readonly maps: Map<Expr, Type>[] = [new Map()];

  get(expr: Expr): Type | undefined {
    for (let i = this.maps.length - 1; i >= 0; i--) {
      const found = this.maps[i]!.get(expr);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  set(expr: Expr, type: Type): void {
    let last = this.maps.at(-1)!;
    if (last.size >= MOST_IN_A_MAP) {
      last = new Map();
      this.maps.push(last);
    }
    last.set(expr, type);
  }
}
