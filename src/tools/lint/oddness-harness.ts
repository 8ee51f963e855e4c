/**
 * Writes programs oddly, for tests: what `harn lint --fix` mends is put in, without changing what the program does.
 */
import { forEachNode } from "../../check/walk.ts";
import type { Block, Expr, SourceFile, Stmt } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";
import type { Edit } from "./finding.ts";
import { SourceView } from "./source-view.ts";

/** `text` must be a formatted program. */
export function writeOddly(text: string, random: () => number): string {
  const { file } = parseSource("odd.harn", text);
  const source = new SourceView(file);
  const edits: Edit[] = [...oddCommas(file), ...oddDocs(text)].filter(() => random() < 0.7);
  const propose = (edit: Edit | null) => {
    if (edit !== null && random() < 0.5) edits.push(edit);
  };
  let count = 0;
  for (const item of file.items) {
    forEachNode(item, (node) => {
      // Code in texts is left alone.
      if (node.kind === "interpolation") return false;
      if (node.kind === "binding" && node !== item && !node.mutable && node.pattern.kind === "pattern-name") {
        propose({ start: node.start, end: node.start + 3, replacement: "var" });
      } else if (node.kind === "if") propose(comparison(source, node.condition));
      else if (node.kind === "binary") propose(ternary(source, node));
      else if (node.kind === "block") {
        propose(superfluous(source, node, count++));
        propose(elseBranch(source, node));
      }
      return true;
    });
  }
  return apply(text, edits);
}

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", ">", "<=", ">=", "in", "not in"]);

/** `c` as `(c) == true`, where it is a bool in any case. */
function comparison(source: SourceView, condition: Expr): Edit | null {
  if (condition.kind !== "binary" || !COMPARISONS.has(condition.op)) return null;
  const { start, end } = source.operand(condition);
  return { start, end, replacement: `(${source.text.slice(start, end)}) == true` };
}

/** `x ?? y` as a question for nil. */
function ternary(source: SourceView, expr: Extract<Expr, { kind: "binary" }>): Edit | null {
  const { op, left, right } = expr;
  if (op !== "??" || left.kind !== "name" || right.kind === "binary" || right.kind === "propagate") return null;
  const { start, end } = source.whole(expr);
  return { start, end, replacement: `(${left.name} == nil ? ${source.operandText(right)} : ${left.name})` };
}

/** A variable that nobody reads and a branch that does nothing, in front of a statement that is not the last. */
function superfluous(source: SourceView, block: Block, count: number): Edit | null {
  const [first, second] = block.stmts;
  if (first === undefined || second === undefined) return null;
  const lineStart = source.lineStart(first.start);
  const indent = source.text.slice(lineStart, first.start);
  if (indent.trim() !== "") return null;
  const lines = [`let spare_${count} = ${count}`, `if ${count} == 0 {`, "}"];
  return { start: lineStart, end: lineStart, replacement: lines.map((line) => `${indent}${line}\n`).join("") };
}

/** `if c { return a }` and `return b` behind it: the second in an `else`. */
function elseBranch(source: SourceView, block: Block): Edit | null {
  const [before, last] = block.stmts.slice(-2);
  if (before?.kind !== "expr" || before.expr.kind !== "if" || before.expr.otherwise !== null) return null;
  if (last?.kind !== "return" || !endsInReturn(before.expr.consequent.stmts)) return null;
  const between = source.text.slice(before.end, last.start);
  if (between.trim() !== "") return null;
  const body = source.text.slice(last.start, last.end);
  return { start: before.end, end: last.end, replacement: ` else {${between}${body}${between}}` };
}

function endsInReturn(stmts: readonly Stmt[]): boolean {
  return stmts.at(-1)?.kind === "return";
}

function oddCommas(file: SourceFile): readonly Edit[] {
  const { text } = file;
  const tokens = file.tokens.toArray();
  return tokens.flatMap((token, at) => {
    const next = tokens[at + 1];
    const closes =
      next !== undefined && [")", "]", "}"].includes(next.kind) && text.slice(token.end, next.start).includes("\n");
    return token.kind === "," && closes ? [{ start: token.start, end: token.end, replacement: "" }] : [];
  });
}

function oddDocs(text: string): readonly Edit[] {
  return Array.from(text.matchAll(/^\/\*\* (.*) \*\/$/gm), ({ 0: line, 1: doc, index }) => ({
    start: index,
    end: index + line.length,
    replacement: `/// ${doc}`,
  }));
}

/** The first of those that touch each other. */
function apply(text: string, edits: readonly Edit[]): string {
  let out = "";
  let end = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < end) continue;
    out += text.slice(end, edit.start) + edit.replacement;
    end = edit.end;
  }
  return out + text.slice(end);
}
