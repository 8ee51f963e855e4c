/**
 * `harn watch FILE`: runs a program, and again whenever it or a module of it changes.
 *
 * Invariant: a change ends the run that is under way, in an orderly way, before the next begins.
 */

import path from "node:path";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { modulesOf } from "../../tools/test/test-file.ts";
import type { RunFlags } from "../command-line.ts";
import { openRuntime } from "../command-runtime.ts";
import { outputColor } from "../display/color.ts";
import { paint } from "../display/test-lines.ts";
import { chooseView, standardScreen } from "../display/view.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";
import { FileWatch } from "../file-watch.ts";
import { reportOutcome } from "../follow-run.ts";
import { projectExtensions } from "../run-extensions.ts";
import { denials } from "./run.ts";

const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

/** Ends with Ctrl-C. */
export async function watchProgram(file: string, args: readonly string[], flags: RunFlags): Promise<number> {
  const { files } = createNodePorts();
  const program = { path: path.resolve(file), name: file };
  if (files.statSync(program.path)?.kind !== "file") throw new UsageFailure(`there is no file ${file}`);
  let changed: ReadonlySet<string> = new Set();
  let ended = false;
  let stop = Promise.withResolvers<void>();
  const watch = new FileWatch((paths) => {
    changed = paths;
    stop.resolve();
  });
  const onSignal = () => {
    ended = true;
    stop.resolve();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    while (!ended) {
      stop = Promise.withResolvers<void>();
      watch.watch({ trees: new Set(), files: modulesOf(files, program) });
      if (process.stdout.isTTY) process.stdout.write(CLEAR);
      if (changed.size > 0) note(`changed: ${[...changed].map((one) => path.relative(process.cwd(), one)).join(", ")}`);
      const code = await runOnce(file, args, flags, stop.promise);
      if (code !== null && !ended) note(`ended with ${code}; waiting for a change, Ctrl-C ends`);
      await stop.promise;
    }
    return EXIT.interrupted;
  } finally {
    watch.close();
    process.removeListener("SIGINT", onSignal).removeListener("SIGTERM", onSignal);
  }
}

/** The exit code that the program would have; null: it was stopped. */
async function runOnce(
  file: string,
  args: readonly string[],
  flags: RunFlags,
  stop: Promise<void>,
): Promise<number | null> {
  const screen = standardScreen();
  const view = chooseView(screen, false);
  const runtime = openRuntime(flags.stateRoot);
  let stopped = false;
  try {
    const extensions = await projectExtensions(file);
    const handle = runtime.run({
      file,
      args,
      ...(extensions === undefined ? {} : { extensions }),
      ...denials(flags),
    });
    handle.onEvent((event) => view.event(event));
    void stop.then(() => {
      stopped = true;
      handle.cancel();
    });
    const outcome = await handle.result;
    view.end(handle.id, outcome);
    if (stopped) return null;
    return reportOutcome(outcome, { view, screen, resumeCommand: (run) => `harn resume ${run}` });
  } finally {
    view.close();
    await runtime.close();
  }
}

function note(line: string): void {
  process.stdout.write(`${paint(line, "dim", outputColor())}\n`);
}
