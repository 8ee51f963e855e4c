/**
 * Source text to syntax tree: the entry point of the front end.
 *
 * Invariants
 * 1. Any text gives a tree and diagnostics; nothing is thrown. Without error diagnostics the tree is the whole program.
 * 2. Lexical problems come first, as the reference reports them before anything else; the rest in the order of the text.
 */
import type { SourceDiagnostic } from "../base/diagnostic-code.ts";
import { spanOf } from "../base/span.ts";
import type { SourceFile, Stmt } from "./ast.ts";
import { tokenize } from "./lexer.ts";
import { outline } from "./parser/brackets.ts";
import { parseDeclaration, parseImport } from "./parser/declarations.ts";
import { exact, NONE, ParserState, SyntaxFault } from "./parser/state.ts";
import { parseStatement, recoverFrom } from "./parser/statements.ts";
import { strayBrace } from "./problems.ts";

export interface ParseResult {
  readonly file: SourceFile;
  readonly diagnostics: readonly SourceDiagnostic[];
}

/** `path` is only a name for messages. */
export function parseSource(path: string, text: string): ParseResult {
  const { tokens, diagnostics: lexical } = tokenize(text);
  const p = new ParserState(text, tokens, outline(tokens));
  const items: Stmt[] = [];
  try {
    parseItems(p, items);
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
  }
  const file: SourceFile = { kind: "source-file", path, text, items: exact(items), tokens, start: 0, end: text.length };
  return { file, diagnostics: [...lexical, ...p.diagnostics] };
}

function parseItems(p: ParserState, items: Stmt[]): void {
  p.skipNewlines();
  while (!p.nothingLeft) {
    if (p.check("}")) {
      // After a mistake it is most likely what recovery has left over.
      if (p.diagnostics.length === 0) p.report(strayBrace(spanOf(p.current), p.lines));
      p.skip();
    } else recoverFrom(p, parseItem, (item) => items.push(item));
    p.skipNewlines();
  }
}

/** Imports and pipelines stand at the top level only. */
function parseItem(p: ParserState): Stmt {
  if (p.check("import")) return parseImport(p);
  if (p.check("pipeline")) return parseDeclaration(p, p.current, NONE);
  return parseStatement(p);
}
