/** Productions for the expressions that contain blocks: `if`, `match`, `try`, `retry`, `parallel`, `select` and their like. */
import type { Block, Expr, Ident, MatchArm, SelectCase } from "../ast.ts";
import { expectedOther } from "../problems.ts";
import type { Token } from "../tokens.ts";
import { parseExpression, parseUnary } from "./expressions.ts";
import { toMatchOption, toMatchPattern } from "./patterns.ts";
import { parsePrimary } from "./primaries.ts";
import { exact, NONE, type ParserState } from "./state.ts";
import { parseBlock, parseBlockRest } from "./statements.ts";
import { parseTypeAnnotation, skipSeparator } from "./types.ts";

/** A row of `else if`s is read in a loop: it is long rather than deep. */
export function parseIf(p: ParserState): Expr {
  const branches: { readonly start: Token; readonly condition: Expr; readonly body: Block }[] = [];
  let otherwise: Block | Expr | null = null;
  for (;;) {
    const start = p.advance();
    const condition = parseExpression(p);
    branches.push({ start, condition, body: parseBlock(p) });
    if (!p.checkAcross("else")) break;
    p.skip();
    if (!p.check("if")) {
      otherwise = parseBlock(p);
      break;
    }
    p.grow();
  }
  const [first, ...others] = branches;
  for (const branch of others.toReversed()) otherwise = ifNode(p, branch, otherwise);
  return ifNode(p, first!, otherwise);
}

function ifNode(
  p: ParserState,
  branch: { readonly start: Token; readonly condition: Expr; readonly body: Block },
  otherwise: Block | Expr | null,
): Expr {
  const { start, condition, body } = branch;
  return { kind: "if", condition, consequent: body, otherwise, start: start.start, end: p.end };
}

export function parseMatch(p: ParserState): Expr {
  const start = p.advance();
  const value = parseExpression(p);
  const open = p.expect("{");
  const arms: MatchArm[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    arms.push(parseMatchArm(p));
    p.skipNewlines();
  }
  p.expectClose("}", open);
  return { kind: "match", value, arms: exact(arms), start: start.start, end: p.end };
}

function parseMatchArm(p: ParserState): MatchArm {
  const { start } = p;
  const help = p.check(",") ? { help: "arms are not separated by commas" } : undefined;
  if (help) p.fail("expression", help);
  const options = [parseExpression(p)];
  while (p.accept("|")) options.push(parseExpression(p));
  const pattern =
    options.length === 1
      ? toMatchPattern(options[0]!)
      : { kind: "match-or" as const, options: options.map(toMatchOption), start, end: p.end };
  const guard = p.accept("if") ? parseExpression(p) : null;
  p.expect("->");
  const body = parseBlock(p, { help: "the body of an arm stands in braces: `pattern -> { … }`" });
  return { pattern, guard, body, start, end: p.end };
}

export function parseTry(p: ParserState): Expr {
  const start = p.advance();
  if (p.accept("*")) {
    p.enter();
    const value = parseUnary(p);
    p.grow();
    p.leave();
    return { kind: "try-star", value, start: start.start, end: p.end };
  }
  const body = parseBlock(p);
  const catches = p.checkAcross("catch") ? parseCatch(p) : null;
  let finallyBody: Block | null = null;
  if (p.checkAcross("finally")) {
    p.skip();
    finallyBody = parseBlock(p);
  }
  return { kind: "try", body, catch: catches, finally: finallyBody, start: start.start, end: p.end };
}

/** `catch { … }`, `catch e { … }`, `catch (e) { … }`, `catch (e: Type) { … }` */
function parseCatch(p: ParserState): NonNullable<Extract<Expr, { kind: "try" }>["catch"]> {
  p.skip();
  if (p.check("(")) {
    const open = p.advance();
    const name = p.expectName("error variable");
    const type = parseTypeAnnotation(p);
    p.expectClose(")", open);
    return { name, type, body: parseBlock(p) };
  }
  const name = p.check("name") ? p.expectName("error variable") : null;
  return { name, type: null, body: parseBlock(p) };
}

/** `retry (n) { … }` or `retry n { … }` */
export function parseRetry(p: ParserState): Expr {
  const start = p.advance();
  const count = parseNestedPrimary(p);
  const body = parseBlock(p);
  return { kind: "retry", count, body, start: start.start, end: p.end };
}

export function parseDeadline(p: ParserState): Expr {
  const start = p.advance();
  const duration = parseNestedPrimary(p);
  const body = parseBlock(p);
  return { kind: "deadline", duration, body, start: start.start, end: p.end };
}

function parseNestedPrimary(p: ParserState): Expr {
  p.enter();
  const expr = parsePrimary(p);
  p.leave();
  return expr;
}

export function parseSpawn(p: ParserState): Expr {
  const start = p.advance();
  const body = parseBlock(p);
  return { kind: "spawn", body, start: start.start, end: p.end };
}

export function parseMutex(p: ParserState): Expr {
  const start = p.advance();
  const body = parseBlock(p);
  return { kind: "mutex", body, start: start.start, end: p.end };
}

export function parseYield(p: ParserState): Expr {
  const start = p.advance();
  const value = p.nothingLeft || p.atNewline || p.check("}") ? null : parseExpression(p);
  return { kind: "yield", value, start: start.start, end: p.end };
}

// ---------------------------------------------------------------- parallel and select

type Parallel = Extract<Expr, { kind: "parallel" }>;

/** `parallel n { i -> … }`, `parallel each xs { x -> … }`, `parallel settle xs with { max_concurrent: n } { x -> … }` */
export function parseParallel(p: ParserState): Expr {
  const start = p.advance();
  const mode = p.checkWord("each") ? "each" : p.checkWord("settle") ? "settle" : "count";
  if (mode !== "count") p.skip();
  const over = parseExpression(p);
  const options = p.checkWord("with") ? parseParallelOptions(p) : NONE;
  const open = p.expect("{");
  p.skipNewlines();
  let variable: Ident | null = null;
  if (p.check("name") && p.peekIs(1, "->")) {
    variable = p.expectName("parallel variable");
    p.skip();
  }
  const body = parseBlockRest(p, open);
  return { kind: "parallel", mode, over, variable, options, body, start: start.start, end: p.end };
}

function parseParallelOptions(p: ParserState): Parallel["options"] {
  p.skip();
  const open = p.expect("{");
  const options: { readonly name: Ident; readonly value: Expr }[] = [];
  p.skipNewlines();
  while (!p.nothingLeft && !p.check("}")) {
    const name = p.expectName("option name in `parallel ... with { ... }` block", { reserved: false });
    if (name.name !== "max_concurrent") {
      const what = `known option (only \`max_concurrent\` is supported in \`parallel ... with { ... }\`; got \`${name.name}\`)`;
      const message = `Unknown option \`${name.name}\` of \`parallel\``;
      p.failWith(
        expectedOther(what, name.name, name, name.name, p.lines, {
          message,
          help: "the only option is `max_concurrent`",
        }),
      );
    }
    p.expect(":");
    options.push({ name, value: parseExpression(p) });
    skipSeparator(p);
  }
  p.expectClose("}", open);
  return exact(options);
}

/** At `select {`. The words `timeout` and `default` are names elsewhere. */
export function parseSelect(p: ParserState): Expr {
  const start = p.advance();
  const open = p.expect("{");
  const cases: SelectCase[] = [];
  let timeout: Extract<Expr, { kind: "select" }>["timeout"] = null;
  let defaultBody: Block | null = null;
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    if (p.checkWord("timeout")) {
      p.skip();
      const duration = parseExpression(p);
      timeout = { duration, body: parseBlock(p) };
    } else if (p.checkWord("default")) {
      p.skip();
      defaultBody = parseBlock(p);
    } else cases.push(parseSelectCase(p));
    p.skipNewlines();
  }
  p.expectClose("}", open);
  if (cases.length === 0 && !timeout && !defaultBody) {
    p.fail("at least one select case", {
      message: "A `select` needs at least one case",
      span: { start: start.start, end: p.end },
      label: "no case",
    });
  }
  if (timeout && defaultBody) {
    p.fail("select cannot have both timeout and default", {
      message: "A `select` cannot have both `timeout` and `default`",
      span: start,
      label: "has both",
      help: "`default` runs at once when nothing is ready, so `timeout` never would: remove one of them",
    });
  }
  return { kind: "select", cases: exact(cases), timeout, defaultBody, start: start.start, end: p.end };
}

/** `name from channel { … }` */
function parseSelectCase(p: ParserState): SelectCase {
  const { start } = p;
  const name = p.expectName("select case variable");
  p.expect("from");
  const channel = parseExpression(p);
  const body = parseBlock(p);
  return { name, channel, body, start, end: p.end };
}
