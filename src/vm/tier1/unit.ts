/** What tier 1 knows of one function in one run: its counters, its code, and where activations can be suspended. */
import type { Builtin } from "../../builtin/declaration.ts";
import type { FunctionProto } from "../../bytecode/chunk.ts";
import type { CompiledFunction, HClosure, Value } from "../../value/value.ts";
import { ShapeCaches } from "./shape-cache.ts";

/** A place where generated code may leave an activation behind as a frame. */
export interface Site {
  /** Where the frame goes on. */
  readonly pc: number;
  /** The instruction, for the line number. */
  readonly at: number;
  /** Register that receives what the callee gives; −1: none. */
  readonly dst: number;
  /** Registers of the saved values, in order. */
  readonly registers: readonly number[];
}

/** One generated version of a function, as its code refers to it. */
export interface Version {
  readonly proto: FunctionProto;
  readonly sites: readonly Site[];
}

/** Enters a function at the head of a loop, with the registers of its frame. */
export type LoopEntry = (room: number, registers: readonly (Value | undefined)[]) => Value | symbol;

export interface LoopState {
  readonly run: LoopEntry | null;
  /** Times that the loop stays in tier 0 before it is entered again, after entries that led nowhere. */
  skip: number;
  backoff: number;
}

export class Unit {
  readonly proto: FunctionProto;
  /** Calls and loop turns until code is generated. */
  heat: number;
  code: CompiledFunction | null = null;
  /** No code can be generated: too large, or of a kind that stays in tier 0. */
  refused = false;
  readonly loops = new Map<number, LoopState>();
  readonly shapes = new ShapeCaches();
  constructor(proto: FunctionProto, heat: number) {
    this.proto = proto;
    this.heat = heat;
  }
}

/** What a place that calls a method knows: what it calls, and what it met last. */
export class MethodSite {
  readonly name: string;
  readonly flags: number;
  readonly pc: number;
  readonly dst: number;
  /** Constructor of the last receiver whose method is a builtin for all of its kind; null: none. */
  kind: object | null = null;
  builtin: Builtin | null = null;
  /** A copy of the prelude function for lists that this place alone uses, so that V8 knows its callback. */
  listClosure: HClosure | null = null;
  listCalls = 0;
  /** Where the method of the last struct or enum is found. */
  declaredFor: string | null = null;
  slots: readonly (Value | undefined)[] = [];
  slot = 0;
  constructor(name: string, flags: number, pc: number, dst: number) {
    this.name = name;
    this.flags = flags;
    this.pc = pc;
    this.dst = dst;
  }
}
