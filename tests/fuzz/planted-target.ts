/** A target with known mistakes, to see that each is found. */
import type { Random } from "./random.ts";
import type { Target } from "./target.ts";

const WORDS = [..."abbbbbbcdefghijklmnopq", "crash", "crash", "eat"];
const MB = 1024 * 1024;

export const plantedTarget: Target = {
  loadsLate: false,
  measuresMemory: true,
  make: (random: Random) => Array.from({ length: 6 }, () => random.pick(WORDS)).join(" "),
  run(text) {
    const words = text.split(" ");
    if (words.includes("hang")) for (;;);
    // Not one block of bytes: the heap is what is limited.
    if (words.includes("eat")) return `ate ${Array.from({ length: 64 }, () => new Array(MB / 8).fill(0)).length}`;
    if (words.includes("crash") && words.includes("b")) throw new TypeError("planted");
    return "fine";
  },
  laws() {},
};
