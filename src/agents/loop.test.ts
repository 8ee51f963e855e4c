/** The agent loop inside a real run: what it passes on to effects, what it tells observers, what it stores, how it is broken off. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { createNodePerformers } from "../hosts/node/effects/performers.ts";
import { createNodePorts } from "../hosts/node/ports.ts";
import type { ModelRequest, ModelResponse, ProviderContext } from "../llm/contract.ts";
import type { Providers } from "../llm/provider-registry.ts";
import { createProviders } from "../llm/provider-registry.ts";
import type { Performer } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import { createRuntime } from "../runtime/index.ts";
import type { UnitTurn } from "../store/contract.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";

const folder = mkdtempSync(path.join(tmpdir(), "harn-agents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Setup {
  readonly ports?: Ports;
  readonly performers?: readonly Performer[];
  readonly providers?: Providers;
}

/** Output, events and outcome of a program. */
async function run(code: string, setup: Setup = {}) {
  const performers = new Map(createNodePerformers());
  for (const performer of setup.performers ?? []) performers.set(performer.kind, performer);
  const runtime = createRuntime({
    ports: setup.ports ?? createNodePorts(),
    performers,
    ...(setup.providers === undefined ? {} : { providers: setup.providers }),
    stateRoot: mkdtempSync(path.join(folder, "s-")),
  });
  try {
    const handle = runtime.run({ code, cwd: folder });
    const events: JsonObject[] = [];
    handle.onEvent((event) => events.push(event as JsonObject));
    const outcome = await handle.result;
    const output = events.filter(({ type }) => type === "output").map(({ text }) => text);
    return { outcome, output: output.join(""), events: events.filter(({ type }) => type !== "output") };
  } finally {
    await runtime.close();
  }
}

const ONE_TOOL = (body: string, more = "") => `
let tools = tool_define(tool_registry(), "work", "Works", {parameters: {} ${more}, handler: { _args -> ${body} }})
llm_mock({tool_calls: [{name: "work", arguments: {}}]})
`;
const FINISHED = 'llm_mock({text: "finished ##DONE##"})';

test("only what a repeatable tool starts may be repeated, inner agents included", async () => {
  const seen: Record<string, boolean> = {};
  const real = createNodePerformers().get("process.run")!;
  const watched: Performer = {
    ...real,
    perform: (args, context) => {
      seen[(args.argv as string[] | undefined)?.at(-1) ?? JSON.stringify(args)] = args.repeatable === true;
      return real.perform(args, context);
    },
  };
  const { outcome } = await run(
    `
fn inner() {
  let tools = tool_define(tool_registry(), "plain", "Plain", {parameters: {}, handler: { _args -> exec("true", "in-plain") }})
  llm_mock({tool_calls: [{name: "plain", arguments: {}}]})
  llm_mock({text: "inner done"})
  agent_loop("inner", nil, {provider: "mock", tools: tools})
  exec("true", "after-inner")
  return "ok"
}
fn calm() {
  ${ONE_TOOL("inner()", ", repeatable: true")}
  agent_loop("go", nil, {provider: "mock", tools: tools, max_iterations: 1})
  exec("true", "outside")
}
fn raising() {
  ${ONE_TOOL('throw to_string(exec("true", "raising").status)', ", repeatable: true")}
  agent_loop("go", nil, {provider: "mock", tools: tools, max_iterations: 1})
  exec("true", "after-raise")
}
pipeline default() {
  calm()
  llm_mock_clear()
  raising()
}`,
    { performers: [watched] },
  );
  expect(outcome.kind).toBe("value");
  const flags = Object.fromEntries(
    ["in-plain", "after-inner", "outside", "raising", "after-raise"].map((name) => [
      name,
      Object.entries(seen).find(([key]) => key.includes(name))?.[1],
    ]),
  );
  expect(flags).toEqual({ "in-plain": true, "after-inner": true, outside: false, raising: true, "after-raise": false });
});

test("events tell a turn in order and hold no secret", async () => {
  const ports = createNodePorts();
  const secret = "s3cr3t-value-of-the-key";
  const environment = {
    ...ports.environment,
    get: (name: string) => (name === "ACME_API_KEY" ? secret : ports.environment.get(name)),
    all: () => ({ ...ports.environment.all(), ACME_API_KEY: secret }),
  };
  const { events } = await run(
    `pipeline default() {
  ${ONE_TOOL('"the key is " + env("ACME_API_KEY")')}
  ${FINISHED}
  agent_loop("go", nil, {provider: "mock", tools: tools, session_id: "s1"})
}`,
    { ports: { ...ports, environment } },
  );
  const shown = events.map(({ type, status, kind }) =>
    [type, status ?? kind].filter((part) => part !== undefined).join(" "),
  );
  expect(shown).toEqual([
    "turn_start",
    "llm_usage",
    "tool_call pending",
    "tool_call_update in_progress",
    "tool_call_update completed",
    "turn_end",
    "turn_start",
    "agent_message_chunk",
    "llm_usage",
    "turn_end",
  ]);
  expect(events.every((event) => event.session_id === "s1")).toBe(true);
  const result = events.find(({ status }) => status === "completed");
  expect(result?.raw_output).toBe("the key is [redacted]");
  expect(JSON.stringify(events)).not.toContain(secret);
});

const answer = (text: string): ModelResponse => ({
  text,
  toolCalls: [],
  usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
  stopReason: null,
  model: "m",
  provider: "openai",
  costUsd: null,
});

/** A model that thinks until it is broken off, then answers at once. */
function slowModel() {
  const asked: ModelRequest[] = [];
  const counts = { aborted: 0 };
  const call = (request: ModelRequest, { signal }: ProviderContext): Promise<ModelResponse> => {
    asked.push(request);
    if (asked.length > 1) return Promise.resolve(answer("turned ##DONE##"));
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        counts.aborted++;
        reject(new Failure("broken off", "cancelled"));
      });
    });
  };
  return { providers: createProviders({ providers: [{ name: "openai", call }] }), asked, counts };
}

const contents = ({ messages }: ModelRequest) => messages.map(({ content }) => content);

test("a message breaks off the model call under way, which leaves no trace in the conversation", async () => {
  const model = slowModel();
  const { output, outcome } = await run(
    `pipeline default() {
  let worker = sub_agent_run("go straight", {background: true, provider: "openai", model: "m"})
  sleep(20)
  println(steer_agent(worker, "turn left", "interrupt_immediate"))
  println(wait_agent(worker).result.summary)
}`,
    { providers: model.providers },
  );
  expect(outcome).toMatchObject({ kind: "value" });
  expect(output).toBe("true\nturned\n");
  expect(model.counts.aborted).toBe(1);
  expect(model.asked.map(contents)).toEqual([["go straight"], ["go straight", "turn left"]]);
});

test("a worker that is closed ends in the middle of a model call and of a tool", async () => {
  const model = slowModel();
  const inModel = await run(
    `pipeline default() {
  let worker = sub_agent_run("go", {background: true, provider: "openai", model: "m"})
  sleep(20)
  println(close_agent(worker).status)
}`,
    { providers: model.providers },
  );
  expect(inModel.output).toBe("cancelled\n");
  expect(model.counts.aborted).toBe(1);
  const inTool = await run(`pipeline default() {
  ${ONE_TOOL('receive(channel("never", 0))')}
  let worker = sub_agent_run("go", {background: true, provider: "mock", tools: tools})
  sleep(20)
  println(close_agent(worker).status)
}`);
  expect(inTool.output).toBe("cancelled\n");
});

test("options that are misspelt or without effect are told", async () => {
  const { events } = await run(`pipeline default() {
  agent_loop("go", nil, {provider: "mock", max_iteration: 3, thinking: true, daemon: false, openai: {top_k: 1}})
}`);
  const warnings = events.filter(({ type }) => type === "warning").map(({ message }) => message);
  expect(warnings).toEqual([
    "agent_loop: unknown option `max_iteration`; did you mean `max_iterations`?",
    "agent_loop: option `thinking` has no effect in this build",
  ]);
});

/** Bytes that each commit wrote of rows. */
async function rowBytes(code: string): Promise<readonly number[]> {
  const ports = createNodePorts();
  const state = mkdtempSync(path.join(folder, "growth-"));
  const store = await openSqliteStore(ports, { stateRoot: state });
  const sizes: number[] = [];
  const watched = new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== "function") return value;
      if (key !== "commit") return value.bind(target);
      return (lease: never, turns: readonly UnitTurn[]) => {
        const bodies = turns.flatMap((turn) => turn.rows.map(({ body }) => body?.length ?? 0));
        sizes.push(bodies.reduce((sum, size) => sum + size, 0));
        return target.commit(lease, turns);
      };
    },
  });
  const runtime = createRuntime({
    ports,
    performers: new Map(createNodePerformers()),
    store: watched,
    stateRoot: state,
  });
  const outcome = await runtime.run({ code, durable: true, cwd: folder }).result;
  await runtime.close();
  expect(outcome.kind).toBe("value");
  return sizes;
}

test("a turn stores as much late in a long conversation as early", async () => {
  const sizes = await rowBytes(`pipeline default() {
  llm_mock({text: "${"so it goes. ".repeat(20)}", match: "*"})
  agent_loop("go", nil, {provider: "mock", persistent: true, max_iterations: 300, max_nudges: 1000})
}`);
  expect(sizes.length).toBeGreaterThan(250);
  const middle = (from: number) => sizes.slice(from, from + 60).reduce((sum, size) => sum + size, 0);
  expect(middle(220)).toBeLessThan(middle(40) * 1.25);
});
