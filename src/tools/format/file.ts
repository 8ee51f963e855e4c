/**
 * The layout of a whole file: imports in their order without gaps, then the items with one blank line between them.
 *
 * Invariant: the text ends with exactly one line break, that of an empty file too.
 */
import type { ImportDecl, Stmt } from "../../syntax/ast.ts";
import { plainText } from "./comment-text.ts";
import type { Comment } from "./comments.ts";
import { compareImports } from "./declarations.ts";
import type { Layout } from "./layout.ts";
import { Output } from "./output.ts";
import { addTopLevel, type TopLevelStyle } from "./section-bars.ts";
import { formatStmt } from "./statements.ts";
import { gapBelow, isDescribedByComment, splitDescription } from "./tool-docs.ts";

export function formatFile(l: Layout): string {
  const out = formatItems(l, l.file.items, 0, l.text.length);
  return `${out.replace(/\n+$/, "")}\n`;
}

/** Items in a row, with the comments between the offsets, and at least one line break at the end unless there is nothing. */
export function formatItems(l: Layout, items: readonly Stmt[], from: number, to: number): string {
  const style: TopLevelStyle = { separatorWidth: l.options.separatorWidth, fits: l.fits };
  const imports = leadingImports(items);
  const out = new Output();
  out.add(formatImports(l, imports, items[imports.length], from));
  let end = imports.at(-1)?.end ?? from;
  for (let at = imports.length; at < items.length; at++) {
    const item = items[at]!;
    if (at > 0) out.add("\n");
    const above = l.comments.take(end, item.start);
    const { inside, text } = formatItem(l, item, items[at + 1]);
    const [others, own] = splitDescription(l, above, item);
    const first = isDescribedByComment(item) ? [...others, ...inside] : [...above, ...inside];
    addTopLevel(out, first, style);
    if (gapBelow(l, first, item, 0) !== "") out.addBlankLine();
    out.add(l.commentLines(own, 0));
    out.add(text);
    end = item.end;
  }
  addTopLevel(out, l.comments.take(end, to), style);
  return out.text();
}

function leadingImports(items: readonly Stmt[]): readonly ImportDecl[] {
  const found: ImportDecl[] = [];
  for (const item of items) {
    if (item.kind !== "import") break;
    found.push(item);
  }
  return found;
}

/** An import's comments move with it. */
function formatImports(l: Layout, imports: readonly ImportDecl[], next: Stmt | undefined, from: number): string {
  const rows: { readonly decl: ImportDecl; readonly text: string }[] = [];
  let end = from;
  imports.forEach((decl, at) => {
    const above = l.comments.take(end, decl.start);
    const { inside, text } = formatItem(l, decl, imports[at + 1] ?? next);
    rows.push({ decl, text: l.commentLines([...above, ...inside], 0) + text });
    end = decl.end;
  });
  return rows
    .sort((a, b) => compareImports(a.decl, b.decl))
    .map((row) => row.text)
    .join("");
}

/** `inside`: the comments in the midst of it, which nothing in it took. `text`: with those behind it on its last line, and a line break. */
function formatItem(
  l: Layout,
  item: Stmt,
  next: Stmt | undefined,
): { readonly inside: readonly Comment[]; readonly text: string } {
  const text = formatStmt(l, item, 0, true);
  const inside = l.comments.take(item.start, item.end);
  const behind = l.takeBehind(item.end, next?.start ?? l.text.length);
  return { inside, text: `${text}${behind.map((comment) => ` ${plainText(comment)}`).join("")}\n` };
}
