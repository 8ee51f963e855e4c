/** Lists and dicts are values: programs that copy and change them print what a model prints that copies everything. */
import { describe, expect, it } from "vitest";
import { createNodePorts, createRuntime } from "../../src/hosts/node/index.ts";
import { Random } from "../fuzz/random.ts";
import { createEagerClock } from "./eager-clock.ts";
import { ValueProgram } from "./value-model.ts";

const SEED = 1;
const SECONDS = 1;
/** However slow the machine. */
const LEAST = 10;
const STATEMENTS = 14;
/** The first turns make code hot. */
const WAYS = [
  { tiering: "off", turns: 1, snapshotMode: false, waits: false },
  { tiering: "off", turns: 1, snapshotMode: true, waits: true },
  { tiering: "forced", turns: 2, snapshotMode: false, waits: false },
  { tiering: "forced", turns: 2, snapshotMode: true, waits: true },
  { tiering: "hot", turns: 260, snapshotMode: false, waits: false },
] as const;

describe("copies", () => {
  it.each(WAYS)("are copies, with generated code $tiering, rebuilt at each wait: $snapshotMode", async (way) => {
    const { tiering, turns, snapshotMode, waits } = way;
    const real = createNodePorts();
    const ports = { ...real, clock: createEagerClock(real.clock) };
    const runtime = createRuntime({ ports, performers: new Map(), volatile: true, tiering, snapshotMode });
    const until = Date.now() + SECONDS * 1_000;
    for (let number = 0; Date.now() < until || number < LEAST; number++) {
      const program = new ValueProgram(new Random(SEED, `values ${number}`), STATEMENTS);
      const code = program.code(turns, waits);
      const handle = runtime.run({ code, cwd: "/project" });
      let output = "";
      handle.onEvent((event) => {
        if (event.type === "output") output += String(event.text);
      });
      const outcome = await handle.result;
      expect(outcome, code).toMatchObject({ kind: "value" });
      expect(output.trimEnd(), code).toBe(program.expected);
    }
  });
});
