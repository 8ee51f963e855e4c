/** Searching for tools with a model behind a real HTTP server: what the server is offered, and what it may call. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import type { Rule } from "../../tests/loopback/script.ts";
import { type Loopback, startLoopback } from "../../tests/loopback/server.ts";
import type { JsonObject } from "../base/json.ts";
import { createRuntime } from "../hosts/node/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "harn-search-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open: Loopback[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const TOOLS = `
var tools = tool_define(tool_registry(), "look", "Looks", {parameters: {}, handler: { _args -> "seen" }})
tools = tool_define(tools, "deploy", "Ships the service", {
  parameters: {env: {type: "string"}},
  defer_loading: true,
  namespace: "ops",
  handler: { args -> "deployed to " + args.env },
})
tools = tool_define(tools, "metrics", "Reads figures", {parameters: {}, defer_loading: true, handler: { _args -> "1" }})
`;

async function run(script: readonly Rule[], options: string) {
  const server = await startLoopback({ script });
  open.push(server);
  const runtime = createRuntime({ stateRoot: mkdtempSync(path.join(folder, "s-")) });
  try {
    const code = `${TOOLS}agent_loop("Ship it", "Be brief.", {provider: "local", base_url: "${server.url}", tools: tools, ${options}})`;
    const handle = runtime.run({ code, cwd: folder });
    const events: JsonObject[] = [];
    handle.onEvent((event) => events.push(event as JsonObject));
    const outcome = await handle.result;
    return { outcome, events, bodies: server.requests.map(({ body }) => body as JsonObject) };
  } finally {
    await runtime.close();
  }
}

const offered = (body: JsonObject): readonly string[] =>
  ((body.tools ?? []) as readonly { readonly type: string; readonly function?: { readonly name: string } }[]).map(
    (tool) => tool.function?.name ?? tool.type,
  );

test("what is found is offered from the next turn on, and no field goes out that servers do not know", async () => {
  const { outcome, bodies, events } = await run(
    [
      {
        match: { turn: 0, offers: "__harn_tool_search" },
        answer: { toolCalls: [{ name: "__harn_tool_search", arguments: { query: "service" } }] },
      },
      {
        match: { turn: 1, offers: "deploy" },
        answer: { toolCalls: [{ name: "deploy", arguments: { env: "prod" } }] },
      },
      { match: { tool: "deployed to prod" }, answer: { text: "shipped" } },
    ],
    'model: "gpt-4o", tool_search: true',
  );
  expect(outcome).toMatchObject({ kind: "value" });
  expect(bodies.map(offered)).toEqual([
    ["__harn_tool_search", "look"],
    ["__harn_tool_search", "look", "deploy"],
    ["__harn_tool_search", "look", "deploy"],
  ]);
  expect(JSON.stringify(bodies)).not.toMatch(/defer_loading|"namespace/);
  expect(events.filter(({ type }) => String(type).startsWith("tool_search"))).toMatchObject([
    { type: "tool_search_query", query: { query: "service" }, mode: "client" },
    { type: "tool_search_result", promoted: ["deploy"], mode: "client" },
  ]);
});

test("a provider that searches itself gets all tools, marked; what it searched is told, not run", async () => {
  const wire = [
    { choices: [{ delta: { tool_calls: [{ index: 0, id: "s", type: "tool_search_call", query: "ship" }] } }] },
    {
      choices: [
        {
          delta: {
            tool_calls: [
              { index: 1, type: "tool_search_output", call_id: "s", tool_references: [{ tool_name: "deploy" }] },
            ],
          },
        },
      ],
    },
    { choices: [{ delta: { content: "nothing to do" }, finish_reason: "stop" }] },
  ];
  const body = `${wire.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`;
  const { outcome, bodies, events } = await run(
    [{ answer: { wire: body } }],
    'model: "own-model", local: {force_native_tool_search: true, top_a: 1}, tool_search: {mode: "native", always_loaded: ["metrics"]}',
  );
  expect(outcome).toMatchObject({ kind: "value" });
  expect(offered(bodies[0]!)).toEqual(["tool_search", "look", "deploy", "metrics"]);
  expect(bodies[0]!.tools).toMatchObject([
    { type: "tool_search", mode: "hosted", namespaces: ["ops"] },
    {},
    { defer_loading: true, namespace: "ops" },
    {},
  ]);
  expect((bodies[0]!.tools as readonly JsonObject[])[3]).not.toHaveProperty("defer_loading");
  expect(bodies[0]).toMatchObject({ top_a: 1 });
  expect(bodies[0]).not.toHaveProperty("force_native_tool_search");
  expect(events.filter(({ type }) => String(type).startsWith("tool_search"))).toMatchObject([
    { type: "tool_search_query", query: "ship", mode: "native" },
    { type: "tool_search_result", promoted: ["deploy"], mode: "native" },
  ]);
  expect(events.some(({ type }) => type === "tool_call")).toBe(false);
});

test.each([
  ['tool_search: "fuzzy"', /tool_search.variant: expected one of "bm25", "regex", got "fuzzy"/],
  ["tool_search: {mod: true}", /tool_search: unknown key `mod`; did you mean `mode`\?/],
  ["tool_search: {budget_tokens: 1.5}", /tool_search.budget_tokens: expected int, got float/],
  ['tool_search: {always_loaded: "look"}', /tool_search.always_loaded: expected a list/],
  ["tool_search: 3", /tool_search: expected a bool/],
  ['tool_search: {mode: "native"}', /provider "local" does not expose native tool search for the model "gpt-4o"/],
])("%s is refused before the model is asked", async (option, message) => {
  const { outcome, bodies } = await run([], `model: "gpt-4o", ${option}`);
  expect(outcome).toMatchObject({ kind: "failed", message: expect.stringMatching(message) });
  expect(bodies).toEqual([]);
});
