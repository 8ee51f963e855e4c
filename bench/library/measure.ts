/**
 * One case in a process of its own: `node measure.ts NAME_OF_CASE AGAINST` prints a line of JSON, `{harnMs, otherMs}`: the best round of each
 * side, which take turns in one process.
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
        const begun = performance.now();
        const outcome = await runtime.run({ code, cwd: folder }).result;
        const between = performance.now();
        const wanted = sides.twin(count);
        const ended = performance.now();
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
      harnMs: least(all.harn) - least(once.harn),
      otherMs: least(all.other) - least(once.other),
    };
  } finally {
    await runtime.close();
    fs.rmSync(folder, { recursive: true });
  }
}

interface Times {
  readonly harn: number[];
  readonly other: number[];
}

/** The best of them: whatever else the machine does only adds. */
const least = (times: readonly number[]): number => Math.min(...times);

const [name, against] = process.argv.slice(2);
const wanted = cases.find((one) => one.name === name && one.against === against);
if (wanted === undefined) throw new Error(`there is no case ${name} against ${against}`);
console.log(JSON.stringify(await measure(wanted)));
