/**
 * A scan of a project with many files, in a process of its own: `node scan.ts FOLDER` prints a line of JSON: folders found, time, the most memory, and the
 * longest time for which another fiber, which counts ticks of 5 ms, had to wait.
 */
import { createRuntime } from "../../src/hosts/node/index.ts";

export interface ScanMeasured {
  readonly folders: number;
  readonly ms: number;
  readonly mostMb: number;
  /** Of the event loop, in milliseconds. */
  readonly longestBlock: number;
  /** Turns that another fiber had meanwhile. */
  readonly ticks: number;
}

const [folder = ""] = process.argv.slice(2);
const runtime = createRuntime({ volatile: true });
const code = `
import "std/project"
pipeline default() {
  let ticks = atomic(0)
  let ticking = spawn {
    while true {
      sleep(5ms)
      atomic_add(ticks, 1)
    }
  }
  let found = project_walk_tree_native(${JSON.stringify(folder)}, {depth: nil})
  cancel(ticking)
  return [len(found), atomic_get(ticks)]
}
`;
let last = performance.now();
let longestBlock = 0;
const timer = setInterval(() => {
  const now = performance.now();
  longestBlock = Math.max(longestBlock, now - last - 1);
  last = now;
}, 1);
const started = performance.now();
last = started;
const outcome = await runtime.run({ code }).result;
const ms = performance.now() - started;
clearInterval(timer);
await runtime.close();
if (outcome.kind !== "value") throw new Error(JSON.stringify(outcome));
const [folders, ticks] = outcome.value as [number, number];
const measured: ScanMeasured = { folders, ms, mostMb: process.resourceUsage().maxRSS / 1024, longestBlock, ticks };
console.log(JSON.stringify(measured));
