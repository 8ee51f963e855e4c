/** A terminal that keeps what is written and reads from a list of lines. */
import type { TerminalPort } from "../terminal.ts";

export class MemoryTerminal implements TerminalPort {
  out = "";
  error = "";
  readonly isTty = { in: false, out: false, error: false };
  readonly color = false;
  /** Lines not read yet. */
  input: string[];

  constructor(input: readonly string[]) {
    this.input = [...input];
  }

  writeOut(text: string): void {
    this.out += text;
  }

  writeError(text: string): void {
    this.error += text;
  }

  async flush(): Promise<void> {}

  columns(): number {
    return 80;
  }

  async readLine(): Promise<string | null> {
    return this.input.shift() ?? null;
  }
}
