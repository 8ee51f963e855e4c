/**
 * What the compiler knows while it compiles one function: its scopes, what a `return`, `break` or `continue` has to pass, and its code.
 *
 * Invariants
 * 1. A local's register always holds a value that the local owns or that is marked as shared; so reading it for a place that
 *    keeps the value is COPY, which becomes MOVE where it is the last (last-uses.ts).
 * 2. Lookup is lexical: scopes of this function (captures are its outermost), module slots, imports, globals, builtins.
 */
import { type CodeBlock, FunctionBuilder } from "./function-builder.ts";
import type { ModuleContext, Slot } from "./module-context.ts";

export interface Local {
  readonly name: string;
  readonly register: number;
  readonly mutable: boolean;
  /** A function of this block whose statement has not been reached yet. */
  pending: boolean;
  /** The register may still be nil, as that of a function to come: DEFINED guards it. */
  unset: boolean;
}

/** A capture of a function that was created in a block; a sibling that comes later fills it. */
export interface SiblingCapture {
  /** Register of the function. */
  readonly closure: number;
  readonly index: number;
}

export interface Scope {
  readonly names: Map<string, Local>;
  /** Captures of the functions of the block, by the name that they capture. */
  readonly capturedBy: Map<string, SiblingCapture[]>;
}

/** A way out of a protected region that its `finally` has to continue. */
export type Exit =
  | { readonly kind: "return" }
  | { readonly kind: "break"; readonly loop: LoopControl }
  | { readonly kind: "continue"; readonly loop: LoopControl };

export interface LoopControl {
  readonly kind: "loop";
  readonly block: CodeBlock;
  /** Register of the cursor of a `for`, to be closed on the way out; −1: none, or nothing to close. */
  readonly cursor: number;
}

export interface FinallyControl {
  readonly kind: "finally";
  /** Its end is where the finally body begins. */
  readonly block: CodeBlock;
  /** Register of the number of the exit that is under way, from 1; nil: none. */
  readonly exit: number;
  /** Register of the value of a `return` that is under way. */
  readonly value: number;
  readonly exits: Exit[];
}

/** A region with a handler, which tail calls must not leave behind. */
export interface TryControl {
  readonly kind: "try";
}

export type Control = LoopControl | FinallyControl | TryControl;

export type Resolved =
  | { readonly kind: "local"; readonly local: Local }
  | { readonly kind: "slot"; readonly slot: Slot }
  | { readonly kind: "import"; readonly module: string; readonly name: string }
  | { readonly kind: "builtin" }
  | { readonly kind: "global" }
  | { readonly kind: "unknown" };

export class FunctionContext {
  readonly module: ModuleContext;
  readonly code: FunctionBuilder;
  readonly scopes: Scope[] = [];
  readonly controls: Control[] = [];
  readonly kind: "function" | "generator" | "init";
  readonly parent: FunctionContext | null;

  constructor(module: ModuleContext, kind: "function" | "generator" | "init", parent: FunctionContext | null) {
    this.module = module;
    this.code = new FunctionBuilder(module.sourceLines);
    this.kind = kind;
    this.parent = parent;
    this.openScope();
  }

  openScope(): Scope {
    const scope: Scope = { names: new Map(), capturedBy: new Map() };
    this.scopes.push(scope);
    return scope;
  }

  /** Gives back the registers above `mark` too. */
  closeScope(mark: number): void {
    this.scopes.pop();
    this.code.top = mark;
  }

  get scope(): Scope {
    return this.scopes[this.scopes.length - 1]!;
  }

  declare(name: string, register: number, mutable: boolean): Local {
    const local: Local = { name, register, mutable, pending: false, unset: false };
    this.scope.names.set(name, local);
    return local;
  }

  findLocal(name: string): Local | null {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const local = this.scopes[i]!.names.get(name);
      if (local !== undefined) return local;
    }
    return null;
  }

  resolve(name: string): Resolved {
    let pending: Local | null = null;
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const local = this.scopes[i]!.names.get(name);
      if (local === undefined) continue;
      if (!local.pending) return { kind: "local", local };
      pending ??= local;
    }
    const outer = this.resolveOutside(name);
    // A function that its block creates further down hides nothing yet, but is the best guess when nothing else is meant.
    return outer.kind === "unknown" && pending !== null ? { kind: "local", local: pending } : outer;
  }

  private resolveOutside(name: string): Resolved {
    const { module } = this;
    const slot = module.visibleSlot(name);
    if (slot !== null) return { kind: "slot", slot };
    const imported = module.imported.get(name);
    if (imported !== undefined) return { kind: "import", module: imported.module, name: imported.name };
    if (module.env.isGlobal(name)) return { kind: "global" };
    if (module.env.isBuiltin(name)) return { kind: "builtin" };
    return { kind: "unknown" };
  }

  /** An enum of this module or an imported one, unless a local of that name hides it. */
  isEnum(name: string): boolean {
    return this.module.enums.has(name) && this.findLocal(name) === null;
  }

  /** True when a tail call would leave a handler, a `finally` or an open iterator behind. */
  get isProtected(): boolean {
    return this.controls.some((control) => control.kind !== "loop" || control.cursor >= 0);
  }

  /** True when an error raised here can be seen by code of this same activation. */
  get hasHandler(): boolean {
    return this.controls.some((control) => control.kind !== "loop");
  }

  get isModuleLevel(): boolean {
    return this.kind === "init";
  }

  *localNames(): Generator<string> {
    for (const scope of this.scopes) yield* scope.names.keys();
  }
}
