/** Productions for declarations, their attributes and doc comments, and imports. */

import { spanOf } from "../../base/span.ts";
import type {
  Attribute,
  AttributeArg,
  Decl,
  EnumDecl,
  Expr,
  FnDecl,
  Ident,
  ImportDecl,
  InterfaceDecl,
  SkillDecl,
  Stmt,
  StructDecl,
} from "../ast.ts";
import { expectedOther } from "../problems.ts";
import type { Token } from "../tokens.ts";
import { docComment } from "../trivia.ts";
import { parseExpression } from "./expressions.ts";
import { parseParams, parsePlainParams } from "./patterns.ts";
import { exact, NONE, type ParserState } from "./state.ts";
import { parseBlock, parseBlockRest, parseStatement } from "./statements.ts";
import {
  parseResultType,
  parseType,
  parseTypeAnnotation,
  parseTypeParams,
  parseWhere,
  skipSeparator,
} from "./types.ts";

/** What every declaration begins with. */
interface Head {
  readonly attributes: readonly Attribute[];
  readonly doc: string | null;
  readonly isPub: boolean;
  /** Where its span starts. */
  readonly start: Token;
}

/** `import "path"` or `import { a, b } from "path"` */
export function parseImport(p: ParserState): ImportDecl {
  const start = p.advance();
  let names: Ident[] | null = null;
  if (p.check("{")) {
    const open = p.advance();
    names = [];
    p.skipNewlines();
    while (!p.atEnd && !p.check("}")) {
      names.push(p.expectName("import name"));
      skipSeparator(p);
    }
    p.expectClose("}", open);
    p.expect("from");
  }
  if (!p.check("string")) p.fail("import path string");
  const path = p.advance();
  return { kind: "import", names, path: String(path.value), pathSpan: spanOf(path), start: start.start, end: p.end };
}

// ---------------------------------------------------------------- attributes

/** `@name(args)` lines and the declaration below them. */
export function parseAttributed(p: ParserState): Stmt {
  const start = p.current;
  const attributes: Attribute[] = [];
  while (p.check("@")) {
    attributes.push(parseAttribute(p));
    p.skipNewlines();
  }
  const first = p.current;
  switch (first.kind) {
    case "pub":
    case "fn":
    case "tool":
    case "skill":
    case "type":
    case "enum":
    case "struct":
    case "interface":
    case "impl":
    case "pipeline":
      return parseDeclaration(p, start, attributes);
  }
  const stmt = parseStatement(p);
  return p.failWith(
    expectedOther(
      "fn/tool/skill/pipeline/struct/enum/type/interface/impl declaration after `@attr`",
      "non-declaration statement",
      stmt,
      "a statement",
      p.lines,
      {
        message: "An attribute needs a declaration below it",
        span: first,
        label: "this is no declaration that can have one",
      },
    ),
  );
}

function parseAttribute(p: ParserState): Attribute {
  const start = p.advance();
  const name = p.expectName("attribute name");
  const args: AttributeArg[] = [];
  if (p.check("(")) {
    const open = p.advance();
    while (!p.check(")")) {
      args.push(parseAttributeArg(p));
      if (!p.accept(",")) break;
      p.skipNewlines();
    }
    p.expectClose(")", open);
  }
  return { name, args: exact(args), start: start.start, end: p.end };
}

function parseAttributeArg(p: ParserState): AttributeArg {
  const start = p.current;
  let name: Ident | null = null;
  if (p.check("name") && p.peekIs(1, ":")) {
    name = p.expectName("argument name");
    p.skip();
  }
  const value = parseAttributeValue(p);
  return { name, value, start: start.start, end: p.end };
}

/** A literal or a bare name: attributes are read without running anything. */
function parseAttributeValue(p: ParserState): Expr {
  const token = p.current;
  const { start, end } = token;
  if (p.accept("-")) {
    const number = p.current;
    if (!p.check("int") && !p.check("float")) p.fail("number after '-' in attribute argument");
    p.skip();
    if (number.kind === "float") return { kind: "float", value: -Number(number.value), start: token.start, end: p.end };
    const value = number.value as number | bigint;
    return { kind: "int", value: typeof value === "bigint" ? -value : 0 - value, start: token.start, end: p.end };
  }
  if (p.atNewline) p.fail("attribute argument value (literal or identifier)");
  switch (token.kind) {
    case "string":
      p.skip();
      return {
        kind: "string",
        value: String(token.value),
        style: p.text.startsWith('"""', token.start) ? "multi" : "plain",
        start,
        end,
      };
    case "raw-string":
      p.skip();
      return { kind: "string", value: String(token.value), style: "raw", start, end };
    case "int":
      p.skip();
      return { kind: "int", value: token.value as number | bigint, start, end };
    case "float":
      p.skip();
      return { kind: "float", value: Number(token.value), start, end };
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
    default:
      return p.fail("attribute argument value (literal or identifier)");
  }
}

// ---------------------------------------------------------------- declarations

/** At `pub` or the declaration's keyword; `start` is the first attribute's token, or that one. */
export function parseDeclaration(p: ParserState, start: Token, attributes: readonly Attribute[]): Decl {
  const doc = docComment(p.text, start) ?? (start === p.current ? null : docComment(p.text, p.current));
  const isPub = p.accept("pub");
  const head: Head = { attributes, doc, isPub, start };
  if (isPub && p.atNewline) failAfterPub(p);
  switch (p.kind) {
    case "fn":
      return parseFn(p, head);
    case "tool":
      return parseTool(p, head);
    case "skill":
      return parseSkill(p, head);
    case "enum":
      return parseEnum(p, head);
    case "struct":
      return parseStruct(p, head);
    case "pipeline":
      return parsePipeline(p, head);
  }
  if (isPub) failAfterPub(p);
  switch (p.kind) {
    case "type":
      return parseTypeAlias(p, head);
    case "interface":
      return parseInterface(p, head);
    case "impl":
      return parseImpl(p, head);
    default:
      return parseOverride(p, head);
  }
}

function failAfterPub(p: ParserState): never {
  return p.fail("fn, tool, skill, struct, enum, or pipeline after pub", {
    help: "only `pub fn`, `pub tool`, `pub skill`, `pub struct`, `pub enum` and `pub pipeline` exist",
  });
}

function finish(p: ParserState, head: Head) {
  const { attributes, doc, isPub, start } = head;
  return { attributes, doc, isPub, start: start.start, end: p.end };
}

/** `( … )`, with types and defaults. */
function parseParamList(p: ParserState) {
  const open = p.expect("(");
  const params = parseParams(p, ")");
  p.expectClose(")", open);
  return params;
}

/** `( … )`, names only. */
function parsePlainParamList(p: ParserState): readonly Ident[] {
  const open = p.expect("(");
  const params = parsePlainParams(p);
  if (p.check(":")) p.fail("parameter name", { help: "the parameters of pipelines and overrides have no types" });
  p.expectClose(")", open);
  return params;
}

function parsePipeline(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("pipeline name");
  const params = parsePlainParamList(p);
  const result = parseResultType(p);
  const parent = p.accept("extends") ? p.expectName("parent pipeline name") : null;
  const body = parseBlock(p);
  return { kind: "pipeline", name, params, result, extends: parent, body, ...finish(p, head) };
}

function parseFn(p: ParserState, head: Head): FnDecl {
  p.expect("fn");
  const name = p.expectName("function name");
  const typeParams = parseTypeParams(p);
  const params = parseParamList(p);
  const result = parseResultType(p);
  const where = parseWhere(p);
  const body = parseBlock(p);
  return { kind: "fn", name, typeParams, params, result, where, body, ...finish(p, head) };
}

/** The body may begin with `description "text"`. */
function parseTool(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("tool name");
  const params = parseParamList(p);
  const result = parseResultType(p);
  const open = p.expect("{");
  p.skipNewlines();
  let description: string | null = null;
  if (p.checkWord("description") && p.peek(1).kind === "string") {
    p.skip();
    description = String(p.advance().value);
  }
  const body = parseBlockRest(p, open);
  return { kind: "tool", name, description, params, result, body, ...finish(p, head) };
}

function parseSkill(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("skill name");
  const open = p.expect("{");
  const fields: { readonly name: Ident; readonly value: Expr }[] = [];
  p.skipNewlines();
  while (!p.check("}")) {
    const field = p.expectName("skill field name");
    fields.push({ name: field, value: parseExpression(p) });
    p.accept(";");
    p.skipNewlines();
  }
  p.expectClose("}", open);
  return { kind: "skill", name, fields: exact(fields), ...finish(p, head) } satisfies SkillDecl;
}

function parseTypeAlias(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("type name");
  const typeParams = parseTypeParams(p);
  p.expect("=");
  const type = parseType(p);
  return { kind: "type-alias", name, typeParams, type, ...finish(p, head) };
}

function parseEnum(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("enum name");
  const typeParams = parseTypeParams(p);
  const open = p.expect("{");
  const variants: EnumDecl["variants"][number][] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    const variant = p.expectName("variant name");
    const fields = p.check("(") ? parseParamList(p) : NONE;
    variants.push({ name: variant, fields, start: variant.start, end: p.end });
    skipSeparator(p);
  }
  p.expectClose("}", open);
  return { kind: "enum", name, typeParams, variants: exact(variants), ...finish(p, head) };
}

function parseStruct(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("struct name");
  const typeParams = parseTypeParams(p);
  const open = p.expect("{");
  const fields: StructDecl["fields"][number][] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    const field = p.expectName("field name");
    const optional = p.accept("?");
    const type = parseTypeAnnotation(p);
    fields.push({ name: field, type, optional, start: field.start, end: p.end });
    skipSeparator(p);
  }
  p.expectClose("}", open);
  return { kind: "struct", name, typeParams, fields: exact(fields), ...finish(p, head) };
}

function parseInterface(p: ParserState, head: Head): Decl {
  p.skip();
  const name = p.expectName("interface name");
  const typeParams = parseTypeParams(p);
  const open = p.expect("{");
  const associatedTypes: InterfaceDecl["associatedTypes"][number][] = [];
  const methods: InterfaceDecl["methods"][number][] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    if (p.accept("type")) {
      const associated = p.expectName("associated type name");
      associatedTypes.push({ name: associated, type: p.accept("=") ? parseType(p) : null });
    } else methods.push(parseMethodSignature(p));
    p.skipNewlines();
  }
  p.expectClose("}", open);
  return {
    kind: "interface",
    name,
    typeParams,
    associatedTypes: exact(associatedTypes),
    methods: exact(methods),
    ...finish(p, head),
  };
}

function parseMethodSignature(p: ParserState): InterfaceDecl["methods"][number] {
  const start = p.expect("fn");
  const name = p.expectName("method name");
  const typeParams = parseTypeParams(p);
  const params = parseParamList(p);
  const result = parseResultType(p);
  return { name, typeParams, params, result, start: start.start, end: p.end };
}

function parseImpl(p: ParserState, head: Head): Decl {
  p.skip();
  const typeName = p.expectName("type name");
  const open = p.expect("{");
  const methods: FnDecl[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    const start = p.current;
    const isPub = p.accept("pub");
    methods.push(parseFn(p, { attributes: NONE, doc: docComment(p.text, start), isPub, start }));
    p.skipNewlines();
  }
  p.expectClose("}", open);
  return { kind: "impl", typeName, methods: exact(methods), ...finish(p, head) };
}

function parseOverride(p: ParserState, head: Head): Decl {
  p.expect("override");
  const name = p.expectName("override name");
  const params = parsePlainParamList(p);
  const body = parseBlock(p);
  return { kind: "override", name, params, body, ...finish(p, head) };
}
