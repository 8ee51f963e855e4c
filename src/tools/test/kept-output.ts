/** What a test prints, as far as it is kept: the end of it. A test that prints without end does not fill the memory. */

const MOST_CHARACTERS = 1_000_000;

export class KeptOutput {
  #parts: string[] = [];
  #length = 0;
  #dropped = 0;

  add(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length <= MOST_CHARACTERS * 2) return;
    const all = this.#parts.join("");
    this.#parts = [all.slice(-MOST_CHARACTERS)];
    this.#dropped += all.length - MOST_CHARACTERS;
    this.#length = MOST_CHARACTERS;
  }

  text(): string {
    const kept = this.#parts.join("");
    return this.#dropped === 0 ? kept : `… ${this.#dropped} characters before\n${kept}`;
  }
}
