/**
 * On a terminal: the workers as a tree below the program's output, painted again as they go on.
 *
 * Invariants
 * 1. The tree stands below everything else. Before anything is written it is taken away, afterwards it is painted again.
 * 2. Nothing is painted before the first worker, so the output of a program without workers is untouched.
 * 3. The cursor is hidden only while the tree stands, and comes back however the process ends.
 * 4. No row is wider, and the tree never higher, than the terminal: what wraps could not be taken away.
 */
import { displayWidth } from "../../base/text.ts";
import type { RunEvent } from "../../runtime/index.ts";
import { countText, cutTo, durationText, oneLine, padTo } from "./cells.ts";
import { lineOf } from "./event-line.ts";
import type { RunView, Screen } from "./view.ts";
import { WorkerBoard, type WorkerRow } from "./worker-board.ts";

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const PAINT_MS = 100;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[0J";

export class LiveTree implements RunView {
  private readonly screen: Screen;
  private readonly board: WorkerBoard;
  /** Rows of the terminal that the tree takes now. */
  private height = 0;
  /** The program's last line, while it has no end yet. */
  private partial = "";
  /** The column at which that line goes on when the tree, which stands on the next one, has been taken away; -1: it does not. */
  private goesOnAt = -1;
  private timer: NodeJS.Timeout | null = null;
  private frame = 0;
  /** What is to be shown when whoever has the terminal gives it back; null: nobody has it. */
  private held: (() => void)[] | null = null;
  /** Since it was last painted. */
  private changed = false;
  private closed = false;
  private readonly toError = (text: string) => this.screen.writeError(text);
  private readonly onExit = () => this.close();

  constructor(screen: Screen, board: WorkerBoard | null) {
    this.screen = screen;
    this.board = board ?? new WorkerBoard();
  }

  event(event: RunEvent): void {
    if (event.type === "output") {
      this.output(String(event.text));
      return;
    }
    const row = this.board.apply(event, Date.now());
    if (
      event.type === "warning" ||
      (event.type === "tool_call_update" && (event as { status?: unknown }).status === "failed")
    ) {
      const line = lineOf(event, row);
      if (line !== null) this.message(line);
    }
    if (row === null) return;
    this.changed = true;
    this.animate();
  }

  message(line: string): void {
    this.above(() => {
      this.endPartial(this.toError);
      this.screen.writeError(`${line}\n`);
    });
  }

  hold(): () => void {
    this.clear();
    this.endPartial(this.toError);
    this.screen.writeError(SHOW_CURSOR);
    this.held = [];
    return () => {
      const held = this.held ?? [];
      this.held = null;
      if (this.timer !== null) this.screen.writeError(HIDE_CURSOR);
      for (const show of held) show();
      if (this.timer !== null && !this.closed) this.repaint();
    };
  }

  /** The tree as it is at the end stays above the prompt. */
  end(): void {
    this.close();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    const held = this.held ?? [];
    this.held = null;
    for (const show of held) show();
    if (this.timer !== null) clearInterval(this.timer);
    process.removeListener("exit", this.onExit);
    if (this.timer === null && this.height === 0) return;
    this.clear();
    this.paint();
    this.screen.writeError(SHOW_CURSOR);
  }

  private output(text: string): void {
    this.above(() => {
      this.screen.writeOut(text);
      this.partial = text.includes("\n") ? text.slice(text.lastIndexOf("\n") + 1) : this.partial + text;
    });
  }

  private endPartial(write: (text: string) => void): void {
    if (this.partial === "" || !this.screen.outIsTty) return;
    write("\n");
    this.partial = "";
  }

  private above(write: () => void): void {
    if (this.held !== null) {
      this.held.push(write);
      return;
    }
    const stood = this.height > 0;
    this.clear();
    write();
    if (stood && !this.closed) this.paint();
  }

  private animate(): void {
    if (this.closed) return;
    if (this.timer === null) {
      this.screen.writeError(HIDE_CURSOR);
      process.once("exit", this.onExit);
      this.timer = setInterval(() => {
        this.frame++;
        // What stands still is left alone: a person may be marking it.
        if (this.changed || this.board.running > 0) this.repaint();
      }, PAINT_MS);
      this.timer.unref();
    }
    if (this.height === 0) this.repaint();
  }

  private repaint(): void {
    if (this.held !== null) return;
    const pieces: string[] = [];
    this.clear((text) => pieces.push(text));
    this.paint((text) => pieces.push(text));
    // In one piece: a terminal that shows what comes between would flicker.
    this.screen.writeError(pieces.join(""));
  }

  private clear(write = this.toError): void {
    if (this.height === 0) return;
    const back = this.goesOnAt < 0 ? "" : `\u001b[1A\u001b[${this.goesOnAt}C`;
    write(`\r\u001b[${this.height}A${CLEAR_BELOW}${back}`);
    this.height = 0;
    this.goesOnAt = -1;
  }

  private paint(write = this.toError): void {
    if (this.board.size === 0 || this.held !== null) return;
    this.changed = false;
    if (this.partial !== "" && this.screen.outIsTty) {
      const width = displayWidth(this.partial, 8);
      if (width < this.screen.columns() && !/[\u0000-\u001f]/.test(this.partial)) {
        this.goesOnAt = width;
        write("\n");
      } else this.endPartial(write);
    }
    const rows = renderTree(this.board, {
      columns: this.screen.columns(),
      rows: Math.max(3, this.screen.rows() - 2),
      color: this.screen.color,
      nowMs: Date.now(),
      frame: this.frame,
    });
    write(rows.map((row) => `${row}\n`).join(""));
    this.height = rows.length;
  }
}

export interface TreeOptions {
  readonly columns: number;
  /** The most rows. */
  readonly rows: number;
  readonly color: boolean;
  readonly nowMs: number;
  readonly frame: number;
}

/** One row for the whole and one for each worker: sign, name, status, elapsed, tokens, last tool. */
export function renderTree(board: WorkerBoard, options: TreeOptions): readonly string[] {
  const all = board.tree();
  const running = board.running;
  const head = `workers: ${all.length - running} of ${all.length} done`;
  // The running ones matter when there is not room for all.
  const fitting = all.length <= options.rows - 1 ? all : keepRunning(all, options.rows - 2);
  const nameWidth = Math.min(32, Math.max(...fitting.map(({ row, depth }) => oneLine(row.name).length + depth * 2)));
  const rows = fitting.map(({ row, depth }) => renderRow(row, depth, nameWidth, options));
  const missing = all.length - fitting.length;
  return [cutTo(head, options.columns - 1), ...rows, ...(missing > 0 ? [`  … and ${missing} more`] : [])];
}

function keepRunning<T extends { readonly row: WorkerRow }>(all: readonly T[], room: number): readonly T[] {
  const running = all.filter(({ row }) => row.status === "running");
  const kept = new Set([...running, ...all.filter(({ row }) => row.status !== "running").reverse()].slice(0, room));
  return all.filter((item) => kept.has(item));
}

const SIGNS: Readonly<Record<string, readonly [sign: string, color: string]>> = {
  completed: ["✓", "32"],
  failed: ["✗", "31"],
  cancelled: ["-", "33"],
  interrupted: ["!", "33"],
};

function renderRow(row: WorkerRow, depth: number, nameWidth: number, options: TreeOptions): string {
  const [sign, color] =
    row.status === "running" ? [FRAMES[options.frame % FRAMES.length]!, "36"] : (SIGNS[row.status] ?? ["?", "33"]);
  const name = padTo(cutTo("  ".repeat(depth) + oneLine(row.name), nameWidth), nameWidth);
  const elapsed = durationText((row.finishedMs ?? options.nowMs) - row.startedMs);
  const tokens = row.inputTokens + row.outputTokens;
  const doing = row.waitsForApproval
    ? `waits for approval: ${row.lastTool ?? ""}`
    : row.lastTool === null
      ? ""
      : row.toolRunning
        ? `${row.lastTool} …`
        : row.lastTool;
  const rest = `${name}  ${padTo(row.status, 11)} ${elapsed.padStart(7)} ${(tokens === 0 ? "" : `${countText(tokens)} tok`).padStart(10)}  ${oneLine(doing)}`;
  const shown = cutTo(rest.trimEnd(), options.columns - 5);
  return `  ${options.color ? `\u001b[${color}m${sign}\u001b[0m` : sign} ${shown}`;
}
