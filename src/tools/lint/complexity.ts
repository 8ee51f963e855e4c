/** The cyclomatic complexity of a body: one more than the decisions in it. */
import { forEachNode } from "../../check/walk.ts";
import type { Block } from "../../syntax/ast.ts";

/** Declarations in it count for themselves, closures for it. */
export function complexityOf(body: Block): number {
  let count = 1;
  forEachNode(body, (node) => {
    switch (node.kind) {
      case "if":
      case "for":
      case "while":
      case "retry":
      case "match":
      case "guard":
      case "ternary":
        count++;
        break;
      case "try":
        // Without a handler nothing is decided.
        if (node.catch !== null || node.finally !== null) count++;
        break;
      case "binary":
        if (node.op === "&&" || node.op === "||") count++;
        break;
      case "select":
        count += node.cases.length;
        break;
      case "interpolation":
      case "fn":
      case "tool":
      case "skill":
      case "impl":
      case "override":
      case "pipeline":
        return false;
    }
    return true;
  });
  return count;
}
