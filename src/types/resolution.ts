/** From the types that an author writes to the types that the checker computes with. */

import type { Span } from "../base/span.ts";
import { unreachable } from "../base/unreachable.ts";
import type { TypeExpr } from "../syntax/ast.ts";
import { ANY, BUILTIN_TYPES, NEVER, named, type Type, type TypeInfo, type TypeParamInfo, UNKNOWN } from "./type.ts";
import { unionOf } from "./union.ts";

/** What type names mean in one place. */
export interface TypeNames {
  /** null: there is no such type. */
  lookup(name: string): TypeInfo | TypeParamInfo | null;
  /** Called for a name that means nothing; may report it. */
  unknownName(name: string, span: Span): void;
}

export function resolveType(expr: TypeExpr, names: TypeNames): Type {
  switch (expr.kind) {
    case "type-name":
      return resolveName(expr, names);
    case "type-union":
      return unionOf(expr.members.map((member) => resolveType(member, names)));
    case "type-shape":
      return {
        kind: "shape",
        fields: expr.fields.map((field) => ({
          name: field.name.name,
          type: resolveType(field.type, names),
          optional: field.optional,
        })),
      };
    case "type-fn":
      return {
        kind: "fn",
        params: expr.params.map((param) => resolveType(param, names)),
        result: resolveType(expr.result, names),
      };
    case "type-string":
    case "type-int":
      return { kind: "literal", value: expr.value };
    default:
      return unreachable(expr);
  }
}

function resolveName(expr: Extract<TypeExpr, { kind: "type-name" }>, names: TypeNames): Type {
  const { name } = expr;
  const args = expr.args.map((arg) => resolveType(arg, names));
  const found = names.lookup(name);
  if (found !== null) {
    if (!("kind" in found)) return { kind: "param", param: found };
    if (found.kind === "alias") return { kind: "alias", info: found, args };
    return named(name, args, found);
  }
  switch (name) {
    case "any":
    case "_":
      return ANY;
    case "unknown":
      return UNKNOWN;
    case "never":
      return NEVER;
    // Names that people use for what has no type of its own.
    case "number":
    case "agent":
    case "mutex":
    case "task":
    case "builtin":
    case "mcp_client":
    case "Option":
      return ANY;
    // Two spellings of one type.
    case "Iter":
      return named("iter", args);
    case "fn":
    case "function":
      return named("closure");
    default:
      if (BUILTIN_TYPES.has(name)) return named(name, args);
      names.unknownName(name, expr);
      return ANY;
  }
}
