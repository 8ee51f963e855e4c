/** A smaller text that still fails: leaves out ever smaller pieces as long as that helps, within a number of tries. */

const MOST_TRIES = 600;
const LONGEST_MS = 10_000;

export async function shrinkText(
  text: string,
  fails: (text: string) => Promise<boolean>,
  tries = MOST_TRIES,
): Promise<string> {
  const until = Date.now() + LONGEST_MS;
  let left = tries;
  let best = text;
  for (const split of [/(?<=\n)/, /(?<=[\s,(){}[\]])/, /(?:)/u]) {
    let pieces = best.split(split);
    let size = Math.max(1, pieces.length >> 1);
    for (;;) {
      let helped = false;
      for (let from = 0; from < pieces.length && left > 0 && Date.now() < until; ) {
        const without = pieces.toSpliced(from, size);
        left--;
        if (without.length < pieces.length && (await fails(without.join("")))) {
          pieces = without;
          helped = true;
        } else from += size;
      }
      if (left <= 0 || Date.now() >= until) break;
      if (size > 1) size >>= 1;
      else if (!helped) break;
    }
    best = pieces.join("");
  }
  return best;
}
