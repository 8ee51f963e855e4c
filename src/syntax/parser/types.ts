/** Productions for types: names with arguments, unions, shapes, functions, literal types; type parameters and `where`. */
import type { ShapeField, TypeExpr, TypeParam, WhereClause } from "../ast.ts";
import { exact, NONE, type ParserState } from "./state.ts";

/** `: type`, or null. */
export function parseTypeAnnotation(p: ParserState): TypeExpr | null {
  return p.accept(":") ? parseType(p) : null;
}

/** `-> type`, or null. */
export function parseResultType(p: ParserState): TypeExpr | null {
  return p.accept("->") ? parseType(p) : null;
}

export function parseType(p: ParserState): TypeExpr {
  p.enter();
  p.skipNewlines();
  const { start } = p;
  const members = [parseTypeMember(p)];
  while (p.accept("|")) members.push(parseTypeMember(p));
  p.leave();
  if (members.length === 1) return members[0]!;
  return { kind: "type-union", members: exact(members), start, end: p.end };
}

function parseTypeMember(p: ParserState): TypeExpr {
  p.skipNewlines();
  const start = p.current;
  switch (start.kind) {
    case "{":
      return parseShape(p);
    case "fn":
      return parseFnType(p);
    case "nil":
      p.skip();
      return { kind: "type-name", name: "nil", args: NONE, start: start.start, end: p.end };
    case "true":
    case "false":
      p.skip();
      return { kind: "type-name", name: "bool", args: NONE, start: start.start, end: p.end };
    case "string":
    case "raw-string":
      p.skip();
      return { kind: "type-string", value: String(start.value), start: start.start, end: p.end };
    case "int":
      p.skip();
      return { kind: "type-int", value: start.value as number | bigint, start: start.start, end: p.end };
    case "-":
      if (p.peekIs(1, "int")) {
        p.skip();
        const value = p.advance().value as number | bigint;
        return {
          kind: "type-int",
          value: typeof value === "bigint" ? -value : 0 - value,
          start: start.start,
          end: p.end,
        };
      }
  }
  const { name } = p.expectName("type name");
  if (name === "never" || !p.check("<")) return { kind: "type-name", name, args: NONE, start: start.start, end: p.end };
  const open = p.advance();
  const args = [parseType(p)];
  while (p.accept(",")) args.push(parseType(p));
  p.expectClose(">", open);
  return { kind: "type-name", name, args, start: start.start, end: p.end };
}

function parseFnType(p: ParserState): TypeExpr {
  const start = p.advance();
  const open = p.expect("(");
  const params: TypeExpr[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check(")")) {
    params.push(parseType(p));
    skipSeparator(p);
  }
  p.expectClose(")", open);
  p.expect("->");
  const result = parseType(p);
  return { kind: "type-fn", params: exact(params), result, start: start.start, end: p.end };
}

function parseShape(p: ParserState): TypeExpr {
  const open = p.advance();
  const fields: ShapeField[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    const name = p.expectNameOrKeyword("field name");
    const optional = p.accept("?");
    p.expect(":");
    const type = parseType(p);
    fields.push({ name, type, optional, start: name.start, end: p.end });
    skipSeparator(p);
  }
  p.expectClose("}", open);
  return { kind: "type-shape", fields: exact(fields), start: open.start, end: p.end };
}

/** Line breaks, one comma if there is one, line breaks: between the items of most lists. */
export function skipSeparator(p: ParserState): void {
  p.skipNewlines();
  if (p.accept(",")) p.skipNewlines();
}

/** `<T, in U, out V>`, or nothing. */
export function parseTypeParams(p: ParserState): readonly TypeParam[] {
  if (!p.check("<")) return NONE;
  const open = p.advance();
  const params: TypeParam[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check(">")) {
    const variance = parseVariance(p);
    params.push({ name: p.expectName("type parameter name"), variance });
    if (p.accept(",")) p.skipNewlines();
  }
  p.expectClose(">", open);
  return exact(params);
}

/** `out` is a marker only in front of a name; otherwise it is the parameter. */
function parseVariance(p: ParserState): TypeParam["variance"] {
  if (p.accept("in")) return "contravariant";
  if (p.checkWord("out") && p.peekIs(1, "name")) {
    p.skip();
    return "covariant";
  }
  return "invariant";
}

/** `where T: Bound, U: Bound`, or nothing. */
export function parseWhere(p: ParserState): readonly WhereClause[] {
  const clauses: WhereClause[] = [];
  if (!p.checkWord("where")) return exact(clauses);
  p.skip();
  do {
    p.skipNewlines();
    if (p.check("{") || p.atEnd) break;
    const param = p.expectName("type parameter name");
    p.expect(":");
    clauses.push({ param, bound: p.expectName("type bound") });
  } while (p.accept(","));
  return exact(clauses);
}
