/**
 * All doors in memory, for tests: the same in every run, nothing outside is touched, and trouble comes on demand (`faults`, `files.capacity`).
 * The database is the one exception: a real one may be handed in, else there is none.
 */
import { Failure } from "../../base/failure.ts";
import type { DatabasePort } from "../database.ts";
import type { Ports } from "../ports.ts";
import { MemoryClock } from "./clock.ts";
import { createFaultyDatabase } from "./database.ts";
import { Faults } from "./faults.ts";
import { MemoryFiles } from "./files.ts";
import { MemoryProcesses } from "./processes.ts";
import { createCountedIds, createSeededRandom } from "./random.ts";
import { createPlainHash } from "./sha256.ts";
import { MemoryTerminal } from "./terminal.ts";

export interface MemoryPorts extends Ports {
  readonly faults: Faults;
  readonly clock: MemoryClock;
  readonly files: MemoryFiles;
  readonly processes: MemoryProcesses;
  readonly terminal: MemoryTerminal;
}

export interface MemoryPortsOptions {
  /** Absolute path to text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Created. Default `/project`. */
  readonly cwd?: string;
  /** Default 1,700,000,000,000. */
  readonly nowMs?: number;
  readonly seed?: number;
  readonly input?: readonly string[];
  readonly database?: DatabasePort;
  readonly fetch?: typeof globalThis.fetch;
}

export function createMemoryPorts(options: MemoryPortsOptions = {}): MemoryPorts {
  const { env = {}, cwd = "/project" } = options;
  const faults = new Faults();
  const clock = new MemoryClock(options.nowMs ?? 1_700_000_000_000);
  const files = new MemoryFiles({ [`${cwd}/.keep`]: "", "/tmp/.keep": "", ...options.files }, clock, faults);
  const noNetwork: typeof globalThis.fetch = async (input) => {
    throw new Failure(
      `these in-memory doors have no network; asked for ${input instanceof Request ? input.url : input}`,
    );
  };
  const fetch = options.fetch ?? noNetwork;
  return {
    faults,
    clock,
    files,
    processes: new MemoryProcesses(faults),
    random: createSeededRandom(options.seed ?? 1),
    ids: createCountedIds(clock),
    network: {
      async fetch(input, init) {
        await faults.pass("network.fetch", input instanceof Request ? input.url : String(input));
        return fetch(input, init);
      },
    },
    database: createFaultyDatabase(options.database ?? null, faults),
    terminal: new MemoryTerminal(options.input ?? []),
    heap: { used: () => 0, limit: Number.POSITIVE_INFINITY, collect: () => undefined },
    environment: {
      get: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
      all: () => env,
      cwd: () => cwd,
      home: "/home/tester",
      user: "tester",
      hostName: "memory",
      tempDir: "/tmp",
      machine: "memory",
      platform: "linux",
      arch: "x86_64",
      pid: 1,
      startTime: "memory:1",
    },
    hash: createPlainHash(),
  };
}
