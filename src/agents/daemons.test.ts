/** A daemon that goes on in another program, from its files alone; and one whose process dies. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createRuntime } from "../hosts/node/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "harn-daemons-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const UNTIL = `
fn until(daemon, count) {
  var snapshot = daemon_snapshot(daemon)
  while snapshot.total_iterations < count || snapshot.daemon_state != "idle" {
    sleep(2ms)
    snapshot = daemon_snapshot(daemon)
  }
  return snapshot
}
`;

const texts = (output: readonly unknown[]) => output.map(String).join("");

test("another program resumes it: same identity, same conversation, its turns go on counting", async () => {
  const run = async (code: string) => {
    const runtime = createRuntime({ stateRoot: mkdtempSync(path.join(folder, "s-")) });
    const handle = runtime.run({ code: UNTIL + code, cwd: folder });
    const output: unknown[] = [];
    handle.onEvent((event) => void (event.type === "output" && output.push(event.text)));
    expect(await handle.result).toMatchObject({ kind: "value" });
    await runtime.close();
    return texts(output);
  };
  const first = await run(`
llm_mock({text: "ready"})
let daemon = daemon_spawn({name: "keeper", task: "Keep", provider: "mock", persist_path: "keeper"})
println(daemon.session_id)
daemon_stop(daemon)`);
  const second = await run(`
llm_mock({text: "went on"})
let daemon = daemon_resume("keeper")
println([daemon.name, daemon.session_id, daemon.daemon_state])
daemon_trigger(daemon, "more")
let snapshot = until(daemon, 2)
println(snapshot.recorded_messages.map({ m -> m.content }))
daemon_stop(daemon)`);
  expect(second).toBe(`[keeper, ${first.trim()}, idle]\n[Keep, ready, more, went on]\n`);
});

test("a run whose process dies while its daemon rests goes on with it", async () => {
  const stateRoot = mkdtempSync(path.join(folder, "s-"));
  const code = `${UNTIL}
llm_mock({text: "ready"})
llm_mock({text: "did it"})
let daemon = daemon_spawn({task: "Keep", provider: "mock", persist_path: "died"})
println("resting")
await_message()
daemon_trigger(daemon, "work")
println(until(daemon, 2).recorded_messages.map({ m -> m.content }))
println(daemon_stop(daemon).status)
`;
  const one = createRuntime({ stateRoot });
  const handle = one.run({ code, cwd: folder });
  const rests = Promise.withResolvers<void>();
  handle.onEvent((event) => void (event.type === "output" && rests.resolve()));
  await rests.promise;
  handle.interrupt();
  expect((await handle.result).kind).toBe("interrupted");
  await one.close();
  const two = createRuntime({ stateRoot });
  const resumed = two.resume(handle.id);
  const output: unknown[] = [];
  resumed.onEvent((event) => void (event.type === "output" && output.push(event.text)));
  await two.deliver(handle.id, 1, "go on");
  expect(await resumed.result).toMatchObject({ kind: "value" });
  await two.close();
  expect(texts(output)).toBe("resting\n[Keep, ready, work, did it]\nstopped\n");
});
