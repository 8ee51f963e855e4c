/** Productions for the expressions that operators work on: literals, names, brackets, dicts and closures. */
import type { DictEntry, DictKey, Expr, StringPart } from "../ast.ts";
import { heredoc, strayInInterpolation } from "../problems.ts";
import type { Token } from "../tokens.ts";
import { parseDeadline, parseIf, parseMatch, parseParallel, parseRetry, parseSpawn, parseTry } from "./control.ts";
import { parseExpression } from "./expressions.ts";
import { parseParams } from "./patterns.ts";
import { exact, NONE, type ParserState } from "./state.ts";
import { parseBlock, parseBlockRest } from "./statements.ts";
import { skipSeparator } from "./types.ts";

export function parsePrimary(p: ParserState): Expr {
  if (p.atNewline) {
    p.fail("expression", {
      help: "an expression cannot go on after a line break here: break the line before the operator, or join lines with `\\`",
    });
  }
  const token = p.current;
  const { start, end } = token;
  switch (token.kind) {
    case "string":
      p.skip();
      return { kind: "string", value: String(token.value), style: isMulti(p, token) ? "multi" : "plain", start, end };
    case "raw-string":
      p.skip();
      return { kind: "string", value: String(token.value), style: "raw", start, end };
    case "string-open":
      return parseInterpolation(p);
    case "int":
      p.skip();
      return { kind: "int", value: token.value as number | bigint, start, end };
    case "float":
      p.skip();
      return { kind: "float", value: Number(token.value), start, end };
    case "duration":
      p.skip();
      return { kind: "duration", ms: Number(token.value), start, end };
    case "true":
    case "false":
      p.skip();
      return { kind: "bool", value: token.kind === "true", start, end };
    case "nil":
      p.skip();
      return { kind: "nil", start, end };
    case "name":
      p.skip();
      return { kind: "name", name: String(token.value), start, end };
    case "select":
      // `select(a, b)` is a call of the builtin of that name; `select { … }` is a statement.
      if (!p.peekIs(1, "(")) break;
      p.skip();
      return { kind: "name", name: "select", start, end };
    case "(": {
      p.skip();
      const expr = parseExpression(p);
      p.expectClose(")", token);
      return expr;
    }
    case "[": {
      p.skip();
      const items = parseItems(p, "]");
      p.expectClose("]", token);
      return { kind: "list", items, start: token.start, end: p.end };
    }
    case "{":
      return parseDictOrClosure(p);
    case "fn":
      return parseFnLiteral(p);
    case "parallel":
      return parseParallel(p);
    case "retry":
      return parseRetry(p);
    case "if":
      return parseIf(p);
    case "spawn":
      return parseSpawn(p);
    case "deadline":
      return parseDeadline(p);
    case "try":
      return parseTry(p);
    case "match":
      return parseMatch(p);
    case "error":
      // The lexer has reported it; whatever it was meant to be, it stood for a value.
      p.skip();
      return { kind: "nil", start, end };
    case "<":
      failHeredoc(p);
  }
  return p.fail("expression", { help: EXPRESSION_HELP[token.kind] });
}

const EXPRESSION_HELP: Readonly<Record<string, string>> = {
  mutex: "a `mutex` block is a statement, not a value",
  select: "a `select` block is a statement, not a value",
  import: "imports stand at the top of the file",
  pipeline: "pipelines stand at the top level of the file: a `}` may be missing above",
  "=": "to compare, write `==`",
};

/** `<<TAG` would begin a here-document, which only tool-call arguments of models may have. */
function failHeredoc(p: ParserState): void {
  if (p.peek(1).kind !== "<" || !p.peekIs(2, "name")) return;
  p.failWith(heredoc(p.current, p.lines));
}

function isMulti(p: ParserState, token: Token): boolean {
  return token.end - token.start >= 6 && p.text.startsWith('"""', token.start);
}

function parseInterpolation(p: ParserState): Expr {
  const start = p.advance();
  const parts: StringPart[] = [];
  while (!p.isAt("string-close")) {
    const token = p.advance();
    if (token.kind === "string-text") {
      if (token.value !== "") parts.push({ kind: "text", text: String(token.value) });
      continue;
    }
    if (p.isAt("interpolation-close")) {
      // Empty: the lexer has reported it.
      p.skipNewlines();
      p.skip();
      continue;
    }
    parts.push({ kind: "expr", expr: parseExpression(p) });
    p.skipNewlines();
    if (!p.isAt("interpolation-close")) p.failWith(strayInInterpolation(p.current, p.lines));
    p.skip();
  }
  const style = p.text.startsWith('"""', start.start) ? "multi" : "plain";
  p.skip();
  return { kind: "interpolation", parts: exact(parts), style, start: start.start, end: p.end };
}

/** Items of a list or of a call, up to (not including) `close`; a missing comma between two is tolerated, as in the reference. */
export function parseItems(p: ParserState, close: ")" | "]"): readonly Expr[] {
  const items: Expr[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check(close)) {
    items.push(p.check(".") && p.peekIs(1, ".") ? parseSpread(p) : parseExpression(p));
    skipSeparator(p);
  }
  return exact(items);
}

/** `...value` */
function parseSpread(p: ParserState): Expr {
  const start = p.advance();
  p.skip();
  p.expect(".");
  const value = parseExpression(p);
  return { kind: "spread", value, start: start.start, end: p.end };
}

// ---------------------------------------------------------------- braces

function parseDictOrClosure(p: ParserState): Expr {
  const isClosure = p.tokens.isArrowBrace(p.pos);
  const open = p.advance();
  p.skipNewlines();
  if (p.check("}")) {
    p.skip();
    return { kind: "dict", entries: NONE, start: open.start, end: p.end };
  }
  if (!isClosure) return { kind: "dict", entries: parseDictEntries(p, open), start: open.start, end: p.end };
  const params = parseParams(p, "->");
  p.expect("->");
  const body = parseBlockRest(p, open);
  return { kind: "closure", params, body, style: "arrow", start: body.start, end: body.end };
}

/** Behind `open`, to its `}`. */
export function parseDictEntries(p: ParserState, open: Token): readonly DictEntry[] {
  const entries: DictEntry[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    const { start } = p;
    if (p.checkEllipsis()) {
      for (let dots = 0; dots < 3; dots++) p.skip();
      const value = parseExpression(p);
      entries.push({ key: null, value, start, end: p.end });
    } else {
      const key = parseDictKey(p);
      p.expect(":");
      const value = parseExpression(p);
      entries.push({ key, value, start, end: p.end });
    }
    skipSeparator(p);
  }
  p.expectClose("}", open);
  return exact(entries);
}

function parseDictKey(p: ParserState): DictKey {
  const first = p.current;
  if (p.accept("[")) {
    const expr = parseExpression(p);
    p.expectClose("]", first);
    return { kind: "key-computed", expr, start: first.start, end: p.end };
  }
  if (p.check("string")) {
    p.skip();
    return { kind: "key-name", name: String(first.value), start: first.start, end: first.end };
  }
  const { name, start, end } = p.expectNameOrKeyword("dict key");
  return { kind: "key-name", name, start, end };
}

/** `fn(params) { … }` */
function parseFnLiteral(p: ParserState): Expr {
  const start = p.advance();
  const open = p.expect("(");
  const params = parseParams(p, ")");
  p.expectClose(")", open);
  const body = parseBlock(p);
  return { kind: "closure", params, body, style: "fn", start: start.start, end: p.end };
}
