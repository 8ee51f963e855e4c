/**
 * Formats a part of a text, for editors: the statements that a range of lines touches, in the innermost block that holds all of them.
 *
 * Invariants
 * 1. What lies outside those statements stays as it is, byte for byte.
 * 2. Statements that share a line with others are formatted together with what is around them.
 */
import { indexLines } from "../../base/text.ts";
import type { Block, Expr, MatchArm, Stmt } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";
import { formatItems } from "./file.ts";
import { ensureSame, type FormatResult } from "./format.ts";
import { Layout } from "./layout.ts";
import { DEFAULT_FORMAT, type FormatOptions } from "./options.ts";
import { programDigest } from "./same-program.ts";
import { formatStmt } from "./statements.ts";

/** Lines from 1, both included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export function formatRange(
  path: string,
  text: string,
  range: LineRange,
  options: FormatOptions = DEFAULT_FORMAT,
): FormatResult {
  const { file, diagnostics } = parseSource(path, text);
  if (diagnostics.some(({ severity }) => severity === "error")) return { kind: "refused", diagnostics };
  const { starts } = indexLines(text);
  const from = starts[range.first - 1] ?? text.length;
  const to = starts[range.last] ?? text.length;
  const rows = touchedRows(text, file.items, 0, from, to);
  if (rows === null) return { kind: "formatted", text };
  const { stmts, level } = rows;
  const start = lineStart(text, stmts[0]!.start);
  const end = lineEnd(text, stmts.at(-1)!.end);
  const l = new Layout(file, options);
  // Comments above stay where they are.
  l.comments.take(0, start);
  const lines = () =>
    l.lines(
      stmts,
      { from: start, to: end, level },
      (stmt) => formatStmt(l, stmt, level, true),
      (stmt) => stmt,
    );
  const part = level === 0 ? formatItems(l, stmts, start, end) : l.at(level, lines);
  const formatted = text.slice(0, start) + part.replace(/\n$/, "") + text.slice(end);
  if (formatted !== text) ensureSame(path, programDigest(file), formatted);
  return { kind: "formatted", text: formatted };
}

interface Rows {
  readonly stmts: readonly Stmt[];
  readonly level: number;
}

/** The touched statements of the innermost block; null when none is touched. */
function touchedRows(text: string, stmts: readonly Stmt[], level: number, from: number, to: number): Rows | null {
  const touched = stmts.filter(({ start, end }) => start < to && end > from);
  if (touched.length === 0) return null;
  const [only, second] = touched;
  if (second === undefined && only!.start < from && only!.end > to) {
    for (const { block, deeper } of plainBlocks(only!)) {
      if (block.start >= from || block.end <= to) continue;
      const inner = touchedRows(text, block.stmts, level + deeper, from, to);
      if (inner !== null) return inner;
    }
  }
  return hasOwnLines(text, touched) ? { stmts: touched, level } : null;
}

/** Nothing but blanks in front of the first, nothing but a comment behind the last. */
function hasOwnLines(text: string, stmts: readonly Stmt[]): boolean {
  const { start } = stmts[0]!;
  const { end } = stmts.at(-1)!;
  const isAlone = text.slice(lineStart(text, start), start).trim() === "";
  return isAlone && /^\s*(\/\/.*|\/\*.*\*\/\s*)?$/.test(text.slice(end, lineEnd(text, end)));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at === -1 ? text.length : at;
}

interface PlainBlock {
  readonly block: Block;
  /** Levels from the statement to the block's statements. */
  readonly deeper: number;
}

/** The blocks of a statement whose statements are laid out like top-level ones. */
function plainBlocks(stmt: Stmt): readonly PlainBlock[] {
  switch (stmt.kind) {
    case "pipeline":
    case "fn":
    case "tool":
    case "override":
    case "for":
    case "while":
      return [{ block: stmt.body, deeper: 1 }];
    case "guard":
      return [{ block: stmt.elseBody, deeper: 1 }];
    case "impl":
      return stmt.methods.map((method) => ({ block: method.body, deeper: 2 }));
    case "expr":
      return plainBlocksOf(stmt.expr);
    default:
      return [];
  }
}

function plainBlocksOf(expr: Expr): readonly PlainBlock[] {
  const one = (block: Block): PlainBlock => ({ block, deeper: 1 });
  switch (expr.kind) {
    case "if": {
      const { otherwise } = expr;
      const rest = otherwise === null ? [] : otherwise.kind === "block" ? [one(otherwise)] : plainBlocksOf(otherwise);
      return [one(expr.consequent), ...rest];
    }
    case "try":
      return [expr.body, expr.catch?.body, expr.finally].flatMap((block) => (block ? [one(block)] : []));
    case "match":
      return expr.arms.map((arm: MatchArm) => ({ block: arm.body, deeper: 2 }));
    case "parallel":
    case "retry":
    case "deadline":
    case "mutex":
    case "spawn":
      return [one(expr.body)];
    default:
      return [];
  }
}
