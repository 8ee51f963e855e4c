/**
 * Putting types in the place of type parameters, and looking inside aliases.
 *
 * Invariant: an alias that is given a union for one of its parameters is the union of what it is for each member, up to `MOST_VARIANTS`.
 */
import { unreachable } from "../base/unreachable.ts";
import { ANY, type Type, type TypeParamInfo } from "./type.ts";
import { unionOf } from "./union.ts";

export type Bindings = ReadonlyMap<TypeParamInfo, Type>;

const MOST_VARIANTS = 32;
/** An alias that only ever names aliases ends here. */
const MOST_STEPS = 64;
const MOST_NESTED = 6;

/** Parameters without a binding stay. */
export function substitute(type: Type, bindings: Bindings): Type {
  if (bindings.size === 0) return type;
  const inner = (part: Type): Type => substitute(part, bindings);
  switch (type.kind) {
    case "any":
    case "unknown":
    case "never":
    case "literal":
      return type;
    case "param":
      return bindings.get(type.param) ?? type;
    case "named":
    case "alias":
      return type.args.length === 0 ? type : { ...type, args: type.args.map(inner) };
    case "union":
      return unionOf(type.members.map(inner));
    case "shape":
      return { kind: "shape", fields: type.fields.map((field) => ({ ...field, type: inner(field.type) })) };
    case "fn":
      return { kind: "fn", params: type.params.map(inner), result: inner(type.result) };
    default:
      return unreachable(type);
  }
}

/** Bindings of a declaration's parameters to the arguments that it was given; `any` for those that are missing. */
export function bindArguments(params: readonly TypeParamInfo[], args: readonly Type[]): Bindings {
  return new Map(params.map((param, i) => [param, args[i] ?? ANY]));
}

/** What an alias stands for, until it is no alias; other types as they are. An alias in a circle is `any`. */
export function expand(type: Type): Type {
  let current = type;
  for (let step = 0; current.kind === "alias"; step++) {
    if (step === MOST_STEPS) return ANY;
    current = instantiate(current);
  }
  return current;
}

function instantiate(type: Extract<Type, { kind: "alias" }>): Type {
  const body = type.info.body();
  const { params } = type.info;
  if (params.length === 0) return body;
  let variants: (readonly Type[])[] = [[]];
  for (let i = 0; i < params.length; i++) {
    const arg = type.args[i] ?? ANY;
    const parts = membersOf(arg);
    const members = parts.length > 1 && variants.length * parts.length <= MOST_VARIANTS ? parts : [arg];
    variants = variants.flatMap((known) => members.map((member) => [...known, member]));
  }
  return unionOf(variants.map((args) => substitute(body, bindArguments(params, args))));
}

/** The members of a union, aliases inside it looked into; of another type the type itself. */
export function membersOf(type: Type, depth = 0): readonly Type[] {
  const seen = expand(type);
  if (seen.kind !== "union") return [seen];
  if (!seen.members.some((member) => member.kind === "alias")) return seen.members;
  // A union that contains itself adds nothing to itself.
  if (depth === MOST_NESTED) return [];
  return seen.members.flatMap((member) => (member.kind === "alias" ? membersOf(member, depth + 1) : [member]));
}
