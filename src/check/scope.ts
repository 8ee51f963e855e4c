/**
 * Names and what is known of them at one point of a program.
 *
 * Invariants
 * 1. A variable is one object; what a test has taught about it is kept per scope, over the variable's own type.
 * 2. When an assignment may have happened in a part of the program, every scope around that part forgets what it knew (`forgetAssigned`).
 */
import type { Span } from "../base/span.ts";
import type { Signature, Type, TypeInfo, TypeParamInfo } from "../types/type.ts";

export type VariableKind =
  | "let"
  | "var"
  | "param"
  | "loop"
  | "catch"
  | "fn"
  | "tool"
  | "skill"
  | "pipeline"
  | "import"
  | "other";

export interface Variable {
  readonly name: string;
  readonly kind: VariableKind;
  /** Written by the author, or read off the first value. */
  type: Type;
  /** The author wrote the type. */
  readonly annotated: boolean;
  /** Where its name stands; null: not in this file. */
  readonly span: Span | null;
  /** Where its type is written. */
  readonly typeSpan: Span | null;
  readonly signature: Signature | null;
  /** The type that the schema in it describes. */
  readonly schema: Type | null;
}

export class Scope {
  readonly parent: Scope | null;
  /** A function's body: what is tested outside holds inside only for what cannot be assigned meanwhile. */
  readonly isFunction: boolean;
  private variables: Map<string, Variable> | null = null;
  private types: Map<string, TypeInfo | TypeParamInfo> | null = null;
  private narrowed: Map<Variable, Type> | null = null;
  private assigned: Set<Variable> | null = null;
  /** Those that were narrowed to `unknown` at some time. */
  private unknowns: Set<Variable> | null = null;
  /** Names that are found elsewhere, when they are asked for: a module's imports. */
  readonly fallback: ScopeFallback | null;

  constructor(parent: Scope | null, isFunction = false, fallback: ScopeFallback | null = null) {
    this.parent = parent;
    this.isFunction = isFunction;
    this.fallback = fallback;
  }

  child(): Scope {
    return new Scope(this);
  }

  declare(variable: Variable): void {
    this.variables ??= new Map();
    this.variables.set(variable.name, variable);
  }

  declareType(name: string, info: TypeInfo | TypeParamInfo): void {
    this.types ??= new Map();
    this.types.set(name, info);
  }

  own(name: string): Variable | null {
    return this.variables?.get(name) ?? null;
  }

  ownType(name: string): TypeInfo | TypeParamInfo | null {
    return this.types?.get(name) ?? null;
  }

  find(name: string): Variable | null {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.own(name) ?? scope.fallback?.variable(name);
      if (found) return found;
    }
    return null;
  }

  findType(name: string): TypeInfo | TypeParamInfo | null {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.ownType(name) ?? scope.fallback?.type(name);
      if (found) return found;
    }
    return null;
  }

  *names(): Generator<string> {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.variables !== null) yield* scope.variables.keys();
      if (scope.fallback !== null) yield* scope.fallback.names();
    }
  }

  *typeNames(): Generator<string> {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.types !== null) yield* scope.types.keys();
    }
  }

  /** The type of a variable here. */
  typeOf(variable: Variable): Type {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const known = scope.narrowed?.get(variable);
      if (known !== undefined) return known;
      if (scope.variables?.get(variable.name) === variable) break;
      if (scope.isFunction && variable.kind === "var") break;
    }
    return variable.type;
  }

  /** Whether a test further out, also of a function around, has ruled something out. */
  isNarrowedOutside(variable: Variable): boolean {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.narrowed?.has(variable) === true) return true;
    }
    return false;
  }

  narrow(variable: Variable, type: Type): void {
    this.narrowed ??= new Map();
    this.narrowed.set(variable, type);
    if (type.kind === "unknown") {
      this.unknowns ??= new Set();
      this.unknowns.add(variable);
    }
  }

  assign(variable: Variable): void {
    if (this.knowsMore(variable)) this.narrow(variable, variable.type);
    this.assigned ??= new Set();
    this.assigned.add(variable);
  }

  /** After a part of the program that may or may not have run: what it assigned is unknown again, here and further out. */
  forgetAssigned(inner: Scope): void {
    if (inner.assigned === null) return;
    for (const variable of inner.assigned) this.assign(variable);
  }

  /** Variables that are `unknown` here less some kinds, in this function. */
  *partlyUnknown(): Generator<readonly [Variable, Extract<Type, { kind: "unknown" }>]> {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      for (const variable of scope.unknowns ?? []) {
        const type = scope.narrowed?.get(variable);
        if (type?.kind === "unknown" && type.not.length > 0 && this.typeOf(variable) === type) yield [variable, type];
      }
      if (scope.isFunction) return;
    }
  }

  /** Something was learnt of a variable in this function, on the way here. */
  hasNarrowings(): boolean {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.narrowed !== null) return true;
      if (scope.isFunction) return false;
    }
    return false;
  }

  /** The same of this one. */
  isNarrowed(variable: Variable): boolean {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.narrowed?.has(variable) === true) return true;
      if (scope.isFunction) return false;
    }
    return false;
  }

  private knowsMore(variable: Variable): boolean {
    return this.typeOf(variable) !== variable.type;
  }
}

export interface ScopeFallback {
  variable(name: string): Variable | null;
  type(name: string): TypeInfo | null;
  names(): Iterable<string>;
}
