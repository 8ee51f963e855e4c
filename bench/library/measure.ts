/**
 * One case in a process of its own: `node measure.ts NAME_OF_CASE AGAINST` prints a line of JSON, `{harnMs, otherMs}`: milliseconds of the
 * processor that a round of each side took; they take turns in one process.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRuntime } from "../../src/hosts/node/index.ts";
import { type Case, cases, programOf } from "./cases.ts";

/** Before the measured ones. */
const WARM = 8;
const ROUNDS = 40;

export interface Measured {
  readonly harnMs: number;
  readonly otherMs: number;
}

async function measure(one: Case): Promise<Measured> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-library-"));
  const runtime = createRuntime({ volatile: true });
  try {
    const sides = await one.make(folder);
    const programs = [one.count + 1, 1].map((count) => ({
      count,
      code: programOf(sides, count),
      times: { harn: [], other: [] } as Times,
    }));
    for (let round = 0; round < WARM + ROUNDS; round++) {
      for (const { count, code, times } of programs) {
        const begun = cpuMs();
        const outcome = await runtime.run({ code, cwd: folder }).result;
        const between = cpuMs();
        const wanted = sides.twin(count);
        const ended = cpuMs();
        if (outcome.kind !== "value" || outcome.value !== wanted) {
          throw new Error(`${one.name}: Harn says ${JSON.stringify(outcome)}, JavaScript says ${wanted}`);
        }
        if (round < WARM) continue;
        times.harn.push(between - begun);
        times.other.push(ended - between);
      }
    }
    const [all, once] = programs.map(({ times }) => times) as [Times, Times];
    return {
      harnMs: mean(all.harn) - mean(once.harn),
      otherMs: mean(all.other) - mean(once.other),
    };
  } finally {
    await runtime.close();
    fs.rmSync(folder, { recursive: true });
  }
}

/** Of this thread, so that what else the machine does counts little. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

interface Times {
  readonly harn: number[];
  readonly other: number[];
}

/** The system counts in ticks, which are longer than a round: only the sum says something. */
const mean = (times: readonly number[]): number => times.reduce((sum, ms) => sum + ms, 0) / times.length;

const [name, against] = process.argv.slice(2);
const wanted = cases.find((one) => one.name === name && one.against === against);
if (wanted === undefined) throw new Error(`there is no case ${name} against ${against}`);
console.log(JSON.stringify(await measure(wanted)));
