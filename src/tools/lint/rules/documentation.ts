/** missing-harndoc, legacy-doc-comment, require-file-header. */
import type { Decl, FnDecl, Stmt } from "../../../syntax/ast.ts";
import { groupComments, renderGroup } from "../../format/comment-text.ts";
import type { Comment } from "../../format/comments.ts";
import { type LintContext, safeFix, unsafeFix } from "../context.ts";
import type { RuleVisitor } from "../walk.ts";

type Item = Exclude<Decl, { kind: "import" }>;

export function documentationRules(c: LintContext): RuleVisitor {
  const comments = ownLineComments(c);
  return {
    stmt(stmt, at) {
      if (stmt.kind === "fn" && stmt.isPub) checkPresence(c, stmt);
      if (isItem(stmt) && stmt.attributes.length === 0 && (at.isTopLevel || isPublic(stmt)))
        checkForm(c, stmt, comments);
    },
    end() {
      if (c.options.requireFileHeader) checkHeader(c);
    },
  };
}

function isItem(stmt: Stmt): stmt is Item {
  return "attributes" in stmt;
}

/** Kinds that have no `pub` count as public. */
function isPublic(item: Item): boolean {
  return item.isPub || ["interface", "impl", "type-alias", "override"].includes(item.kind);
}

/** The block must end on the line right above the function itself, below its attributes. */
function checkPresence(c: LintContext, decl: FnDecl): void {
  const span = c.declarationSpan(decl, decl.name);
  const line = c.lineOf(span);
  const isAbove = c.comments.some((comment) => comment.isBlock && comment.isDoc && comment.endLine === line - 1);
  if (isAbove) return;
  const { name } = decl.name;
  c.report(
    "missing-harndoc",
    span,
    `public function \`${name}\` has no doc comment`,
    "put a `/** … */` block right above it",
  );
}

// ---------------------------------------------------------------- legacy-doc-comment

/** Line comments that have their line for themselves, by line. */
function ownLineComments(c: LintContext): ReadonlyMap<number, Comment> {
  const found = new Map<number, Comment>();
  for (const comment of c.comments) {
    const before = c.source.text.slice(c.source.lineStart(comment.start), comment.start);
    if (!comment.isBlock && before.trim() === "") found.set(comment.line, comment);
  }
  return found;
}

function checkForm(c: LintContext, item: Item, comments: ReadonlyMap<number, Comment>): void {
  const run: Comment[] = [];
  for (let line = c.lineOf(item) - 1; comments.has(line); line--) run.unshift(comments.get(line)!);
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return;
  const lineStart = c.source.lineStart(first.start);
  const level = Math.floor((first.start - lineStart) / 2);
  // As if all had been doc comments.
  const asDocs = run.map((comment) =>
    comment.isDoc ? comment : { ...comment, isDoc: true, text: `/${comment.text}` },
  );
  const [group] = groupComments(asDocs, level, fits);
  const replacement = renderGroup(group!, level, fits).replace(/\n$/, "");
  const edit = { start: lineStart, end: last.end, replacement };
  const becomesDescription =
    item.kind === "tool" && item.description === null && !run.every((comment) => comment.isDoc);
  const kinds = new Set(run.map((comment) => (comment.isDoc ? "`///`" : "`//`")));
  c.report(
    "legacy-doc-comment",
    { start: lineStart, end: last.end },
    `${[...kinds].join(" and ")} comment above an item: a doc comment has the form \`/** … */\``,
    "write `/** … */`",
    replacement.includes("/**") ? (becomesDescription ? unsafeFix(edit) : safeFix(edit)) : null,
  );
}

const fits = (line: string): boolean => line.length <= 100;

// ---------------------------------------------------------------- require-file-header

function checkHeader(c: LintContext): void {
  if (/^\s*\/\*\*/.test(c.source.text)) return;
  const title = headerTitle(c.options.name);
  c.report(
    "require-file-header",
    { start: 0, end: 0 },
    "the file has no header",
    `begin it with \`/** ${title} */\``,
    safeFix({ start: 0, end: 0, replacement: `/**\n * ${title}\n */\n\n` }),
  );
}

/** `agent_loop-basics.harn` is "Agent loop basics." */
export function headerTitle(path: string): string {
  const file = path.split("/").at(-1) ?? "";
  const words = file
    .replace(/\.[^.]*$/, "")
    .split(/[-_\s]+/)
    .filter(Boolean);
  const text = words.join(" ") || "module";
  const title = text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
  return /[.!?]$/.test(title) ? title : `${title}.`;
}
