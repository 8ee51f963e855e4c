/**
 * The compiled form of one module: plain data, stable under serialisation, named by the hash of its text in snapshots.
 *
 * Invariants (the verifier checks them on load)
 * 1. `code` is a sequence of instructions of the table in opcodes.ts; every operand is in range of what its kind names.
 * 2. Blocks nest: BLOCK, LOOP, TRY and CATCH are closed by END in order; a branch goes only to the END of an enclosing block or to the head
 *    of an enclosing LOOP.
 */

import type { LineTable } from "./line-table.ts";

export type Constant =
  | { readonly kind: "int"; readonly value: number | bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "duration"; readonly ms: number }
  /** Keys of a dict literal, sorted (a Shape). */
  | { readonly kind: "shape"; readonly keys: readonly string[] }
  /** A run-time type test: see `TypeTest`. */
  | { readonly kind: "type"; readonly type: TypeTest }
  /** A binding of another module: its key (normalised path or `std/…`) and exported name. */
  | { readonly kind: "import"; readonly module: string; readonly name: string };

/** What run-time parameter checks know of a type. */
export type TypeTest =
  | { readonly kind: "any" }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "union"; readonly members: readonly TypeTest[] }
  | { readonly kind: "list"; readonly item: TypeTest }
  | { readonly kind: "dict"; readonly value: TypeTest }
  | {
      readonly kind: "shape";
      readonly fields: readonly { readonly name: string; readonly type: TypeTest; readonly optional: boolean }[];
    }
  | { readonly kind: "literal"; readonly value: string | number };

export interface FunctionProto {
  /** Index in `Chunk.functions`. */
  readonly index: number;
  readonly name: string;
  /** Parameters fill registers 0…; a rest parameter is the last. */
  readonly params: readonly string[];
  /** Arguments that must be given (those before the first default); too few are nil, as in the reference. */
  readonly required: number;
  readonly hasRest: boolean;
  /** Register that receives the number of arguments at entry, or −1. */
  readonly argcRegister: number;
  /** Bit i: parameter i is only looked at, so that what is passed need not be marked (compiler/loans.ts). */
  readonly borrows: number;
  /** Registers of the creating frame that CLOSURE copies; they go to registers `captureBase`… of each call. */
  readonly captures: readonly number[];
  readonly captureNames: readonly string[];
  readonly captureBase: number;
  readonly registers: number;
  readonly code: Int32Array;
  readonly lines: LineTable;
  readonly kind: "function" | "generator" | "init";
  /** Frames of the prelude do not show in traces. */
  readonly internal: boolean;
  /** Set when the chunk is loaded. */
  readonly chunk: Chunk;
  readonly handlers: readonly Handler[];
}

/** Derived from TRY … CATCH when a chunk is loaded; innermost first for any pc. */
export interface Handler {
  readonly start: number;
  /** pc of the CATCH instruction. */
  readonly end: number;
  readonly target: number;
  readonly register: number;
  /** `finally` handlers also run when a fiber is cancelled. */
  readonly kind: "catch" | "finally";
}

export interface ModuleExport {
  readonly name: string;
  readonly slot: number;
}

export interface Chunk {
  /** SHA-256 of the serialised text; "" until it is known. */
  hash: string;
  /** Normalised path or `std/…`. */
  readonly module: string;
  /** As shown in traces and diagnostics. */
  readonly file: string;
  readonly constants: readonly Constant[];
  readonly functions: readonly FunctionProto[];
  /** Names of the module's slots. */
  readonly slots: readonly string[];
  readonly exports: readonly ModuleExport[];
  /** Modules that must be initialised before this one, by key, in order. */
  readonly imports: readonly string[];
  /** Function 0 initialises the module. */
  readonly entry: 0;
  /** Slots of pipelines by name, in source order. */
  readonly pipelines: readonly { readonly name: string; readonly slot: number }[];
  /** Type name → method name → function slot, of `impl` blocks, visible to importers. */
  readonly methods: readonly { readonly type: string; readonly method: string; readonly slot: number }[];
}
