/** Where a declared `in` or `out` parameter stands against what it promises. */
import type { Span } from "../base/span.ts";
import { unreachable } from "../base/unreachable.ts";
import type { TypeExpr, TypeParam } from "../syntax/ast.ts";
import type { TypeInfo, TypeParamInfo, Variance } from "./type.ts";

export interface VarianceBreach {
  readonly param: TypeParam;
  /** How the place where it stands is used. */
  readonly position: Variance;
  readonly span: Span;
}

/** The types of a declaration, each with what the declaration does with values of it: gives them, takes them, or both. */
export type Position = readonly [type: TypeExpr | null, position: Variance];

export function findVarianceBreaches(
  params: readonly TypeParam[],
  positions: readonly Position[],
  lookup: (name: string) => TypeInfo | TypeParamInfo | null,
): readonly VarianceBreach[] {
  const marked = new Map(
    params.filter(({ variance }) => variance !== "invariant").map((param) => [param.name.name, param]),
  );
  if (marked.size === 0) return [];
  const breaches: VarianceBreach[] = [];
  const visit = (type: TypeExpr, position: Variance): void => {
    switch (type.kind) {
      case "type-name": {
        const param = type.args.length === 0 ? marked.get(type.name) : undefined;
        if (param !== undefined && param.variance !== position) breaches.push({ param, position, span: type });
        const found = type.args.length === 0 ? null : lookup(type.name);
        for (const [i, arg] of type.args.entries()) {
          visit(arg, compose(position, argumentVariance(type.name, found, i)));
        }
        return;
      }
      case "type-union":
        for (const member of type.members) visit(member, position);
        return;
      case "type-shape":
        for (const field of type.fields) visit(field.type, position);
        return;
      case "type-fn":
        for (const param of type.params) visit(param, compose(position, "contravariant"));
        visit(type.result, position);
        return;
      case "type-string":
      case "type-int":
        return;
      default:
        unreachable(type);
    }
  };
  for (const [type, position] of positions) if (type !== null) visit(type, position);
  return breaches;
}

function argumentVariance(name: string, info: TypeInfo | TypeParamInfo | null, index: number): Variance {
  if (info !== null && "params" in info) return info.params[index]?.variance ?? "invariant";
  return name === "iter" || name === "Iter" || name === "Result" ? "covariant" : "invariant";
}

function compose(outer: Variance, inner: Variance): Variance {
  if (outer === "invariant" || inner === "invariant") return "invariant";
  if (inner === "covariant") return outer;
  return outer === "covariant" ? "contravariant" : "covariant";
}
