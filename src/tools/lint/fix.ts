/**
 * Makes the changes that findings offer.
 *
 * Invariants
 * 1. Changes that touch each other are made one after the other, in rounds: each sees the text that the former left.
 * 2. What comes out has no syntax errors; if it had, nothing is changed at all.
 */
import { Failure } from "../../base/failure.ts";
import type { SourceFile } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";
import type { Edit, Finding } from "./finding.ts";

/** Each round mends at least one finding; more rounds than this do not happen to sane texts. */
const MOST_ROUNDS = 20;

export interface FixResult {
  readonly text: string;
  /** How many findings were mended. */
  readonly count: number;
}

/** `lint` gives the findings that are to be looked at. Throws a `Failure`, for a defect of ours, if the text would be broken. */
export function fixText(
  file: SourceFile,
  lint: (file: SourceFile) => readonly Finding[],
  withUnsafe: boolean,
): FixResult {
  let current = file;
  let count = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const fixes = lint(current).flatMap(({ fix }) => (fix && (fix.isSafe || withUnsafe) ? [fix.edits] : []));
    const chosen = withoutOverlaps(fixes);
    if (chosen.length === 0) break;
    const text = applyEdits(current.text, chosen.flat());
    const parsed = parseSource(file.path, text);
    if (parsed.diagnostics.some(({ severity }) => severity === "error")) {
      throw new Failure(`a fix would break ${file.path}: this is a defect of harn; the file was left as it is`);
    }
    current = parsed.file;
    count += chosen.length;
  }
  return { text: current.text, count };
}

/** The first of those that touch each other. */
function withoutOverlaps(fixes: readonly (readonly Edit[])[]): readonly (readonly Edit[])[] {
  const chosen: (readonly Edit[])[] = [];
  for (const edits of fixes) {
    const touches = chosen.some((other) => other.some((a) => edits.some((b) => a.start <= b.end && b.start <= a.end)));
    if (!touches) chosen.push(edits);
  }
  return chosen;
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = "";
  let end = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    out += text.slice(end, edit.start) + edit.replacement;
    end = edit.end;
  }
  return out + text.slice(end);
}
