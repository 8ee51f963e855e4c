/** The `Call` that builtins and machines get: one object a run, pointed at the fiber whose builtin runs. */
import type { JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import type { Cell } from "../builtin/cells.ts";
import type { Scope } from "../builtin/scope.ts";
import type { Ports } from "../ports/ports.ts";
import type { Fiber } from "./fiber.ts";
import { checkRoom } from "./memory-limit.ts";
import type { Run } from "./run.ts";
import { siteOf } from "./run.ts";

export class VmCall implements Call {
  readonly run: Run;
  fiber: Fiber;
  /** Fuel for what was done outside of generated code, not taken yet. */
  owed = 0;
  constructor(run: Run, fiber: Fiber) {
    this.run = run;
    this.fiber = fiber;
  }
  spend(fuel: number): void {
    const { tier } = this.run;
    if (tier === null || !tier.spend(fuel)) this.owed += fuel;
  }
  hold(bytes: number): void {
    checkRoom(this.run.host, bytes);
  }
  /** The fuel that is owed, which is taken with this. */
  settle(): number {
    const { owed } = this;
    this.owed = 0;
    return owed;
  }
  get scope(): Scope {
    return this.fiber.scope;
  }
  get ports(): Ports {
    return this.run.host.ports;
  }
  write(text: string): void {
    this.run.write(this.fiber, text);
  }
  emit(event: JsonObject): void {
    this.run.events.push(this.run.host.redact(event));
  }
  record(kind: string, id: string, body: JsonObject): void {
    this.run.records.push({ kind, id, body: this.run.host.redact(body) });
  }
  read<T>(cell: Cell<T>): T {
    return this.run.cell(cell);
  }
  change<T>(cell: Cell<T>): T {
    return this.run.changeCell(cell);
  }
  site(): { readonly file: string; readonly line: number } {
    const generated = this.run.tier?.site() ?? null;
    if (generated !== null) return generated;
    for (let i = this.fiber.frames.length - 1; i >= 0; i--) {
      const frame = this.fiber.frames[i]!;
      if (frame.kind === "harn" && !frame.proto.internal) {
        return { file: frame.proto.chunk.file, line: siteOf(frame.proto, frame.pc).line };
      }
    }
    return { file: "", line: 0 };
  }
}

/** The VM's own view of a call, for builtins of layers above it. */
export function vmCall(call: Call): VmCall {
  if (call instanceof VmCall) return call;
  throw new Error("this builtin runs inside a VM only");
}
