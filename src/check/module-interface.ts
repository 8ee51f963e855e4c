/**
 * What a module offers to those that import it, read off its tree without running it.
 *
 * Invariants
 * 1. `exports` lists every top-level name; a selective import may name any of them.
 * 2. `wildcard` is what `import "path"` brings in: the `pub` functions, or all functions when none is `pub`; and always the types.
 */
import type { Ident, Pattern, SourceFile, Stmt } from "../syntax/ast.ts";

export type ExportKind = "value" | "fn" | "tool" | "skill" | "pipeline" | "enum" | "struct" | "interface" | "type";

export interface ModuleExportInfo {
  readonly name: string;
  readonly kind: ExportKind;
  readonly isPub: boolean;
  /** Of an enum. */
  readonly variants: readonly string[];
}

export interface ModuleInterface {
  /** Normalised path or `std/…`. */
  readonly key: string;
  readonly exports: ReadonlyMap<string, ModuleExportInfo>;
  readonly wildcard: readonly string[];
}

/** How an imported name that the reference knows only as a function collides: types do not. */
export function isFunctionLike(kind: ExportKind): boolean {
  return kind === "fn" || kind === "tool" || kind === "skill" || kind === "pipeline" || kind === "value";
}

export function readModuleInterface(key: string, file: SourceFile): ModuleInterface {
  const exports = new Map<string, ModuleExportInfo>();
  for (const item of file.items) addExports(exports, item);
  const functions = [...exports.values()].filter((info) => info.kind === "fn");
  const visible = functions.some((info) => info.isPub) ? functions.filter((info) => info.isPub) : functions;
  const types = [...exports.values()].filter((info) => !isFunctionLike(info.kind));
  return { key, exports, wildcard: [...visible, ...types].map((info) => info.name) };
}

const NONE: readonly string[] = [];

function addExports(exports: Map<string, ModuleExportInfo>, item: Stmt): void {
  const add = (name: string, kind: ExportKind, isPub: boolean, variants = NONE): void => {
    exports.set(name, { name, kind, isPub, variants });
  };
  switch (item.kind) {
    case "binding":
      for (const { name } of boundNames(item.pattern)) add(name, "value", false);
      return;
    case "fn":
    case "tool":
    case "skill":
    case "pipeline":
    case "interface":
    case "struct":
      add(item.name.name, item.kind, item.isPub);
      return;
    case "enum":
      add(
        item.name.name,
        "enum",
        item.isPub,
        item.variants.map((v) => v.name.name),
      );
      return;
    case "type-alias":
      add(item.name.name, "type", item.isPub);
      return;
  }
}

/** Names that a pattern binds, in order. */
export function patternNames(pattern: Pattern): readonly string[] {
  return boundNames(pattern).map(({ name }) => name);
}

/** The same, with where they stand. */
export function boundNames(pattern: Pattern): readonly Ident[] {
  switch (pattern.kind) {
    case "pattern-name":
      return [{ name: pattern.name, start: pattern.start, end: pattern.end }];
    case "pattern-dict":
      return pattern.fields.map((field) => field.alias ?? field.key);
    case "pattern-list":
      return pattern.elements.map((element) => element.name);
    case "pattern-pair":
      return [pattern.first, pattern.second];
  }
}
