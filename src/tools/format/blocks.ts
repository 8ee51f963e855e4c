/**
 * The layout of blocks and of the expressions that hold some.
 *
 * Invariant: a block comes in two layouts. As part of a statement that starts a line (`plain`) its statements are such statements
 * themselves. Inside an expression the level of what breaks stays that of the statement around the expression, and `else if` is
 * written as a block with an `if` in it.
 */
import { type Span, spanOf } from "../../base/span.ts";
import type { Block, Expr, MatchArm } from "../../syntax/ast.ts";
import { printAnnotation } from "../../syntax/printer/types.ts";
import { formatExpr, formatMatchPattern, formatOperand, inlineBody } from "./expressions.ts";
import type { Layout } from "./layout.ts";
import { formatStmt } from "./statements.ts";

/** `{`, the statements one level deeper than `level`, `}`. Comments up to `until` (default: its end) are printed in it. */
export function formatBody(l: Layout, body: Block, level: number, plain: boolean, until?: number): string {
  return `{\n${formatStmts(l, body, level, plain, body.start + 1, until)}${"  ".repeat(level)}}`;
}

/** Just the statements. `from`: where the comments begin that are theirs. */
export function formatStmts(
  l: Layout,
  body: Block,
  level: number,
  plain: boolean,
  from: number,
  until = body.end - 1,
): string {
  const inner = level + 1;
  const place = { from, to: until, level: inner };
  const print = () =>
    l.lines(
      body.stmts,
      place,
      (stmt) => formatStmt(l, stmt, inner, plain),
      (stmt) => stmt,
    );
  return plain ? l.at(inner, print) : print();
}

type If = Extract<Expr, { kind: "if" }>;

/** Inside expressions a longer row of `else if`s stays one: as blocks in blocks nobody could read it. */
const MOST_NESTED = 20;

export function formatIf(l: Layout, first: If, level: number, plain: boolean): string {
  const isRow = plain || rowLength(first) > MOST_NESTED;
  let out = "";
  let branch: If = first;
  for (;;) {
    const { condition, otherwise } = branch;
    const end = otherwise?.start;
    out += `if ${formatOperand(l, condition, { kind: "head" })} ${formatBody(l, branch.consequent, level, plain, end)}`;
    if (otherwise === null) return out;
    const next = otherwise.kind !== "block" ? otherwise : plain ? soleIf(l, otherwise) : null;
    if (next?.kind !== "if" || !isRow) return out + formatElse(l, otherwise, level, plain);
    out += " else ";
    branch = next;
  }
}

/** How many `if`s follow each other, the first included. */
function rowLength(first: If): number {
  let count = 1;
  for (let branch = first.otherwise; branch?.kind === "if"; branch = branch.otherwise) count++;
  return count;
}

/** The `if` that is all there is in a block. */
function soleIf(l: Layout, block: Block): If | null {
  const [only, second] = block.stmts;
  if (second !== undefined || only?.kind !== "expr" || only.expr.kind !== "if") return null;
  const { start, end } = only;
  return l.comments.has(block.start, start) || l.comments.has(end, block.end) ? null : only.expr;
}

function formatElse(l: Layout, otherwise: Block | Expr, level: number, plain: boolean): string {
  if (otherwise.kind === "block") return ` else ${formatBody(l, otherwise, level, plain)}`;
  const stmt = { kind: "expr", expr: otherwise, ...spanOf(otherwise) } as const;
  return ` else ${formatBody(l, { ...spanOf(otherwise), kind: "block", stmts: [stmt] }, level, plain, otherwise.end)}`;
}

export function formatTry(l: Layout, expr: Extract<Expr, { kind: "try" }>, level: number, plain: boolean): string {
  const { catch: handler, finally: last } = expr;
  const afterTry = handler?.body.start ?? last?.start;
  let out = `try ${formatBody(l, expr.body, level, plain, afterTry)}`;
  if (handler) {
    const variable = handler.name ? ` (${handler.name.name}${printAnnotation(handler.type)})` : "";
    out += ` catch${variable} ${formatBody(l, handler.body, level, plain, last?.start)}`;
  }
  return last ? `${out} finally ${formatBody(l, last, level, plain)}` : out;
}

export function formatMatch(l: Layout, expr: Extract<Expr, { kind: "match" }>, plain: boolean): string {
  const value = formatOperand(l, expr.value, { kind: "head" });
  const level = l.base + 1;
  const place = { from: expr.value.end, to: expr.end - 1, level };
  const print = () => l.lines(expr.arms, place, (arm) => formatArm(l, arm, level, plain));
  return `match ${value} {\n${plain ? l.at(level, print) : print()}${"  ".repeat(level - 1)}}`;
}

function formatArm(l: Layout, arm: MatchArm, level: number, plain: boolean): string {
  const guard = arm.guard ? ` if ${formatExpr(l, arm.guard)}` : "";
  const head = `${formatMatchPattern(l, arm.pattern)}${guard} ->`;
  const inline = inlineBody(l, arm.body);
  return `${head} ${inline === null ? formatBody(l, arm.body, level, plain) : `{ ${inline} }`}`;
}

export function formatParallel(l: Layout, expr: Extract<Expr, { kind: "parallel" }>, plain: boolean): string {
  const mode = expr.mode === "count" ? "" : `${expr.mode} `;
  const over = formatOperand(l, expr.over, { kind: "head" });
  // A list of that name, not the mode.
  const isMode = mode === "" && /^(each|settle)\b/.test(over);
  const options = expr.options.map((option) => `${option.name.name}: ${formatExpr(l, option.value)}`).join(", ");
  const settings = options && ` with { ${options} }`;
  const head = `parallel ${mode}${isMode ? `(${over})` : over}${settings} {${expr.variable ? ` ${expr.variable.name} ->` : ""}`;
  return `${head}${formatBody(l, expr.body, l.base, plain).slice(1)}`;
}

export function formatSelect(l: Layout, expr: Extract<Expr, { kind: "select" }>): string {
  const level = l.base + 1;
  const branches = expr.cases.map((one): Span & { readonly print: () => string } => ({
    ...spanOf(one),
    print: () =>
      `${one.name.name} from ${formatOperand(l, one.channel, { kind: "head" })} ${formatBody(l, one.body, level, false)}`,
  }));
  const { timeout, defaultBody } = expr;
  if (timeout) {
    const { duration, body } = timeout;
    branches.push({
      start: duration.start,
      end: body.end,
      print: () => `timeout ${formatOperand(l, duration, { kind: "head" })} ${formatBody(l, body, level, false)}`,
    });
  }
  if (defaultBody)
    branches.push({ ...spanOf(defaultBody), print: () => `default ${formatBody(l, defaultBody, level, false)}` });
  const lines = l.lines(branches, { from: expr.start, to: expr.end - 1, level }, ({ print }) => print());
  return `select {\n${lines}${"  ".repeat(l.base)}}`;
}
