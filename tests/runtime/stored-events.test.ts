/** What observers read from the store afterwards is what they were told while it ran. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { createRuntime, type RunEvent } from "../../src/hosts/node/index.ts";

const PROGRAM = `
llm_mock({text: "done", match: "*"})
println(llm_call("outside of any session", nil, {provider: "mock"}).text)
var workers = []
for i in 0 to 40 exclusive {
  workers = workers.push(sub_agent_run("job " + to_string(i), {background: true, provider: "mock"}))
}
wait_agent(workers)
llm_call("and again", nil, {provider: "mock"})
`;

it("stored events are the live ones, in order, from any offset on", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-events-"));
  const runtime = createRuntime({ stateRoot: folder });
  try {
    const run = runtime.run({ code: PROGRAM, cwd: folder, durable: true });
    const live: RunEvent[] = [];
    run.onEvent((event) => {
      if (event.type !== "output" && event.type !== "effect_progress") live.push(event);
    });
    expect(await run.result).toMatchObject({ kind: "value" });
    expect(live.length).toBeGreaterThan(200);
    expect(new Set(live.map((event) => ("session_id" in event ? event.session_id : "")))).toContain(null);
    expect(await runtime.events(run.id)).toEqual(live);
    for (const offset of [1, 49, 50, 51, 137, live.length]) {
      expect(await runtime.events(run.id, offset)).toEqual(live.slice(offset));
    }
  } finally {
    await runtime.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
