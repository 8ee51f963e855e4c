/** Names that a block declares twice: a `let`, or a function, of a name that keeps its value fails when it is reached. */
import { type Ident, nameOf, type Param, type Stmt } from "../../syntax/ast.ts";
import { boundNames } from "../module-interface.ts";
import type { Checker } from "./checker.ts";

/** `params`: those of the function whose body the statements are. */
export function warnRedeclared(c: Checker, stmts: readonly Stmt[], params: readonly (Ident | Param)[] = []): void {
  const first = new Map<string, Ident>();
  const declare = (ident: Ident): void => {
    if (ident.name === "_") return;
    const before = first.get(ident.name);
    if (before === undefined) {
      first.set(ident.name, ident);
      return;
    }
    c.warning("redeclared", `\`${ident.name}\` is declared a second time in this block`, ident, {
      labels: [{ span: before, text: "declared here" }],
      help: "give it another name, or declare it once with `var` and assign it",
    });
  };
  for (const param of params) first.set(param.name, "nameStart" in param ? nameOf(param) : param);
  for (const stmt of stmts) {
    // A `var` takes the place of whatever had its name.
    if (stmt.kind === "binding" && stmt.mutable) for (const { name } of boundNames(stmt.pattern)) first.delete(name);
    else if (stmt.kind === "binding") for (const ident of boundNames(stmt.pattern)) declare(ident);
    else if (stmt.kind === "fn" || stmt.kind === "tool" || stmt.kind === "skill" || stmt.kind === "struct")
      declare(stmt.name);
  }
}
