/** Processes that count up one key of one store at the same time, each by `store_cas`. */
import fs from "node:fs";
import path from "node:path";
import { harn, scratch } from "../cli/harn-process.ts";

/** What the key holds in the end, and what went wrong. */
export async function countTogether(processes: number, each: number): Promise<{ n: unknown; problems: string[] }> {
  const work = scratch();
  try {
    const env = { HARN_STATE_DIR: path.join(work.folder, "state") };
    const program = path.join(import.meta.dirname, "increment.harn");
    const runs = await Promise.all(
      Array.from({ length: processes }, () => harn(["run", program, "--", String(each)], { cwd: work.folder, env })),
    );
    const problems = runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
    const held = JSON.parse(fs.readFileSync(path.join(work.folder, "state", "store.json"), "utf8")) as { n: unknown };
    return { n: held.n, problems };
  } finally {
    work.remove();
  }
}
