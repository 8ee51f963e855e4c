/** Takes `<think>…</think>` out of streamed text, also when a tag is split over deltas. Some open models write their reasoning there. */

const OPEN = "<think>";
const CLOSE = "</think>";

export interface SplitDelta {
  readonly text: string;
  readonly thinking: string;
}

export interface ThinkSplitter {
  push(delta: string): SplitDelta;
  /** What was held back because it could have been the start of a tag. An unclosed block is thinking to its end. */
  flush(): SplitDelta;
}

export function createThinkSplitter(): ThinkSplitter {
  let inside = false;
  let held = "";
  /** A closing tag came, and only line breaks since. */
  let afterBlock = false;

  const push = (delta: string): SplitDelta => {
    let rest = held + delta;
    held = "";
    let text = "";
    let thinking = "";
    while (rest !== "") {
      const tag = inside ? CLOSE : OPEN;
      const at = rest.indexOf(tag);
      const end = at >= 0 ? at : rest.length - tailThatBegins(rest, tag);
      const piece = rest.slice(0, end);
      if (inside) thinking += piece;
      else text += visible(piece);
      if (at < 0) {
        held = rest.slice(end);
        break;
      }
      afterBlock = inside;
      inside = !inside;
      rest = rest.slice(at + tag.length);
    }
    return { text, thinking };
  };

  // The line break between a block and the answer belongs to neither.
  const visible = (piece: string): string => {
    if (!afterBlock) return piece;
    const kept = piece.replace(/^\n+/, "");
    if (kept !== "") afterBlock = false;
    return kept;
  };

  const flush = (): SplitDelta => {
    const rest = held;
    held = "";
    return inside ? { text: "", thinking: rest } : { text: visible(rest), thinking: "" };
  };

  return { push, flush };
}

/** Length of the longest end of `text` that is a proper beginning of `tag`. */
function tailThatBegins(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
