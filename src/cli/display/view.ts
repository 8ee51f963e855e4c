/** What a person or a program sees of a run while it runs: one interface, three forms. */
import { isTerminal } from "../../hosts/node/is-terminal.ts";
import type { RunEvent, RunOutcome } from "../../runtime/index.ts";
import { errorColor } from "./color.ts";
import { EventLines } from "./event-lines.ts";
import { JsonLines } from "./json-lines.ts";
import { LiveTree } from "./live-tree.ts";
import { createStandardWriter } from "./standard-stream.ts";
import type { WorkerBoard } from "./worker-board.ts";

export interface RunView {
  event(event: RunEvent): void;
  /** A line for the person, beside the program's output. */
  message(line: string): void;
  /** Shows nothing until what it answers is called: someone else has the terminal. What comes meanwhile is shown then. */
  hold(): () => void;
  /** The run has ended; nothing is shown live any more. */
  end(run: string, outcome: RunOutcome): void;
  /** Leaves the terminal as it was. Also without `end`, and more than once. */
  close(): void;
}

/** The two streams, as the views need them. */
export interface Screen {
  writeOut(text: string): void;
  writeError(text: string): void;
  readonly outIsTty: boolean;
  readonly errorIsTty: boolean;
  /** Of the terminal behind the error stream. */
  columns(): number;
  rows(): number;
  readonly color: boolean;
}

/** `board`: what was known before; default: nothing. */
export function chooseView(screen: Screen, json: boolean, board: WorkerBoard | null = null): RunView {
  if (json) return new JsonLines(screen);
  if (screen.errorIsTty && process.env.TERM !== "dumb") return new LiveTree(screen, board);
  return new EventLines(screen, board);
}

/** The standard streams of this process. */
export function standardScreen(): Screen {
  return {
    writeOut: createStandardWriter(1),
    writeError: createStandardWriter(2),
    outIsTty: isTerminal(1),
    errorIsTty: isTerminal(2),
    columns: () => process.stderr.columns ?? 80,
    rows: () => process.stderr.rows ?? 24,
    color: errorColor(),
  };
}
