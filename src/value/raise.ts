/** Raising failures of a program. Thrown as plain objects: an `Error` subclass costs 3.7 µs a throw (design, vm.md). */
import type { ErrorCategory } from "../base/failure.ts";
import type { RaisedError, Value } from "./value.ts";

/** What JavaScript code inside the VM throws when the program fails. Anything else that is thrown is a defect of ours. */
export class Raise {
  readonly error: RaisedError;
  constructor(error: RaisedError) {
    this.error = error;
  }
}

function raise(kind: RaisedError["kind"], message: string, category: string | null = null, value: Value = null): Raise {
  return new Raise({ kind, message, category, value, trace: [] });
}

/** Rendered `Runtime error: message`. */
export const runtimeError = (message: string): Raise => raise("runtime", message);
/** Rendered `Type error: message`. */
export const typeError = (message: string): Raise => raise("type", message);
/** Rendered as it stands: `Division by zero`, `Undefined variable: x`. */
export const plainError = (message: string): Raise => raise("plain", message);
/** Rendered `Error [category]: message`. */
export const categoryError = (category: ErrorCategory, message: string): Raise => raise("category", message, category);
/** Rendered `Thrown: display`; a handler sees the value itself. */
export const thrownError = (value: Value): Raise => raise("thrown", "", null, value);
