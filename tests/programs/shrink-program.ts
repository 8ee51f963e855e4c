/**
 * A smaller program that still shows what a larger one shows: leaves out statements, puts the inside of a statement in its place, and parts of expressions in
 * place of the whole, as long as one of them helps and there is time.
 */
import { parseSource } from "../../src/syntax/parser.ts";

interface Piece {
  readonly start: number;
  readonly end: number;
  /** What may stand in its place, best first. */
  readonly instead: readonly string[];
}

type Node = { readonly kind?: unknown; readonly span?: { readonly start: number; readonly end: number } };

const LITERALS = ["nil", "0"];

export async function shrinkProgram(
  text: string,
  shows: (text: string) => Promise<boolean>,
  seconds: number,
): Promise<string> {
  const until = Date.now() + seconds * 1_000;
  let best = text;
  for (let helped = true; helped && Date.now() < until; ) {
    helped = false;
    for (const pieces of [statementsOf, expressionsOf]) {
      for (let at = 0; Date.now() < until; ) {
        const piece = pieces(best)[at];
        if (piece === undefined) break;
        const smaller = await firstThatShows(best, piece, shows);
        if (smaller === null) at++;
        else {
          best = smaller;
          helped = true;
        }
      }
    }
  }
  const dense = best.replaceAll(/^\s*\n/gm, "");
  return (await shows(dense)) ? dense : best;
}

async function firstThatShows(
  text: string,
  { start, end, instead }: Piece,
  shows: (text: string) => Promise<boolean>,
): Promise<string | null> {
  for (const other of instead) {
    if (other.length >= end - start) continue;
    const smaller = text.slice(0, start) + other + text.slice(end);
    if (await shows(smaller)) return smaller;
  }
  return null;
}

/** Calls back with each node and the statements of the blocks in it; outer nodes first. */
function walk(node: unknown, visit: (node: Node, inStatements: boolean) => void, inStatements = false): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit, inStatements);
    return;
  }
  if (typeof (node as Node).kind === "string") visit(node as Node, inStatements);
  for (const [key, value] of Object.entries(node))
    if (key !== "span" && key !== "tokens") walk(value, visit, key === "stmts" || key === "items");
}

/** The largest first. */
function statementsOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  walk(parseSource("t.harn", text).file.items, (node, isStatement) => {
    if (!isStatement && !isItem(node)) return;
    const blocks: string[] = [];
    walk(Object.values(node), (inner) => {
      if (inner.kind === "block") blocks.push(text.slice(inner.span!.start + 1, inner.span!.end - 1));
    });
    pieces.push({ ...node.span!, instead: ["", ...blocks] });
  });
  return pieces.toSorted((a, b) => b.end - b.start - (a.end - a.start));
}

const ITEMS: ReadonlySet<unknown> = new Set(["fn", "struct", "enum", "impl", "binding", "pipeline"]);

function isItem({ kind }: Node): boolean {
  return ITEMS.has(kind);
}

/** Nodes that may be expressions; whether what comes of it is a program shows when it is tried. */
function expressionsOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  walk(parseSource("t.harn", text).file.items, (node, isStatement) => {
    if (isStatement || node.kind === "block" || node.span === undefined) return;
    const parts: string[] = [];
    walk(Object.values(node), (inner) => {
      if (inner.span !== undefined && inner.kind !== "block") parts.push(text.slice(inner.span.start, inner.span.end));
    });
    pieces.push({ ...node.span, instead: [...LITERALS, ...parts.slice(0, 8)] });
  });
  return pieces;
}
