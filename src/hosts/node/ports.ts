/** The real doors: constructed once by whoever starts a runtime on Node. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { v7 } from "uuid";
import type { Ports } from "../../ports/ports.ts";
import { createClockPort } from "./clock.ts";
import { createDatabasePort } from "./database.ts";
import { createEnvironmentPort } from "./environment.ts";
import { createFilesPort } from "./files.ts";
import { createProcessesPort } from "./processes.ts";
import { createTerminalPort } from "./terminal.ts";

export function createNodePorts(): Ports {
  const environment = createEnvironmentPort();
  return {
    files: createFilesPort(),
    processes: createProcessesPort(),
    clock: createClockPort(),
    random: { float: Math.random, bytes: (length) => new Uint8Array(randomBytes(length)) },
    ids: { uuidv7: () => v7(), uuidv4: () => randomUUID() },
    network: { fetch: (input, init) => globalThis.fetch(input, init) },
    database: createDatabasePort(),
    terminal: createTerminalPort(environment.all()),
    environment,
    hash: { sha256: (content) => createHash("sha256").update(content).digest("hex") },
  };
}
