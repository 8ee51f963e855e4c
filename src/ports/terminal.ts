/** The door to the terminal, or what stands in its place (pipe, file). */

export interface TerminalPort {
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Resolves when all that was written so far has been handed to the operating system. */
  flush(): Promise<void>;
  readonly isTty: { readonly in: boolean; readonly out: boolean; readonly error: boolean };
  /** Width of the output; 80 when unknown. */
  columns(): number;
  /** Whether colours are wanted: a terminal, and neither NO_COLOR nor TERM=dumb; FORCE_COLOR overrules. */
  readonly color: boolean;
  /** One line of input without its end; null at the end of input. Lines that come faster are kept. */
  readLine(signal?: AbortSignal): Promise<string | null>;
}
