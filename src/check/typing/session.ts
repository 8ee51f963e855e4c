/**
 * One check of a module graph: what each module declares, read once and shared by the module itself and by those that import it.
 *
 * Invariants
 * 1. What a module declares depends on its own text and on the names of its imports, never on its bodies: an edit inside a body changes
 *    nothing for those that import it.
 * 2. Imported names are looked up when they are asked for, so modules that import each other do no harm.
 */

import { type Span, spanOf } from "../../base/span.ts";
import type { FnDecl, ImplDecl, PipelineDecl, Stmt, ToolDecl } from "../../syntax/ast.ts";
import { ANY, BUILTIN_TYPES, type Signature, type Type, type TypeInfo } from "../../types/type.ts";
import type { BuiltinSignatures } from "../builtin-signatures.ts";
import { type DeclarationContext, declareType, methodsOfImpl, signatureOf, type TypeDecl } from "../declared-types.ts";
import type { GraphModule, ModuleGraph } from "../module-graph.ts";
import { boundNames } from "../module-interface.ts";
import { ProblemList } from "../problem-list.ts";
import { Scope, type ScopeFallback, type Variable } from "../scope.ts";
import { closestName } from "../suggestion.ts";
import { forEachNode } from "../walk.ts";

export interface Declared {
  readonly signature: Signature;
  /** Where the types of its body are read. */
  readonly inner: Scope;
}

export class CheckSession {
  readonly graph: ModuleGraph;
  readonly signatures: BuiltinSignatures;
  /** Names that the host defines beside the builtins, in a module. */
  readonly globals: (key: string) => ReadonlySet<string>;
  /** Methods that impl blocks add, by what the type's name means, or by the name alone when it means nothing. */
  readonly methods = new MethodTable();
  private readonly environments = new Map<string, ModuleEnvironment>();

  constructor(graph: ModuleGraph, signatures: BuiltinSignatures, globals: (key: string) => ReadonlySet<string>) {
    this.graph = graph;
    this.signatures = signatures;
    this.globals = globals;
  }

  /** null: there is no such module, which somebody else reports. */
  environment(key: string): ModuleEnvironment | null {
    const known = this.environments.get(key);
    if (known !== undefined) return known;
    const module = this.graph.modules.get(key);
    if (module === undefined) return null;
    const made = new ModuleEnvironment(this, module);
    this.environments.set(key, made);
    made.declareAll();
    return made;
  }

  /** Modules that have changed, and all that reach them: what was read of them is read anew. */
  forget(keys: Iterable<string>): void {
    for (const key of keys) this.environments.delete(key);
    // Methods of types that nobody knows belong to no module.
    if (this.methods.forgetNames()) this.environments.clear();
  }

  /** Its check has been run on what was read of it, and left its marks there. */
  isUsedUp(key: string): boolean {
    return this.environments.get(key)?.isUsedUp === true;
  }

  readonly methodsOf = (type: Type): ReadonlyMap<string, Signature> | null => {
    if (type.kind !== "named") return null;
    return this.methods.get(type.info ?? type.name) ?? null;
  };

  addMethods(key: TypeInfo | string, added: ReadonlyMap<string, Signature>): void {
    this.methods.add(key, added);
  }
}

/** A type that nobody refers to any more takes its methods along. */
class MethodTable {
  private readonly byType = new WeakMap<TypeInfo, Map<string, Signature>>();
  private byName = new Map<string, Map<string, Signature>>();

  get(key: TypeInfo | string): ReadonlyMap<string, Signature> | undefined {
    return typeof key === "string" ? this.byName.get(key) : this.byType.get(key);
  }

  add(key: TypeInfo | string, added: ReadonlyMap<string, Signature>): void {
    const known = typeof key === "string" ? this.byName.get(key) : this.byType.get(key);
    if (known !== undefined) for (const [name, signature] of added) known.set(name, signature);
    else if (typeof key === "string") this.byName.set(key, new Map(added));
    else this.byType.set(key, new Map(added));
  }

  /** Whether there were any. */
  forgetNames(): boolean {
    const had = this.byName.size > 0;
    this.byName = new Map();
    return had;
  }
}

/** What a module declares at its top level. */
export class ModuleEnvironment implements DeclarationContext {
  readonly session: CheckSession;
  readonly module: GraphModule;
  readonly path: string;
  readonly scope: Scope;
  /** Functions and tools whose signature has been read. */
  readonly declared = new Map<FnDecl | ToolDecl, Declared>();
  /** All that its top level binds, whether the statement has been reached or not. */
  readonly topNames: ReadonlySet<string>;
  /** Wrong type names, found while reading declarations. */
  readonly problems = new ProblemList();
  /** An import could not be had: what is unknown may come from there. */
  readonly isOpen: boolean;
  /** By name; the first one counts. */
  readonly pipelines = new Map<string, PipelineDecl>();
  isUsedUp = false;
  private readonly infos = new Map<TypeDecl, TypeInfo>();
  private nested: ReadonlyMap<string, TypeDecl> | null = null;

  constructor(session: CheckSession, module: GraphModule) {
    this.session = session;
    this.module = module;
    this.path = module.path;
    const imports = module.file.items.filter((item) => item.kind === "import");
    this.isOpen = imports.some((item) => !session.graph.modules.has(module.imports.get(item.path) ?? ""));
    const topNames = new Set<string>();
    for (const item of module.file.items)
      if (item.kind === "binding") for (const { name } of boundNames(item.pattern)) topNames.add(name);
    this.topNames = topNames;
    for (const item of module.file.items) {
      if (item.kind === "pipeline" && !this.pipelines.has(item.name.name)) this.pipelines.set(item.name.name, item);
    }
    this.scope = new Scope(null, true, this.importedNames());
  }

  declareAll(): void {
    predeclare(this, this.module.file.items, this.scope);
  }

  /** The same declaration always means the same type. */
  typeInfo(decl: TypeDecl, scope: Scope): TypeInfo {
    const known = this.infos.get(decl);
    if (known !== undefined) {
      scope.declareType(known.name, known);
      return known;
    }
    const info = declareType(this, decl, scope);
    this.infos.set(decl, info);
    return info;
  }

  declaredFunction(decl: FnDecl | ToolDecl, scope: Scope): Declared {
    let found = this.declared.get(decl);
    if (found === undefined) {
      found = signatureOf(this, decl, scope);
      this.declared.set(decl, found);
    }
    return found;
  }

  unknownType(name: string, span: Span, scope: Scope): void {
    if (this.isOpen) return;
    if (!this.problems.takes("warning", "unknown-type", span)) return;
    const near = closestName(name, [...scope.typeNames(), ...BUILTIN_TYPES]);
    this.problems.add({
      severity: "warning",
      code: "unknown-type",
      message: `there is no type \`${name}\``,
      labels: [{ span: spanOf(span) }],
      ...(near === null
        ? {}
        : { help: `did you mean \`${near}\`?`, edits: [{ span: spanOf(span), replacement: near }] }),
    });
  }

  private importedNames(): ScopeFallback {
    const { module, session } = this;
    const origin = new Map<string, { readonly key: string; readonly name: string; readonly span: Span }>();
    for (const item of module.file.items) {
      if (item.kind !== "import") continue;
      const key = module.imports.get(item.path);
      const target = key === undefined ? undefined : session.graph.modules.get(key);
      if (key === undefined || target === undefined) continue;
      if (item.names === null) {
        for (const name of target.interface.wildcard) origin.set(name, { key, name, span: item.pathSpan });
      } else for (const ident of item.names) origin.set(ident.name, { key, name: ident.name, span: ident });
    }
    const variables = new Map<string, Variable>();
    // Modules that import a name from each other end where they began: there is none.
    const asked = new Set<string>();
    const once = <R>(name: string, look: () => R): R | null => {
      if (asked.has(name)) return null;
      asked.add(name);
      try {
        return look();
      } finally {
        asked.delete(name);
      }
    };
    return {
      names: () => origin.keys(),
      variable: (name) => {
        const from = origin.get(name);
        if (from === undefined) return null;
        let found = variables.get(name);
        if (found === undefined) {
          const target = session.environment(from.key);
          const there = once(name, () => target?.scope.find(from.name) ?? null);
          // A type is no variable; what its name gives as a value is found through the type.
          if (there === null && once(name, () => target?.scope.findType(from.name))) return null;
          found = importedVariable(name, from.span, there);
          variables.set(name, found);
        }
        return found;
      },
      type: (name) => {
        const from = origin.get(name);
        if (from !== undefined) {
          const found = once(name, () => session.environment(from.key)?.scope.findType(from.name) ?? null);
          if (found !== null && "kind" in found) return found;
        }
        return this.nestedType(name);
      },
    };
  }

  /** A type that is declared inside some body: the language knows it in the whole file. */
  private nestedType(name: string): TypeInfo | null {
    if (this.nested === null) {
      const found = new Map<string, TypeDecl>();
      forEachNode(this.module.file.items, (node) => {
        if (isTypeDecl(node)) found.set(node.name.name, node);
      });
      this.nested = found;
    }
    const decl = this.nested.get(name);
    return decl === undefined ? null : this.typeInfo(decl, this.scope);
  }
}

function importedVariable(name: string, span: Span, there: Variable | null): Variable {
  const isValue = there === null || there.kind === "let" || there.kind === "var";
  return {
    name,
    kind: "import",
    // Bindings have their types only once their own module is checked.
    type: isValue ? ANY : there.type,
    annotated: false,
    span,
    typeSpan: null,
    signature: isValue ? null : there.signature,
    schema: null,
  };
}

export function isTypeDecl(node: { readonly kind: string }): node is TypeDecl {
  return node.kind === "struct" || node.kind === "enum" || node.kind === "interface" || node.kind === "type-alias";
}

/** Makes known what the statements of a block declare, before the first of them is looked at. */
export function predeclare(env: ModuleEnvironment, stmts: readonly Stmt[], scope: Scope): void {
  const impls: ImplDecl[] = [];
  const functions: FnDecl[] = [];
  for (const stmt of stmts) {
    if (isTypeDecl(stmt)) env.typeInfo(stmt, scope);
    else if (stmt.kind === "impl") impls.push(stmt);
    else if (stmt.kind === "fn") functions.push(stmt);
    else if (stmt.kind === "binding" && !stmt.mutable && stmt.value.kind === "closure" && scope !== env.scope) {
      // A closure may call itself, and those of its block.
      if (stmt.pattern.kind === "pattern-name") {
        const span = stmt.pattern;
        const { name } = span;
        if (scope.find(name) === null) scope.declare(plainVariable(name, "other", span));
      }
    } else if (stmt.kind === "pipeline" || stmt.kind === "tool" || stmt.kind === "skill") {
      scope.declare(plainVariable(stmt.name.name, stmt.kind, stmt.name));
    }
  }
  for (const decl of functions) scope.declare(functionVariable(env.declaredFunction(decl, scope).signature));
  for (const impl of impls) {
    const info = scope.findType(impl.typeName.name);
    const key = info !== null && "kind" in info ? info : impl.typeName.name;
    env.session.addMethods(key, methodsOfImpl(env, impl, scope));
  }
}

export function plainVariable(name: string, kind: Variable["kind"], span: Span | null, type: Type = ANY): Variable {
  return { name, kind, type, annotated: false, span, typeSpan: null, signature: null, schema: null };
}

function functionVariable(signature: Signature): Variable {
  return { ...plainVariable(signature.name, "fn", signature.span, functionType(signature)), signature };
}

/** A function as a value. Generic ones say nothing about their parameters. */
export function functionType(signature: Signature): Type {
  if (signature.typeParams.length > 0 || signature.params.some(({ rest, optional }) => rest || optional)) {
    return { kind: "named", name: "closure", args: [], info: null };
  }
  return { kind: "fn", params: signature.params.map(({ type }) => type ?? ANY), result: signature.result ?? ANY };
}
