/** What a run stores of the secrets in its environment: references, never the values. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch, startHarn, until } from "./harn-process.ts";

const SECRET = 'sk-live-"quoted"/7f3a91c2';
const FORMS = [SECRET, JSON.stringify(SECRET).slice(1, -1), encodeURIComponent(SECRET)];

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const withSecret = () => ({ cwd: work.folder, env: { SERVICE_API_KEY: SECRET } });

/** Every file under the folder in which a form of the secret stands. */
function leaks(): readonly string[] {
  const files = fs.readdirSync(work.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => FORMS.some((form) => fs.readFileSync(path).includes(form)));
}

const PROGRAM = `
fn check(held, text, later) {
  sleep(1s)
  println([held.by_key.get(held.key), held.by_key.get("a" + held.key + "z"), held.by_key.c, len(held.pinned.keys())] == [1, {[held.key]: [2]}, {x: 3, y: 4}, 4])
  println([held.key == env("SERVICE_API_KEY"), text.contains(held.key), later() == held.key, len(text) > 5000])
}
pipeline default() {
  let key = env("SERVICE_API_KEY")
  llm_mock({tool_calls: [{name: "hand_over", arguments: {key: key}}]})
  llm_mock({text: "done", match: "*"})
  var tools = tool_registry()
  tools = tool_define(tools, "hand_over", "Hands the key to a child process.", {
    parameters: {key: "string"},
    repeatable: true,
    handler: { args -> exec("sh", "-c", "sleep 1; test \\"$1\\" = \\"$SERVICE_API_KEY\\" && printf equal", "sh", args.key).stdout }
  })
  let worker = sub_agent_run("use " + key, {background: true, provider: "mock", name: "with " + key, tools: tools})
  println("key: " + key)
  let by_key = {[key]: 1, ["a" + key + "z"]: {[key]: [2]}, b: {x: 1, y: 2}, c: {x: 3, y: 4}}
  check({key: key, list: [key, "x"], by_key: by_key, pinned: by_key}, json_stringify({k: key}).replace("\\\\", "") + key + "${"long ".repeat(1200)}", { -> key })
  let ended = wait_agent(worker)
  println([ended.status, json_stringify(llm_mock_calls()[1].messages).contains("equal")])
}
`;

describe("secrets of the environment", () => {
  it("are not in the store, and are back when the run goes on", async () => {
    work.write("main.harn", PROGRAM);
    const started = startHarn(["run", "--durable", "main.harn"], withSecret());
    await until(() => started.stdout().includes("key: ") || started.stderr() !== "");
    expect(started.stderr()).not.toContain("error");
    await new Promise((resolve) => setTimeout(resolve, 300));
    started.child.kill("SIGKILL");
    await started.done;
    expect(started.stdout()).toContain(`key: ${SECRET}`);
    expect(leaks()).toEqual([]);

    const [{ id }] = JSON.parse((await harn(["runs", "--json"], withSecret())).stdout);
    const without = await harn(["resume", id], { cwd: work.folder });
    expect(without.code).toBe(1);
    expect(without.stderr).toContain("the secret SERVICE_API_KEY is not set in this process");

    const resumed = await harn(["resume", id], withSecret());
    expect(resumed.stderr).toContain("[with [redacted]] completed");
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toBe("key: [redacted]\ntrue\n[true, true, true, true]\n[completed, true]\n");
    expect(leaks()).toEqual([]);
  });

  it("are not in what observers read", async () => {
    work.write("main.harn", PROGRAM);
    const result = await harn(["run", "--durable", "--json", "main.harn"], withSecret());
    const events = result.stdout.split("\n").filter((line) => line.includes('"type":"worker"'));
    expect(events.length).toBe(2);
    for (const form of FORMS) expect(events.join("\n")).not.toContain(form);
    expect(events.join("\n")).toContain("use [redacted]");
    const [{ id }] = JSON.parse((await harn(["runs", "--json"], withSecret())).stdout);
    for (const args of [["workers", "--json"], ["runs", "show", id, "--json"], ["workers"]]) {
      const shown = await harn(args, withSecret());
      for (const form of FORMS) expect(shown.stdout).not.toContain(form);
    }
  });
});
