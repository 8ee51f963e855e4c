/** unused-import, import-order. */
import type { Ident, ImportDecl } from "../../../syntax/ast.ts";
import { compareImports } from "../../format/declarations.ts";
import type { LintContext } from "../context.ts";
import type { Edit } from "../finding.ts";
import type { RuleVisitor } from "../walk.ts";

export function importRules(c: LintContext): RuleVisitor {
  return {
    stmt(stmt) {
      if (stmt.kind === "import" && stmt.names !== null) checkNames(c, stmt, stmt.names);
    },
    end() {
      checkOrder(c);
    },
  };
}

function checkNames(c: LintContext, decl: ImportDecl, names: readonly Ident[]): void {
  const { references, allTypes } = c.names;
  const unused = names.filter(({ name }) => !references.has(name) && !allTypes.has(name));
  const all = unused.length === names.length;
  for (const { name, start, end } of unused) {
    const fix = all
      ? { edits: [wholeLine(c, decl)], isSafe: isInert(c, decl) }
      : { edits: [nameEdit(c, start, end)], isSafe: true };
    c.report("unused-import", decl, `imported name \`${name}\` is never used`, `remove \`${name}\``, fix);
  }
}

function wholeLine(c: LintContext, decl: ImportDecl): Edit {
  const { start, end } = decl;
  const lineEnd = c.source.lineEnd(end);
  const isAlone = c.source.text.slice(end, lineEnd).trim() === "" && c.source.lineStart(start) === start;
  return { start, end: isAlone ? Math.min(lineEnd + 1, c.source.text.length) : end, replacement: "" };
}

/** The name with one comma: the one behind it, else the one before it. */
function nameEdit(c: LintContext, start: number, end: number): Edit {
  const at = c.source.tokenAt(start);
  const [before, behind] = [c.source.token(at - 1), c.source.token(at + 1)];
  if (behind?.kind === ",") {
    const next = c.source.token(at + 2);
    const blanks = next === null ? "" : c.source.text.slice(behind.end, next.start);
    return { start, end: behind.end + (blanks === " " ? 1 : 0), replacement: "" };
  }
  if (before?.kind === ",") return { start: before.start, end, replacement: "" };
  return { start, end, replacement: "" };
}

function isInert(c: LintContext, decl: ImportDecl): boolean {
  return c.around.importedModule(decl.path)?.isInert ?? false;
}

function checkOrder(c: LintContext): void {
  const { items } = c.file;
  const count = items.findIndex((item) => item.kind !== "import");
  const imports = items.slice(0, count === -1 ? items.length : count).filter((item) => item.kind === "import");
  const sorted = imports.toSorted(compareImports);
  const [first, last] = [imports[0], imports.at(-1)];
  if (first === undefined || last === undefined || imports.every((decl, at) => decl === sorted[at])) return;
  const { text } = c.source;
  const start = first.start;
  const end = last.end;
  const hasComments = c.comments.some((comment) => comment.start > start && comment.start < end);
  const replacement = sorted.map((decl) => text.slice(decl.start, decl.end)).join("\n");
  // The formatter moves comments along; here they would be lost.
  const fix = hasComments
    ? null
    : { edits: [{ start, end, replacement }], isSafe: imports.every((decl) => isInert(c, decl)) };
  c.report(
    "import-order",
    { ...first, end },
    "imports are not in order: the standard library first, then by path",
    "sort them; `harn fmt` does",
    fix,
  );
}
