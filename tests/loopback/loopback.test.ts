/** The loopback server itself: reading scripts, choosing rules, and the program as a process with its log. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { createProviders } from "../../src/llm/provider-registry.ts";
import { chatRequest, testDoors } from "./doors.ts";
import { patternFits, readChatRequest, ruleFits } from "./match.ts";
import { parseScript, type RuleMatch } from "./script.ts";
import { type Loopback, startLoopback } from "./server.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "loopback-"));
  cleanups.push(() => rmSync(path, { recursive: true }));
  return path;
}

const conversation = readChatRequest({
  model: "small-1",
  stream: true,
  messages: [
    { role: "system", content: "you are worker one" },
    { role: "user", content: "write a.txt" },
    { role: "assistant", content: null, tool_calls: [] },
    { role: "tool", tool_call_id: "c", content: "ok: a.txt" },
  ],
  tools: [{ type: "function", function: { name: "write_file" } }],
});

test.each<[RuleMatch, boolean]>([
  [{}, true],
  [{ last: "a.txt" }, true],
  [{ last: "ok: *" }, true],
  [{ last: "a.*" }, false],
  [{ lastRole: "tool", tool: "ok", user: "write*", firstUser: "a.txt", system: "worker one" }, true],
  [{ lastRole: "user" }, false],
  [{ any: "worker one" }, true],
  [{ any: "worker two" }, false],
  [{ turn: 1, messages: 3, minMessages: 3, toolResults: 1 }, true],
  [{ turn: 0 }, false],
  [{ minMessages: 4 }, false],
  [{ offers: "write_file", model: "small" }, true],
  [{ offers: "read_file" }, false],
])("%j fits: %s", (match, fits) => {
  expect(ruleFits(match, conversation)).toBe(fits);
});

test("patterns are literal but for the star", () => {
  expect(patternFits("a+b", "xa+bx")).toBe(true);
  expect(patternFits("a+*", "a+\nb")).toBe(true);
  expect(patternFits("a+*", "aab")).toBe(false);
});

test("scripts are JSON, a list or lines; errors name the place and the key", () => {
  const rule = '{"answer":{"text":"x"}}';
  expect(parseScript(`{"rules":[${rule}]}`, "s")).toHaveLength(1);
  expect(parseScript(`[${rule},${rule}]`, "s")).toHaveLength(2);
  expect(parseScript(`# note\n${rule}\n\n// note\n${rule}\n`, "s")).toHaveLength(2);
  expect(() => parseScript(`${rule}\n{"answr":{}}`, "s.jsonl")).toThrow(
    "s.jsonl:2: unknown key `answr`, expected one of name, match",
  );
  expect(() => parseScript(`${rule}\noops`, "s.jsonl")).toThrow("s.jsonl:2: expected a rule as one line of JSON");
  expect(() => parseScript('[{"answer":{"txt":1}}]', "s.json")).toThrow("s.json rule 1: answer: unknown key `txt`");
  expect(() => parseScript('[{"match":{}}]', "s.json")).toThrow(
    "s.json rule 1: expected `answer`, `refuse` or `deliver.hang`",
  );
  expect(() => parseScript("", "s.json")).toThrow("s.json: expected at least one rule");
});

const signal = new AbortController().signal;
const ask = async (server: Pick<Loopback, "url">, text: string, idempotencyKey = "k") => {
  const doors = testDoors({ LOCAL_LLM_BASE_URL: server.url });
  return (await createProviders().call(chatRequest(text, { idempotencyKey }), doors, { signal })).text;
};

test("a conversation is scripted by turn, whatever the order and however often it is asked", async () => {
  const server = await startLoopback({
    script: [
      { match: { firstUser: "worker 1", turn: 0 }, answer: { text: "one begins" } },
      { match: { firstUser: "worker 2", turn: 0 }, answer: { text: "two begins: {{last}}" } },
      { name: "spent", match: { any: "once" }, times: 1, answer: { text: "first" } },
      { match: { any: "once" }, answer: { text: "then" } },
    ],
  });
  cleanups.push(() => server.close());
  expect(await ask(server, "worker 2")).toBe("two begins: worker 2");
  expect(await ask(server, "worker 1")).toBe("one begins");
  expect(await ask(server, "worker 2")).toBe("two begins: worker 2");
  expect([await ask(server, "once"), await ask(server, "once")]).toEqual(["first", "then"]);
  await expect(ask(server, "nobody")).rejects.toThrow(/HTTP 400 .*no rule fits: nobody/);
  await server.ended(6);
  expect(server.requests.map(({ rule, outcome }) => [rule, outcome])).toEqual([
    ["2", "answered"],
    ["1", "answered"],
    ["2", "answered"],
    ["spent", "answered"],
    ["4", "answered"],
    [null, "no_rule"],
  ]);
});

test("failFirst counts for each idempotency key", async () => {
  const server = await startLoopback({
    script: [{ answer: { text: "ok" }, failFirst: { times: 1, refuse: { status: 503 } } }],
  });
  cleanups.push(() => server.close());
  await expect(ask(server, "x", "a")).rejects.toMatchObject({ category: "overloaded" });
  await expect(ask(server, "x", "b")).rejects.toMatchObject({ category: "overloaded" });
  expect([await ask(server, "x", "a"), await ask(server, "x", "b")]).toEqual(["ok", "ok"]);
});

test("a recorded body is sent as it is", async () => {
  const path = folder();
  const wire = [
    ': comment\r\ndata: {"id":"x","choices":[{"index":0,"delta":{"content":"re"},"finish_reason":null}]}\r\n\r\n',
    'event: message\r\ndata: {"id":"x",\r\ndata: "choices":[{"index":0,"delta":{"content":"corded"},"finish_reason":"stop"}]}\r\n\r\n',
    "data: [DONE]\r\n\r\n",
  ].join("");
  writeFileSync(join(path, "answer.sse"), wire);
  const server = await startLoopback({
    script: { folder: path, rules: [{ answer: { wireFile: "answer.sse" }, deliver: { chunkBytes: 1 } }] },
  });
  cleanups.push(() => server.close());
  expect(await ask(server, "x")).toBe("recorded");
});

test("as a program: prints its address, logs each request before it answers, says what is wrong", async () => {
  const path = folder();
  const script = join(path, "script.jsonl");
  const log = join(path, "log.jsonl");
  writeFileSync(
    script,
    '{"name":"greet","match":{"user":"hello"},"answer":{"text":"hi"}}\n{"deliver":{"hang":true}}\n',
  );
  const program = join(import.meta.dirname, "server.ts");
  const child = spawn(process.execPath, [program, "--script", script, "--log", log], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  cleanups.push(() => child.kill("SIGKILL"));
  const [url] = await new Promise<string[]>((resolve) => {
    const lines = createInterface({ input: child.stdout });
    lines.once("line", (line) => resolve([line]));
  });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await ask({ url: url! }, "hello", "effect-9")).toBe("hi");
  const requests = (await (await fetch(`${url}/requests`)).json()) as { key: string }[];
  expect(requests.map(({ key }) => key)).toEqual(["effect-9"]);
  child.kill("SIGTERM");
  await exited;
  const lines = readFileSync(log, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { event: "request", seq: 1, key: "effect-9", repeat: 0, rule: "greet", turn: 0, last: "hello" },
    { event: "end", seq: 1, key: "effect-9", outcome: "answered" },
  ]);

  writeFileSync(script, '{"answer":{"text":"x"}}\n{"nonsense":1}\n');
  const broken = spawn(process.execPath, [program, "--script", script], { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  broken.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  expect(await new Promise((resolve) => broken.once("close", resolve))).toBe(1);
  expect(complaint).toContain("script.jsonl:2: unknown key `nonsense`");
});
