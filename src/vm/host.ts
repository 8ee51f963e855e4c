/** What a run is given from outside the VM. Constructed once by runtime/. */
import type { JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import type { Builtin, BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import type { Ports } from "../ports/ports.ts";
import type { HClosure, Value } from "../value/value.ts";
import type { Machine } from "./machine.ts";
import type { SecretTexts } from "./snapshot/secret-texts.ts";

export type Tiering = "off" | "hot" | "forced";

export interface VmHost {
  readonly ports: Ports;
  readonly table: BuiltinTable;
  readonly machines: ReadonlyMap<string, Machine>;
  /** The policy gate: raises when the fiber's scope forbids the call. Asked right before the builtin runs, on the final arguments. */
  gate(call: Call, builtin: Builtin, args: readonly Value[]): void;
  /** The prelude's chunk (methods that take callbacks); compiled on first use. */
  prelude(): Chunk;
  /** The same without the secrets of the environment, for what observers get. */
  redact(json: JsonObject): JsonObject;
  /** The secrets themselves, for what is stored. */
  readonly secrets: SecretTexts;
  /** How long a cancelled fiber may tidy up, in milliseconds. */
  readonly graceMs: number;
  /** What the process may hold while a program of it runs, in bytes. */
  readonly memoryLimit: number;
  /** Frames of one fiber. The reference allows 512. */
  readonly maxFrames: number;
  /** `hot`: JavaScript is generated for what runs often; `forced`: for everything at once; `off`: for nothing. */
  readonly tiering: Tiering;
}

/** A function of the prelude by name. */
export type PreludeLookup = (name: string) => HClosure;
