/**
 * Declarations as types: structs, enums, interfaces, aliases, impl blocks and the signatures of functions.
 *
 * Invariants
 * 1. All type names of a block are known before the first type of it is read, so declarations may refer to each other in any order.
 * 2. Everything behind a name is read when it is first asked for, and once.
 */
import type { Span } from "../base/span.ts";
import type {
  EnumDecl,
  FnDecl,
  ImplDecl,
  InterfaceDecl,
  Param,
  StructDecl,
  TypeAliasDecl,
  TypeExpr,
  TypeParam,
  WhereClause,
} from "../syntax/ast.ts";
import { resolveType, type TypeNames } from "../types/resolution.ts";
import type {
  AliasInfo,
  DeclaredField,
  EnumInfo,
  InterfaceInfo,
  ParamType,
  Signature,
  StructInfo,
  Type,
  TypeInfo,
  TypeParamInfo,
} from "../types/type.ts";
import { Scope } from "./scope.ts";

/** What the readers need of the file that they read in. */
export interface DeclarationContext {
  /** As messages show it. */
  readonly path: string;
  unknownType(name: string, span: Span, scope: Scope): void;
}

export type TypeDecl = StructDecl | EnumDecl | InterfaceDecl | TypeAliasDecl;

export function readType(c: DeclarationContext, type: TypeExpr, scope: Scope): Type {
  const names: TypeNames = {
    lookup: (name) => scope.findType(name),
    unknownName: (name, span) => c.unknownType(name, span, scope),
  };
  return resolveType(type, names);
}

/** Makes the declaration known in `scope`, and answers what its name means. */
export function declareType(c: DeclarationContext, decl: TypeDecl, scope: Scope): TypeInfo {
  const { params, inner } = genericScope(decl.typeParams, [], scope);
  const base = { name: decl.name.name, params, span: decl.name, path: c.path };
  const info = typeInfoOf(c, decl, base, inner);
  scope.declareType(info.name, info);
  return info;
}

const NO_FIELDS: readonly DeclaredField[] = [];

interface Base {
  readonly name: string;
  readonly params: readonly TypeParamInfo[];
  readonly span: Span;
  readonly path: string;
}

function typeInfoOf(c: DeclarationContext, decl: TypeDecl, base: Base, scope: Scope): TypeInfo {
  const optionalType = (type: TypeExpr | null): Type | null => (type === null ? null : readType(c, type, scope));
  const variantField = (field: Param): DeclaredField => ({
    name: field.name,
    type: optionalType(field.type),
    optional: field.defaultValue !== null,
    span: field,
  });
  switch (decl.kind) {
    case "struct": {
      const fields = once(() =>
        decl.fields.map(
          (field): DeclaredField => ({
            name: field.name.name,
            type: optionalType(field.type),
            optional: field.optional,
            span: field,
          }),
        ),
      );
      return { ...base, kind: "struct", fields } satisfies StructInfo;
    }
    case "enum": {
      const variants = once(() =>
        decl.variants.map((variant) => ({
          name: variant.name.name,
          span: variant,
          // Most have none, and a list of nothing takes as much room as the text of the variant.
          fields: variant.fields.length === 0 ? NO_FIELDS : variant.fields.map(variantField),
        })),
      );
      return { ...base, kind: "enum", variants } satisfies EnumInfo;
    }
    case "interface":
      return interfaceOf(c, decl, base, scope);
    case "type-alias":
      return { ...base, kind: "alias", body: once(() => readType(c, decl.type, scope)) } satisfies AliasInfo;
  }
}

function interfaceOf(c: DeclarationContext, decl: InterfaceDecl, base: Base, outer: Scope): InterfaceInfo {
  const scope = new Scope(outer);
  const associated = decl.associatedTypes.map(({ name, type }) => {
    const param: TypeParamInfo = { name: name.name, variance: "invariant", bound: () => null };
    scope.declareType(param.name, param);
    return { param, type };
  });
  return {
    ...base,
    kind: "interface",
    associated: once(() =>
      associated.map(({ param, type }) => ({ param, preset: type === null ? null : readType(c, type, scope) })),
    ),
    methods: once(
      () =>
        new Map(
          decl.methods.map((method) => {
            const inner = genericScope(method.typeParams, [], scope);
            const params = withoutSelf(method.params).map((param) => paramType(c, param, inner.inner));
            const result = method.result === null ? null : readType(c, method.result, inner.inner);
            const { name } = method.name;
            return [name, { name, typeParams: inner.params, params, result, span: method.name, path: c.path }];
          }),
        ),
    ),
  };
}

/** A scope in which the type parameters are known. `where` names the interfaces that they have to satisfy. */
export function genericScope(
  typeParams: readonly TypeParam[],
  where: readonly WhereClause[],
  scope: Scope,
): { readonly params: readonly TypeParamInfo[]; readonly inner: Scope } {
  if (typeParams.length === 0) return { params: [], inner: scope };
  const inner = new Scope(scope);
  const params = typeParams.map(({ name, variance }): TypeParamInfo => {
    const clause = where.find(({ param }) => param.name === name.name);
    return {
      name: name.name,
      variance,
      bound: once(() => {
        const found = clause === undefined ? null : scope.findType(clause.bound.name);
        return found !== null && "kind" in found && found.kind === "interface" ? found : null;
      }),
    };
  });
  for (const param of params) inner.declareType(param.name, param);
  return { params, inner };
}

/** The function as its callers see it, and the scope in which its body's types are read. */
export function signatureOf(
  c: DeclarationContext,
  decl: Pick<FnDecl, "name" | "params" | "result"> & Partial<Pick<FnDecl, "typeParams" | "where">>,
  scope: Scope,
): { readonly signature: Signature; readonly inner: Scope } {
  const { params, inner } = genericScope(decl.typeParams ?? [], decl.where ?? [], scope);
  const signature: Signature = {
    name: decl.name.name,
    typeParams: params,
    params: withoutSelf(decl.params).map((param) => paramType(c, param, inner)),
    result: decl.result === null ? null : readType(c, decl.result, inner),
    span: decl.name,
    path: c.path,
  };
  return { signature, inner };
}

function withoutSelf(params: readonly Param[]): readonly Param[] {
  return params[0]?.name === "self" ? params.slice(1) : params;
}

function paramType(c: DeclarationContext, param: Param, scope: Scope): ParamType {
  return {
    name: param.name,
    type: param.type === null ? null : readType(c, param.type, scope),
    optional: param.defaultValue !== null || param.rest,
    nilDefault: param.defaultValue?.kind === "nil",
    rest: param.rest,
    span: param,
  };
}

export function methodsOfImpl(c: DeclarationContext, decl: ImplDecl, scope: Scope): ReadonlyMap<string, Signature> {
  return new Map(decl.methods.map((method) => [method.name.name, signatureOf(c, method, scope).signature]));
}

export function once<T>(make: () => T): () => T {
  let value: { readonly made: T } | null = null;
  return () => {
    value ??= { made: make() };
    return value.made;
  };
}
