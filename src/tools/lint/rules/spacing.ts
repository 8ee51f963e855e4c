/** blank-line-between-items, trailing-comma. */
import { lineAt } from "../../../base/text.ts";
import type { Stmt } from "../../../syntax/ast.ts";
import type { TokenTable } from "../../../syntax/token-table.ts";
import { type LintContext, safeFix } from "../context.ts";
import type { RuleVisitor } from "../walk.ts";

export function spacingRules(c: LintContext): RuleVisitor {
  return {
    end() {
      checkBlankLines(c);
      checkCommas(c);
    },
  };
}

// ---------------------------------------------------------------- blank-line-between-items

function checkBlankLines(c: LintContext): void {
  const index = c.lines;
  const commented = new Set<number>();
  for (const { line, endLine } of c.comments) for (let at = line; at <= endLine; at++) commented.add(at);
  const { items } = c.file;
  items.forEach((item, at) => {
    const previous = items[at - 1];
    if (previous === undefined || !isSeparate(previous) || !isSeparate(item)) return;
    if (previous.kind === "import" && item.kind === "import") return;
    const endLine = lineAt(index, previous.end);
    const line = c.lineOf(item);
    let first = line;
    while (first - 1 > endLine && commented.has(first - 1)) first--;
    const start = index.starts[endLine];
    if (first > endLine + 1 || start === undefined) return;
    c.report(
      "blank-line-between-items",
      { start, end: start },
      "no blank line between two items",
      "insert one above the second item and its comments",
      line > endLine ? safeFix({ start, end: start, replacement: "\n" }) : null,
    );
  });
}

/** What has its own lines at the top level; statements of a script may stand together. */
function isSeparate(stmt: Stmt): boolean {
  if (stmt.kind === "import" || stmt.kind === "binding") return true;
  return "attributes" in stmt && stmt.attributes.length === 0;
}

// ---------------------------------------------------------------- trailing-comma

interface OpenBracket {
  readonly index: number;
  commas: boolean;
}

const CLOSERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

function checkCommas(c: LintContext): void {
  const { tokens } = c.file;
  const open: OpenBracket[] = [];
  let interpolations = 0;
  for (let index = 0; index < tokens.length; index++) {
    const kind = tokens.kind(index);
    if (kind === "interpolation-open") interpolations++;
    else if (kind === "interpolation-close") interpolations--;
    if (interpolations > 0) continue;
    if (kind === "(" || kind === "[" || kind === "{") open.push({ index, commas: false });
    else if (kind === ",") {
      const inner = open.at(-1);
      if (inner) inner.commas = true;
    } else if (kind in CLOSERS) {
      const bracket = open.pop();
      if (bracket !== undefined && tokens.kind(bracket.index) === CLOSERS[kind]) checkList(c, bracket, index);
    }
  }
}

function checkList(c: LintContext, { index, commas }: OpenBracket, closeIndex: number): void {
  const { tokens } = c.file;
  if (!commas || tokens.kind(closeIndex - 1) === ",") return;
  if (c.lineOf(tokens.at(closeIndex)) <= c.lineOf(tokens.at(index))) return;
  if (tokens.kind(index) === "{" && !isDict(tokens, index)) return;
  if (endsInRest(tokens, index, closeIndex)) return;
  const end = tokens.end(closeIndex - 1);
  c.report(
    "trailing-comma",
    { start: end, end },
    "no comma behind the last item of a list over several lines",
    "add one",
    safeFix({ start: end, end, replacement: "," }),
  );
}

/** `{ name: …` or `{ "text": …`: everything else is a block, or a closure. */
function isDict(tokens: TokenTable, open: number): boolean {
  const key = tokens.findKind(open + 1);
  return (key === "name" || key === "string") && tokens.findKind(open + 2) === ":";
}

/** The last item begins with `...`: behind a rest parameter no comma may stand. */
function endsInRest(tokens: TokenTable, open: number, close: number): boolean {
  let depth = 0;
  for (let at = close - 1; at > open; at--) {
    const kind = tokens.kind(at);
    if (kind in CLOSERS) depth++;
    else if (kind === "(" || kind === "[" || kind === "{") depth--;
    else if (kind === "," && depth === 0) return tokens.findKind(at + 1) === "." && tokens.findKind(at + 2) === ".";
  }
  return false;
}
