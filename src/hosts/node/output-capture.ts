/** Collects one output stream of a child up to a bound, and passes on whole characters as they come. */
import { StringDecoder } from "node:string_decoder";

export class OutputCapture {
  readonly #limit: number;
  readonly #onText: ((text: string) => void) | undefined;
  readonly #live = new StringDecoder("utf8");
  #kept: Buffer[] = [];
  #size = 0;
  truncated = false;

  constructor(limit: number, onText: ((text: string) => void) | undefined) {
    this.#limit = limit;
    this.#onText = onText;
  }

  add(bytes: Buffer): void {
    const room = this.#limit - this.#size;
    if (bytes.length > room) this.truncated = true;
    if (room > 0) {
      const part = bytes.length > room ? bytes.subarray(0, room) : bytes;
      this.#kept.push(part);
      this.#size += part.length;
    }
    this.#pass(this.#live.write(bytes));
  }

  /** The text so far; bytes that are no UTF-8 read as U+FFFD, and a character that the bound cut is left out. */
  end(): string {
    this.#pass(this.#live.end());
    const decoder = new StringDecoder("utf8");
    const text = decoder.write(Buffer.concat(this.#kept));
    return this.truncated ? text : text + decoder.end();
  }

  #pass(text: string): void {
    if (text !== "") this.#onText?.(text);
  }
}
