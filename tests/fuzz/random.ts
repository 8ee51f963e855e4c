/**
 * Pseudo-random choices that a seed and a label decide wholly: input number 512 of a fuzz run is the same whoever makes it, and in whichever order.
 */

/** FNV-1a: spreads a label over 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export class Random {
  #state: number;

  constructor(seed: number, label: string) {
    this.#state = (hashText(label) ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
    this.bits();
  }

  /** 32 bits, by splitmix32. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** A whole number from 0 to `limit` − 1; 0 when the limit is 0. */
  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  /** From `low` to `high`, both possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Small numbers are likelier: each doubling of the size has the same chance. */
  skewed(limit: number): number {
    return Math.min(limit, Math.floor(2 ** ((this.bits() / 2 ** 32) * Math.log2(limit + 1)) - 1));
  }

  chance(probability: number): boolean {
    return this.bits() / 2 ** 32 < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("nothing to pick from");
    return items[this.below(items.length)]!;
  }
}
