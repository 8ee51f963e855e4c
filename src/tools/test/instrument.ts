/**
 * Programs that note which of their statements run. The tree gets a call in front of each statement, before it is compiled: a program without it is
 * compiled as ever.
 *
 * Invariant: only statements are added, none at the end of a block, so values and control flow stay what they are.
 */
import { spanOf } from "../../base/span.ts";
import { indexLines, lineAt } from "../../base/text.ts";
import type { Builtin } from "../../builtin/declaration.ts";
import { builtin } from "../../builtin/declaration.ts";
import type { Block, SourceFile, Stmt } from "../../syntax/ast.ts";

const MARK = "__cover";

/** How often the lines of statements ran, by file. */
export class LineCounts {
  /** Path, then line (from 1) to count. */
  readonly files = new Map<string, Map<number, number>>();
  readonly #points: { readonly lines: Map<number, number>; readonly line: number }[] = [];

  /** The builtin that instrumented programs call. */
  get builtin(): Builtin {
    const points = this.#points;
    return builtin(MARK, {
      sig: "(point: int) -> nil",
      doc: "Notes that a statement runs.",
      needs: "nothing",
      borrows: true,
      run(_call, args) {
        const { lines, line } = points[args.raw("point") as number]!;
        lines.set(line, lines.get(line)! + 1);
        return null;
      },
    });
  }

  /** What another process counted. */
  add(counted: ReadonlyMap<string, ReadonlyMap<number, number>>): void {
    for (const [path, lines] of counted) {
      const mine = this.files.get(path) ?? new Map<number, number>();
      this.files.set(path, mine);
      for (const [line, count] of lines) mine.set(line, (mine.get(line) ?? 0) + count);
    }
  }

  /** The same file, with its statements counted. A file that was seen before keeps its counts. */
  instrument(path: string, file: SourceFile): SourceFile {
    const lines = this.files.get(path) ?? new Map<number, number>();
    this.files.set(path, lines);
    const index = indexLines(file.text);
    const note = (stmt: Stmt): Stmt => {
      const point = this.#points.length;
      const place = spanOf(stmt);
      const line = lineAt(index, stmt.start);
      if (!lines.has(line)) lines.set(line, 0);
      this.#points.push({ lines, line });
      const callee = { kind: "name", name: MARK, ...place } as const;
      const args = [{ kind: "int", value: point, ...place }] as const;
      return { kind: "expr", expr: { kind: "call", callee, args, ...place }, ...place };
    };
    return { ...file, items: file.items.map((item) => withMarks(item, note)) };
  }
}

/** Whatever of the tree is a block, wherever it stands. */
function withMarks<T>(node: T, note: (stmt: Stmt) => Stmt): T {
  if (Array.isArray(node)) return node.map((item) => withMarks(item, note)) as T;
  if (typeof node !== "object" || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) copy[key] = withMarks(value, note);
  if (copy.kind === "block") {
    const block = copy as unknown as Block;
    const original = node as unknown as Block;
    return {
      ...block,
      stmts: block.stmts.flatMap((stmt, i) =>
        isCounted(original.stmts[i]!) ? [note(original.stmts[i]!), stmt] : [stmt],
      ),
    } as T;
  }
  return copy as T;
}

/** Declarations do not run, and what stands in front of them must not. */
function isCounted(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "pipeline":
    case "fn":
    case "tool":
    case "skill":
    case "struct":
    case "enum":
    case "interface":
    case "impl":
    case "type-alias":
    case "override":
    case "import":
      return false;
    default:
      return true;
  }
}
