/** What a module says of itself: its header and its declarations with their doc comments, read off its text without running it. */
import { indexLines, type LineIndex, lineAt } from "../../base/text.ts";
import { readModuleInterface } from "../../check/module-interface.ts";
import type { Decl, Stmt } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";

export interface ModuleDoc {
  /** As an import names it, without the ending: `lib/greeting`, `std/math`. */
  readonly module: string;
  /** The comment at its top; "" when there is none. */
  readonly header: string;
  readonly entries: readonly DocEntry[];
}

export interface DocEntry {
  readonly name: string;
  readonly kind: "pipeline" | "fn" | "method" | "tool" | "skill" | "struct" | "enum" | "interface" | "type";
  /** As it stands in the text, without its body. */
  readonly signature: string;
  /** "" when there is none. */
  readonly doc: string;
  /** From 1. */
  readonly line: number;
}

/** What importers and people who run it see: exported functions, types, tools, skills, and pipelines that are no tests. */
export function documentModule(module: string, text: string): ModuleDoc {
  const { file } = parseSource(module, text);
  const visible = new Set(readModuleInterface(module, file).wildcard);
  const lines = indexLines(text);
  return { module, header: headerOf(text), entries: file.items.flatMap((item) => entriesOf(item, lines, visible)) };
}

function entriesOf(item: Stmt, lines: LineIndex, visible: ReadonlySet<string>): readonly DocEntry[] {
  const entry = (decl: Documented, kind: DocEntry["kind"], name: string, end: number): DocEntry => ({
    name,
    kind,
    signature: lines.text.slice(decl.attributes.at(-1)?.end ?? decl.start, end).trim(),
    doc: decl.doc?.trim() ?? "",
    line: lineAt(lines, decl.start),
  });
  switch (item.kind) {
    case "pipeline": {
      const isTest = item.name.name.startsWith("test_") || item.attributes.some(({ name }) => name.name === "test");
      return isTest ? [] : [entry(item, "pipeline", item.name.name, item.body.start)];
    }
    case "fn":
      return visible.has(item.name.name) ? [entry(item, "fn", item.name.name, item.body.start)] : [];
    case "tool":
      return [entry(item, "tool", item.name.name, item.body.start)];
    case "skill":
      return [entry(item, "skill", item.name.name, item.name.end)];
    case "struct":
    case "enum":
    case "interface":
      return [entry(item, item.kind, item.name.name, item.end)];
    case "type-alias":
      return [entry(item, "type", item.name.name, item.end)];
    case "impl":
      return item.methods.map((method) =>
        entry(method, "method", `${item.typeName.name}.${method.name.name}`, method.body.start),
      );
    default:
      return [];
  }
}

type Documented = Extract<Decl, { readonly attributes: unknown }>;

/** A block comment at the top that belongs to no declaration: an empty line or an import follows. */
function headerOf(text: string): string {
  const match = /^\s*\/\*\*?((?:(?!\*\/)[\s\S])*)\*\/[ \t]*\r?\n(?=\s*\n|import\b)/.exec(text);
  if (match === null) return "";
  return match[1]!
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}
