/** The layout of declarations and imports. */
import { type Span, spanOf } from "../../base/span.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { Attribute, Decl, FnDecl, Ident, ImportDecl, TypeExpr } from "../../syntax/ast.ts";
import { printAnnotation, printResult, printType, printTypeParams, printWhere } from "../../syntax/printer/types.ts";
import { docComment } from "../../syntax/trivia.ts";
import { formatBody, formatStmts } from "./blocks.ts";
import { plainText } from "./comment-text.ts";
import { formatExpr } from "./expressions.ts";
import type { Layout } from "./layout.ts";
import { formatAlone, formatNames, formatParams, listRange } from "./signatures.ts";
import { escapePlain } from "./strings.ts";
import { isDescribedByComment } from "./tool-docs.ts";

type Declaration = Exclude<Decl, { kind: "import" }>;

export function formatDeclaration(l: Layout, decl: Declaration, level: number, plain: boolean): string {
  const indent = "  ".repeat(level);
  let out = "";
  let end = decl.start;
  for (const attribute of decl.attributes) {
    out += attributeGap(l, end, attribute.start, level, out);
    out += `${formatAttribute(l, attribute)}\n${indent}`;
    end = attribute.end;
  }
  if (decl.attributes.length > 0) out += lastGap(l, decl, end, level, out);
  const text = formatBare(l, decl, level, plain);
  return `${out}${decl.isPub ? "pub " : ""}${text}`;
}

/** Comments between attributes, each on lines of its own; `out` ends with the indentation of the next line. */
function attributeGap(l: Layout, from: number, to: number, level: number, out: string): string {
  const lines = l.commentLines(l.comments.take(from, to), level);
  if (lines === "" || out === "") return lines;
  return `${lines.slice("  ".repeat(level).length)}${"  ".repeat(level)}`;
}

/** The comments between the last attribute and the declaration's own words. */
function lastGap(l: Layout, decl: Declaration, from: number, level: number, out: string): string {
  const to = afterAttributes(l, from);
  const isApart = isDescribedByComment(decl) && docComment(l.text, l.file.tokens.at(l.tokenAt(to))) === null;
  const gap = attributeGap(l, from, to, level, out);
  const endsInDoc = isApart && /\*\/\n *$/.test(gap);
  return endsInDoc ? gap.replace(/ *$/, (indent) => `\n${indent}`) : gap;
}

function afterAttributes(l: Layout, end: number): number {
  return l.file.tokens.start(l.tokenAt(end));
}

function formatAttribute(l: Layout, attribute: Attribute): string {
  if (attribute.args.length === 0) return `@${attribute.name.name}`;
  const args = attribute.args.map((arg) => `${arg.name ? `${arg.name.name}: ` : ""}${formatAlone(l, arg.value)}`);
  return `@${attribute.name.name}(${args.join(", ")})`;
}

function formatBare(l: Layout, decl: Declaration, level: number, plain: boolean): string {
  const pub = decl.isPub ? 4 : 0;
  const prefix = (word: string, name: string) => level * 2 + pub + word.length + 1 + l.bytes(name) + 1;
  switch (decl.kind) {
    case "pipeline": {
      const span = decl.name;
      const { name } = span;
      const params = formatNames(l, decl.params, prefix("pipeline", name), listRange(l, span.end));
      const parent = decl.extends ? ` extends ${decl.extends.name}` : "";
      return `pipeline ${name}(${params})${printResult(decl.result)}${parent} ${formatBody(l, decl.body, level, plain)}`;
    }
    case "fn": {
      const head = `${decl.name.name}${printTypeParams(decl.typeParams)}`;
      const params = formatParams(l, decl.params, prefix("fn", head), listRange(l, decl.name.end));
      const types = `${printResult(decl.result)}${printWhere(decl.where)}`;
      return `fn ${head}(${params})${types} ${formatBody(l, decl.body, level, plain)}`;
    }
    case "tool":
      return formatTool(l, decl, prefix("tool", decl.name.name), level, plain);
    case "skill": {
      const fields = decl.fields.map((field) => ({ ...field, start: field.name.start, end: field.value.end }));
      const text = members(
        l,
        fields,
        decl.name,
        decl,
        level,
        ({ name, value }) => `${name.name} ${formatExpr(l, value)}`,
      );
      return `skill ${decl.name.name} ${text}`;
    }
    case "struct": {
      const field = ({ name, optional, type }: (typeof decl.fields)[number]) =>
        `${name.name}${optional ? "?" : ""}${printAnnotation(type)}`;
      const fields = members(l, decl.fields, decl.name, decl, level, field);
      return `struct ${decl.name.name}${printTypeParams(decl.typeParams)} ${fields}`;
    }
    case "enum": {
      const variants = members(l, decl.variants, decl.name, decl, level, ({ name, fields }) => {
        if (fields.length === 0) return name.name;
        const width = (level + 1) * 2 + l.bytes(name.name) + 1;
        return `${name.name}(${formatParams(l, fields, width, listRange(l, name.end))})`;
      });
      return `enum ${decl.name.name}${printTypeParams(decl.typeParams)} ${variants}`;
    }
    case "interface":
      return formatInterface(l, decl, level);
    case "impl": {
      const print = (method: FnDecl) => formatDeclaration(l, method, level + 1, plain);
      return `impl ${decl.typeName.name} ${members(l, decl.methods, decl.typeName, decl, level, print)}`;
    }
    case "type-alias":
      return `type ${decl.name.name}${printTypeParams(decl.typeParams)} = ${printType(decl.type)}`;
    case "override": {
      const params = formatNames(l, decl.params, prefix("override", decl.name.name), listRange(l, decl.name.end));
      return `override ${decl.name.name}(${params}) ${formatBody(l, decl.body, level, plain)}`;
    }
    default:
      return unreachable(decl);
  }
}

/** Braces around one line for each member. */
function members<T extends Span>(
  l: Layout,
  items: readonly T[],
  name: Ident,
  decl: Declaration,
  level: number,
  print: (item: T) => string,
): string {
  const place = { from: name.end, to: decl.end - 1, level: level + 1 };
  return `{\n${l.at(level + 1, () => l.lines(items, place, print))}${"  ".repeat(level)}}`;
}

function formatTool(
  l: Layout,
  decl: Extract<Decl, { kind: "tool" }>,
  prefix: number,
  level: number,
  plain: boolean,
): string {
  const params = formatParams(l, decl.params, prefix, listRange(l, decl.name.end));
  const head = `tool ${decl.name.name}(${params})${printResult(decl.result)}`;
  if (decl.description === null) return `${head} ${formatBody(l, decl.body, level, plain)}`;
  const open = l.tokenAt(decl.body.start);
  const [word, text, next] = [1, 2, 3].map((behind) => l.file.tokens.at(open + behind));
  const above = l.comments.take(decl.body.start, word!.start);
  const inside = l.comments.take(word!.start, text!.end);
  const behind = l.takeBehind(text!.end, next!.start).map((comment) => ` ${plainText(comment)}`);
  const comments = l.commentLines([...above, ...inside], level + 1);
  const description = `${"  ".repeat(level + 1)}description "${escapePlain(decl.description)}"${behind.join("")}\n`;
  const stmts = formatStmts(l, decl.body, level, plain, text!.end);
  return `${head} {\n${comments}${description}${stmts}${"  ".repeat(level)}}`;
}

function formatInterface(l: Layout, decl: Extract<Decl, { kind: "interface" }>, level: number): string {
  const types = decl.associatedTypes.map(({ name, type }) => ({
    start: typeWord(l, name),
    end: (type ?? name).end,
    print: () => `type ${name.name}${type ? ` = ${printType(type as TypeExpr)}` : ""}`,
  }));
  const methods = decl.methods.map((method) => ({
    ...spanOf(method),
    print: () => {
      const head = `${method.name.name}${printTypeParams(method.typeParams)}`;
      const prefix = (level + 1) * 2 + 3 + l.bytes(head) + 1;
      const params = formatParams(l, method.params, prefix, listRange(l, method.name.end));
      return `fn ${head}(${params})${printResult(method.result)}`;
    },
  }));
  const items = [...types, ...methods];
  const inOrder = items.every((item, at) => at === 0 || items[at - 1]!.start < item.start);
  // Types come first; comments in a mixed row stay in the order of the text, above the whole of it.
  const comments = inOrder ? "" : l.commentLines(l.comments.take(decl.name.end, decl.end - 1), level + 1);
  const text = members(l, items, decl.name, decl, level, ({ print }) => print());
  return `interface ${decl.name.name}${printTypeParams(decl.typeParams)} {\n${comments}${text.slice(2)}`;
}

/** Where the `type` in front of an associated type's name starts. */
function typeWord(l: Layout, name: Ident): number {
  return l.file.tokens.start(l.tokenAt(name.start) - 1);
}

// ---------------------------------------------------------------- imports

/** The names in order; one a line if they are too long for one. */
export function formatImport(l: Layout, decl: ImportDecl): string {
  const { names, start, pathSpan } = decl;
  const source = `"${escapePlain(decl.path)}"`;
  if (names === null) return `import ${source}`;
  const sorted = names.toSorted((a, b) => compareBytes(a.name, b.name));
  const inline = sorted.map(({ name }) => name).join(", ");
  const width = l.base * 2 + 9 + l.bytes(inline) + 3 + 6 + l.bytes(decl.path) + 1;
  if (l.comments.has(start, pathSpan.start)) return importWithComments(l, decl, source);
  if (width <= l.width) return `import { ${inline} } from ${source}`;
  return `import {${l.wrapped(sorted.map(({ name }) => name))}} from ${source}`;
}

/** A comment moves with the name below it, or beside it. */
function importWithComments(l: Layout, decl: ImportDecl, source: string): string {
  const names = decl.names!;
  const indent = "  ".repeat(l.base + 1);
  let end = decl.start;
  const rows = names.map((ident, at) => {
    const { name } = ident;
    const above = l.commentLines(l.comments.take(end, ident.start), l.base + 1);
    const behind = l.takeBehind(ident.end, names[at + 1]?.start ?? decl.pathSpan.start);
    end = ident.end;
    return { name, text: `${above}${indent}${name},${behind.map((comment) => ` ${plainText(comment)}`).join("")}\n` };
  });
  const below = l.commentLines(l.comments.take(end, decl.pathSpan.start), l.base + 1);
  rows.sort((a, b) => compareBytes(a.name, b.name));
  return `import {\n${rows.map((row) => row.text).join("")}${below}${"  ".repeat(l.base)}} from ${source}`;
}

/** Standard modules first, then by path; whole modules before names out of the same one. */
export function compareImports(a: ImportDecl, b: ImportDecl): number {
  const isOwn = (decl: ImportDecl) => Number(!decl.path.startsWith("std/"));
  const names = (decl: ImportDecl) =>
    decl.names === null
      ? ""
      : decl.names
          .map(({ name }) => name)
          .sort(compareBytes)
          .join(",");
  return (
    isOwn(a) - isOwn(b) ||
    compareBytes(a.path, b.path) ||
    Number(a.names !== null) - Number(b.names !== null) ||
    compareBytes(names(a), names(b))
  );
}

/** The order of UTF-8 texts, which is that of code points. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [[...a], [...b]];
  for (let at = 0; at < Math.min(x.length, y.length); at++) {
    const difference = x[at]!.codePointAt(0)! - y[at]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}
