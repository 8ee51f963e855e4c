/** `harn resume`: goes on with an interrupted run, or lists those that can be resumed. */
import type { RunEvent } from "../../runtime/index.ts";
import type { ResumeFlags } from "../command-line.ts";
import { findRun, openWatched } from "../command-runtime.ts";
import { TraceSummary } from "../display/trace-summary.ts";
import { chooseView, standardScreen } from "../display/view.ts";
import { WorkerBoard } from "../display/worker-board.ts";
import { followRun } from "../follow-run.ts";
import { resumeCommand } from "./run.ts";
import { listResumable } from "./runs.ts";

export async function resumeRun(name: string | undefined, flags: ResumeFlags): Promise<number> {
  if (name === undefined) return listResumable(flags);
  const screen = standardScreen();
  const board = new WorkerBoard();
  const view = chooseView(screen, flags.json ?? false, board);
  const runtime = openWatched(flags.stateRoot, view, screen);
  try {
    const { id } = await findRun(runtime, name);
    // What its workers did before, so that the tree goes on where it was.
    for (const event of await runtime.events(id)) board.apply(event as RunEvent, Date.now());
    const skipOutput = flags.tail ? (await runtime.output(id)).length : 0;
    const trace = flags.trace ? new TraceSummary() : null;
    const handle = runtime.resume(id);
    if (trace !== null) handle.onEvent((event) => trace.apply(event));
    const code = await followRun(handle, {
      view,
      screen,
      skipOutput,
      resumeCommand: (run) => resumeCommand(run, flags.stateRoot),
    });
    if (trace !== null) screen.writeError(trace.render());
    return code;
  } finally {
    await runtime.close();
  }
}
