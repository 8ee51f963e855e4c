/**
 * Walks a syntax tree without knowing every node kind: a tree is plain data, so its nodes are the objects with a `kind`.
 *
 * Invariant: nodes come in source order, parents before children. Tokens are not visited.
 */
import type { Block, Expr, MatchPattern, Pattern, SourceFile, Stmt, TypeExpr } from "../syntax/ast.ts";

export type AnyNode = Expr | Stmt | Block | Pattern | MatchPattern | TypeExpr;

/** Calls `visit` for each node below `root`, and for `root` if it is a node. False from `visit` skips what lies below. */
export function forEachNode(root: object, visit: (node: AnyNode) => unknown): void {
  if (Array.isArray(root)) {
    for (const item of root) if (typeof item === "object" && item !== null) forEachNode(item, visit);
    return;
  }
  const { kind } = root as { readonly kind?: unknown };
  if (typeof kind === "string" && kind !== "source-file") {
    if (visit(root as AnyNode) === false) return;
  }
  // A tree is plain data, without inherited keys: `for in` needs no list of them, and this is where a check spends its time.
  for (const key in root) {
    if (key === "tokens") continue;
    const child = (root as Readonly<Record<string, unknown>>)[key];
    if (typeof child === "object" && child !== null) forEachNode(child, visit);
  }
}

/** Names that code below `root` reads, assigns or calls, in order of their first use, whether bound there or not. */
export function usedNames(root: object): readonly string[] {
  const names = new Set<string>();
  forEachNode(root, (node) => {
    if (node.kind === "name") names.add(node.name);
  });
  return [...names];
}

/** True when the body of a function yields; functions inside it do not count. */
export function yields(body: Block): boolean {
  let found = false;
  forEachNode(body, (node) => {
    switch (node.kind) {
      case "yield":
        found = true;
        return false;
      case "fn":
      case "tool":
      case "closure":
      case "spawn":
      case "parallel":
      case "impl":
        return false;
      default:
        return !found;
    }
  });
  return found;
}

/** All declarations of one kind in a file, nested ones included. */
export function declarationsOf<K extends Stmt["kind"]>(
  file: SourceFile,
  kind: K,
): readonly Extract<Stmt, { kind: K }>[] {
  const found: Extract<Stmt, { kind: K }>[] = [];
  forEachNode(file.items, (node) => {
    if (node.kind === kind) found.push(node as Extract<Stmt, { kind: K }>);
  });
  return found;
}
