/**
 * Variables at the top level of a script that no function names: they live in registers as the locals of a function do, so that loops over them are as fast, and
 * what they hold changes in place on the same ways.
 *
 * Invariant: nobody else can see them. A script is imported by nobody, and functions, closures, tasks and deferred code of it do not name them.
 */
import { patternNames } from "../check/module-interface.ts";
import { type AnyNode, forEachNode } from "../check/walk.ts";
import type { SourceFile, Stmt } from "../syntax/ast.ts";

/** Registers that all calls of the initialiser have room for anyway; a script with more variables keeps them in slots. */
const MOST = 1_000;

export function scriptLocals(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const taken = new Set<string>();
  for (const item of file.items) {
    // What stands behind it is compiled in front of its code.
    if (item.kind === "defer") return new Set();
    for (const name of boundBy(item)) {
      if (names.has(name)) taken.add(name);
      names.add(name);
    }
    if (item.kind !== "binding" || item.pattern.kind !== "pattern-name")
      for (const name of boundBy(item)) taken.add(name);
  }
  if (names.size > MOST) return new Set();
  for (const name of namesElsewhere(file)) taken.add(name);
  for (const name of taken) names.delete(name);
  return names;
}

function boundBy(item: Stmt): readonly string[] {
  switch (item.kind) {
    case "binding":
      return patternNames(item.pattern);
    case "import":
      return (item.names ?? []).map(({ name }) => name);
    default:
      return "name" in item && item.name !== null ? [item.name.name] : [];
  }
}

/** Names in code that runs in an activation of its own, and that are no parameters of it. */
function namesElsewhere(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (root: object, params: ReadonlySet<string>, isElsewhere: boolean): void =>
    forEachNode(root, (node) => {
      if (node === root) return true;
      const own = ownNames(node);
      if (own !== null) {
        visit(node, own.length === 0 ? params : new Set([...params, ...own]), true);
        return false;
      }
      if (isElsewhere && node.kind === "name" && !params.has(node.name)) names.add(node.name);
      return true;
    });
  visit(file.items, new Set(), false);
  return names;
}

/** The parameters of such code; null: the node is none. */
function ownNames(node: AnyNode): readonly string[] | null {
  switch (node.kind) {
    case "fn":
    case "tool":
    case "closure":
      return node.params.map(({ name }) => name);
    case "parallel":
      return node.variable === null ? [] : [node.variable.name];
    case "skill":
    case "struct":
    case "impl":
    case "spawn":
    case "defer":
      return [];
    default:
      return null;
  }
}
