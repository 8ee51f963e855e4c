/** The language as this build has it: all builtins, all machines, the gate, and the prelude. */

import { agentBuiltins, agentMachines } from "../agents/index.ts";
import type { JsonObject } from "../base/json.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import { calledWorkerMachine, waitWorkersMachine } from "../orchestration/wait-machine.ts";
import { workerBuiltins } from "../orchestration/worker-builtins.ts";
import { workerMachine } from "../orchestration/worker-machine.ts";
import { createGate } from "../policy/gate.ts";
import { collectSecrets, createRedactor } from "../policy/secrets.ts";
import { storedSecrets } from "../policy/stored-secrets.ts";
import type { Ports } from "../ports/ports.ts";
import { exitMachine, stdlibBuiltins } from "../stdlib/index.ts";
import { parallelMachine } from "../vm/concurrency.ts";
import type { Tiering, VmHost } from "../vm/host.ts";
import { loadMachine } from "../vm/load-machine.ts";
import type { Machine } from "../vm/machine.ts";
import type { HostTool } from "./host-tools.ts";
import { hostToolBuiltins } from "./host-tools.ts";
import { preludeChunk } from "./prelude.ts";
import { programMachine } from "./program-machine.ts";

export interface LanguageOptions {
  readonly ports: Ports;
  readonly tools: readonly HostTool[];
  readonly graceMs: number;
  readonly memoryLimit?: number;
  /** Default `hot`. */
  readonly tiering?: Tiering;
}

/** The part of the host's own limit that values may take: beyond it the process would be ended in the middle of something. */
const HELD = 0.75;

/** As many frames of one fiber as the reference allows. */
const MAX_FRAMES = 512;

export function allBuiltins(): readonly Builtin[] {
  return [...stdlibBuiltins, ...agentBuiltins, ...workerBuiltins];
}

function allMachines(): ReadonlyMap<string, Machine> {
  const machines = [
    programMachine,
    loadMachine,
    workerMachine,
    waitWorkersMachine,
    calledWorkerMachine,
    parallelMachine,
    exitMachine,
    ...agentMachines,
  ];
  return new Map(machines.map((machine) => [machine.kind, machine]));
}

/** Hosts may forbid it (`--disallow-code-generation-from-strings`). */
function canGenerateCode(): boolean {
  try {
    new Function("");
    return true;
  } catch {
    return false;
  }
}

export function createVmHost(options: LanguageOptions): VmHost {
  const table = new BuiltinTable([allBuiltins(), hostToolBuiltins(options.tools)]);
  let prelude: Chunk | null = null;
  const secrets = collectSecrets(options.ports.environment);
  const redactor = createRedactor(secrets);
  return {
    ports: options.ports,
    table,
    machines: allMachines(),
    gate: createGate(),
    prelude: () => {
      prelude ??= preludeChunk(table);
      return prelude;
    },
    secrets: storedSecrets(secrets, options.ports.environment),
    redact: secrets.byName.size === 0 ? (json) => json : (json) => redactor.redactJson(json) as JsonObject,
    graceMs: options.graceMs,
    get memoryLimit() {
      return options.memoryLimit ?? options.ports.heap.limit * HELD;
    },
    maxFrames: MAX_FRAMES,
    tiering: canGenerateCode() ? (options.tiering ?? "hot") : "off",
  };
}
