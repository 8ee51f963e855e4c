/** What the interpreter does around instructions: entering loops in generated code, leaving frames, taking arguments out of registers. */
import type { Value } from "../value/value.ts";
import type { Suspended } from "./calls.ts";
import type { Fiber, Frame, HarnFrame } from "./fiber.ts";
import { finishFiber } from "./fiber-life.ts";
import { endGenerator } from "./iteration.ts";
import { importedValue } from "./operations.ts";
import type { Run } from "./run.ts";
import type { Tier } from "./tier1/tier.ts";
import type { WayIn } from "./tier1/unit.ts";
import { dropDeadlines } from "./unwinding.ts";
import type { VmCall } from "./vm-call.ts";

/** What failed in a loop that was entered in tier 1, and at which instruction of its frame. */
export class InsideFailure {
  readonly failure: unknown;
  readonly pc: number;
  constructor(failure: unknown, pc: number) {
    this.failure = failure;
    this.pc = pc;
  }
}

export function enterInside(tier: Tier, way: WayIn, call: VmCall, fuel: number, frame: HarnFrame): Value | Suspended {
  try {
    return tier.enterInside(call, fuel, frame, way);
  } catch (failure) {
    throw new InsideFailure(failure, tier.failurePc(frame.proto));
  }
}

/** Leaves the top frame with a value; false when the interpreter has to stop. */
export function leave(run: Run, fiber: Fiber, value: Value): boolean {
  const { frames } = fiber;
  const frame = frames.pop() as HarnFrame;
  if (fiber.deadlines.length > 0) dropDeadlines(fiber);
  const below = frames[frames.length - 1];
  if (frame.generator !== null) {
    endGenerator(run, frame.generator, below);
    return true;
  }
  if (below === undefined) {
    finishFiber(run, fiber, { kind: "value", value });
    return false;
  }
  if (below.kind === "machine") {
    below.input = { kind: "returned", value };
    return false;
  }
  if (frame.dst >= 0) below.regs[frame.dst] = value;
  return true;
}

/** The frame, when it has not begun. */
export function unbegun(frame: Frame | undefined): Frame | null {
  return frame?.kind === "harn" && frame.pc === 0 ? frame : null;
}

export function take(regs: readonly (Value | undefined)[], base: number, count: number): Value[] {
  const values: Value[] = [];
  for (let i = 0; i < count; i++) values.push(regs[base + i] as Value);
  return values;
}

export function takeWith(receiver: Value, regs: readonly (Value | undefined)[], base: number, count: number): Value[] {
  const values: Value[] = [receiver];
  for (let i = 0; i < count; i++) values.push(regs[base + i] as Value);
  return values;
}

export function importedFrom(run: Run, chunk: HarnFrame["proto"]["chunk"], index: number): Value {
  const constant = chunk.constants[index]!;
  if (constant.kind !== "import") throw new Error("GET_IMPORT names no import");
  return importedValue(run, constant.module, constant.name);
}
