/** MCP clients against real servers: processes with bad habits, and one over HTTP on 127.0.0.1. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import type { DeclaredServer } from "../../../agents/mcp-clients.ts";
import type { JsonObject } from "../../../base/json.ts";
import type { RunOptions } from "../../../runtime/index.ts";
import { readServers } from "../../../tools/mcp-servers.ts";
import { createRuntime } from "../index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "harn-mcp-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ODD = fileURLToPath(new URL("odd-server-harness.ts", import.meta.url));
const connect = (habit: string) => `let client = mcp_connect("${process.execPath}", ["${ODD}", "${habit}"])\n`;

async function run(code: string, more: Partial<RunOptions> = {}) {
  const runtime = createRuntime({ stateRoot: mkdtempSync(path.join(folder, "s-")) });
  try {
    const handle = runtime.run({ code, cwd: folder, ...more });
    const events: JsonObject[] = [];
    handle.onEvent((event) => events.push(event as JsonObject));
    const outcome = await handle.result;
    const output = events.filter(({ type }) => type === "output").map(({ text }) => text);
    return { outcome, output: output.join(""), events };
  } finally {
    await runtime.close();
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("all pages of a list; several parts of a result; nothing is nil; lines that are no messages do not matter", async () => {
  const { output } = await run(`${connect("pages")}
println(mcp_list_tools(client).map({ t -> [t.name, t._mcp_server == "${process.execPath}"] }))
println(mcp_call(client, "many").map({ part -> part.type }))
println(mcp_call(client, "nothing"))
let other = mcp_connect("${process.execPath}", ["${ODD}", "talks"])
println(mcp_server_info(other).server.name)`);
  expect(output).toBe("[[tool_0, true], [tool_1, true], [tool_2, true]]\n[text, image]\nnil\ntalks\n");
});

test("a server that breaks off is a failure with a category, and the next request starts it anew", async () => {
  const { output } = await run(`${connect("none")}
let first = mcp_call(client, "pid")
try { mcp_call(client, "crash") } catch (e) { println([error_category(e), to_string(e).contains("exit code 7")]) }
println(mcp_call(client, "pid") != first)`);
  expect(output).toBe("[transient_network, true]\ntrue\n");
});

test("one that hangs is left by a deadline; one that is cancelled leaves nothing behind", async () => {
  const { output } = await run(`${connect("none")}
println(try { deadline 50ms { mcp_call(client, "hang") } } catch (e) { to_string(e).contains("eadline") })
println(mcp_call(client, "nothing"))`);
  expect(output).toBe("true\nnil\n");
});

test.each([
  ["dies", /cannot find my licence/],
  ["no-such-habit-but-a-server", null],
])("a server that %s when it is greeted", async (habit, message) => {
  const { outcome } = await run(connect(habit));
  if (message === null) expect(outcome).toMatchObject({ kind: "value" });
  else expect(outcome).toMatchObject({ kind: "failed", message: expect.stringMatching(message) });
});

test("a program that is not there is a text that a program can read", async () => {
  const { output } = await run('try { mcp_connect("no-such-mcp-server") } catch (e) { println(e) }');
  expect(output).toMatch(/^mcp_connect: failed to spawn no-such-mcp-server ENOENT/);
});

test("nothing of a server's group outlives the run, however stubborn it is", async () => {
  const { output } = await run(`${connect("stubborn")}
println(mcp_call(client, "pid"))
println(exec("pgrep", "-P", mcp_call(client, "pid")).stdout.trim())`);
  const pids = output.trim().split("\n").map(Number);
  expect(pids).toHaveLength(2);
  expect(pids.every((pid) => pid > 0)).toBe(true);
  expect(pids.filter(isAlive)).toEqual([]);
});

test("a policy without processes lets nobody start or use a server", async () => {
  const { outcome } = await run('mcp_connect("x")', { policy: { side_effect_level: "workspace_write" } });
  expect(outcome).toMatchObject({ kind: "failed", message: expect.stringContaining("builtin 'mcp_connect' exceeds") });
});

const open: Server[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

interface Asked {
  readonly authorization: string | undefined;
  readonly method: string;
}

/** Answers JSON, without a session; `status`: of everything but the greeting. */
async function serveHttp(status = 200): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (request.method !== "POST") return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(body) as JsonObject;
    asked.push({ authorization: request.headers.authorization, method: String(method) });
    if (id === undefined) return void response.writeHead(202).end();
    if (method !== "initialize" && status !== 200) return void response.writeHead(status).end("no");
    const result =
      method === "initialize"
        ? {
            protocolVersion: (params as JsonObject).protocolVersion,
            capabilities: { tools: {} },
            serverInfo: { name: "remote", version: "2" },
          }
        : { content: [{ type: "text", text: "from afar" }] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, asked };
}

/** The servers of a manifest with this text. */
function declared(toml: string, tables: object): readonly DeclaredServer[] {
  const manifest = path.join(folder, "harn.toml");
  writeFileSync(manifest, toml);
  return readServers({ path: manifest, tables: tables as Readonly<Record<string, unknown>> });
}

const extensions = (mcp: readonly DeclaredServer[]) => ({ hooks: [], skills: [], mcp });

test("a server over HTTP gets the token of the manifest, which is in nothing else", async () => {
  const { url, asked } = await serveHttp();
  const mcp = declared(`[[mcp]]\nname = "far"\nurl = "${url}"\nauth_token = "token-that-nobody-sees"\n`, {
    mcp: [{ name: "far", url, auth_token: "token-that-nobody-sees" }],
  });
  expect(JSON.stringify(mcp)).not.toContain("token-that-nobody-sees");
  const { output, events } = await run('println(mcp_call(mcp.far, "x"))', {
    extensions: extensions(mcp),
    durable: true,
  });
  expect(output).toBe("from afar\n");
  expect(asked.every(({ authorization }) => authorization === "Bearer token-that-nobody-sees")).toBe(true);
  expect(JSON.stringify(events)).not.toContain("token-that-nobody-sees");
});

test.each([
  [401, "auth"],
  [429, "rate_limit"],
  [503, "server_error"],
])("status %i of a server over HTTP is a failure of category %s", async (status, category) => {
  const { url } = await serveHttp(status);
  const mcp = declared("", { mcp: [{ name: "far", url }] });
  const { output } = await run('try { mcp_call(mcp.far, "x") } catch (e) { println(error_category(e)) }', {
    extensions: extensions(mcp),
  });
  expect(output).toBe(`${category}\n`);
});

test("servers of the manifest: lazy ones are held and released; each has its environment", async () => {
  const table = { command: process.execPath, args: [ODD, "none"], env: { ODD: "even" } };
  const mcp = declared("", {
    mcp: [
      { name: "eager", ...table },
      { name: "idle", ...table, lazy: true, card: "card.json" },
    ],
  });
  writeFileSync(path.join(folder, "card.json"), '{"name": "idle", "tools": []}');
  const code = `
println(mcp_registry_status().map({ s -> [s.name, s.lazy, s.active, s.ref_count] }))
println(mcp_call(mcp.eager, "env"))
println(try { mcp_call(mcp.idle, "env") } catch (e) { to_string(e).contains("is disconnected") })
let one = mcp_ensure_active("idle")
let two = mcp_ensure_active("idle")
println(mcp_call(one, "pid") == mcp_call(two, "pid"))
mcp_release("idle")
println(mcp_registry_status()[1].ref_count)
mcp_release("idle")
mcp_release("idle")
println(mcp_registry_status().map({ s -> [s.active, s.ref_count] }))
println(mcp_server_card("idle").name)
println(try { mcp_server_card("eager") } catch (e) { e })
`;
  const expected = `[[eager, false, true, 0], [idle, true, false, 0]]
even
true
true
1
[[true, 0], [false, 0]]
idle
mcp_server_card: the server 'eager' declares no card in harn.toml
`;
  expect((await run(code, { extensions: extensions(mcp) })).output).toBe(expected);
});

test("a skill binds the servers that it needs while it is active, as far as the policy of its agent lets it", async () => {
  const mcp = declared("", { mcp: [{ name: "helper", command: process.execPath, args: [ODD, "none"], lazy: true }] });
  const code = `
skill helped {
  description "Needs help"
  requires_mcp ["helper", "nobody"]
  mcp ["helper"]
}
fn events(options) {
  llm_mock({text: "finished"})
  let result = agent_loop("need help", nil, {provider: "mock", skills: helped} + options)
  return transcript_events(result.transcript).filter({ e -> e.kind.starts_with("skill_mcp") }).map({ e -> e.kind + " " + e.metadata.server })
}
println(events({}))
println(mcp_registry_status().map({ s -> [s.active, s.ref_count] }))
println(events({policy: {side_effect_level: "network", capabilities: {llm: ["call"]}}}))
`;
  expect(
    (await run(code, { extensions: extensions(mcp) })).output,
  ).toBe(`[skill_mcp_bound helper, skill_mcp_bind_failed nobody]
[[true, 1]]
[skill_mcp_bind_failed helper, skill_mcp_bind_failed nobody]
`);
});

test("another process goes on with the run and its clients", async () => {
  const stateRoot = mkdtempSync(path.join(folder, "s-"));
  const one = createRuntime({ stateRoot });
  const handle = one.run({
    code: `${connect("none")}\nlet first = mcp_call(client, "pid")\nprintln(first)\nawait_message()\nprintln(mcp_call(client, "pid") != first)`,
    cwd: folder,
    durable: true,
  });
  const printed = Promise.withResolvers<number>();
  handle.onEvent((event) => void (event.type === "output" && printed.resolve(Number(event.text))));
  const pid = await printed.promise;
  handle.interrupt();
  await handle.result;
  await one.close();
  expect(isAlive(pid)).toBe(false);
  const two = createRuntime({ stateRoot });
  const resumed = two.resume(handle.id);
  const output: unknown[] = [];
  resumed.onEvent((event) => void (event.type === "output" && output.push(event.text)));
  await two.deliver(handle.id, 1, "go on");
  expect(await resumed.result).toMatchObject({ kind: "value" });
  await two.close();
  expect(output.join("")).toBe(`${pid}\ntrue\n`);
});

test.each([
  [{ mcp: {} }, /mcp must be written as \[\[mcp\]\]/],
  [{ mcp: [{ command: "x" }] }, /\[\[mcp\]\] 1: name must be a text/],
  [{ mcp: [{ name: "a" }] }, /command must be a text/],
  [{ mcp: [{ name: "a", transport: "pigeon" }] }, /transport must be "stdio" or "http", got "pigeon"/],
  [{ mcp: [{ name: "a", url: "ftp://x" }] }, /url must be an http or https URL/],
  [
    {
      mcp: [
        { name: "a", command: "x" },
        { name: "a", command: "y" },
      ],
    },
    /2: there is a server a already/,
  ],
])("%j is refused", (tables, problem) => {
  expect(() => declared("", tables)).toThrow(problem);
});
