/** A program that writes to the store and to metadata, killed in the middle of it: what it said was written must be there. */
import fs from "node:fs";
import path from "node:path";
import { scratch, startHarn } from "../cli/harn-process.ts";

const program = path.join(import.meta.dirname, "write-on.harn");

interface Numbers {
  readonly n: number;
  readonly twice: number;
}

interface State {
  readonly state: Numbers & { readonly filling: string };
  readonly swapped: number;
}

export interface Killed {
  /** Writes that were said to be made, over all kills. */
  readonly written: number;
  readonly problems: readonly string[];
}

/** Kills so many processes, one after the other on the same store; each begins with what the one before it left. */
export async function killWriters(kills: number, onKill: (done: number) => void = () => {}): Promise<Killed> {
  const work = scratch();
  const state = path.join(work.folder, "state");
  const problems: string[] = [];
  let acknowledged = 0;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const last = await killOne(work.folder);
      problems.push(...last.problems);
      acknowledged = last.number ?? acknowledged;
      problems.push(...problemsOf(state, acknowledged).map((problem) => `kill ${kill}: ${problem}`));
      if (problems.length > 0) break;
      onKill(kill);
    }
  } finally {
    work.remove();
  }
  return { written: acknowledged, problems };
}

/** The last number that the program said before it was killed; null: none yet. */
async function killOne(folder: string): Promise<{ readonly number: number | null; readonly problems: string[] }> {
  const started = startHarn(["run", program], { cwd: folder, env: { HARN_STATE_DIR: path.join(folder, "state") } });
  // Only when it writes, then at any moment of a few writes.
  while (!started.stdout().includes("\n") && started.child.exitCode === null) await pause(1);
  await pause(Math.random() * 15);
  started.child.kill("SIGKILL");
  const { signal, stdout, stderr } = await started.done;
  const lines = stdout.split("\n").slice(0, -1);
  return {
    number: lines.length === 0 ? null : Number(lines.at(-1)),
    problems: signal === "SIGKILL" ? [] : [`the program ended by itself: ${stderr}`],
  };
}

function problemsOf(folder: string, acknowledged: number): string[] {
  try {
    return [
      ...storeProblems(read(path.join(folder, "store.json")) as State, acknowledged),
      ...metadataProblems(read(path.join(folder, "metadata/state/entries.json")), acknowledged),
    ];
  } catch (error) {
    return [String(error)];
  }
}

/** Null: the file is not there yet. */
function read(file: string): unknown {
  if (!fs.existsSync(file)) return null;
  const text = fs.readFileSync(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${String(error)}: ${text.slice(0, 100)}`);
  }
}

function metadataProblems(held: unknown, acknowledged: number): string[] {
  const saved = (held as { entries: { src: Numbers } } | null)?.entries.src ?? { n: 0, twice: 0 };
  const problems: string[] = [];
  if (saved.n < acknowledged) problems.push(`${acknowledged} was said to be saved, the metadata hold ${saved.n}`);
  if (saved.twice !== saved.n * 2) problems.push(`${JSON.stringify(saved)} is no metadata that was ever saved`);
  return problems;
}

function storeProblems(held: State, acknowledged: number): string[] {
  const { state, swapped } = held;
  const problems: string[] = [];
  if (state.n < acknowledged) problems.push(`${acknowledged} was said to be written, the store holds ${state.n}`);
  if (swapped < acknowledged) problems.push(`${acknowledged} was said to be swapped in, the store holds ${swapped}`);
  if (state.twice !== state.n * 2 || state.filling.length !== (state.n % 50) * 100)
    problems.push(`${JSON.stringify(state)} is no state that was ever written`);
  return problems;
}

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));
