/**
 * Times in records. This build writes RFC 3339; records of the reference hold seconds since the epoch as text, or a UUID of version 7 whose first
 * 48 bits are milliseconds. All three are understood, so that the order of time is the order of time (W-70).
 */

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/;

/** Milliseconds since the epoch; null: the text is no time. */
export function recordTime(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const uuid = UUID.exec(text);
  if (uuid !== null) return Number.parseInt(uuid[1]! + uuid[2]!, 16);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}
