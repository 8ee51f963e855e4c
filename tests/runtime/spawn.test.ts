/** `Runtime.spawn`: one task delegated by an embedding program, against a real server. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createNodePorts, createRuntime, type HostTool, type Runtime } from "../../src/hosts/node/index.ts";
import type { RunEvent } from "../../src/runtime/index.ts";
import { type Loopback, startLoopback } from "../loopback/server.ts";

let folder: string;
let server: Loopback;
let runtime: Runtime;

const tool: HostTool = {
  name: "lookup",
  description: "Looks an issue up.",
  parameters: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
  repeat: "safe",
  run: ({ id }) => `issue ${String(id)} is about tokens`,
};

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-spawn-"));
  server = await startLoopback({
    script: [
      { match: { lastRole: "user" }, answer: { toolCalls: [{ name: "lookup", arguments: { id: 7 } }] } },
      { match: { lastRole: "tool" }, answer: { text: "it is about tokens" } },
    ],
  });
  const ports = createNodePorts();
  const all = () => ({ ...ports.environment.all(), LOCAL_LLM_BASE_URL: server.url, LOCAL_LLM_MODEL: "small" });
  runtime = createRuntime({
    ports: {
      ...ports,
      environment: { ...ports.environment, all, get: (name) => (all() as Record<string, string>)[name] },
    },
    stateRoot: folder,
    tools: [tool],
  });
});
afterEach(async () => {
  await runtime.close();
  await server.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

it("runs one worker with the runtime's tools and gives its envelope", async () => {
  const run = runtime.spawn("what is issue 7 about?", { provider: "local", policy: { tools: ["lookup"] } });
  const events: RunEvent[] = [];
  run.onEvent((event) => events.push(event));
  expect(await run.result).toMatchObject({ kind: "value", value: { ok: true, summary: "it is about tokens" } });
  expect(events.flatMap((event) => (event.type === "worker" ? [event.event] : []))).toEqual([
    "WorkerSpawned",
    "WorkerCompleted",
  ]);
  const [worker] = await runtime.workers(run.id);
  expect(worker).toMatchObject({ status: "completed", task: "what is issue 7 about?", last_tool: null });
  expect(await runtime.workerRecord(worker!.worker_id)).toMatchObject({ latest_payload: { ok: true } });
});

it("refuses what it cannot do", async () => {
  expect(() => runtime.spawn("  ")).toThrow("spawn: expected a task");
  expect(() => runtime.spawn("x", { background: true })).toThrow("leave the option background out");
  const outcome = await runtime.spawn("x", { provider: "local", policy: { tool: [] } }).result;
  expect(outcome).toMatchObject({ kind: "failed", message: expect.stringContaining('unknown key "tool"') });
});
