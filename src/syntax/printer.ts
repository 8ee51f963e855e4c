/**
 * Prints a tree as source text.
 *
 * Invariants
 * 1. Parsing the print gives an equal tree, spans aside (`equalTrees`), for every tree that the parser makes of a correct text.
 * 2. It is canonical, not pretty: one statement a line, two blanks a level, one line for lists and dicts, no comments but doc comments.
 *    The formatter, which keeps comments and breaks long lines, is another matter.
 */
import { unreachable } from "../base/unreachable.ts";
import type { Attribute, Block, Decl, Expr, FnDecl, SourceFile, Stmt, StructDecl } from "./ast.ts";
import { ExpressionPrinter } from "./printer/expressions.ts";
import { plainText } from "./printer/literals.ts";
import {
  printAnnotation,
  printNames,
  printParams,
  printPattern,
  printResult,
  printType,
  printTypeParams,
  printWhere,
} from "./printer/types.ts";

/** The whole file, with a final line break unless it is empty. */
export function printSource(file: SourceFile): string {
  const printer = new StatementPrinter(structNames(file.items));
  return file.items.map((item) => `${printer.print(item, 0)}\n`).join("");
}

/** Trees are equal if they differ in spans and tokens only. Works on any two nodes. */
export function equalTrees(a: unknown, b: unknown): boolean {
  return treeText(a) === treeText(b);
}

/** The same text for equal trees. */
export function treeText(node: unknown): string {
  return JSON.stringify(node, withoutPlaces);
}

const PLACES: ReadonlySet<string> = new Set([
  "start",
  "end",
  "opStart",
  "nameStart",
  "pathSpan",
  "tokens",
  "text",
  "path",
]);

/** Drops what says where a node stands; `text` and `path` only where a file has them. */
function withoutPlaces(this: unknown, key: string, value: unknown): unknown {
  const isFile = (this as { kind?: unknown }).kind === "source-file";
  if (PLACES.has(key) && (isFile || (key !== "text" && key !== "path"))) return undefined;
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Of structs anywhere in the tree. */
function structNames(node: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof node !== "object" || node === null) return found;
  if ("kind" in node && node.kind === "struct") found.add((node as StructDecl).name.name);
  for (const part of Object.values(node)) structNames(part, found);
  return found;
}

class StatementPrinter {
  readonly #expressions: ExpressionPrinter;

  constructor(structNames: ReadonlySet<string>) {
    const blockRest = (block: Block, level: number) => this.#blockRest(block, level);
    this.#expressions = new ExpressionPrinter(
      { block: (block, level) => `{${blockRest(block, level)}`, blockRest },
      structNames,
    );
  }

  print(stmt: Stmt, level: number): string {
    return this.#indent(level) + this.#printBare(stmt, level);
  }

  #printBare(stmt: Stmt, level: number): string {
    const e = this.#expressions;
    const block = (body: Block) => `{${this.#blockRest(body, level)}`;
    const value = (expr: Expr) => e.print(expr, level);
    switch (stmt.kind) {
      case "binding": {
        const pattern = printPattern(stmt.pattern, value);
        return `${stmt.mutable ? "var" : "let"} ${pattern}${printAnnotation(stmt.type)} = ${value(stmt.value)}`;
      }
      case "assign":
        return `${value(stmt.target)} ${stmt.op ?? ""}= ${value(stmt.value)}`;
      case "for":
        return `for ${printPattern(stmt.pattern, value)} in ${e.printBeforeBrace(stmt.iterable, level)} ${block(stmt.body)}`;
      case "while":
        return `while ${e.printBeforeBrace(stmt.condition, level)} ${block(stmt.body)}`;
      case "return":
        return stmt.value ? `return ${value(stmt.value)}` : "return";
      case "throw":
        return `throw ${value(stmt.value)}`;
      case "break":
      case "continue":
        return stmt.kind;
      case "guard":
        return `guard ${e.printBeforeElse(stmt.condition, level)} else ${block(stmt.elseBody)}`;
      case "require":
        return `require ${value(stmt.condition)}${stmt.message ? `, ${value(stmt.message)}` : ""}`;
      case "defer":
        return `defer ${block(stmt.body)}`;
      case "expr":
        return e.printStatement(stmt.expr, level);
      case "import":
        return `import ${stmt.names ? `{ ${printNames(stmt.names)} } from ` : ""}${plainText(stmt.path)}`;
      default:
        return this.#declaration(stmt, level);
    }
  }

  #declaration(decl: Exclude<Decl, { kind: "import" }>, level: number): string {
    const indent = this.#indent(level);
    const doc = decl.doc === null ? "" : docText(decl.doc, indent);
    const attributes = decl.attributes.map((attribute) => `${this.#attribute(attribute)}\n${indent}`).join("");
    return `${doc}${attributes}${decl.isPub ? "pub " : ""}${this.#declarationBody(decl, level)}`;
  }

  #declarationBody(decl: Exclude<Decl, { kind: "import" }>, level: number): string {
    const block = (body: Block) => `{${this.#blockRest(body, level)}`;
    const value = (expr: Expr) => this.#expressions.print(expr, level + 1);
    switch (decl.kind) {
      case "pipeline": {
        const parent = decl.extends ? ` extends ${decl.extends.name}` : "";
        return `pipeline ${decl.name.name}(${printNames(decl.params)})${printResult(decl.result)}${parent} ${block(decl.body)}`;
      }
      case "fn": {
        const head = `fn ${decl.name.name}${printTypeParams(decl.typeParams)}(${printParams(decl.params, value)})`;
        return `${head}${printResult(decl.result)}${printWhere(decl.where)} ${block(decl.body)}`;
      }
      case "tool": {
        const head = `tool ${decl.name.name}(${printParams(decl.params, value)})${printResult(decl.result)}`;
        const description =
          decl.description === null ? "" : `\n${this.#indent(level + 1)}description ${plainText(decl.description)}`;
        const rest = this.#blockRest(decl.body, level);
        // In front of a text the bare name would be taken for the tool's description.
        const first = decl.body.stmts[0];
        const isName = first?.kind === "expr" && first.expr.kind === "name" && first.expr.name === "description";
        const body = decl.description === null && isName ? rest.replace("description", "(description)") : rest;
        return `${head} {${description}${body}`;
      }
      case "skill":
        return `skill ${decl.name.name} ${this.#lines(decl.fields, level, (field) => `${field.name.name} ${value(field.value)}`)}`;
      case "struct": {
        const fields = this.#lines(
          decl.fields,
          level,
          (field) => `${field.name.name}${field.optional ? "?" : ""}${printAnnotation(field.type)}`,
        );
        return `struct ${decl.name.name}${printTypeParams(decl.typeParams)} ${fields}`;
      }
      case "enum": {
        const variants = this.#lines(decl.variants, level, (variant) =>
          variant.fields.length === 0
            ? variant.name.name
            : `${variant.name.name}(${printParams(variant.fields, value)})`,
        );
        return `enum ${decl.name.name}${printTypeParams(decl.typeParams)} ${variants}`;
      }
      case "interface": {
        const types = decl.associatedTypes.map(
          ({ name, type }) => `type ${name.name}${type ? ` = ${printType(type)}` : ""}`,
        );
        const methods = decl.methods.map(
          (method) =>
            `fn ${method.name.name}${printTypeParams(method.typeParams)}(${printParams(method.params, value)})${printResult(method.result)}`,
        );
        const members = this.#lines([...types, ...methods], level, (member) => member);
        return `interface ${decl.name.name}${printTypeParams(decl.typeParams)} ${members}`;
      }
      case "impl":
        return `impl ${decl.typeName.name} ${this.#lines(decl.methods, level, (method: FnDecl) => this.#declaration(method, level + 1))}`;
      case "type-alias":
        return `type ${decl.name.name}${printTypeParams(decl.typeParams)} = ${printType(decl.type)}`;
      case "override":
        return `override ${decl.name.name}(${printNames(decl.params)}) ${block(decl.body)}`;
      default:
        return unreachable(decl);
    }
  }

  #attribute(attribute: Attribute): string {
    if (attribute.args.length === 0) return `@${attribute.name.name}`;
    const args = attribute.args.map(
      (arg) => `${arg.name ? `${arg.name.name}: ` : ""}${this.#expressions.print(arg.value, 0)}`,
    );
    return `@${attribute.name.name}(${args.join(", ")})`;
  }

  /** Braces around one line for each item. */
  #lines<T>(items: readonly T[], level: number, print: (item: T) => string): string {
    if (items.length === 0) return "{}";
    const lines = items.map((item) => `${this.#indent(level + 1)}${print(item)}\n`);
    return `{\n${lines.join("")}${this.#indent(level)}}`;
  }

  #blockRest(block: Block, level: number): string {
    const lines = block.stmts.map((stmt) => `${this.print(stmt, level + 1)}\n`);
    return `\n${lines.join("")}${this.#indent(level)}}`;
  }

  #indent(level: number): string {
    return "  ".repeat(level);
  }
}

/** A block, unless its own text would end it. */
function docText(doc: string, indent: string): string {
  const lines = doc.split("\n");
  if (/\*\/|\/\*/.test(doc)) return lines.map((line) => `${`/// ${line}`.trimEnd()}\n${indent}`).join("");
  const body = lines.map((line) => `${indent}${` * ${line}`.trimEnd()}\n`).join("");
  return `/**\n${body}${indent} */\n${indent}`;
}
