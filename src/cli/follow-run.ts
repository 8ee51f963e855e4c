/**
 * Follows one run to its end: shows what it does, takes Ctrl-C, and turns its outcome into messages and an exit code.
 *
 * Invariants
 * 1. The first signal stops the run in an orderly way and says, once, how to go on; the second ends the process at once.
 * 2. After a signal the exit code is 124, whatever the run made of it.
 */
import { renderDiagnostic } from "../base/diagnostic.ts";
import { unreachable } from "../base/unreachable.ts";
import type { RunHandle, RunOutcome } from "../runtime/index.ts";
import { explainHint } from "./display/explain-hint.ts";
import { renderProgramError } from "./display/program-error.ts";
import type { RunView, Screen } from "./display/view.ts";
import { EXIT } from "./exit-codes.ts";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** A terminal and a parent may both pass the same Ctrl-C on. */
const SAME_SIGNAL_MS = 100;

export interface FollowOptions {
  readonly view: RunView;
  readonly screen: Screen;
  /** Characters of output, from its start, that are not shown. */
  readonly skipOutput?: number;
  /** The program's text when it is no file. */
  readonly code?: string;
  /** With options that `harn resume` needs to find the run again. */
  readonly resumeCommand: (run: string) => string;
}

/** Answers the exit code. */
export async function followRun(handle: RunHandle, options: FollowOptions): Promise<number> {
  const { view } = options;
  let skip = options.skipOutput ?? 0;
  handle.onEvent((event) => {
    if (event.type === "output" && skip > 0) {
      const text = String(event.text);
      const left = text.slice(skip);
      skip = Math.max(0, skip - text.length);
      if (left !== "") view.event({ type: "output", text: left });
      return;
    }
    view.event(event);
  });

  let stoppedAt: number | null = null;
  let kept = false;
  const onSignal = () => {
    const now = performance.now();
    if (stoppedAt === null) {
      stoppedAt = now;
      kept = handle.durable;
      if (kept) {
        view.message(`interrupted: state saved, continue with \`${options.resumeCommand(handle.id)}\``);
        handle.interrupt();
      } else {
        view.message(
          "interrupted: the program is cancelled; nothing of it is kept (start it with --durable to be able to go on)",
        );
        handle.cancel();
      }
    } else if (now - stoppedAt > SAME_SIGNAL_MS) {
      view.close();
      process.exit(EXIT.interrupted);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const outcome = await handle.result;
    view.end(handle.id, outcome);
    if (stoppedAt !== null) return EXIT.interrupted;
    return reportOutcome(outcome, options);
  } finally {
    view.close();
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  }
}

function explain(problems: Extract<RunOutcome, { kind: "failed" }>["problems"], view: RunView): void {
  const hint = explainHint(problems.map(({ diagnostic }) => diagnostic.code));
  if (hint !== null) view.message(hint);
}

/** Says what came of a run, and answers the exit code. */
export function reportOutcome(outcome: RunOutcome, { view, screen, code }: FollowOptions): number {
  switch (outcome.kind) {
    case "value":
      return EXIT.ok;
    case "failed":
      if (outcome.problems.length === 0) view.message(renderProgramError(outcome, code, screen.color));
      for (const { path, text, diagnostic } of outcome.problems) {
        view.message(renderDiagnostic(diagnostic, { path, text, color: screen.color }));
      }
      explain(outcome.problems, view);
      return EXIT.failed;
    case "cancelled":
      view.message(`cancelled: ${outcome.reason}`);
      return EXIT.failed;
    case "exited":
      return outcome.code;
    case "interrupted":
      return EXIT.interrupted;
    case "fenced":
      view.message("error: another process has taken this run over; this one stopped");
      return EXIT.failed;
    default:
      return unreachable(outcome);
  }
}
