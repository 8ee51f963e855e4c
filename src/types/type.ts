/**
 * What the checker knows of a value: the forms of types, and the declarations that they name.
 *
 * Invariants
 * 1. `any` is what nobody wrote down or what cannot be known; it fits everywhere and everything fits it. `unknown` is what somebody wrote to
 *    say "look before you use it".
 * 2. A type is data and never changes. A declaration's own types (`fields`, `methods`, …) are read when first asked for, since
 *    declarations may refer to each other in any order.
 * 3. An alias stays an alias until somebody looks inside (`expand`), so that messages show the name that the author wrote and an alias may
 *    mention itself.
 */
import type { Span } from "../base/span.ts";

export type Variance = "invariant" | "covariant" | "contravariant";

export type Type =
  | { readonly kind: "any" }
  /** `not`: what `type_of` has already ruled out. */
  | { readonly kind: "unknown"; readonly not: readonly string[] }
  | { readonly kind: "never" }
  /** A builtin type (`info` null), a struct, an enum or an interface. Without `args` a generic one is one of `any`. */
  | { readonly kind: "named"; readonly name: string; readonly args: readonly Type[]; readonly info: NominalInfo | null }
  | { readonly kind: "alias"; readonly info: AliasInfo; readonly args: readonly Type[] }
  | { readonly kind: "param"; readonly param: TypeParamInfo }
  | { readonly kind: "union"; readonly members: readonly Type[] }
  | { readonly kind: "shape"; readonly fields: readonly FieldType[] }
  | { readonly kind: "fn"; readonly params: readonly Type[]; readonly result: Type }
  | { readonly kind: "literal"; readonly value: string | number | bigint };

export interface FieldType {
  readonly name: string;
  readonly type: Type;
  readonly optional: boolean;
}

/** One object for one declared parameter: two parameters of the same name are different. */
export interface TypeParamInfo {
  readonly name: string;
  readonly variance: Variance;
  /** The interface of a `where` clause. */
  readonly bound: () => InterfaceInfo | null;
}

interface DeclarationInfo {
  readonly name: string;
  readonly params: readonly TypeParamInfo[];
  /** Where the name stands, and in which file (as messages show it). */
  readonly span: Span;
  readonly path: string;
}

export interface DeclaredField {
  readonly name: string;
  /** null: not annotated. */
  readonly type: Type | null;
  readonly optional: boolean;
  readonly span: Span;
}

export interface StructInfo extends DeclarationInfo {
  readonly kind: "struct";
  readonly fields: () => readonly DeclaredField[];
}

export interface EnumVariantInfo {
  readonly name: string;
  readonly fields: readonly DeclaredField[];
  readonly span: Span;
}

export interface EnumInfo extends DeclarationInfo {
  readonly kind: "enum";
  readonly variants: () => readonly EnumVariantInfo[];
}

export interface InterfaceInfo extends DeclarationInfo {
  readonly kind: "interface";
  /** The associated types, in order, each a parameter that the methods mention; with its default. */
  readonly associated: () => readonly { readonly param: TypeParamInfo; readonly preset: Type | null }[];
  readonly methods: () => ReadonlyMap<string, Signature>;
}

export type NominalInfo = StructInfo | EnumInfo | InterfaceInfo;

export interface AliasInfo extends DeclarationInfo {
  readonly kind: "alias";
  readonly body: () => Type;
}

export type TypeInfo = NominalInfo | AliasInfo;

export interface ParamType {
  readonly name: string;
  /** null: not annotated. */
  readonly type: Type | null;
  /** May be left out. */
  readonly optional: boolean;
  /** Its default is nil, so nil may be passed. */
  readonly nilDefault: boolean;
  readonly rest: boolean;
  /** Of the whole parameter; null for builtins. */
  readonly span: Span | null;
}

/** A function as its callers see it. A method's `self` is not among the parameters. */
export interface Signature {
  readonly name: string;
  readonly typeParams: readonly TypeParamInfo[];
  readonly params: readonly ParamType[];
  /** null: not annotated. */
  readonly result: Type | null;
  /** Where it is declared; null for builtins. */
  readonly span: Span | null;
  /** File of the declaration, as messages show it. */
  readonly path: string | null;
}

export const ANY: Type = Object.freeze({ kind: "any" });
export const NEVER: Type = Object.freeze({ kind: "never" });
export const UNKNOWN: Type = Object.freeze({ kind: "unknown", not: Object.freeze([]) as readonly string[] });

export function named(name: string, args: readonly Type[] = [], info: NominalInfo | null = null): Type {
  return { kind: "named", name, args, info };
}

export const INT = Object.freeze(named("int"));
export const FLOAT = Object.freeze(named("float"));
export const STRING = Object.freeze(named("string"));
export const BOOL = Object.freeze(named("bool"));
export const NIL = Object.freeze(named("nil"));
export const LIST = Object.freeze(named("list"));
export const DICT = Object.freeze(named("dict"));
export const RANGE = Object.freeze(named("range"));
export const DURATION = Object.freeze(named("duration"));
export const CLOSURE = Object.freeze(named("closure"));

export function listOf(item: Type): Type {
  return item.kind === "any" ? LIST : named("list", [item]);
}

export function isNamed(type: Type, name: string): boolean {
  return type.kind === "named" && type.name === name;
}

/** Names of types that nobody has to declare; `any`, `unknown` and `never` are forms of their own. */
export const BUILTIN_TYPES: ReadonlySet<string> = new Set([
  "int",
  "float",
  "string",
  "bool",
  "nil",
  "bytes",
  "duration",
  "range",
  "closure",
  "list",
  "dict",
  "set",
  "iter",
  "generator",
  "Generator",
  "channel",
  "atomic",
  "task_handle",
  "pair",
  "Pair",
  "Result",
  "Schema",
  "struct",
  "enum",
]);

/** The same type, member order of unions and field order of shapes aside. Aliases are compared by name. */
export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "any":
    case "never":
      return a.kind === b.kind;
    case "unknown":
      return b.kind === "unknown" && a.not.length === b.not.length;
    case "named":
      return b.kind === "named" && a.name === b.name && a.info === b.info && sameTypes(a.args, b.args);
    case "alias":
      return b.kind === "alias" && a.info === b.info && sameTypes(a.args, b.args);
    case "param":
      return b.kind === "param" && a.param === b.param;
    case "literal":
      return b.kind === "literal" && a.value === b.value;
    case "fn":
      return b.kind === "fn" && sameTypes(a.params, b.params) && sameType(a.result, b.result);
    case "union":
      return (
        b.kind === "union" &&
        a.members.length === b.members.length &&
        a.members.every(
          (member, i) => sameType(member, b.members[i]!) || b.members.some((other) => sameType(member, other)),
        )
      );
    case "shape":
      return (
        b.kind === "shape" &&
        a.fields.length === b.fields.length &&
        a.fields.every((field, i) => {
          const other =
            b.fields[i]!.name === field.name ? b.fields[i] : b.fields.find(({ name }) => name === field.name);
          return other !== undefined && other.optional === field.optional && sameType(field.type, other.type);
        })
      );
  }
}

function sameTypes(a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((type, i) => sameType(type, b[i]!));
}
