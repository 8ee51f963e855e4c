/**
 * Tier 1 of one run: enters generated code, and turns what it leaves behind into the frames of tier 0. Generated code knows this object as `X`.
 *
 * Invariants
 * 1. A call of generated code gives a value, or SUSPEND: then `failure` is set, or `tail` is, or the activations that are to go on later stand
 *    in `saved`, innermost first, and belong between the frames below `base` and those that were pushed since.
 * 2. Generated code never runs inside a builtin: one entry at a time, from the interpreter.
 * 3. A call gets the `room` that is left for it (room.ts).
 */

import type { Suspension } from "../../builtin/call.ts";
import type { Builtin } from "../../builtin/declaration.ts";
import { asRaise, plainError } from "../../builtin/raise.ts";
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { displayCounted } from "../../value/display.ts";
import { HCaught, HClosure, type HHandle, HList, type Value } from "../../value/value.ts";
import {
  callBuiltin,
  callValue,
  finishOutcome,
  newFrame,
  qualifiedName,
  SUSPEND,
  type Suspended,
  suspend,
} from "../calls.ts";
import { spawn } from "../concurrency.ts";
import { completeTrace } from "../errors.ts";
import type { Fiber, Frame, HarnFrame } from "../fiber.ts";
import { runOthers } from "../handover.ts";
import { nextItem } from "../iteration.ts";
import { findMethod, mayChange, nilReceiver, noMethod, passed, receiverKind } from "../methods.ts";
import { Rethrow } from "../rethrow.ts";
import { type Run, siteOf } from "../run.ts";
import { AT_LEAST_MS, MOST_REFILLS, MOST_WRITTEN, QUOTA, QUOTA_COST, SLICE_FUEL } from "../slice.ts";
import type { VmCall } from "../vm-call.ts";
import { given } from "./entering.ts";
import { ANY_FRAMES, FRAME, framesOf, HOSTING_UNITS, LEAST_FRAMES, LEAST_UNITS, STACK_UNITS } from "./room.ts";
import type { MethodSite, Unit, Version, WayIn } from "./unit.ts";
import { Units } from "./units.ts";
import { kindOf } from "./value-types.ts";

/** Saved frames that are not let go of at once. */
const MOST_KEPT = 16;

const NOTHING: readonly Frame[] = [];

/** Thrown in a protected region of generated code when a call failed. */
const FAILED = Object.freeze({ failed: true });

/** Calls of a method with a callback from one place, before it gets a copy of the method. */
const COPIED_AFTER = 1;

export class Tier {
  /** What the function that has just ended gave in the place of a bare double. */
  away: Value | symbol | undefined = undefined;
  readonly run: Run;
  readonly forced: boolean;
  /** The call object of the fiber that runs. */
  c: VmCall = null as unknown as VmCall;
  fuel = 0;
  /** The instruction that is at work, for failures. */
  k = 0;
  /** Whose instruction calls a builtin. */
  p: Version | null = null;
  /** Where the lowest activation failed. */
  private failedAt = -1;
  private failedIn: FunctionProto | null = null;
  private base = 0;
  /** The frame that was entered inside: its activation is saved into it again. */
  private over: HarnFrame | null = null;
  /** How it was entered. */
  private way: WayIn | null = null;
  /** Of the builtin call that is at work, in generated code. */
  private inCode = false;
  private room = 0;
  /** Frames that may be pushed above `base`: fewer than the program has left when others stand below on the host's stack. */
  private frames = 0;
  /** How much of the host's stack is left for this run's activations. */
  private hostFrames = ANY_FRAMES;
  private hostUnits = STACK_UNITS;
  private refills = 0;
  private sliceEnds = 0;
  private readonly saved: (HarnFrame | null)[] = [];
  /** How many frames are in `saved`: setting the length of an array is slow. */
  private saves = 0;
  private failure: HCaught | null = null;
  /** Something was caught: frames may hold it, with a trace that is to be completed. */
  private catches = false;
  private tailCallee: HClosure | null = null;
  private tailArgs: readonly Value[] = [];
  readonly units: Units;

  constructor(run: Run, forced: boolean) {
    this.run = run;
    this.forced = forced;
    this.units = new Units(this, forced);
  }

  /** From tier 0: calls a closure that has code. SUSPEND: look at the frames; failures are thrown as `Rethrow`. */
  enter(call: VmCall, fuel: number, closure: HClosure, args: readonly Value[], dst: number): Value | Suspended {
    const room = this.begin(call, fuel);
    let value = closure.code!(room, closure, ...args);
    if (value === SUSPEND) value = this.land(room);
    this.p = null;
    this.inCode = false;
    if (value !== SUSPEND) return value as Value;
    this.raisePending(0);
    this.flush(dst, null);
    return SUSPEND;
  }

  /** From tier 0: enters the frame on top, at its beginning. The frame stays; it is replaced when the activation is suspended. */
  enterFrame(call: VmCall, fuel: number, frame: HarnFrame, unit: Unit): Value | Suspended {
    const { proto, regs } = frame;
    const closure = new HClosure(proto, regs.slice(proto.captureBase, proto.captureBase + proto.captures.length));
    closure.code = unit.code;
    const given =
      proto.argcRegister < 0 ? proto.params.length : Math.min(regs[proto.argcRegister] as number, proto.params.length);
    const plain = proto.hasRest ? proto.params.length - 1 : proto.params.length;
    const args = regs.slice(0, Math.min(given, plain)) as Value[];
    if (proto.hasRest) args.push(...(regs[plain] as HList).items);
    const room = this.begin(call, fuel);
    let value = unit.code!(room + FRAME, closure, ...args);
    if (value === SUSPEND) value = this.land(room);
    this.p = null;
    this.inCode = false;
    if (value !== SUSPEND) return value as Value;
    this.raisePending(1);
    this.flush(frame.dst, frame);
    return SUSPEND;
  }

  /** From tier 0: goes on with the frame on top, which stands at the head of a loop or behind a call. */
  enterInside(call: VmCall, fuel: number, frame: HarnFrame, state: WayIn): Value | Suspended {
    const room = this.begin(call, fuel);
    if (room < state.room) {
      this.inCode = false;
      state.skip = 1;
      return SUSPEND;
    }
    this.over = frame;
    this.way = state;
    let value: Value | symbol = state.run!(room, frame.regs);
    if (value === SUSPEND) value = this.land(room);
    this.p = null;
    this.inCode = false;
    if (value !== SUSPEND) {
      state.backoff = 1;
      return value as Value;
    }
    this.raisePending(1);
    if (this.fuel < fuel || call.fiber.status !== "ready") state.backoff = 1;
    else if (!this.forced) {
      state.backoff = Math.min(state.backoff * 2, 1_024);
      state.skip = state.backoff;
    }
    this.flush(frame.dst, frame);
    return SUSPEND;
  }

  /** The instruction at which an activation of `proto` that was entered in a loop failed; −1: it had left itself for a call. */
  failurePc(proto: FunctionProto): number {
    return this.failedIn === proto ? this.failedAt : -1;
  }

  /** Where the builtin that runs was called, when generated code called it. */
  site(): { readonly file: string; readonly line: number } | null {
    if (this.p === null || this.p.proto.internal) return null;
    const { proto } = this.p;
    return { file: proto.chunk.file, line: siteOf(proto, this.k + 1).line };
  }

  private begin(call: VmCall, fuel: number): number {
    this.c = call;
    this.fuel = fuel;
    this.base = call.fiber.frames.length;
    this.saves = 0;
    this.failure = null;
    this.inCode = true;
    this.frames = Math.min(this.run.host.maxFrames - this.base, this.hostFrames);
    this.room = this.frames * FRAME + this.hostUnits;
    return this.room;
  }

  /** Makes room for other fibers on top of the activations that stand on the host's stack, and lets `work` run them; undefined: there is too little. */
  aside(fiber: Fiber, work: (run: Run, fiber: Fiber) => boolean): boolean | undefined {
    // In locals: an object for it would be made with each wait.
    const { run, c, fuel, k, p, base, over, way, room, inCode, frames, refills, sliceEnds, hostFrames, hostUnits } =
      this;
    if (inCode) {
      const left = framesOf(room);
      const units = (room % FRAME) - HOSTING_UNITS;
      if (left < LEAST_FRAMES || units < LEAST_UNITS) return undefined;
      this.hostFrames = left;
      this.hostUnits = units;
    }
    const { virtualFrames } = run;
    run.virtualFrames = 0;
    this.p = null;
    this.inCode = false;
    const answer = work(run, fiber);
    this.c = c;
    this.fuel = fuel;
    this.k = k;
    this.p = p;
    this.base = base;
    this.over = over;
    this.way = way;
    this.room = room;
    this.inCode = inCode;
    this.frames = frames;
    this.refills = refills;
    this.sliceEnds = sliceEnds;
    this.hostFrames = hostFrames;
    this.hostUnits = hostUnits;
    run.virtualFrames = virtualFrames;
    return answer;
  }

  /** Throws a failure that no generated code handled; `own` of the top frames are in its trace already. */
  private raisePending(own: number): void {
    const caught = this.failure;
    if (caught === null) return;
    this.failure = null;
    this.saves = 0;
    this.saved.length = 0;
    const { frames } = this.c.fiber;
    completeTrace(caught, frames, frames.length - own);
    throw new Rethrow(caught);
  }

  /** Puts what was saved onto the fiber; its lowest frame takes the place of `replaced`, if any. */
  private flush(dst: number, replaced: HarnFrame | null): void {
    const { frames } = this.c.fiber;
    const { saved, saves } = this;
    const above = frames.length === this.base ? NOTHING : frames.splice(this.base);
    for (let i = saves - 1; i >= 0; i--) {
      const frame = saved[i]!;
      saved[i] = null;
      if (frame !== replaced) {
        if (i === saves - 1) {
          frame.dst = dst;
          frame.generator = replaced?.generator ?? null;
          if (replaced !== null) frames.pop();
        }
        frames.push(frame);
      }
      if (!this.catches) continue;
      for (const value of frame.regs) {
        if (value instanceof HCaught && value.rows !== null) completeTrace(value, frames, frames.length - 1);
      }
    }
    this.saves = 0;
    if (saves > MOST_KEPT) saved.length = MOST_KEPT;
    for (const frame of above) frames.push(frame);
  }

  // What generated code calls.

  /** Ends a function that is to give a bare double in another way: SUSPEND, or a value. */
  goAway(answer: Value | symbol): number {
    this.away = answer;
    return 0;
  }

  takeAway(): Value | symbol {
    const answer = this.away!;
    this.away = undefined;
    return answer;
  }

  /** More turns for a loop; negative: the slice is over, or there is better code. */
  more(version: Version): number {
    const { unit } = version;
    if (version.stale) return -1;
    if (unit.mode === "probe" && unit.probed()) return -1;
    this.fuel -= QUOTA_COST;
    if (this.run.written > MOST_WRITTEN) return -1;
    return this.fuel > 0 || this.refill() ? QUOTA : -1;
  }

  /**
   * Lets a fiber that alone is ready go on for some milliseconds: leaving generated code and entering it again costs more than a look at the
   * clock. With others ready, fuel alone decides, so that their order does not depend on the clock.
   */
  refill(): boolean {
    const { run } = this;
    if (run.ready.length > 0 || ++this.refills > MOST_REFILLS) return false;
    const now = run.host.ports.clock.monotonicMs();
    if (this.refills === 1) this.sliceEnds = Math.max(run.turnEnds, now + AT_LEAST_MS);
    if (now > this.sliceEnds) return false;
    this.fuel = SLICE_FUEL;
    return true;
  }

  /** A fiber begins its slice. */
  beginSlice(): void {
    this.refills = 0;
  }

  /** Follows tail calls to where they end. */
  land(room: number): Value | symbol {
    while (this.tailCallee !== null) {
      const callee = this.tailCallee;
      this.tailCallee = null;
      const value = callee.code!(room, callee, ...this.tailArgs);
      if (value !== SUSPEND) return value;
    }
    return SUSPEND;
  }

  /** A call that cannot be made here: too deep for the program, or for the host's stack; or the slice is over. */
  deep(room: number, self: HClosure, args: readonly Value[]): symbol {
    if (room < FRAME && this.frames === this.run.host.maxFrames - this.base) {
      this.failure = new HCaught(plainError("Stack overflow: too many nested calls").error, false);
      this.failure.rows = [];
    } else this.saved[this.saves++] = newFrame(self, given(args), -1);
    return SUSPEND;
  }

  /** An activation ends here for now. */
  out(version: Version, site: number, values: readonly (Value | undefined)[]): symbol {
    const { pc, at, dst, registers } = version.sites[site]!;
    const { proto } = version;
    if (this.failure !== null) {
      this.failure.rows?.push({ proto, pc: at + 1 });
      this.failedIn = proto;
      this.failedAt = at;
      return SUSPEND;
    }
    const { saved } = this;
    if (this.saves > 0) saved[this.saves - 1]!.dst = dst;
    const frame = version.inside
      ? this.over!
      : { kind: "harn" as const, proto, pc, regs: new Array(proto.registers), dst: -1, generator: null, left: null };
    const { regs } = frame;
    for (let i = 0; i < regs.length; i++) regs[i] = undefined;
    for (let i = 0; i < registers.length; i++) regs[registers[i]!] = values[i];
    frame.pc = pc;
    if (version.inside) frame.left = this.way;
    saved[this.saves++] = frame;
    return SUSPEND;
  }

  /** The same where a handler of this activation is in force. */
  outHere(version: Version, site: number, values: readonly (Value | undefined)[]): symbol {
    if (this.failure === null) return this.out(version, site, values);
    this.k = version.sites[site]!.at;
    throw FAILED;
  }

  /** The activation fails with what JavaScript threw. */
  raise(version: Version, thrown: unknown): symbol {
    this.failure = this.take(version, thrown);
    this.failedIn = version.proto;
    this.failedAt = this.k;
    return SUSPEND;
  }

  /** What a handler receives. `last`: only unwinding that a `catch` may stop is caught. */
  caught(version: Version, thrown: unknown, isFinally: boolean): HCaught {
    const caught = this.take(version, thrown);
    if (caught.cancel && !isFinally) throw new Rethrow(caught);
    return caught;
  }

  private take(version: Version, thrown: unknown): HCaught {
    this.catches = true;
    this.run.virtualFrames = 0;
    if (thrown instanceof Rethrow) return thrown.caught;
    let caught: HCaught;
    if (thrown === FAILED) {
      caught = this.failure!;
      this.failure = null;
    } else {
      caught = new HCaught(asRaise(thrown).error, false);
      if (caught.error.trace.length === 0) caught.rows = [];
    }
    caught.rows?.push({ proto: version.proto, pc: this.k + 1 });
    return caught;
  }

  /** A function has been noted often enough: it goes on in fast code. */
  settled(unit: Unit, room: number, self: HClosure, args: readonly Value[]): Value | symbol {
    if (unit.mode === "probe") this.units.settle(unit);
    this.units.compile(unit);
    self.code = unit.code;
    if (unit.code === null) return this.deep(room, self, args);
    return unit.code(room, self, ...args);
  }

  /** Something of an unexpected kind: the activation goes on in tier 0. */
  miss(version: Version, site: number, values: readonly (Value | undefined)[], value: Value, self?: HClosure): symbol {
    const { unit } = version;
    unit.feedback.results[version.sites[site]!.at]! |= kindOf(value);
    this.missed(version, self);
    return this.out(version, site, values);
  }

  /** Another function is to be called than the one whose code stands there: the activation goes on in tier 0, with the call. */
  refuted(version: Version, site: number, values: readonly (Value | undefined)[], self?: HClosure): symbol {
    version.unit.refuted.add(version.sites[site]!.at);
    this.missed(version, self);
    return this.out(version, site, values);
  }

  /** The same before an activation has begun. */
  missEntry(version: Version, self: HClosure, args: readonly Value[]): symbol {
    const { proto, unit } = version;
    const { entry } = unit.feedback;
    for (let i = 0; i < proto.params.length; i++) entry[i]! |= kindOf(args[i] ?? null);
    for (let i = 0; i < proto.captures.length; i++) entry[proto.captureBase + i]! |= kindOf(self.captures[i]);
    this.missed(version, self);
    this.saved[this.saves++] = newFrame(self, given(args), -1);
    return SUSPEND;
  }

  private missed(version: Version, self: HClosure | undefined): void {
    const { unit } = version;
    if (!version.stale && unit.missed()) this.units.replace(unit);
    if (self !== undefined && version.stale) self.code = unit.code;
  }

  /** Calls a value that has no code yet, or is no closure. */
  call(room: number, callee: Value, args: readonly Value[], k: number, dst: number): Value | symbol {
    this.k = k;
    if (callee instanceof HClosure && callee.proto.kind !== "generator") return this.callClosure(room, callee, args);
    this.deepen(room);
    const value = callValue(this.c, callee, args, dst);
    this.run.virtualFrames = 0;
    return this.awaited(room, value);
  }

  private callClosure(room: number, callee: HClosure, args: readonly Value[]): Value | symbol {
    if (callee.code === null) {
      const unit = this.units.of(callee.proto);
      this.units.compile(unit);
      callee.code = unit.code;
    }
    if (callee.code !== null) return callee.code(room, callee, ...args);
    return this.deep(room, callee, args);
  }

  /** Leaves the activation for a call. */
  tail(room: number, callee: HClosure, args: readonly Value[]): Value | symbol {
    if (callee.code === null) {
      const unit = this.units.of(callee.proto);
      this.units.compile(unit);
      callee.code = unit.code;
      if (callee.code === null) return this.deep(room, callee, args);
    }
    this.tailCallee = callee;
    this.tailArgs = args;
    return SUSPEND;
  }

  builtin(
    room: number,
    builtin: Builtin,
    args: readonly Value[],
    owned: boolean,
    k: number,
    dst: number,
  ): Value | symbol {
    this.k = k;
    if (builtin.prelude !== null) return this.callClosure(room, this.run.prelude(builtin.prelude), args);
    this.deepen(room);
    const value = callBuiltin(this.c, builtin, args, owned, dst);
    this.run.virtualFrames = 0;
    return value === SUSPEND ? this.awaited(room, value) : value;
  }

  /** A builtin is called that pushes no frames: what it may ask for. */
  at(room: number, version: Version, k: number): VmCall {
    this.room = room;
    this.p = version;
    this.k = k;
    return this.c;
  }

  /** What such a builtin has answered is to be waited for. */
  waits(room: number, builtin: Builtin, suspension: Suspension, dst: number): Value | symbol {
    return this.awaited(room, suspend(this.c, suspension, qualifiedName(builtin), dst));
  }

  method(room: number, receiver: Value, site: MethodSite, args: readonly Value[]): Value | symbol {
    this.k = site.pc;
    if (receiver === null) return nilReceiver(site.name, site.flags);
    const kind = receiverKind(receiver);
    if (kind !== null && site.kind === kind) return this.builtinMethod(room, receiver, site, site.builtin!, args);
    const target = findMethod(this.run, receiver, site.name);
    switch (target.kind) {
      case "declared":
        site.learnDeclared(this.run, receiver);
        return this.call(room, target.fn, [passed(receiver, target.fn, site.flags), ...args], site.pc, site.dst);
      case "field":
        return this.call(room, target.fn, args, site.pc, site.dst);
      case "builtin":
        site.kind = kind;
        site.builtin = target.builtin;
        return this.builtinMethod(room, receiver, site, target.builtin, args);
      case "none":
        return noMethod(receiver, site.name);
    }
  }

  private builtinMethod(
    room: number,
    receiver: Value,
    site: MethodSite,
    builtin: Builtin,
    args: readonly Value[],
  ): Value | symbol {
    if (builtin.prelude !== null) {
      if (receiver instanceof HList && ++site.listCalls > COPIED_AFTER) {
        const copy = this.units.copyFor(site, this.run.prelude(builtin.prelude));
        if (copy !== null) return copy.code!(room, copy, receiver, ...args);
      }
      return this.callClosure(room, this.run.prelude(builtin.prelude), [receiver, ...args]);
    }
    const owned = mayChange(receiver, site.flags);
    if (!builtin.suspends && builtin.needs === "nothing") {
      return builtin.run(this.c, [receiver, ...args], owned) as Value;
    }
    this.deepen(room);
    const value = callBuiltin(this.c, builtin, [receiver, ...args], owned, site.dst);
    this.run.virtualFrames = 0;
    return this.awaited(room, value);
  }

  /** Takes fuel for what generated code has asked for; false: it is not at work. */
  spend(fuel: number): boolean {
    if (this.inCode) this.fuel -= fuel;
    return this.inCode;
  }

  /** The next item of a cursor that is over no list; undefined: the loop ends. */
  next(room: number, cursor: Value, k: number, dst: number, exit: number): Value | symbol | undefined {
    this.k = k;
    this.deepen(room);
    const item = nextItem(this.c, cursor, dst, exit);
    this.run.virtualFrames = 0;
    if (item !== SUSPEND) return item;
    const { fiber } = this.c;
    if (fiber.wait === null || fiber.frames.length !== this.base || !runOthers(this.run, fiber)) return SUSPEND;
    const { incoming } = fiber;
    if (incoming?.kind !== "outcome" || incoming.outcome.kind !== "ready")
      throw new Error("it is not the turn of this fiber");
    fiber.incoming = null;
    return incoming.outcome.source < 0 ? undefined : incoming.outcome.value;
  }

  /** SPAWN. */
  spawn(closure: Value, k: number): HHandle {
    this.k = k;
    return spawn(this.c, closure);
  }

  text(value: Value): string {
    return displayCounted(value, this.c, this.run.handleText);
  }

  /** What a builtin has answered. When it waits, others may have their turns here; then it goes on as if it had not waited. */
  private awaited(room: number, value: Value | Suspended): Value | symbol {
    let result = value;
    while (result === SUSPEND) {
      const { fiber } = this.c;
      const { wait } = fiber;
      if (wait === null || wait.next.kind !== "register" || fiber.frames.length !== this.base) return SUSPEND;
      const { next } = wait;
      if (!runOthers(this.run, fiber)) return SUSPEND;
      const { incoming } = fiber;
      if (incoming?.kind !== "outcome") throw new Error("it is not the turn of this fiber");
      fiber.incoming = null;
      this.deepen(room);
      result = finishOutcome(this.c, incoming.outcome, next.finish, next.data, next.dst);
      this.run.virtualFrames = 0;
    }
    return result;
  }

  /** While a builtin works, activations that stand on the host's stack count as frames. */
  private deepen(room: number): void {
    this.room = room;
    this.run.virtualFrames = this.frames - framesOf(room);
  }
}
