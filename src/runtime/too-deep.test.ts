/** What cannot be stored is told as an error of the program. */
import { describe, expect, it } from "vitest";
import { createNodePerformers } from "../hosts/node/effects/performers.ts";
import { createNodePorts } from "../hosts/node/ports.ts";
import { createRuntime } from "./index.ts";

const DEEP = `pipeline default() {
  var v: any = []
  for i in 0 to 300000 { v = [v] }
  sleep(1ms)
  println(len(v))
}`;

/** All of it is made within one turn: the clock that ends turns stands still. */
function run(snapshotMode: boolean) {
  const ports = createNodePorts();
  const clock = { ...ports.clock, monotonicMs: () => 0 };
  const runtime = createRuntime({
    ports: { ...ports, clock },
    performers: createNodePerformers(),
    volatile: true,
    snapshotMode,
    tiering: "off",
  });
  return runtime.run({ code: DEEP }).result;
}

describe("a value that is nested too deeply to be stored", () => {
  it("is no problem where nothing is stored", async () => {
    expect((await run(false)).kind).toBe("value");
  });

  it("ends the program with an error that says so", async () => {
    await expect(run(true)).rejects.toThrow("the program holds a value that is nested too deeply");
  });
});
