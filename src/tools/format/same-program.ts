/**
 * Whether two trees are the same program: the guard in front of every write of the formatter.
 *
 * Invariant: only what the layout may change is overlooked: places, comments, the order of the imports at the top and of the names in them,
 * quotes, how a key is quoted, and `else { if … }` for `else if …`.
 */
import type { SourceFile, Stmt } from "../../syntax/ast.ts";
import { compareImports } from "./declarations.ts";

type Fields = Readonly<Record<string, unknown>>;

export function isSameProgram(a: SourceFile, b: SourceFile): boolean {
  return same(ordered(a.items), ordered(b.items));
}

function ordered(items: readonly Stmt[]): readonly Stmt[] {
  const count = items.findIndex((item) => item.kind !== "import");
  const imports = items.slice(0, count === -1 ? items.length : count).filter((item) => item.kind === "import");
  return [...imports.sort(compareImports), ...items.slice(imports.length)];
}

const OVERLOOKED: ReadonlySet<string> = new Set(["start", "end", "opStart", "nameStart", "pathSpan", "doc", "style"]);

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, at) => same(item, b[at]));
  const [x, y] = [unified(a as Fields), unified(b as Fields)];
  if (x["kind"] === "tool" && x["description"] === null && !isSameText(x["doc"], y["doc"])) return false;
  for (const key of Object.keys(x)) {
    // A closure's style is meaning, a string's is not.
    const overlooked = OVERLOOKED.has(key) && !(key === "style" && x["kind"] === "closure");
    if (!overlooked && !same(x[key], y[key])) return false;
  }
  return true;
}

/** Blanks aside. */
function isSameText(a: unknown, b: unknown): boolean {
  const words = (text: unknown) => (typeof text === "string" ? text.split(/\s+/).filter(Boolean).join(" ") : "");
  return words(a) === words(b);
}

/** One form for what can be written in several. */
function unified(node: Fields): Fields {
  switch (node["kind"]) {
    case "if":
      return { ...node, otherwise: soleIf(node["otherwise"]) };
    case "key-computed": {
      const expr = node["expr"] as Fields;
      return expr["kind"] === "string" ? { kind: "key-name", name: expr["value"] } : node;
    }
    case "import": {
      const names = node["names"] as readonly { readonly name: string }[] | null;
      return { ...node, names: names?.map(({ name }) => name).sort() };
    }
    default:
      return node;
  }
}

function soleIf(otherwise: unknown): unknown {
  const block = otherwise as { readonly kind?: string; readonly stmts?: readonly Fields[] } | null;
  if (block?.kind !== "block" || block.stmts?.length !== 1) return otherwise;
  const [only] = block.stmts;
  const expr = only!["kind"] === "expr" ? (only!["expr"] as Fields) : null;
  return expr?.["kind"] === "if" ? expr : otherwise;
}
