/** A task with thousands of descendants, each of which waits for the next, is cancelled as a whole. */
import { expect, it } from "vitest";
import { tierOutput } from "../tier-output.ts";

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
  expect(await tierOutput(code, tiering)).toBe("here\ncancelled\n");
});
