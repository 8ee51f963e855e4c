/** The `Retry-After` header: a number of seconds (fractions too) or an HTTP date. */

/** Milliseconds to wait; 0 for a moment that is past; null when the header says nothing that we understand. */
export function parseRetryAfter(value: string, nowMs: number): number | null {
  const trimmed = value.trim();
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return Math.max(0, Math.round(Number(trimmed) * 1000));
  // `Date.parse` takes almost anything; an HTTP date names a weekday and a month.
  if (!/^[A-Za-z]{3,9},? /.test(trimmed)) return null;
  const due = Date.parse(trimmed);
  return Number.isNaN(due) ? null : Math.max(0, due - nowMs);
}
