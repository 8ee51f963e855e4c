/** A few seconds of `node tests/properties/tiers.ts`: rich programs give the same in all ways of running them. */
import { expect, it } from "vitest";
import { richProgram } from "../programs/rich-program.ts";
import { firstDifference, TierModes } from "./tier-modes.ts";

const SEED = 20_000_000;
const SECONDS = 5;
/** However slow the machine. */
const LEAST = 8;

it("generated programs do the same interpreted, as generated code, and rebuilt at each wait", async () => {
  const modes = new TierModes();
  const until = Date.now() + SECONDS * 1_000;
  let agreed = 0;
  for (let number = SEED; Date.now() < until || number < SEED + LEAST; number++) {
    const verdict = await modes.compare(richProgram(number));
    if (verdict.kind === "differs")
      expect.fail(`program ${number}, ${verdict.mode}: ${firstDifference(verdict)}\n${richProgram(number)}`);
    if (verdict.kind === "agrees") agreed++;
  }
  expect(agreed).toBeGreaterThan(0);
});
