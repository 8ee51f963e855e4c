/** In a pipe: the program's output on stdout as it comes, and on stderr one plain line for each thing that a worker does. */
import type { RunEvent } from "../../runtime/index.ts";
import { lineOf } from "./event-line.ts";
import type { RunView, Screen } from "./view.ts";
import { WorkerBoard } from "./worker-board.ts";

export class EventLines implements RunView {
  private readonly screen: Screen;
  /** Made with the first event that is no output. */
  private board: WorkerBoard | null;

  constructor(screen: Screen, board: WorkerBoard | null) {
    this.screen = screen;
    this.board = board;
  }

  event(event: RunEvent): void {
    if (event.type === "output") {
      this.screen.writeOut(String(event.text));
      return;
    }
    this.board ??= new WorkerBoard();
    const row = this.board.apply(event, Date.now());
    const line = lineOf(event, row);
    if (line !== null) this.message(line);
  }

  message(line: string): void {
    this.screen.writeError(`${line}\n`);
  }

  hold(): () => void {
    return () => {};
  }

  end(): void {}

  close(): void {}
}
