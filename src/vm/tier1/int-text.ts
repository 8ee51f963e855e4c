/**
 * The texts of ints, put together from texts of three digits: V8 keeps the texts of some numbers and writes every other one outside of compiled code, which
 * takes several times as long.
 */
const GROUP = 1000;
const MILLION = GROUP * GROUP;

export class IntTexts {
  /** "0" to "999". */
  private readonly first: readonly string[] = Array.from({ length: GROUP }, (_, n) => `${n}`);
  /** The same filled up to three digits. */
  private readonly next: readonly string[] = this.first.map((text) => text.padStart(3, "0"));

  of(int: number): string {
    const { first, next } = this;
    if (!(int >= 0 && int < MILLION * GROUP)) return `${int}`;
    if (int < GROUP) return first[int]!;
    if (int < MILLION) {
      const thousands = (int / GROUP) | 0;
      return first[thousands]! + next[int - thousands * GROUP]!;
    }
    const millions = (int / MILLION) | 0;
    const rest = int - millions * MILLION;
    const thousands = (rest / GROUP) | 0;
    return first[millions]! + next[thousands]! + next[rest - thousands * GROUP]!;
  }
}
