/** An MCP server with bad habits, as its own process: `node odd-server-harness.ts HABIT`. For tests. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const habit = process.argv[2] ?? "none";
const send = (message: object) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

if (habit === "stubborn") {
  process.on("SIGTERM", () => undefined);
  setInterval(() => undefined, 1_000);
  // A child of its own, in its group.
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  process.stderr.write(`child ${child.pid}\n`);
}
if (habit === "mute") setInterval(() => undefined, 1_000);
if (habit === "dies") {
  process.stderr.write("cannot find my licence\n");
  process.exit(3);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line) as {
    readonly id?: number;
    readonly method: string;
    readonly params?: { readonly cursor?: string; readonly name?: string; readonly protocolVersion?: string };
  };
  if (habit === "mute") continue;
  switch (method) {
    case "initialize":
      if (habit === "talks") process.stdout.write("Welcome to my server!\n");
      send({
        id,
        result: {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: habit, version: "1" },
        },
      });
      break;
    case "tools/list": {
      const page = Number(params?.cursor ?? 0);
      const tool = { name: `tool_${page}`, inputSchema: { type: "object" } };
      send({
        id,
        result: { tools: [tool], ...(habit === "pages" && page < 2 ? { nextCursor: String(page + 1) } : {}) },
      });
      break;
    }
    case "tools/call":
      if (params?.name === "crash") process.exit(7);
      if (params?.name === "hang") break;
      if (params?.name === "env")
        send({ id, result: { content: [{ type: "text", text: process.env.ODD ?? "unset" }] } });
      else if (params?.name === "pid") {
        const text = String(process.pid);
        send({ id, result: { content: [{ type: "text", text }] } });
      } else if (params?.name === "many") {
        const content = [
          { type: "text", text: "a" },
          { type: "image", data: "AA==", mimeType: "image/png" },
        ];
        send({ id, result: { content } });
      } else send({ id, result: { content: [] } });
      break;
  }
}
