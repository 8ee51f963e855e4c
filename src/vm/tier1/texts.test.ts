/** Sums of texts are computed from their ends, and are the same in every tier. */
import { describe, expect, it } from "vitest";
import { createNodePerformers } from "../../hosts/node/effects/performers.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { createRuntime } from "../../runtime/index.ts";

const PROGRAM = `
fn word(i) {
  if i == 999 { throw "word " + to_string(i) }
  return "w" + to_string(i)
}

fn sums(count) {
  var text = "start"
  var other = ""
  for i in 0 to count exclusive {
    let before = text
    text = text + "a" + "b" + word(i) + "c"
    let twice = text + "x" + "y"
    other = other + before + text + "z"
    if len(other) > 500 { other = twice + "|" + "|" }
    text = "\${text}\${i}\${i + 1}\${i % 2 == 0}é"
    if len(text) > 300 { text = "again" }
  }
  return text + other
}

pipeline default() {
  for i in 0 to 300 exclusive { sums(10) }
  println(sums(30))
  println(try { sums(1000) } catch (e) { "caught " + e })
}`;

const modes = [
  { tiering: "off", snapshotMode: false },
  { tiering: "hot", snapshotMode: false },
  { tiering: "forced", snapshotMode: false },
] as const;

describe("sums of texts", () => {
  it("are the same in all tiers", { timeout: 60_000 }, async () => {
    const outputs: string[] = [];
    for (const mode of modes) {
      const ports = createNodePorts();
      const runtime = createRuntime({ ports, performers: createNodePerformers(), volatile: true, ...mode });
      const handle = runtime.run({ code: PROGRAM });
      const output: string[] = [];
      handle.onEvent((event) => {
        if (event.type === "output") output.push(String(event.text));
      });
      const outcome = await handle.result;
      expect(outcome).toMatchObject({ kind: "value" });
      outputs.push(output.join(""));
    }
    expect(outputs[0]).toContain("abw29c2930falseé");
    expect(outputs[0]).toContain("caught word 999");
    expect(outputs[1]).toBe(outputs[0]);
    expect(outputs[2]).toBe(outputs[0]);
  });
});
