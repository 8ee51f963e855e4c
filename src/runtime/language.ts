/** The language as this build has it: all builtins, all machines, the gate, and the prelude. */

import type { JsonObject } from "../base/json.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import { createGate } from "../policy/gate.ts";
import { collectSecrets, createRedactor } from "../policy/secrets.ts";
import { storedSecrets } from "../policy/stored-secrets.ts";
import type { Ports } from "../ports/ports.ts";
import type { Tiering, VmHost } from "../vm/host.ts";
import { allMachines, declaredTable } from "./declared.ts";
import type { HostTool } from "./host-tools.ts";
import { hostToolBuiltins } from "./host-tools.ts";
import { preludeChunk } from "./prelude.ts";

export { allBuiltins } from "./declared.ts";

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
  const table = declaredTable(hostToolBuiltins(options.tools));
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
