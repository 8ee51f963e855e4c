/** One run as an embedding program holds it: its events, its outcome, and the ways to stop it or talk to it. */
import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { valueToJson } from "../value/json.ts";
import type { RaisedError } from "../value/value.ts";
import type { RunDriver } from "./driver.ts";
import { EventStream } from "./event-stream.ts";
import type { RunEvent } from "./events.ts";
import type { SourceProblem } from "./program.ts";
import { ProgramFailure } from "./program.ts";

export type RunOutcome =
  /** What the entry returned, as JSON. */
  | { readonly kind: "value"; readonly value: Json }
  /** `problems`: the program did not start, these are its errors. */
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly problems: readonly SourceProblem[];
      /** Where the uncaught error was raised, innermost first. */
      readonly trace?: RaisedError["trace"];
    }
  | { readonly kind: "cancelled"; readonly reason: string }
  /** The program ended itself (`exit`). */
  | { readonly kind: "exited"; readonly code: number }
  /** `resumable`: `resume` of its id goes on where the last turn ended. */
  | { readonly kind: "interrupted"; readonly resumable: boolean }
  /** Another process has taken the run over; this one stopped. */
  | { readonly kind: "fenced" };

export class RunHandle {
  /** UUIDv7. */
  readonly id: string;
  readonly result: Promise<RunOutcome>;
  private readonly stream = new EventStream<RunEvent>();
  private readonly listeners: ((event: RunEvent) => void)[] = [];
  private driver: RunDriver | null = null;
  private stop: "interrupt" | "cancel" | null = null;

  /** `start` gets where events go and answers the driver; nothing runs before the caller had its chance to listen. */
  constructor(id: string, start: (emit: (event: RunEvent) => void) => Promise<RunDriver>) {
    this.id = id;
    this.result = Promise.resolve().then(() => this.drive(start));
    // A caller may look at the outcome later than it comes.
    this.result.catch(() => undefined);
  }

  /** Events from now on. */
  get events(): AsyncIterable<RunEvent> {
    return this.stream;
  }

  /** Calls back for each event, in the order and tick in which it is released. */
  onEvent(listener: (event: RunEvent) => void): void {
    this.listeners.push(listener);
  }

  /** The run is kept in the store. */
  get durable(): boolean {
    return this.driver?.durable ?? false;
  }

  /** Ends this process's part: child processes and model calls are ended; a durable run can be resumed. */
  interrupt(): void {
    this.stop = "interrupt";
    this.driver?.interrupt();
  }

  /** Cancels the program with all its workers; each may tidy up. */
  cancel(): void {
    this.stop ??= "cancel";
    this.driver?.cancel();
  }

  /** A message for a fiber of this run (`fiber` in a worker's record); `await_message` and agent loops take it. */
  send(fiber: number, message: Json): void {
    if (this.driver === null) throw new Failure("the run has not started yet");
    this.driver.send(fiber, message);
  }

  private emit(event: RunEvent): void {
    for (const listener of this.listeners) listener(event);
    this.stream.push(event);
  }

  private async drive(start: (emit: (event: RunEvent) => void) => Promise<RunDriver>): Promise<RunOutcome> {
    try {
      this.driver = await start((event) => this.emit(event));
      if (this.stop === "interrupt") this.driver.interrupt();
      else if (this.stop === "cancel") this.driver.cancel();
      const finished = await this.driver.finish();
      switch (finished.kind) {
        case "value":
          return { kind: "value", value: valueToJson(finished.value.value) };
        case "failed":
          return { kind: "failed", message: finished.message, problems: [], trace: finished.error.error.trace };
        case "cancelled":
        case "exited":
        case "interrupted":
        case "fenced":
          return finished;
      }
    } catch (thrown) {
      if (thrown instanceof ProgramFailure)
        return { kind: "failed", message: thrown.message, problems: thrown.problems };
      throw thrown;
    } finally {
      this.stream.close();
    }
  }
}
