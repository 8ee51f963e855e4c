/** Calling values: frames for closures, builtins at once or as waits. */
import { unreachable } from "../base/unreachable.ts";
import type { Outcome, Suspension } from "../builtin/call.ts";
import { Suspension as SuspensionClass } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { categoryError, plainError, raiseFailure, typeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HHandle, HList, share } from "../value/value.ts";
import type { Continuation, Fiber, HarnFrame, MachineFrame } from "./fiber.ts";
import type { GeneratorObject } from "./objects.ts";
import type { Run } from "./run.ts";
import type { VmCall } from "./vm-call.ts";
import { startWait } from "./waits.ts";

/** The call has pushed a frame or the fiber waits: there is no value yet. */
export const SUSPEND: unique symbol = Symbol("suspend");
export type Suspended = typeof SUSPEND;

export function newFrame(closure: HClosure, args: readonly Value[], dst: number): HarnFrame {
  const proto = closure.proto;
  const regs: (Value | undefined)[] = new Array(proto.registers);
  const count = proto.params.length;
  const plain = proto.hasRest ? count - 1 : count;
  for (let i = 0; i < plain; i++) regs[i] = args[i] ?? null;
  if (proto.hasRest) regs[plain] = new HList(args.slice(plain));
  if (proto.argcRegister >= 0) regs[proto.argcRegister] = args.length;
  const base = proto.captureBase;
  const captures = closure.captures;
  for (let i = 0; i < captures.length; i++) regs[base + i] = captures[i];
  return { kind: "harn", proto, pc: 0, regs, dst, generator: null, left: null };
}

/** The same with arguments that lie in registers from `base` on. */
export function frameOf(
  closure: HClosure,
  from: readonly (Value | undefined)[],
  base: number,
  count: number,
  dst: number,
): HarnFrame {
  const { proto, captures } = closure;
  if (proto.hasRest || proto.argcRegister >= 0 || count !== proto.params.length) {
    return newFrame(closure, from.slice(base, base + count) as Value[], dst);
  }
  const regs: (Value | undefined)[] = new Array(proto.registers);
  for (let i = 0; i < count; i++) regs[i] = from[base + i];
  for (let i = 0; i < captures.length; i++) regs[proto.captureBase + i] = captures[i];
  return { kind: "harn", proto, pc: 0, regs, dst, generator: null, left: null };
}

/** Calls any callable value. The result goes to register `dst` of the frame that is on top now, unless it is answered at once. */
export function callValue(call: VmCall, fn: Value, args: readonly Value[], dst: number): Value | Suspended {
  const { run, fiber } = call;
  if (fn instanceof HClosure) {
    if (fn.proto.kind === "generator") return newGenerator(run, fn, args);
    pushFrame(run, fiber, newFrame(fn, args, dst));
    return SUSPEND;
  }
  if (fn instanceof HBuiltin) {
    const builtin = run.host.table.builtins.get(fn.name);
    if (builtin === undefined) throw plainError(`Undefined builtin: ${fn.name}`);
    return callBuiltin(call, builtin, args, false, dst);
  }
  throw typeError(`Cannot call ${displayValue(fn)}`);
}

export function pushFrame(run: Run, fiber: Fiber, frame: HarnFrame | MachineFrame): void {
  if (fiber.frames.length + run.virtualFrames >= run.host.maxFrames)
    throw plainError("Stack overflow: too many nested calls");
  fiber.frames.push(frame);
}

function newGenerator(run: Run, closure: HClosure, args: readonly Value[]): HHandle {
  const frame = newFrame(closure, args, -1);
  const handle = new HHandle("generator", run.nextObject++);
  const generator: GeneratorObject = { kind: "generator", id: handle.id, frames: [frame], ended: false };
  handle.object = generator;
  if (run.recording) run.putObject(generator);
  return handle;
}

/** Runs a builtin. A method's `args` start with its receiver. */
export function callBuiltin(
  call: VmCall,
  builtin: Builtin,
  args: readonly Value[],
  owned: boolean,
  dst: number,
): Value | Suspended {
  if (builtin.prelude !== null) {
    pushFrame(call.run, call.fiber, newFrame(call.run.prelude(builtin.prelude), args, dst));
    return SUSPEND;
  }
  if (builtin.needs !== "nothing") call.run.host.gate(call, builtin, args);
  const result = builtin.run(call, args, owned);
  return result instanceof SuspensionClass ? suspend(call, result, qualifiedName(builtin), dst) : result;
}

/** Name by which a wait finds the builtin that is to take its outcome; null: none is. */
export function qualifiedName(builtin: Builtin): string | null {
  if (builtin.finish === null) return null;
  return builtin.receiver === null ? builtin.name : `${builtin.receiver}.${builtin.name}`;
}

export function finishingBuiltin(run: Run, name: string): Builtin | undefined {
  const dot = name.indexOf(".");
  if (dot < 0) return run.host.table.builtins.get(name);
  return run.host.table.methods.get(name.slice(0, dot))?.get(name.slice(dot + 1));
}

/** Begins what a builtin has answered. */
export function suspend(call: VmCall, suspension: Suspension, finish: string | null, dst: number): Value | Suspended {
  const { run, fiber } = call;
  const waiting = suspension.waiting;
  switch (waiting.kind) {
    case "machine": {
      pushMachine(run, fiber, waiting.machine, waiting.state, dst);
      return SUSPEND;
    }
    case "call":
      return callValue(call, waiting.fn, waiting.args.map(share), dst);
    case "wait": {
      const next: Continuation = { kind: "register", dst, finish, data: waiting.data };
      const outcome = startWait(run, fiber, waiting.sources, next);
      return outcome === null ? SUSPEND : finishOutcome(call, outcome, finish, waiting.data, dst);
    }
    default:
      return unreachable(waiting);
  }
}

export function pushMachine(run: Run, fiber: Fiber, name: string, state: object, dst: number): void {
  const machine = run.host.machines.get(name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  pushFrame(run, fiber, {
    kind: "machine",
    machine: name,
    version: machine.version,
    state,
    dst,
    input: { kind: "start" },
    unwinding: null,
  });
}

/** The value of a wait that is over. */
export function finishOutcome(
  call: VmCall,
  outcome: Outcome,
  finish: string | null,
  data: Value,
  dst: number,
): Value | Suspended {
  if (finish !== null) {
    const builtin = finishingBuiltin(call.run, finish);
    if (builtin === undefined)
      throw categoryError("generic", `this build has no builtin ${finish} that could take its result`);
    if (builtin.finish !== null) {
      const result = builtin.finish(call, outcome, data);
      return result instanceof SuspensionClass ? suspend(call, result, finish, dst) : result;
    }
  }
  switch (outcome.kind) {
    case "ready":
      return outcome.value;
    case "result":
      return jsonToValue(outcome.result);
    case "failed":
      throw raiseFailure(outcome);
    default:
      return unreachable(outcome);
  }
}
