/** What tier 1 knows of one function in one run: its counters, its code, and where activations can be suspended. */
import type { Builtin } from "../../builtin/declaration.ts";
import type { FunctionProto } from "../../bytecode/chunk.ts";
import type { Shape } from "../../value/shape.ts";
import { type CompiledFunction, HClosure, HEnum, HStruct, type Value } from "../../value/value.ts";
import type { Run } from "../run.ts";
import type { DirectForm } from "./direct.ts";
import { Feedback } from "./feedback.ts";
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

/**
 * How code is made. `probe`: notes what it meets; `fast`: takes what was met for granted; `plain`: neither, for functions that meet something new again
 * and again.
 */
export type Mode = "probe" | "fast" | "plain";

/** One generated version of a function, as its code refers to it. */
export interface Version {
  readonly proto: FunctionProto;
  readonly unit: Unit;
  readonly sites: readonly Site[];
  /** It is entered with a frame, inside the function, and is the lowest activation then. */
  readonly inside: boolean;
  /** It has been replaced: activations of it leave when they can. */
  stale: boolean;
}

/** Enters a function at the head of a loop or behind a call, with the registers of its frame. */
export type InsideEntry = (room: number, registers: readonly (Value | undefined)[]) => Value | symbol;

export interface WayIn {
  readonly pc: number;
  readonly run: InsideEntry | null;
  /** What it needs for the direct forms that it calls without a look at the depth. */
  readonly room: number;
  /** The register in which a value comes, behind a call, and what kinds it may have; null: none, or its kind is to be noted. */
  readonly received: { readonly register: number; readonly kinds: number } | null;
  /** Its code has been replaced. */
  stale: boolean;
  /** Kinds that the registers may hold when it is entered. */
  readonly kinds: readonly { readonly register: number; readonly kinds: number }[];
  /** Times that the loop stays in tier 0 before it is entered again, after entries that led nowhere. */
  skip: number;
  backoff: number;
}

/** Calls that a helping of turns of a loop counts for. */
const LOOP_PROBES = 50;

/** Times that a function is made anew because it met something new, before it is made `plain`. */
const MOST_RENEWALS = 8;

export class Unit {
  readonly proto: FunctionProto;
  /** Calls and loop turns until code is generated. */
  heat: number;
  mode: Mode = "probe";
  /** Calls, and helpings of loop turns, that are still only noted. */
  probes: number;
  readonly feedback: Feedback;
  code: CompiledFunction | null = null;
  /** Its form for callers that know it. */
  direct: DirectForm | null = null;
  /** The code counts fuel. */
  counts = true;
  /** What its direct form needs room for besides itself (see direct.ts). */
  height = 0;
  /** It is being made. */
  making = false;
  /** No code can be generated: too large, or of a kind that stays in tier 0. */
  refused = false;
  /** Ways in at heads of loops and behind calls that waited, by pc. */
  readonly inside = new Map<number, WayIn>();
  /** Waits that ended in tier 0, by the pc where the frame went on. */
  readonly waits = new Map<number, number>();
  /** Functions whose code calls this code directly. */
  readonly callers = new Set<Unit>();
  readonly shapes = new ShapeCaches();
  /** By pc of a CALL: the function that was called there; null: there were several. */
  readonly callees = new Map<number, FunctionProto | null>();
  private readonly methods = new Map<number, MethodSite>();
  private readonly versions: Version[] = [];
  private misses = 0;
  private patience = 1;
  private renewals = 0;

  constructor(proto: FunctionProto, heat: number, probes: number) {
    this.proto = proto;
    this.heat = heat;
    this.probes = probes;
    this.feedback = new Feedback(proto);
  }

  version(sites: readonly Site[], inside: boolean): Version {
    const version: Version = { proto: this.proto, unit: this, sites, inside, stale: false };
    this.versions.push(version);
    return version;
  }

  /** Calls, by pc, of whose function something else was met than the code took for granted. */
  readonly refuted = new Set<number>();

  closure(captures: (Value | undefined)[]): HClosure {
    const closure = new HClosure(this.proto, captures);
    closure.code = this.code;
    return closure;
  }

  noteCallee(pc: number, callee: Value): void {
    const proto = callee instanceof HClosure ? callee.proto : null;
    const known = this.callees.get(pc);
    if (known === undefined) this.callees.set(pc, proto);
    else if (known !== proto) this.callees.set(pc, null);
  }

  /** What is known of the method call at `pc`, for all code of the function. */
  methodSite(name: string, flags: number, pc: number, dst: number): MethodSite {
    let site = this.methods.get(pc);
    if (site === undefined) {
      site = new MethodSite(name, flags, pc, dst);
      this.methods.set(pc, site);
    }
    return site;
  }

  /** A helping of turns of its loops was noted; true when that was enough. */
  probed(): boolean {
    this.probes -= LOOP_PROBES;
    return this.probes <= 0;
  }

  /** Its code met something new; true when it has had enough of that and is to be made anew. */
  missed(): boolean {
    if (++this.misses < this.patience) return false;
    this.misses = 0;
    this.patience *= 2;
    if (++this.renewals >= MOST_RENEWALS) this.mode = "plain";
    return true;
  }

  /** Forgets its code. What runs of it goes on, and leaves when it can. */
  drop(): void {
    for (const version of this.versions) version.stale = true;
    this.versions.length = 0;
    this.code = null;
    this.direct = null;
    for (const way of this.inside.values()) way.stale = true;
    this.inside.clear();
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
  listUnit: Unit | null = null;
  listCalls = 0;
  /** Where the method of the last struct or enum is found. */
  declaredFor: string | null = null;
  /** The method itself, when its slot does not change any more. */
  declared: HClosure | null = null;
  /** The shape of that struct; null: it was an enum. */
  shape: Shape | null = null;
  slots: readonly (Value | undefined)[] = [];
  slot = 0;
  constructor(name: string, flags: number, pc: number, dst: number) {
    this.name = name;
    this.flags = flags;
    this.pc = pc;
    this.dst = dst;
  }

  /** Notes where the method of a struct or enum is found. */
  learnDeclared(run: Run, receiver: Value): void {
    const name = receiver instanceof HStruct ? receiver.name : receiver instanceof HEnum ? receiver.enumName : null;
    const found = name === null ? undefined : run.methods.get(name)?.get(this.name);
    const instance = found === undefined ? undefined : run.modules.get(found.module);
    if (instance === undefined) return;
    const { slot } = found!;
    const fn = instance.slots[slot];
    this.declared = fn instanceof HClosure && run.link(instance.chunk).fixed.has(slot) ? fn : null;
    this.shape = receiver instanceof HStruct ? receiver.shape : null;
    this.declaredFor = name;
    this.slots = instance.slots;
    this.slot = slot;
  }
}
