/**
 * What store and metadata hold when many processes write to them and when one is killed: `npm run test:store-kill -- [--kills 200]`. Ends with status 1
 * when anything acknowledged is lost.
 */
import { parseArgs } from "node:util";
import { countTogether } from "./increments.ts";
import { killWriters } from "./kill-writes.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "200" } } });
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) {
  console.error(`--kills: expected a whole number from 1, found ${values.kills}`);
  process.exit(2);
}

const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const counted = await countTogether(8, 1_000);
console.log(`8 processes x 1,000 increments of one key: ${counted.n} (${seconds()})`);
const killed = await killWriters(kills, (done) => {
  if (done % 20 === 0) console.log(`${done} of ${kills} killed (${seconds()})`);
});
console.log(`${kills} kills in the middle of ${killed.written} acknowledged writes: ${killed.problems.length} wrong`);
const problems = [...counted.problems, ...killed.problems];
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 && counted.n === 8_000 ? 0 : 1);
