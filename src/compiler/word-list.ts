/** Words of 32 bits that become more: a list of JavaScript's while they are few, four bytes each when they are many, and nothing is ever copied to make room. */

const BITS = 12;
const SIZE = 1 << BITS;

export class WordList {
  #full: Int32Array[] = [];
  #last: number[] = [];

  get length(): number {
    return this.#full.length * SIZE + this.#last.length;
  }

  push(word: number): void {
    if (this.#last.length === SIZE) {
      this.#full.push(Int32Array.from(this.#last));
      this.#last = [];
    }
    this.#last.push(word);
  }

  get(at: number): number | undefined {
    const block = at >> BITS;
    return block < this.#full.length ? this.#full[block]![at & (SIZE - 1)] : this.#last[at - this.#full.length * SIZE];
  }

  set(at: number, word: number): void {
    const block = at >> BITS;
    if (block < this.#full.length) this.#full[block]![at & (SIZE - 1)] = word;
    else this.#last[at - this.#full.length * SIZE] = word;
  }

  /** All of them; the list is empty from then on. */
  take(): Int32Array {
    const words = new Int32Array(this.length);
    const full = this.#full;
    this.#full = [];
    words.set(this.#last, full.length * SIZE);
    this.#last = [];
    for (let block = full.length - 1; block >= 0; block--) words.set(full.pop()!, block * SIZE);
    return words;
  }
}
