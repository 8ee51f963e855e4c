/**
 * The functions of one run, as far as tier 1 knows them: which are warm, what was noted of them, and when their code is made, and made anew.
 *
 * Invariant: code that a caller calls directly is replaced only together with the code of that caller.
 */
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { Op } from "../../bytecode/opcodes.ts";
import { HClosure, HList, HRecord, type Value } from "../../value/value.ts";
import type { HarnFrame } from "../fiber.ts";
import { compileFunction, compileInside } from "./generator.ts";
import type { IntTexts } from "./int-text.ts";
import type { Tier } from "./tier.ts";
import { type MethodSite, Unit, type WayIn } from "./unit.ts";
import { kindOf } from "./value-types.ts";

/** Calls, or turns of loops, before code is generated. */
const WARM = 200;
const LOOP_WARM = 600;
/** Waits at one place, before there is a way in behind it. */
const WAIT_WARM = 50;
/** The same where code is made of everything: a run that is rebuilt from text at each wait would make it each time. */
const WAIT_FORCED = 2;
/** Calls that are noted. */
const PROBES = 100;
/** Calls that must have been noted before a caller may ask for fast code. */
const SETTLED_EARLY = 20;

/** The registers hold what the code of a loop expects. */
function fits({ kinds }: WayIn, registers: readonly (Value | undefined)[]): boolean {
  for (const { register, kinds: expected } of kinds) if ((kindOf(registers[register]) & ~expected) !== 0) return false;
  return true;
}

function isUsable(state: WayIn | undefined, registers: readonly (Value | undefined)[]): state is WayIn {
  return state !== undefined && (state.run === null || state.skip > 0 || fits(state, registers));
}

export class Units {
  private readonly tier: Tier;
  private readonly forced: boolean;
  private codes = 0;
  /** Tells code of this run from that of others in the process. */
  private readonly tag = Math.random().toString(36).slice(2);
  private readonly known = new Map<FunctionProto, Unit>();
  /** Of all code of the run, with the first that shows ints. */
  intTexts: IntTexts | null = null;

  constructor(tier: Tier, forced: boolean) {
    this.tier = tier;
    this.forced = forced;
  }

  /** Tier 0 read a field or key. */
  met(proto: FunctionProto, pc: number, object: Value, key: Value): void {
    if (object instanceof HRecord && typeof key === "string") this.of(proto).shapes.at(pc).learn(object, key);
    else if (object instanceof HList && object.floats !== null) this.of(proto).shapes.at(pc).floats = true;
  }

  of(proto: FunctionProto): Unit {
    let unit = this.known.get(proto);
    if (unit === undefined) {
      unit = this.newUnit(proto);
      this.known.set(proto, unit);
    }
    return unit;
  }

  private newUnit(proto: FunctionProto): Unit {
    return new Unit(proto, this.forced ? 0 : WARM, this.forced ? 2 : PROBES);
  }

  /** Counts a call from tier 0; true when the closure has code to enter. */
  warm(closure: HClosure): boolean {
    const unit = this.of(closure.proto);
    if (unit.code === null) {
      if (unit.refused || --unit.heat > 0) return false;
      this.compile(unit);
      if (unit.code === null) return false;
    }
    closure.code = unit.code;
    return true;
  }

  /** Counts a frame of tier 0 that begins; its unit when there is code to enter. */
  entry(proto: FunctionProto, registers: readonly (Value | undefined)[]): Unit | null {
    const unit = this.of(proto);
    if (unit.code !== null) return unit;
    const { entry } = unit.feedback;
    for (let i = 0; i < proto.params.length; i++) entry[i]! |= kindOf(registers[i]);
    const { captureBase } = proto;
    for (let i = captureBase; i < captureBase + proto.captures.length; i++) entry[i]! |= kindOf(registers[i]);
    if (unit.refused || --unit.heat > 0) return null;
    this.compile(unit);
    return unit.code === null ? null : unit;
  }

  /** Counts a turn of a loop in tier 0; gives the way in at its head, if there is one now. */
  loop(proto: FunctionProto, pc: number, registers: readonly (Value | undefined)[]): WayIn | null {
    const unit = this.of(proto);
    if (unit.refused) return null;
    if (unit.mode === "probe" && unit.probes <= 0) this.settle(unit);
    const state = unit.inside.get(pc);
    if (state === undefined && !this.forced && unit.heat > 0 && (unit.heat -= WARM / LOOP_WARM) > 0) return null;
    // The loop's own state may have been made before tier 0 noted anything.
    const { code } = proto;
    if (!isUsable(state, registers) && code[pc - 3] === Op.ITER)
      unit.feedback.results[pc - 3]! |= kindOf(registers[code[pc - 2]!]);
    return this.wayIn(unit, pc, registers, state);
  }

  /** Counts a wait that is over in a frame of tier 0; gives the way in where the frame goes on, if there is one now. */
  resume({ proto, pc, regs: registers, left }: HarnFrame): WayIn | null {
    if (left !== null && left.pc === pc && left.received !== null && !left.stale && left.skip <= 0) {
      // All else is of the kinds that its code knew when it left.
      const { register, kinds } = left.received;
      if ((kindOf(registers[register]) & ~kinds) === 0) return left;
    }
    const unit = this.known.get(proto);
    if (unit === undefined || unit.heat > 0 || unit.refused) return null;
    if (unit.mode === "probe" && --unit.probes <= 0) this.settle(unit);
    const state = unit.inside.get(pc);
    if (state === undefined) {
      const waits = (unit.waits.get(pc) ?? 0) + 1;
      unit.waits.set(pc, waits);
      if (waits < (this.forced ? WAIT_FORCED : WAIT_WARM)) return null;
    }
    return this.wayIn(unit, pc, registers, state);
  }

  /** The way in at a place, made if there is none or if the registers hold something else than it expects. */
  private wayIn(
    unit: Unit,
    pc: number,
    registers: readonly (Value | undefined)[],
    before: WayIn | undefined,
  ): WayIn | null {
    let state = before;
    if (!isUsable(state, registers)) {
      const seen = unit.feedback.inside(pc);
      for (let r = 0; r < seen.length; r++) seen[r]! |= kindOf(registers[r]);
      state = {
        pc,
        ...compileInside(this.tier, unit, pc),
        stale: false,
        skip: before === undefined ? 0 : before.backoff,
        backoff: before === undefined ? 1 : Math.min(before.backoff * 2, 1_024),
      };
      // The next call runs in tier 1 from its beginning.
      unit.heat = 0;
      unit.inside.set(pc, state);
    }
    if (state.run === null) return null;
    if (state.skip > 0) {
      state.skip--;
      return null;
    }
    return state;
  }

  /** Where tier 0 notes the kinds of results, in functions whose code is to be made (again) from what was noted. */
  notes(proto: FunctionProto): Int32Array | null {
    const unit = this.known.get(proto);
    return unit === undefined || unit.heat > 0 || unit.refused || unit.mode === "plain" ? null : unit.feedback.results;
  }

  /** Makes the code of a function, if it has none. */
  compile(unit: Unit): void {
    if (unit.code !== null || unit.refused || unit.making) return;
    unit.making = true;
    try {
      unit.code = compileFunction(this.tier, unit);
    } finally {
      unit.making = false;
    }
    if (unit.code === null) unit.refused = true;
  }

  /** A number for code that is made. */
  nextCode(): string {
    return `${this.tag}-${this.codes++}`;
  }

  /** From here on code takes for granted what was noted. */
  settle(unit: Unit): void {
    unit.mode = "fast";
    this.replace(unit);
  }

  /** Code of a function is dropped, and that of functions that call it directly. */
  replace(unit: Unit): void {
    unit.drop();
    for (const caller of unit.callers) caller.drop();
    unit.callers.clear();
  }

  /** A function whose code a caller may call directly as long as `replace` tells it; null: there is none yet. */
  direct(proto: FunctionProto, caller: Unit): Unit | null {
    const unit = this.of(proto);
    if (unit === caller || unit.making || unit.refused || caller.mode === "probe") return null;
    if (unit.mode === "probe") {
      if (unit.code === null || unit.probes > PROBES - SETTLED_EARLY) return null;
      this.settle(unit);
    }
    this.compile(unit);
    if (unit.code === null) return null;
    unit.callers.add(caller);
    return unit;
  }

  /** The same function with code, and with what was noted, of this place alone. */
  copyFor(site: MethodSite, closure: HClosure): HClosure | null {
    site.listClosure ??= new HClosure(closure.proto, closure.captures);
    site.listUnit ??= this.newUnit(closure.proto);
    this.compile(site.listUnit);
    site.listClosure.code = site.listUnit.code;
    return site.listClosure.code === null ? null : site.listClosure;
  }
}
