/**
 * What the compiler knows of the module it compiles: constants, functions, slots, imports, enums, and the problems found.
 *
 * Invariants
 * 1. Function 0 is the initialiser; indexes are given out before bodies are compiled.
 * 2. A slot that a later top-level `let` or `var` fills is hidden from code in front of it in the text when the name means something else there
 *    (`let keys = keys(d)`): see `visibleSlot`.
 */

import type { Diagnostic } from "../base/diagnostic.ts";
import { type Span, spanOf } from "../base/span.ts";
import { indexLines, type LineIndex, lineAt } from "../base/text.ts";
import type { EffectContext } from "../bytecode/register-effects.ts";
import type { FunctionParts } from "../bytecode/verify.ts";
import type { ModuleInterface } from "../check/module-interface.ts";
import { closestName } from "../check/suggestion.ts";
import type { TypeExpr } from "../syntax/ast.ts";
import { ConstantPool } from "./constant-pool.ts";
import { type Lender, settleLoans } from "./loans.ts";

/** What surrounds a module. */
export interface ModuleEnv {
  /** Normalised path or `std/…`. */
  readonly key: string;
  /** As shown in traces and diagnostics; the file's own path when missing. */
  readonly file?: string;
  /** The interface of an imported module, or the reason why there is none (`Import error: …`). */
  resolveImport(path: string): ModuleInterface | string;
  isBuiltin(name: string): boolean;
  /** Names that the host injects (`argv`, `pi`, …). */
  isGlobal(name: string): boolean;
  /** True when a builtin only looks at its arguments. */
  builtinBorrows(name: string): boolean;
  /** All builtins and globals, for suggestions. */
  builtinNames?(): Iterable<string>;
  /** The program's own file: its top-level statements run, when it has no pipeline. Others only initialise their bindings. */
  readonly entry?: boolean;
  /** Prelude: its frames are not shown in traces. */
  readonly internal?: boolean;
}

export interface Slot {
  readonly name: string;
  readonly index: number;
  mutable: boolean;
  /** `binding`: `let` and `var`, whose statement has to run first; anything else exists from the start. */
  readonly kind: "binding" | "declaration";
  /** The statement that fills it has been compiled. */
  declared: boolean;
  /** Where the top-level statement that fills it ends in the text; functions behind it see the slot though they are compiled first. */
  readonly since: number;
}

/** Each looks at all names there are. */
const MOST_SEARCHES = 1_000;

/** What it lends is settled when all functions are compiled. */
interface CompiledParts extends Omit<FunctionParts, "borrows"> {
  borrows: number;
}

export interface ImportedName {
  readonly module: string;
  readonly name: string;
}

export class ModuleContext implements EffectContext {
  readonly env: ModuleEnv;
  readonly pool = new ConstantPool();
  readonly functions: (CompiledParts | null)[] = [null];
  readonly slots: Slot[] = [];
  readonly slotsByName = new Map<string, Slot>();
  readonly imported = new Map<string, ImportedName>();
  /** Enum name to its variants. */
  readonly enums = new Map<string, readonly string[]>([["Result", ["Ok", "Err"]]]);
  readonly interfaces = new Set<string>();
  readonly typeAliases = new Map<string, TypeExpr>();
  /** Slots of methods, by `Type.method`. */
  readonly methodSlots = new Map<string, number>();
  readonly methods: { readonly type: string; readonly method: string; readonly slot: number }[] = [];
  readonly diagnostics: Diagnostic[] = [];
  /** Top-level names whose statement has been compiled: whether they are mutable now. */
  readonly boundAtTop = new Map<string, boolean>();
  /** By function. */
  readonly lenders = new Map<number, Lender>();
  /** By function, as in a chunk; settled when all are compiled. */
  readonly borrows: number[] = [];
  /** Functions that are declared at the top level, by slot; −1: the name has other values, too. */
  private readonly functionsBySlot = new Map<number, number>();
  /** Top-level names that are locals of the initialiser. */
  scriptLocals: ReadonlySet<string> = new Set();
  mutexSites = 0;
  /** How often a near name was looked for. */
  private searches = 0;
  /** Where the top-level item that is being compiled starts. */
  position = 0;

  readonly sourceLines: LineIndex;

  constructor(env: ModuleEnv, text: string) {
    this.env = env;
    this.sourceLines = indexLines(text);
  }

  reserveFunction(): number {
    this.functions.push(null);
    return this.functions.length - 1;
  }

  shapeSize(index: number): number {
    const shape = this.pool.constants[index]!;
    return shape.kind === "shape" ? shape.keys.length : 0;
  }

  captures(index: number): readonly number[] {
    return this.functions[index]!.captures;
  }

  /** What is put into a slot: a function that is declared there, or another value (−1). */
  noteFunction(slot: number, index: number): void {
    this.functionsBySlot.set(slot, this.functionsBySlot.has(slot) ? -1 : index);
  }

  /** All functions, when they are compiled. */
  finish(): FunctionParts[] {
    settleLoans(this.lenders, this.borrows, (slot) => this.functionsBySlot.get(slot) ?? -1);
    return this.functions.map((fn, index) => {
      fn!.borrows = this.borrows[index] ?? 0;
      return fn!;
    });
  }

  addSlot(name: string, kind: Slot["kind"], mutable: boolean, since = Number.POSITIVE_INFINITY): Slot {
    const known = this.slotsByName.get(name);
    if (known !== undefined) return known;
    const slot = this.addHiddenSlot(name, kind, mutable, since);
    this.slotsByName.set(name, slot);
    return slot;
  }

  /** A slot that no name refers to: pipelines, methods. */
  addHiddenSlot(
    name: string,
    kind: Slot["kind"] = "declaration",
    mutable = false,
    since = Number.POSITIVE_INFINITY,
  ): Slot {
    const slot: Slot = { name, index: this.slots.length, mutable, kind, declared: kind === "declaration", since };
    this.slots.push(slot);
    return slot;
  }

  visibleSlot(name: string): Slot | null {
    const slot = this.slotsByName.get(name);
    if (slot === undefined) return null;
    if (slot.declared || slot.since <= this.position || !this.hasOtherMeaning(name)) return slot;
    return null;
  }

  private hasOtherMeaning(name: string): boolean {
    return this.imported.has(name) || this.env.isBuiltin(name) || this.env.isGlobal(name);
  }

  /** A compile error; the reference's wording is `Compile error at line N: message`. */
  error(message: string, span: Span): void {
    this.diagnostics.push({
      severity: "error",
      code: "compile",
      message,
      labels: [{ span: spanOf(span) }],
      legacy: `Compile error at line ${lineAt(this.sourceLines, span.start)}: ${message}`,
    });
  }

  /** The name as GET_GLOBAL takes it: with the nearest known name behind a NUL, if there is one, and this is not one of very many. */
  unknownName(name: string, locals: Iterable<string>): number {
    if (this.searches++ >= MOST_SEARCHES) return this.pool.string(name);
    const candidates = new Set<string>([...locals, ...this.slotsByName.keys(), ...this.imported.keys()]);
    for (const builtin of this.env.builtinNames?.() ?? []) candidates.add(builtin);
    const near = closestName(name, candidates);
    return this.pool.string(near === null ? name : `${name}\u0000${near}`);
  }
}
