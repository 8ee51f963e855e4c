/** SHA-256 (FIPS 180-4) in plain code: the in-memory doors may not reach for the host's. The constants are derived, not listed. */
import type { HashPort } from "../hash.ts";

export function createPlainHash(): HashPort {
  const primes = firstPrimes(64);
  const round = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
  const start = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  return {
    sha256: (content) =>
      digest(typeof content === "string" ? new TextEncoder().encode(content) : content, start, round),
  };
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

/** The first 32 bits behind the point. */
const fraction = (value: number) => ((value % 1) * 2 ** 32) >>> 0;

function digest(bytes: Uint8Array, start: Uint32Array, round: Uint32Array): string {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);

  const state = Uint32Array.from(start);
  const words = new Uint32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 64; i++) words[i] = i < 16 ? view.getUint32(block + i * 4) : extend(words, i);
    compress(state, words, round);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by));

function extend(words: Uint32Array, i: number): number {
  const [a, b] = [words[i - 15]!, words[i - 2]!];
  return (
    words[i - 16]! +
    (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) +
    words[i - 7]! +
    (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10))
  );
}

function compress(state: Uint32Array, words: Uint32Array, round: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const first =
      (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + round[i]! + words[i]!) | 0;
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = state[i]! + word;
  });
}
