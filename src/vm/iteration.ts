/** `for` loops and generators. A generator owns its frames between two items; while it runs they lie on its consumer's fiber. */
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import { type Meter, valueCost } from "../value/cost.ts";
import type { Value } from "../value/value.ts";
import {
  Dict4,
  HCursor,
  HHandle,
  HList,
  HPair,
  HRange,
  HRecord,
  HSet,
  shapeOf,
  share,
  slotAt,
} from "../value/value.ts";
import type { Suspended } from "./calls.ts";
import { SUSPEND } from "./calls.ts";
import type { Frame, GeneratorLink, HarnFrame } from "./fiber.ts";
import { rangeLength } from "./places.ts";
import type { Run } from "./run.ts";
import { CLOSING, cancellation, unwind } from "./unwinding.ts";
import type { VmCall } from "./vm-call.ts";
import { startWait } from "./waits.ts";

/** Loops go over what the value was when they began. Kinds that cannot be iterated give no items, as in the reference. */
export function openCursor(source: Value, meter: Meter): Value {
  if (source instanceof HSet) {
    meter.spend(valueCost(source));
    return new HCursor(new HList([...source.items.values()].map((item) => share(item))), 0);
  }
  return new HCursor(share(source), 0);
}

/** The next item; undefined at the end; SUSPEND when it comes later (to register `dst`, or the loop goes on at `exit`). */
export function nextItem(call: VmCall, cursor: Value, dst: number, exit: number): Value | undefined | Suspended {
  if (!(cursor instanceof HCursor)) throw new Error("not a cursor");
  const source = cursor.source;
  if (source instanceof HList) {
    return cursor.index < source.length ? share(source.at(cursor.index++)!) : undefined;
  }
  if (source instanceof HRange) {
    return cursor.index < rangeLength(source) ? source.start + cursor.index++ : undefined;
  }
  if (typeof source === "string") {
    if (cursor.index >= source.length) return undefined;
    const char = String.fromCodePoint(source.codePointAt(cursor.index)!);
    cursor.index += char.length;
    return char;
  }
  if (source instanceof HRecord) {
    const keys = source.keys();
    const at = cursor.index++;
    if (at >= keys.length) return undefined;
    return new Dict4(ENTRY_SHAPE, keys[at]!, share(source.shape.large ? source.get(keys[at]!)! : slotAt(source, at)!));
  }
  if (source instanceof HPair) {
    const at = cursor.index++;
    return at === 0 ? share(source.first) : at === 1 ? share(source.second) : undefined;
  }
  if (source instanceof HHandle) {
    // An iterator is a generator that a loop over it does not end when it is left early.
    if (source.kind === "generator" || source.kind === "iterator") return resumeGenerator(call, source, dst, exit);
    if (source.kind === "channel") {
      const outcome = startWait(call.run, call.fiber, [{ kind: "receive", channel: source.id }], {
        kind: "iterate",
        dst,
        exit,
      });
      if (outcome === null) return SUSPEND;
      if (outcome.kind !== "ready") throw raiseFailure({ message: "channel failed", category: null });
      return outcome.source < 0 ? undefined : outcome.value;
    }
  }
  return undefined;
}

const ENTRY_SHAPE = shapeOf(["key", "value"]);

function resumeGenerator(call: VmCall, handle: HHandle, dst: number, exit: number): undefined | Suspended {
  const { run, fiber } = call;
  const generator = run.generator(handle);
  if (generator.ended) return undefined;
  const frames = generator.frames;
  if (frames === null) throw runtimeError("this generator is running already");
  generator.frames = null;
  run.changed(generator);
  const bottom = frames[0];
  if (bottom?.kind === "harn") bottom.generator = { object: generator.id, held: generator, dst, exit };
  for (const frame of frames) fiber.frames.push(frame);
  return SUSPEND;
}

/** YIELD: the generator's frame goes back to its object, its consumer gets the value and continues. */
export function yieldValue(call: VmCall, frame: HarnFrame, value: Value): void {
  const { run, fiber } = call;
  const link = frame.generator;
  if (link === null) throw runtimeError("yield outside of a generator");
  fiber.frames.pop();
  const generator = link.held ?? run.object("generator", link.object);
  generator.frames = [frame];
  frame.generator = null;
  run.changed(generator);
  const below = fiber.frames[fiber.frames.length - 1];
  if (below?.kind === "harn" && link.dst >= 0) below.regs[link.dst] = value;
  else if (below?.kind === "machine") below.input = { kind: "returned", value };
}

/** The generator's code has returned: its consumer goes on where its loop ends. */
export function endGenerator(run: Run, link: GeneratorLink, below: Frame | undefined): void {
  const generator = link.held ?? run.object("generator", link.object);
  generator.ended = true;
  generator.frames = null;
  run.changed(generator);
  if (below?.kind !== "harn") return;
  if (link.exit >= 0) below.pc = link.exit;
  else if (link.dst >= 0) below.regs[link.dst] = null;
}

/** A loop is left early: what the generator has to tidy up runs now. */
export function closeCursor(call: VmCall, cursor: Value): void {
  const { run, fiber } = call;
  const source = cursor instanceof HCursor ? cursor.source : null;
  if (!(source instanceof HHandle) || source.kind !== "generator") return;
  const generator = run.generator(source);
  const frames = generator.frames;
  if (frames === null) return;
  generator.frames = null;
  generator.ended = true;
  run.changed(generator);
  const bottom = frames[0];
  if (bottom?.kind === "harn") bottom.generator = { object: generator.id, held: generator, dst: -1, exit: -2 };
  for (const frame of frames) fiber.frames.push(frame);
  unwind(run, fiber, cancellation(CLOSING));
}
