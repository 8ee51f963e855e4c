/** What differs between two texts, line by line. */

export interface DifferentLine {
  readonly kind: "same" | "expected" | "actual" | "skipped";
  readonly text: string;
}

/** Lines that stay the same around a difference. */
const AROUND = 2;
/** Above this product of lengths, what lies between the common ends is shown as a whole. */
const LARGEST = 4_000_000;

/** Expected lines before actual ones; long stretches that are the same are left out. Empty when nothing differs. */
export function lineDifference(expected: readonly string[], actual: readonly string[]): readonly DifferentLine[] {
  let start = 0;
  while (start < expected.length && start < actual.length && expected[start] === actual[start]) start++;
  let end = 0;
  const most = Math.min(expected.length, actual.length) - start;
  while (end < most && expected[expected.length - 1 - end] === actual[actual.length - 1 - end]) end++;
  if (start === expected.length && start === actual.length) return [];
  const same = (text: string): DifferentLine => ({ kind: "same", text });
  return shorten([
    ...expected.slice(0, start).map(same),
    ...between(expected.slice(start, expected.length - end), actual.slice(start, actual.length - end)),
    ...expected.slice(expected.length - end).map(same),
  ]);
}

function between(a: readonly string[], b: readonly string[]): readonly DifferentLine[] {
  if (a.length * b.length > LARGEST) {
    return [
      ...a.map((text) => ({ kind: "expected", text }) as const),
      ...b.map((text) => ({ kind: "actual", text }) as const),
    ];
  }
  // length[i][j]: how long the longest common sequence of a[i…] and b[j…] is.
  const width = b.length + 1;
  const length = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] =
        a[i] === b[j]
          ? length[(i + 1) * width + j + 1]! + 1
          : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
    }
  }
  const lines: DifferentLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i]! });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || length[(i + 1) * width + j]! >= length[i * width + j + 1]!)) {
      lines.push({ kind: "expected", text: a[i++]! });
    } else lines.push({ kind: "actual", text: b[j++]! });
  }
  return lines;
}

function shorten(lines: readonly DifferentLine[]): readonly DifferentLine[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind !== "same"),
  );
  const out: DifferentLine[] = [];
  for (let at = 0; at < lines.length; ) {
    if (near[at]) {
      out.push(lines[at++]!);
      continue;
    }
    let next = at;
    while (next < lines.length && !near[next]) next++;
    out.push(next - at === 1 ? lines[at]! : { kind: "skipped", text: `${next - at} lines that are the same` });
    at = next;
  }
  return out;
}
