/** The real doors: constructed once by whoever starts a runtime on Node. */
import { hash, randomBytes } from "node:crypto";
import type { Ports } from "../../ports/ports.ts";
import type { ProcessesPort } from "../../ports/processes.ts";
import { createClockPort } from "./clock.ts";
import { createDatabasePort } from "./database.ts";
import { createEnvironmentPort } from "./environment.ts";
import { createFilesPort } from "./files.ts";
import { createHeapPort } from "./heap.ts";
import { createIdsPort } from "./ids.ts";
import { createProcessesPort } from "./processes.ts";
import { createTerminalPort } from "./terminal.ts";

export function createNodePorts(): Ports {
  const environment = createEnvironmentPort();
  let processes: ProcessesPort | null = null;
  return {
    files: createFilesPort(),
    get processes() {
      processes ??= createProcessesPort();
      return processes;
    },
    clock: createClockPort(),
    random: { float: Math.random, bytes: (length) => new Uint8Array(randomBytes(length)) },
    ids: createIdsPort(),
    network: { fetch: (input, init) => globalThis.fetch(input, init) },
    database: createDatabasePort(),
    terminal: createTerminalPort(environment.all()),
    environment,
    heap: createHeapPort(),
    hash: { sha256: (content) => hash("sha256", content, "hex") },
  };
}
