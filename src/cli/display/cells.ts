/** Text in columns: made harmless for a terminal, cut and padded to a width. */
import { displayWidth } from "../../base/text.ts";

/** One line without control characters: names and tasks come from models. */
export function oneLine(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/** At most `width` columns, an ellipsis in the place of what was cut. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return "";
  let taken = "";
  let columns = 0;
  for (const char of text) {
    const wide = displayWidth(char);
    if (columns + wide > width - 1) break;
    taken += char;
    columns += wide;
  }
  return `${taken}…`;
}

export function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** `850 ms`, `4.2 s`, `3m07s`, `2h05m`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3_600)}h${two(Math.floor(seconds / 60) % 60)}m`;
}

/** `950`, `12.3k`, `4.1M`. */
export function countText(value: number): string {
  if (value < 1_000) return String(value);
  return value < 1_000_000 ? `${(value / 1_000).toFixed(1)}k` : `${(value / 1_000_000).toFixed(1)}M`;
}

/** Rows under their heads; all columns but the last are padded. The last is cut to `columns`, when given. */
export function renderTable(heads: readonly string[], rows: readonly (readonly string[])[], columns?: number): string {
  const all = [heads, ...rows.map((row) => row.map(oneLine))];
  const widths = heads.map((_, i) => Math.max(...all.map((row) => displayWidth(row[i] ?? ""))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  return all
    .map((row) => {
      const cells = row.map((cell, i) => {
        if (i < heads.length - 1) return padTo(cell, widths[i]!);
        return columns === undefined ? cell : cutTo(cell, Math.max(10, columns - before));
      });
      return `${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}
