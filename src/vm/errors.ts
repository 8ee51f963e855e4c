/** Failures on their way: what a program sees, how they read when nothing catches them, and their stack traces. */
import type { FunctionProto } from "../bytecode/chunk.ts";
import { displayValue } from "../value/display.ts";
import type { HCaught, RaisedError, Value } from "../value/value.ts";
import type { Fiber, Frame } from "./fiber.ts";
import { siteOf } from "./run.ts";

/** What `catch (e)` binds: the thrown value itself, or the rendered text. */
export function caughtValue(error: RaisedError): Value {
  return error.kind === "thrown" ? error.value : headline(error);
}

/** The error in one line, without its place. */
export function headline(error: RaisedError): string {
  switch (error.kind) {
    case "thrown":
      return `Thrown: ${displayValue(error.value)}`;
    case "runtime":
      return `Runtime error: ${error.message}`;
    case "type":
      return `Type error: ${error.message}`;
    case "category":
      return `Error [${error.category}]: ${error.message}`;
    case "plain":
      return error.message;
  }
}

/** The text of an error that nothing caught, as records and conformance cases state it. */
export function renderError(error: RaisedError): string {
  const text = headline(error);
  const line = error.trace[0]?.line ?? 0;
  if (line === 0 || error.kind === "thrown" || error.kind === "category") return text;
  return error.kind === "plain" ? `Runtime error: ${text} (line ${line})` : `${text} (line ${line})`;
}

const LONGEST_TRACE = 64;

/** Finishes a trace that generated code began, with the lowest `count` frames of the stack. */
export function completeTrace(caught: HCaught, frames: readonly Frame[], count: number): void {
  if (caught.rows === null) return;
  const trace: RaisedError["trace"][number][] = [];
  const add = (proto: FunctionProto, pc: number): void => {
    if (proto.internal || trace.length >= LONGEST_TRACE) return;
    const { line, column } = siteOf(proto, pc);
    trace.push({ fn: proto.name, file: proto.chunk.file, line, column });
  };
  for (const { proto, pc } of caught.rows) add(proto, pc);
  for (let i = count - 1; i >= 0; i--) {
    const frame = frames[i]!;
    if (frame.kind === "harn") add(frame.proto, frame.pc);
  }
  caught.rows = null;
  caught.error = { ...caught.error, trace };
}

/** Adds the trace where it was raised; an error that has one keeps it. */
export function withTrace(error: RaisedError, fiber: Fiber): RaisedError {
  if (error.trace.length > 0) return error;
  const trace: { fn: string; file: string; line: number; column: number }[] = [];
  for (let i = fiber.frames.length - 1; i >= 0 && trace.length < LONGEST_TRACE; i--) {
    const frame = fiber.frames[i]!;
    if (frame.kind !== "harn" || frame.proto.internal) continue;
    const { line, column } = siteOf(frame.proto, frame.pc);
    trace.push({ fn: frame.proto.name, file: frame.proto.chunk.file, line, column });
  }
  return { ...error, trace };
}
