/**
 * Text that grows at its end, which alone is looked at: linear, however long it gets.
 *
 * Invariant: of many short pieces only the last ones are kept as they came: a string takes more room than the few characters in it, and one that was put together
 * keeps all that it was made of.
 */

const MOST_PIECES = 256;

export class Output {
  readonly #parts: string[] = [];
  #pieces: string[] = [];
  /** The last two characters. */
  #tail = "";

  add(text: string): void {
    if (text === "") return;
    this.#tail = text.length > 1 ? text.slice(-2) : (this.#tail + text).slice(-2);
    this.#pieces.push(text);
    if (this.#pieces.length < MOST_PIECES) return;
    this.#parts.push(this.#pieces.join(""));
    this.#pieces = [];
  }

  /** Nothing at the start of the text. */
  addBlankLine(): void {
    if (this.#tail === "" || this.#tail === "\n\n") return;
    this.add(this.#tail.endsWith("\n") ? "\n" : "\n\n");
  }

  text(): string {
    return this.#parts.join("") + this.#pieces.join("");
  }
}
