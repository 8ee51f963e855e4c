/** What the parameters of a generic stand for, read off a value's type. */
import { isAssignable, type MethodsOf } from "./assignability.ts";
import { showType } from "./display.ts";
import { expand } from "./substitution.ts";
import type { Type, TypeParamInfo } from "./type.ts";

/** Nothing new is learnt from an alias that goes on for ever. */
const DEEPEST = 32;

/**
 * Compares `wanted`, which mentions parameters of `open`, with `actual` and adds what it learns to `bindings`. Text: two places disagree.
 * Where the forms differ nothing is learnt; whether they fit is another question.
 */
export function inferBindings(
  wanted: Type,
  actual: Type,
  open: ReadonlySet<TypeParamInfo>,
  bindings: Map<TypeParamInfo, Type>,
  methodsOf: MethodsOf,
  depth = 0,
): string | null {
  if (depth > DEEPEST) return null;
  const inner = (a: Type, b: Type) => inferBindings(a, b, open, bindings, methodsOf, depth + 1);
  const all = (pairs: Iterable<readonly [Type, Type | undefined]>): string | null => {
    for (const [a, b] of pairs) {
      const clash = b === undefined ? null : inner(a, b);
      if (clash !== null) return clash;
    }
    return null;
  };
  if (wanted.kind === "param") return open.has(wanted.param) ? bind(wanted.param, actual, bindings, methodsOf) : null;
  if (wanted.kind === "alias" && actual.kind === "alias" && wanted.info === actual.info) {
    return all(wanted.args.map((arg, i) => [arg, actual.args[i]] as const));
  }
  const to = expand(wanted);
  const from = expand(actual);
  if (to.kind === "named" && from.kind === "named" && to.name === from.name) {
    return all(to.args.map((arg, i) => [arg, from.args[i]] as const));
  }
  if (to.kind === "shape" && from.kind === "shape") {
    const given = new Map(from.fields.map((field) => [field.name, field.type]));
    return all(to.fields.map((field) => [field.type, given.get(field.name)] as const));
  }
  if (to.kind === "named" && to.name === "dict" && to.args.length === 2 && from.kind === "shape") {
    return all(from.fields.map((field) => [to.args[1]!, field.type] as const));
  }
  if (to.kind === "fn" && from.kind === "fn") {
    return all([...to.params.map((param, i) => [param, from.params[i]] as const), [to.result, from.result]]);
  }
  if (to.kind === "union") {
    // `T | nil` against a string: the member that is a parameter takes what the others do not.
    const rest = (from.kind === "union" ? from.members : [from]).filter(
      (part) => !to.members.some((member) => member.kind !== "param" && isAssignable(member, part, methodsOf)),
    );
    const param = to.members.find((member) => member.kind === "param");
    if (param !== undefined && rest.length === 1) return inner(param, rest[0]!);
  }
  return null;
}

function bind(
  param: TypeParamInfo,
  actual: Type,
  bindings: Map<TypeParamInfo, Type>,
  methodsOf: MethodsOf,
): string | null {
  const known = bindings.get(param);
  if (known === undefined || known.kind === "any") {
    bindings.set(param, actual);
    return null;
  }
  if (isAssignable(known, actual, methodsOf)) return null;
  if (isAssignable(actual, known, methodsOf)) {
    bindings.set(param, actual);
    return null;
  }
  return `type parameter '${param.name}' was inferred as both ${showType(known)} and ${showType(actual)}`;
}
