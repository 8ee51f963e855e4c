/** The difference of two texts by lines: every line once, with a space, `-` or `+` in front (worker-runtime.md chapter 10). */

/** Edits beyond which the differing middle is shown as removed and added whole: what is looked at grows with their square. */
const MOST_EDITS = 2_000;

export interface DiffLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let tail = 0;
  while (
    tail < before.length - from &&
    tail < after.length - from &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ mark: " ", text }));
  return [
    ...same(before.slice(0, from)),
    ...middle(before.slice(from, before.length - tail), after.slice(from, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** The shortest edit script (Myers): `reach[k]` is how far into `a` one comes on diagonal k with so many edits; each step's is kept for the way back. */
function middle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const whole: readonly DiffLine[] = [
    ...a.map((text): DiffLine => ({ mark: "-", text })),
    ...b.map((text): DiffLine => ({ mark: "+", text })),
  ];
  if (a.length === 0 || b.length === 0) return whole;
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const steps: Int32Array[] = [];
  let last = new Int32Array([0, 0, 0]);
  for (let edits = 0; edits <= most; edits++) {
    // One place more on both sides than diagonals are used, so that neighbours can be looked at.
    const reach = new Int32Array(2 * edits + 5).fill(-1);
    for (let k = -edits; k <= edits; k += 2) {
      const at = (diagonal: number) => last[diagonal + edits + 1] ?? -1;
      let x = edits === 0 ? 0 : k === -edits || (k !== edits && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[k + edits + 2] = x;
      if (x >= a.length && x - k >= b.length) return wayBack(a, b, [...steps, reach], edits);
    }
    steps.push(reach);
    last = reach;
  }
  return whole;
}

function wayBack(a: readonly string[], b: readonly string[], steps: readonly Int32Array[], edits: number) {
  const lines: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let step = edits; step > 0; step--) {
    const before = steps[step - 1]!;
    const at = (diagonal: number) => before[diagonal + step + 1] ?? -1;
    const k = x - y;
    const down = k === -step || (k !== step && at(k - 1) < at(k + 1));
    const fromX = down ? at(k + 1) : at(k - 1);
    const startX = down ? fromX : fromX + 1;
    while (x > startX) {
      lines.push({ mark: " ", text: a[--x]! });
      y--;
    }
    if (down) lines.push({ mark: "+", text: b[--y]! });
    else lines.push({ mark: "-", text: a[--x]! });
  }
  while (x > 0) {
    lines.push({ mark: " ", text: a[--x]! });
    y--;
  }
  return lines.reverse();
}

const linesOf = (text: string) => (text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/));

/** With `--- a/PATH` and `+++ b/PATH` above; no hunk headers. */
export function unifiedDiff(path: string, before: string, after: string): string {
  const lines = diffLines(linesOf(before), linesOf(after)).map(({ mark, text }) => `${mark}${text}\n`);
  return `--- a/${path}\n+++ b/${path}\n${lines.join("")}`;
}
