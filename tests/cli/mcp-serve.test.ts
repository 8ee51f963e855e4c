/** `harn mcp-serve` as a client finds it: the client is another Harn program, and the protocol's own package. */
import fs from "node:fs";
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, root, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const SERVER = `pipeline default() {
  var tools = tool_define(tool_registry(), "greet", "Greets", {
    parameters: {name: {type: "string"}},
    annotations: {readOnlyHint: true},
    handler: { args ->
    sleep(2ms)
    println("greeting")
    return "Hello, " + args.name
  },
  })
  tools = tool_define(tools, "boom", "Fails", {parameters: {}, handler: { _args -> throw "no luck" }})
  tools = tool_define(tools, "facts", "Tells", {parameters: {}, returns: {type: "object"}, handler: { _args -> {a: 1} }})
  tools = tool_define(tools, "stuck", "Never ends", {parameters: {}, handler: { _args -> receive(channel("never", 0)) }})
  mcp_tools(tools)
  mcp_resource({uri: "docs://readme", name: "README", mime_type: "text/markdown", text: "# Hi"})
  mcp_resource_template({uri_template: "config://{section}/{key}", name: "Config", handler: { args -> args.section + "=" + args.key }})
  mcp_prompt({name: "review", arguments: [{name: "code", required: true}], handler: { args -> [
    {role: "user", content: "Review: " + args.code},
    {role: "assistant", content: "Gladly"},
  ] }})
  println("set up")
}
`;

const bin = path.join(root, "bin", "harn.js");

async function connected<T>(file: string, args: readonly string[], use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, "mcp-serve", file, ...args],
    cwd: work.folder,
    stderr: "ignore",
  });
  await client.connect(transport);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

describe("harn mcp-serve", () => {
  it("offers what the program gave to it, and runs its handlers, several at once", async () => {
    const file = work.at("server.harn");
    fs.writeFileSync(file, SERVER);
    await connected(file, ["--card", '{"name": "card"}'], async (client) => {
      expect(client.getServerVersion()).toMatchObject({ name: "server" });
      expect((await client.readResource({ uri: "well-known://mcp-card" })).contents).toMatchObject([
        { text: '{"name":"card"}' },
      ]);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["greet", "boom", "facts", "stuck"]);
      expect(tools[0]).toMatchObject({
        inputSchema: { required: ["name"] },
        annotations: { readOnlyHint: true },
      });
      const stuck = new AbortController();
      const never = client.callTool({ name: "stuck" }, undefined, { signal: stuck.signal });
      const both = await Promise.all(["a", "b"].map((name) => client.callTool({ name: "greet", arguments: { name } })));
      expect(both.map(({ content }) => content)).toEqual([
        [{ type: "text", text: "Hello, a" }],
        [{ type: "text", text: "Hello, b" }],
      ]);
      stuck.abort();
      await expect(never).rejects.toThrow();
      expect(await client.callTool({ name: "boom" })).toMatchObject({
        isError: true,
        content: [{ text: "no luck" }],
      });
      expect(await client.callTool({ name: "facts" })).toMatchObject({ structuredContent: { a: 1 } });
      await expect(client.callTool({ name: "greet" })).rejects.toThrow(/-32602: greet: at root: missing required key/);
      await expect(client.callTool({ name: "none" })).rejects.toThrow(/-32602: unknown tool: none/);
      expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([
        "docs://readme",
        "well-known://mcp-card",
      ]);
      expect((await client.readResource({ uri: "docs://readme" })).contents).toEqual([
        { uri: "docs://readme", mimeType: "text/markdown", text: "# Hi" },
      ]);
      expect((await client.readResource({ uri: "config://a/b%20c" })).contents[0]).toMatchObject({ text: "a=b c" });
      await expect(client.readResource({ uri: "x://y" })).rejects.toThrow(/-32002: resource not found/);
      expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);
      expect(await client.getPrompt({ name: "review", arguments: { code: "x" } })).toEqual({
        messages: [
          { role: "user", content: { type: "text", text: "Review: x" } },
          { role: "assistant", content: { type: "text", text: "Gladly" } },
        ],
      });
      await expect(client.getPrompt({ name: "review" })).rejects.toThrow(/the argument code is required/);
    });
  });

  it("is a server for Harn's own client, declared in harn.toml", async () => {
    fs.writeFileSync(work.at("server.harn"), SERVER);
    const args = JSON.stringify([bin, "mcp-serve", "server.harn"]);
    fs.writeFileSync(
      work.at("harn.toml"),
      `[[mcp]]\nname = "own"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${args}\n`,
    );
    fs.writeFileSync(work.at("main.harn"), 'println(mcp_call(mcp.own, "greet", {name: "you"}))\n');
    const { stdout, code } = await harn(["run", "main.harn"], { cwd: work.folder });
    expect([stdout, code]).toEqual(["Hello, you\n", 0]);
    fs.writeFileSync(
      work.at("greet_test.harn"),
      'pipeline test_greeting() {\n  assert_eq(mcp_call(mcp.own, "greet", {name: "you"}), "Hello, you")\n}\n',
    );
    const tested = await harn(["test", "greet_test.harn"], { cwd: work.folder });
    expect(tested.code, tested.stdout + tested.stderr).toBe(0);
  });

  it("says why a program cannot be served", async () => {
    fs.writeFileSync(work.at("bad.harn"), 'throw "not today"\n');
    const bad = await harn(["mcp-serve", "bad.harn"], { cwd: work.folder });
    expect([bad.code, bad.stdout]).toEqual([1, ""]);
    expect(bad.stderr).toContain("not today");
    fs.writeFileSync(work.at("empty.harn"), "println(1)\n");
    const empty = await harn(["mcp-serve", "empty.harn"], { cwd: work.folder });
    expect([empty.code, empty.stdout]).toEqual([0, ""]);
    expect(empty.stderr).toContain("offers nothing");
    const card = await harn(["mcp-serve", "empty.harn", "--card", "[]"], { cwd: work.folder });
    expect(card.code).toBe(1);
    expect(card.stderr).toMatch(/cannot read the card|no JSON object/);
  });
});
