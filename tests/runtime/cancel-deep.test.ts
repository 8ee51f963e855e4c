/** A task with thousands of descendants, each of which waits for the next, is cancelled as a whole. */
import { expect, it } from "vitest";
import { createNodePerformers } from "../../src/hosts/node/effects/performers.ts";
import { createNodePorts } from "../../src/hosts/node/ports.ts";
import { createRuntime } from "../../src/runtime/index.ts";

const DEPTH = 20_000;
const code = `
fn nest(n, deepest) {
  if n == 0 {
    send(deepest, "here")
    sleep(1h)
  } else {
    let task = spawn {
      nest(n - 1, deepest)
    }
    await(task)
  }
}
pipeline default() {
  let deepest = channel("deepest", 1)
  let task = spawn {
    nest(${DEPTH}, deepest)
  }
  println(receive(deepest))
  cancel(task)
  println("cancelled")
}
`;

it.each(["off", "hot"] as const)("tiering %s", { timeout: 60_000 }, async (tiering) => {
  const runtime = createRuntime({
    ports: createNodePorts(),
    performers: createNodePerformers(),
    volatile: true,
    tiering,
  });
  const handle = runtime.run({ code });
  let output = "";
  handle.onEvent((event) => {
    if (event.type === "output") output += String(event.text);
  });
  expect(await handle.result).toMatchObject({ kind: "value" });
  expect(output).toBe("here\ncancelled\n");
});
