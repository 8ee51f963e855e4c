/** Productions for what names are bound by: binding patterns, parameters, and the patterns of `match`. */
import type { DictPatternField, Expr, Ident, ListPatternElement, MatchPattern, Param, Pattern } from "../ast.ts";
import type { TokenKind } from "../tokens.ts";
import { parseExpression } from "./expressions.ts";
import { exact, type ParserState } from "./state.ts";
import { parseTypeAnnotation } from "./types.ts";

/** What `let`, `var` and `for` bind: a name, `{a, b: c, ...rest}` or `[a, b, ...rest]`. */
export function parseBindingPattern(p: ParserState): Pattern {
  p.skipNewlines();
  if (p.check("{")) return parseDictPattern(p);
  if (p.check("[")) return parseListPattern(p);
  const { name, start, end } = p.expectName("variable name or destructuring pattern");
  return { kind: "pattern-name", name, start, end };
}

function parseDictPattern(p: ParserState): Pattern {
  const open = p.advance();
  const fields: DictPatternField[] = [];
  while (!p.atEnd && !p.check("}")) {
    const { start } = p;
    const rest = parseDots(p);
    const key = p.expectName(rest ? "rest variable name" : "field name");
    const alias = !rest && p.accept(":") ? p.expectName("alias name") : null;
    const defaultValue = !rest && p.accept("=") ? parseExpression(p) : null;
    fields.push({ key, alias, rest, defaultValue, start, end: p.end });
    if (rest) break;
    p.accept(",");
  }
  p.expectClose("}", open);
  return { kind: "pattern-dict", fields: exact(fields), start: open.start, end: p.end };
}

function parseListPattern(p: ParserState): Pattern {
  const open = p.advance();
  const elements: ListPatternElement[] = [];
  while (!p.atEnd && !p.check("]")) {
    const { start } = p;
    const rest = parseDots(p);
    const name = p.expectName(rest ? "rest variable name" : "element name");
    const defaultValue = !rest && p.accept("=") ? parseExpression(p) : null;
    elements.push({ name, rest, defaultValue, start, end: p.end });
    if (rest) break;
    p.accept(",");
  }
  p.expectClose("]", open);
  return { kind: "pattern-list", elements: exact(elements), start: open.start, end: p.end };
}

/** `...`, of which the first dot decides. */
function parseDots(p: ParserState): boolean {
  if (!p.accept(".")) return false;
  p.expect(".");
  p.expect(".");
  return true;
}

// ---------------------------------------------------------------- parameters

/** Names only, up to `)`: pipelines and overrides. */
export function parsePlainParams(p: ParserState): readonly Ident[] {
  const params: Ident[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check(")")) {
    params.push(p.expectName("parameter name", paramHelp(p, ")", params.length)));
    if (p.accept(",")) p.skipNewlines();
  }
  return exact(params);
}

/** Parameters with types and defaults, up to (not including) `end`. */
export function parseParams(p: ParserState, end: ")" | "->"): readonly Param[] {
  const params: Param[] = [];
  let seenDefault = false;
  p.skipNewlines();
  while (!p.atEnd && !p.check(end)) {
    const { start } = p;
    const rest = p.checkEllipsis();
    if (rest) for (let dots = 0; dots < 3; dots++) p.skip();
    const name = p.expectName("parameter name", rest ? {} : paramHelp(p, end, params.length));
    const type = parseTypeAnnotation(p);
    const defaultValue = p.accept("=") ? parseExpression(p) : null;
    if (defaultValue) seenDefault = true;
    else if (seenDefault && !rest) {
      p.fail("Required parameter cannot follow a parameter with a default value", {
        message: "A required parameter cannot follow a parameter with a default value",
        span: { start, end: p.end },
        label: "this parameter has no default value",
        help: "give it a default value too, or move it to the front",
      });
    }
    if (rest && !p.check(end)) {
      p.fail("Rest parameter must be the last parameter", {
        message: "A rest parameter must be the last parameter",
        span: { start, end: p.end },
        label: "nothing may follow this parameter",
      });
    }
    params.push({ name: name.name, nameStart: name.start, type, defaultValue, rest, start, end: p.end });
    if (p.accept(",")) p.skipNewlines();
  }
  return exact(params);
}

/** Between the last parameter and the end a line break needs a comma before it. */
function paramHelp(p: ParserState, end: TokenKind, count: number): { help?: string } {
  return count > 0 && p.atNewline && p.kind === end ? { help: "put a comma behind the last parameter" } : {};
}

// ---------------------------------------------------------------- match patterns

/** What the expression in front of `->` matches; see `MatchPattern`. */
export function toMatchPattern(expr: Expr): MatchPattern {
  const { start, end } = expr;
  switch (expr.kind) {
    case "name":
      return toInnerPattern(expr);
    case "property":
    case "method-call":
      return toEnumPattern(expr) ?? { kind: "match-value", value: expr, start, end };
    case "dict": {
      const fields = [];
      for (const entry of expr.entries) {
        const key = dictKeyText(entry.key);
        if (key === null) return { kind: "match-value", value: expr, start, end };
        fields.push({ key, pattern: toInnerPattern(entry.value), start: entry.start, end: entry.end });
      }
      return { kind: "match-dict", fields: exact(fields), start, end };
    }
    case "list": {
      const last = expr.items.at(-1);
      const rest = last?.kind === "spread" && last.value.kind === "name" ? last.value : null;
      const items = rest ? expr.items.slice(0, -1) : expr.items;
      return {
        kind: "match-list",
        elements: items.map(toInnerPattern),
        rest: rest && { name: rest.name, start: rest.start, end: rest.end },
        start,
        end,
      };
    }
    default:
      return { kind: "match-value", value: expr, start, end };
  }
}

/** One of `a | b`: names are values there, but `_` still matches anything. */
export function toMatchOption(expr: Expr): MatchPattern {
  if (expr.kind === "name" && expr.name === "_") return { kind: "match-wildcard", start: expr.start, end: expr.end };
  const bare = expr.kind === "property" ? toEnumPattern(expr) : null;
  return bare ?? { kind: "match-value", value: expr, start: expr.start, end: expr.end };
}

function toInnerPattern(expr: Expr): MatchPattern {
  const { start, end } = expr;
  if (expr.kind !== "name") return { kind: "match-value", value: expr, start, end };
  return expr.name === "_"
    ? { kind: "match-wildcard", start, end }
    : { kind: "match-name", name: expr.name, start, end };
}

function toEnumPattern(expr: Extract<Expr, { kind: "property" | "method-call" }>): MatchPattern | null {
  if (expr.object.kind !== "name" || expr.optional) return null;
  return {
    kind: "match-enum",
    enumName: { name: expr.object.name, start: expr.object.start, end: expr.object.end },
    variant: expr.kind === "property" ? expr.name : expr.method,
    args: expr.kind === "property" ? null : expr.args.map(toInnerPattern),
    value: expr,
    start: expr.start,
    end: expr.end,
  };
}

/** The key's text; null for a spread, or a key that must be computed. */
function dictKeyText(key: Extract<Expr, { kind: "dict" }>["entries"][number]["key"]): string | null {
  if (key === null) return null;
  if (key.kind === "key-name") return key.name;
  return key.expr.kind === "string" && key.expr.style !== "raw" ? key.expr.value : null;
}
