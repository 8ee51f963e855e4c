/** Long output cut short: its beginning, its end, and the lines in between that say what went wrong. Lengths count bytes, as models are billed. */

/** Shorter limits leave no room for anything. */
const LEAST = 200;
const MOST_DIAGNOSTICS = 32;
/** For the marks between the parts. */
const MARKS = 64;
/** A part that is shorter says nothing. */
const LEAST_PART = 80;

export function microcompact(output: string, limit: number): string {
  const bytes = new TextEncoder().encode(output);
  if (bytes.length <= limit || limit < LEAST) return output;
  const found = output.split("\n").filter(isDiagnostic).slice(0, MOST_DIAGNOSTICS).join("\n");
  if (found !== "") {
    const keep = Math.floor(Math.max(0, limit - new TextEncoder().encode(found).length - MARKS) / 2);
    if (keep >= LEAST_PART && bytes.length > keep * 2) {
      const [head, tail] = ends(bytes, keep);
      return `${head}\n\n[diagnostic lines preserved]\n${found}\n\n[... output compacted ...]\n\n${tail}`;
    }
  }
  const [head, tail] = ends(bytes, Math.floor(limit / 2));
  const snipped = bytes.length - new TextEncoder().encode(head + tail).length;
  return `${head}\n\n[... ${snipped} characters snipped ...]\n\n${tail}`;
}

/** The first and the last `keep` bytes, cut at ends of lines where there are any. */
function ends(bytes: Uint8Array, keep: number): readonly [string, string] {
  const head = bytes.subarray(0, keep);
  const lineEnd = head.lastIndexOf(10);
  const tail = bytes.subarray(bytes.length - keep);
  const lineStart = tail.indexOf(10) + 1;
  return [
    decode(lineEnd >= 0 ? head.subarray(0, lineEnd + 1) : head),
    decode(lineStart < tail.length ? tail.subarray(lineStart) : tail),
  ];
}

/** A character that was cut in two is left out. */
function decode(bytes: Uint8Array): string {
  let from = 0;
  while (from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from++;
  return new TextDecoder().decode(bytes.subarray(from)).replace(/\ufffd$/, "");
}

const ALARM = /FAIL|panic|Panic/;
const PLACED = /^[^:]*:\d/;
const COMPLAINT =
  /error|undefined|expected|got|cannot find|not found|no such|unresolved|missing|declared but not used|unused|mismatch/;
const MARKED = / error |^(?:error|warning|note):|panic:/;

function isDiagnostic(line: string): boolean {
  const text = line.trim();
  const lower = text.toLowerCase();
  return ALARM.test(text) || MARKED.test(lower) || (PLACED.test(text) && COMPLAINT.test(lower));
}
