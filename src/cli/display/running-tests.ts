/** Which tests are running, on one line of a terminal that is taken back before anything else is written. Shown only when they take a while. */
import { cutTo, durationText } from "./cells.ts";
import { paint } from "./test-lines.ts";

/** Shorter tests are not worth a line. */
const PATIENCE_MS = 400;
const TICK_MS = 200;

export class RunningTests {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  readonly #color: boolean;
  readonly #since = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #shown = false;

  constructor(write: (text: string) => void, columns: () => number, color: boolean) {
    this.#write = write;
    this.#columns = columns;
    this.#color = color;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  started(test: string): void {
    this.#since.set(test, performance.now());
  }

  ended(test: string): void {
    this.#since.delete(test);
  }

  /** Before something is written. */
  clear(): void {
    if (this.#shown) this.#write("\r\u001b[2K");
    this.#shown = false;
  }

  close(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #tick(): void {
    const now = performance.now();
    const [first] = this.#since;
    if (first === undefined || now - first[1] < PATIENCE_MS) return;
    const others = this.#since.size > 1 ? ` and ${this.#since.size - 1} more` : "";
    const line = cutTo(`  …     ${first[0]}${others} (${durationText(now - first[1])})`, this.#columns() - 1);
    this.clear();
    this.#write(paint(line, "dim", this.#color));
    this.#shown = true;
  }
}
