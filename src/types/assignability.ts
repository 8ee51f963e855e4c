/**
 * May a value of one type stand where another is expected? And does a type have what an interface asks for?
 *
 * Invariants
 * 1. `any` and type parameters that nothing is known of always fit: only what is certain is an error.
 * 2. Lists and dicts can be written to, so their parts have to agree in both directions; iterators and results are only read. What an author
 *    declared `in` or `out` decides for his own types.
 * 3. A question costs at most `BUDGET` steps. What is not decided by then fits: types may be recursive, and unions of unions multiply.
 */

import { showType } from "./display.ts";
import { inferBindings } from "./inference.ts";
import { bindArguments, expand, substitute } from "./substitution.ts";
import { type InterfaceInfo, isNamed, type Signature, type Type, type TypeParamInfo, type Variance } from "./type.ts";

/** The methods that impl blocks give a type; null: none are known. */
export type MethodsOf = (type: Type) => ReadonlyMap<string, Signature> | null;

const BUDGET = 5_000;
/** Deeper than types that are written down; only an alias that mentions itself gets there. */
const DEEPEST = 100;

interface Question {
  readonly methodsOf: MethodsOf;
  left: number;
  depth: number;
}

export function isAssignable(expected: Type, actual: Type, methodsOf: MethodsOf): boolean {
  return fits(expected, actual, { methodsOf, left: BUDGET, depth: 0 });
}

function fits(expected: Type, actual: Type, q: Question): boolean {
  if (expected === actual || q.left-- <= 0 || q.depth > DEEPEST) return true;
  q.depth++;
  const answer = compare(expected, actual, q);
  q.depth--;
  return answer;
}

function compare(expected: Type, actual: Type, q: Question): boolean {
  if (expected.kind === "any" || actual.kind === "any" || expected.kind === "param" || actual.kind === "param")
    return true;
  const to = expand(expected);
  const from = expand(actual);
  if (to.kind === "any" || from.kind === "any" || to.kind === "param" || from.kind === "param") return true;
  if (from.kind === "never") return true;
  if (to.kind === "never") return false;
  if (to.kind === "unknown") return true;
  if (from.kind === "unknown") return false;
  if (from.kind === "union") return from.members.every((member) => fits(to, member, q));
  if (to.kind === "union") return to.members.some((member) => fits(member, from, q));
  if (to.kind === "named" && to.info?.kind === "interface") return fitsInterface(to, to.info, from, q);
  switch (to.kind) {
    case "named":
      return fitsNamed(to, from, q);
    case "shape":
      return fitsShape(to, from, q);
    case "fn":
      return fitsFunction(to, from, q);
    case "literal":
      // A plain string may turn out to be the right one; run time looks.
      if (from.kind === "literal") return from.value === to.value;
      return isNamed(from, typeof to.value === "string" ? "string" : "int");
    default:
      return false;
  }
}

type Named = Extract<Type, { kind: "named" }>;

function fitsNamed(to: Named, from: Type, q: Question): boolean {
  switch (from.kind) {
    case "named":
      if (to.name !== from.name) return to.name === "float" && from.name === "int" && to.info === null;
      if (to.info !== from.info && to.info !== null && from.info !== null) return false;
      if (to.args.length === 0 || from.args.length === 0) return true;
      return to.args.every((arg, i) => {
        const other = from.args[i];
        return other === undefined || fitsAt(varianceOf(to, i), arg, other, q);
      });
    case "literal":
      if (typeof from.value === "string") return to.name === "string";
      return to.name === "int" || to.name === "float";
    case "shape":
      if (to.name !== "dict") return false;
      if (to.args.length < 2) return true;
      return fits(to.args[0]!, STRING_KEY, q) && from.fields.every((field) => fits(to.args[1]!, field.type, q));
    case "fn":
      return to.name === "closure";
    default:
      return false;
  }
}

const STRING_KEY: Type = { kind: "named", name: "string", args: [], info: null };

function fitsShape(to: Extract<Type, { kind: "shape" }>, from: Type, q: Question): boolean {
  if (from.kind === "named") return from.name === "dict" && from.info === null;
  if (from.kind !== "shape") return false;
  const byName = new Map(from.fields.map((field) => [field.name, field]));
  return to.fields.every((field) => {
    const given = byName.get(field.name);
    if (given === undefined) return field.optional;
    // A field that may be missing, and is given, need not be right for the reference: nil stands for "missing".
    return fits(field.type, given.type, q) || (field.optional && isNamed(expand(given.type), "nil"));
  });
}

function fitsFunction(to: Extract<Type, { kind: "fn" }>, from: Type, q: Question): boolean {
  if (from.kind === "named") return from.name === "closure" || from.name === "builtin";
  if (from.kind !== "fn") return false;
  // A callback may leave out parameters at the end.
  return (
    from.params.length <= to.params.length &&
    from.params.every((param, i) => fits(param, to.params[i]!, q)) &&
    fits(to.result, from.result, q)
  );
}

function fitsAt(variance: Variance, expected: Type, actual: Type, q: Question): boolean {
  switch (variance) {
    case "covariant":
      return fits(expected, actual, q);
    case "contravariant":
      return fits(actual, expected, q);
    case "invariant":
      return fits(expected, actual, q) && fits(actual, expected, q);
  }
}

const READ_ONLY: ReadonlySet<string> = new Set([
  "iter",
  "generator",
  "Result",
  "Pair",
  "pair",
  "Option",
  "task",
  "task_handle",
]);

/** Of the `index`th argument of a generic type. */
export function varianceOf(type: Named, index: number): Variance {
  if (type.info !== null) return type.info.params[index]?.variance ?? "invariant";
  return READ_ONLY.has(type.name) ? "covariant" : "invariant";
}

// ---------------------------------------------------------------- interfaces

function fitsInterface(to: Named, info: InterfaceInfo, from: Type, q: Question): boolean {
  if (from.kind !== "named") return false;
  if (from.info === info)
    return from.args.every((arg, i) => to.args[i] === undefined || fitsAt(varianceOf(to, i), to.args[i], arg, q));
  return interfaceMismatch(from, info, to.args, q.methodsOf, q) === null;
}

/** Why `type` is not what `wanted` describes; null when it is. */
export function interfaceMismatch(
  type: Type,
  wanted: InterfaceInfo,
  args: readonly Type[],
  methodsOf: MethodsOf,
  question?: Question,
): string | null {
  const q = question ?? { methodsOf, left: BUDGET, depth: 0 };
  const seen = expand(type);
  if (seen.kind === "any" || seen.kind === "param") return null;
  if (seen.kind !== "named") return "only named types can have methods";
  if (seen.info === wanted) return null;
  const methods = seen.info?.kind === "interface" ? seen.info.methods() : methodsOf(seen);
  const associated = wanted.associated();
  const bindings = new Map<TypeParamInfo, Type>(args.length === 0 ? [] : bindArguments(wanted.params, args));
  const open = new Set<TypeParamInfo>(associated.map(({ param }) => param));
  for (const param of wanted.params) if (!bindings.has(param)) open.add(param);

  for (const method of wanted.methods().values()) {
    const own = methods?.get(method.name);
    if (own === undefined) return `it has no method '${method.name}'`;
    if (own.params.length !== method.params.length && !own.params.some(({ rest }) => rest)) {
      return `method '${method.name}' takes ${own.params.length} argument(s), not ${method.params.length}`;
    }
    for (let i = 0; i < method.params.length; i++) {
      const wants = method.params[i]!.type;
      const has = own.params[i]?.type ?? null;
      if (wants === null || has === null) continue;
      const clash = inferBindings(wants, has, open, bindings, methodsOf);
      if (clash !== null) return clash;
      const bound = substitute(wants, bindings);
      if (!fits(has, bound, q) && !fits(bound, has, q)) {
        return `method '${method.name}' takes ${showType(has)} as '${own.params[i]!.name}', not ${showType(bound)}`;
      }
    }
    if (method.result === null || own.result === null) continue;
    const clash = inferBindings(method.result, own.result, open, bindings, methodsOf);
    if (clash !== null) return clash;
    const bound = substitute(method.result, bindings);
    if (!fits(bound, own.result, q)) {
      return `method '${method.name}' gives ${showType(own.result)}, not ${showType(bound)}`;
    }
  }
  for (const { param, preset } of associated) {
    const actual = bindings.get(param);
    if (preset === null || actual === undefined) continue;
    const expected = substitute(preset, bindings);
    if (!fits(expected, actual, q)) {
      return `associated type '${param.name}' resolves to '${showType(actual)}', expected '${showType(expected)}'`;
    }
  }
  return null;
}
