/** Values that may be nil by their type, and whether that is worth a word. */
import type { Expr } from "../../syntax/ast.ts";
import { membersOf } from "../../types/substitution.ts";
import { isNamed, type Type } from "../../types/type.ts";
import type { Scope } from "../scope.ts";
import type { Checker } from "./checker.ts";

/** Nil is one of several things that a value of this type may be. */
export function mayBeNil(type: Type): boolean {
  const members = membersOf(type);
  return members.length > 1 && members.some((member) => isNamed(member, "nil"));
}

/** Somewhere before, this value was tested, or the variable was given another one: who says that it may be nil here is probably wrong. */
export function isNilUnlikely(c: Checker, expr: Expr, scope: Scope): boolean {
  if (c.tested.has(c.textOf(expr))) return true;
  const variable = expr.kind === "name" ? scope.find(expr.name) : null;
  return variable !== null && (c.reassigned.has(variable) || scope.isNarrowedOutside(variable));
}
