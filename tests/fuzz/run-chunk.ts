/** Runs code that the verifier has accepted, whatever it does: without files, processes and network, for a short time, with little memory. */
import { Failure } from "../../src/base/failure.ts";
import type { Chunk } from "../../src/bytecode/chunk.ts";
import { createClockPort } from "../../src/hosts/node/clock.ts";
import { createHeapPort } from "../../src/hosts/node/heap.ts";
import { createMemoryPorts } from "../../src/ports/memory/ports.ts";
import { RunDriver } from "../../src/runtime/driver.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { startRun } from "../../src/runtime/start-run.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import type { Tiering, VmHost } from "../../src/vm/host.ts";
import { createEagerClock } from "../properties/eager-clock.ts";
import { Broken } from "./target.ts";

const MB = 1024 * 1024;
/** Then it is cancelled, and may tidy up for the grace. */
const RUN_MS = 200;
const GRACE_MS = 20;
/** A run that is cancelled and still there after so much processor time does not end. */
const END_MS = 5_000;
const LOOK_EVERY_MS = 500;

export function createChunkHost(tiering: Tiering): VmHost {
  const ports = { ...createMemoryPorts(), clock: createEagerClock(createClockPort(), "moves"), heap: createHeapPort() };
  return createVmHost({ ports, tools: [], graceMs: GRACE_MS, memoryLimit: 500 * MB, tiering });
}

/** Returns when the program has ended in any of the ways in which programs end. Anything else is thrown. */
export async function runChunk(host: VmHost, chunk: Chunk): Promise<void> {
  const scope = { cwd: "/project", env: {}, policies: [] };
  const globals = new Map([...stdlibGlobals]);
  const run = startRun("fuzz", host, { entry: chunk.module, chunks: [chunk] }, globals, scope);
  const driver = new RunDriver(run, {
    host,
    ports: host.ports,
    performers: new Map(),
    openStore: null,
    program: "fuzz",
    meta: {},
    durable: false,
    snapshotMode: false,
    onOutput: () => {},
    onEvent: () => {},
  });
  const cancel = setTimeout(() => driver.cancel(), RUN_MS);
  const began = process.cpuUsage();
  let look: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    look = setInterval(() => {
      const { user, system } = process.cpuUsage(began);
      if (user + system > END_MS * 1_000) reject(new Broken("a run that was cancelled does not end"));
    }, LOOK_EVERY_MS);
  });
  try {
    await Promise.race([driver.finish(), late]);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
  } finally {
    clearTimeout(cancel);
    clearInterval(look);
  }
}
