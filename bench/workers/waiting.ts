/**
 * One process of the waiting bench: `start KIND STATE COUNT` brings workers to where they wait and reports what they take; `resume KIND STATE RUN N`
 * continues the run, delivers an event to the N-th worker and reports when it was answered.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createNodePorts, createRuntime } from "../../src/hosts/node/index.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { waitingAgentsProgram, waitingProgram } from "./programs.ts";

const [command, kind, stateRoot, third, fourth] = process.argv.slice(2) as [string, string, string, string, string];

function report(body: object): void {
  process.stdout.write(`${JSON.stringify(body)}\n`);
}

function heap(): number {
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const runtime = createRuntime({ stateRoot });
if (command === "start") {
  const count = Number(third);
  const before = heap();
  const run = runtime.run({
    code: kind === "tasks" ? waitingProgram(count) : waitingAgentsProgram(count),
    durable: true,
  });
  await allWaiting(run.id, count);
  // What waits for a while is let go of.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const bytesOfMemory = heap() - before;
  report({ run: run.id, bytesOfMemory, storedBytes: await storedBytes(run.id) });
} else {
  // The event is there before the process that answers it: only the resume and the answer are timed.
  const fiber = Number(fourth) + 1;
  await runtime.deliver(third, fiber, "go");
  const start = performance.now();
  const run = runtime.resume(third);
  run.onEvent((event) => {
    if (event.type === "output" && String(event.text).startsWith("done ")) {
      report({ answerMs: performance.now() - start, text: event.text });
    }
  });
  await run.result;
}

/** Until the last turn is on disk and every worker waits for its event. */
async function allWaiting(run: string, count: number): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (!existsSync(join(stateRoot, "harn.db"))) continue;
    const store = await observe();
    const fibers = (await store.rows(run, "fiber")).filter(({ body }) => body.includes('"inbox"'));
    const pending = await store.pendingEffects(run);
    await store.close();
    if (fibers.length >= count && pending.length === 0) return;
  }
}

async function storedBytes(run: string): Promise<number> {
  const store = await observe();
  let bytes = 0;
  for (const table of ["fiber", "object", "piece", "cell", "scope"] as const) {
    for (const { body } of await store.rows(run, table)) {
      // The conversation itself is the transcript; the mock provider's log of calls (JSON text) is another copy of it.
      if (!body.includes('"agent_session"') && !body.includes('\\"messages\\"')) bytes += Buffer.byteLength(body);
    }
  }
  await store.close();
  // Values kept by their hash; the code is shared by all.
  const database = new DatabaseSync(join(stateRoot, "harn.db"), { readOnly: true });
  const blobs = database.prepare("SELECT sum(length(body)) AS bytes FROM blobs WHERE body NOT LIKE '[1,%'").get();
  database.close();
  return bytes + Number(blobs?.bytes ?? 0);
}

function observe() {
  return openSqliteStore(createNodePorts(), { stateRoot, readOnly: true });
}
