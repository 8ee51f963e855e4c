/** Requests over real sockets: what the program sees, what the server saw, and how much is kept. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Failure } from "../../base/failure.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { createNodePerformers } from "../../hosts/node/effects/performers.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { createRuntime } from "../../runtime/index.ts";
import { httpPerformer } from "./performer.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const open: Server[] = [];
afterEach(async () => {
  await Promise.all(
    open.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

async function serve(answer: (seen: Seen, response: ServerResponse, count: number) => void) {
  const requests: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const seen = { method: request.method!, url: request.url!, headers: request.headers, body };
    requests.push(seen);
    answer(seen, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

async function run(code: string): Promise<string> {
  const runtime = createRuntime({ ports: createNodePorts(), performers: createNodePerformers() });
  const handle = runtime.run({ code });
  let printed = "";
  handle.onEvent((event) => {
    if (event.type === "output") printed += event.text;
  });
  const outcome = await handle.result;
  if (outcome.kind === "failed") throw new Error(`${outcome.message}\n${printed}`);
  return printed.trimEnd();
}

describe("a request", () => {
  it("carries method, headers, authorization and body; the answer comes with its headers", async () => {
    const { url, requests } = await serve((seen, response) => {
      response.writeHead(201, { "X-Seen": seen.method }).end(`got ${seen.body}`);
    });
    const program = `
      let r = http_post("${url}/a?b=c", "né", {headers: {"X-One": 1}, auth: {basic: {user: "ü", password: "p"}}})
      println([r.status, r.ok, r.body, r.headers["x-seen"]])
      println(http_request("delete", "${url}/d", {auth: {bearer: "t"}}).status)`;
    expect(await run(program)).toBe("[201, true, got né, POST]\n201");
    expect(requests[0]).toMatchObject({ method: "POST", url: "/a?b=c", body: "né" });
    expect(requests[0]!.headers).toMatchObject({
      "x-one": "1",
      authorization: `Basic ${Buffer.from("ü:p").toString("base64")}`,
    });
    expect(requests[1]).toMatchObject({ method: "DELETE", headers: { authorization: "Bearer t" } });
  });

  it("gives error statuses as answers", async () => {
    const { url } = await serve((_seen, response) => void response.writeHead(404).end("none"));
    expect(await run(`let r = http_get("${url}")\nprintln([r.status, r.ok, r.body])`)).toBe("[404, false, none]");
  });

  it("is tried again after a server error, and gives the last answer when all fail", async () => {
    const { url, requests } = await serve((_seen, response, count) => {
      response.writeHead(count < 3 ? 503 : 200).end(`answer ${count}`);
    });
    expect(await run(`println(http_post("${url}", "x", {retries: 5, backoff: 1}).body)`)).toBe("answer 3");
    expect(requests.map(({ body }) => body)).toEqual(["x", "x", "x"]);
    const failing = await serve((_seen, response, count) => void response.writeHead(500).end(`${count}`));
    expect(await run(`println(http_get("${failing.url}", {retries: 1, backoff: 1}).body)`)).toBe("2");
  });

  it("follows redirects as browsers do, at most so many", async () => {
    const other = await serve((_seen, response) => void response.end("other"));
    const { url, requests } = await serve((seen, response) => {
      if (seen.url === "/end") response.end(`${seen.method} ${seen.body}`);
      else if (seen.url === "/away") response.writeHead(302, { Location: other.url }).end();
      else if (seen.url === "/loop") response.writeHead(302, { Location: "/loop" }).end();
      else response.writeHead(seen.url === "/keep" ? 307 : 303, { Location: "/end" }).end();
    });
    const program = `
      println(http_post("${url}/turn", "b").body)
      println(http_post("${url}/keep", "b").body)
      println(http_get("${url}/away", {auth: {bearer: "secret"}}).body)
      println(http_get("${url}/turn", {follow_redirects: false}).status)
      println(try { http_get("${url}/loop", {max_redirects: 2}) })`;
    const lines = (await run(program)).split("\n");
    expect(lines.slice(0, 4)).toEqual(["GET ", "POST b", "other", "303"]);
    expect(lines[4]).toContain("more than 2 redirects");
    expect(requests.filter(({ url }) => url === "/loop")).toHaveLength(3);
    expect(other.requests[0]!.headers.authorization).toBeUndefined();
  });
});

describe("a server that does not behave", () => {
  it("hangs: the error is a timeout", async () => {
    const { url, requests } = await serve(() => {});
    const program = `
      try { http_get("${url}/slow", {timeout: 50, retries: 1, backoff: 1}) } catch (e) {
        println(error_category(e))
        println(e)
      }`;
    expect(await run(program)).toBe(
      `timeout\nError [timeout]: http: request failed: GET ${url}/slow: no whole answer within 50 ms`,
    );
    expect(requests).toHaveLength(2);
  });

  it("cuts the answer: not tried again, and said how far it came", async () => {
    const { url, requests } = await serve((_seen, response) => {
      response.writeHead(200, { "Content-Length": 100 }).write("half");
      setImmediate(() => response.destroy());
    });
    const printed = await run(`
      try { http_post("${url}", "x", {retries: 3, backoff: 1}) } catch (e) { println("\${error_category(e)} \${e}") }`);
    expect(printed).toMatch(/^transient_network .*the answer broke off after \d+ bytes/);
    expect(requests).toHaveLength(1);
  });

  it("sends without end: stopped at the limit", async () => {
    const { url } = await serve((_seen, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65536)));
        response.once("drain", more);
      };
      more();
    });
    expect(await run(`println(try { http_get("${url}", {max_bytes: 100000}) })`)).toContain(
      "the answer is longer than 100000 bytes",
    );
  });

  it("is not there: said without the query, tried as often as asked", async () => {
    const { url } = await serve(() => {});
    await new Promise((resolve) => open.pop()!.close(resolve));
    expect(await run(`println(try { http_get("${url}/x?key=hidden", {retries: 1, backoff: 1}) })`)).toBe(
      `Result.Err(Error [transient_network]: http: request failed: GET ${url}/x: connection refused (ECONNREFUSED))`,
    );
  });
});

describe("bad requests", () => {
  it.each([
    ['http_get("")', "http_get: URL is required"],
    ['http_request("", "http://x")', "http_request: method is required"],
    ['http_get("ftp://x")', "http: URL must start with http:// or https://, got 'ftp://x'"],
    ['http_get("http://[")', "http: invalid URL 'http://['"],
    ['http_request("A B", "http://x")', "http: invalid method 'A B'"],
    ['http_get("http://x", {body: "b"})', "http: a GET request takes no body"],
    ['http_get("http://x", {timeout: "soon"})', "http: option `timeout` must be a whole number, got string"],
    [
      'http_get("http://x", {headers: {"a b": 1}})',
      "http: invalid header 'a b': a name of letters, digits and dashes and a value of one line are expected",
    ],
  ])("%s", async (code, message) => {
    expect(await run(`println(try { ${code} })`)).toBe(`Result.Err(${message})`);
  });
});

describe("after a crash", () => {
  const perform = (args: JsonObject, note: Json | null, ports = createNodePorts()) =>
    httpPerformer.perform(
      { headers: [], body: null, timeout_ms: 5000, redirects: 0, max_bytes: 1000, repeatable: false, ...args },
      {
        effectId: "unit:1",
        again: true,
        note,
        signal: new AbortController().signal,
        note_: async () => {},
        emit: () => {},
        ports,
      },
    );

  it("what was begun is not done again unless it may be", async () => {
    const { url, requests } = await serve((_seen, response) => void response.end("done"));
    const lost = perform({ method: "POST", url, body: "x" }, { begun: true });
    await expect(lost).rejects.toThrow(/whether the server did it is not known/);
    await expect(lost).rejects.toBeInstanceOf(Failure);
    expect(requests).toHaveLength(0);
    expect(await perform({ method: "POST", url, body: "x" }, null)).toMatchObject({ response: { body: "done" } });
    expect(await perform({ method: "POST", url, repeatable: true }, { begun: true })).toMatchObject({
      response: { status: 200 },
    });
  });

  it("secrets are put in where the effect refers to them", async () => {
    const { url, requests } = await serve((_seen, response) => void response.end());
    const ports = createNodePorts();
    const environment = { ...ports.environment, get: (name: string) => (name === "A_KEY" ? "hush-hush" : undefined) };
    const value = { $text: ["Bearer ", { $secret: { env: "A_KEY" } }] };
    await perform({ method: "GET", url, headers: [["authorization", value]] }, null, { ...ports, environment });
    expect(requests[0]!.headers.authorization).toBe("Bearer hush-hush");
    const gone = { $text: [{ $secret: { env: "GONE_KEY" } }] };
    await expect(
      perform({ method: "GET", url, headers: [["a", gone]] }, null, { ...ports, environment }),
    ).rejects.toThrow("the secret GONE_KEY is not set in this process");
  });
});
