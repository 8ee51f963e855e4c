/** What the rules know of the file they look at, and how they report. */

import { type Span, spanOf } from "../../base/span.ts";
import { indexLines, type LineIndex, lineAt } from "../../base/text.ts";
import type { ModuleInterface } from "../../check/module-interface.ts";
import type { Ident, SourceFile } from "../../syntax/ast.ts";
import { type Comment, CommentStore } from "../format/comments.ts";
import { collectNames, type FileNames } from "./file-names.ts";
import type { Edit, Finding, Fix } from "./finding.ts";
import { RULES } from "./rule-table.ts";
import { SourceView } from "./source-view.ts";

/** What lies outside the file. */
export interface LintSurroundings {
  /** What an import brings in; null when it cannot be had. */
  importedModule(path: string): ImportedModule | null;
  /** Names that some file imports from another one. */
  readonly importedNames: ReadonlySet<string>;
  isBuiltin(name: string): boolean;
  builtinNames(): Iterable<string>;
  /** Whether a builtin's result is always true or false. */
  givesBool(builtin: string): boolean;
}

export interface ImportedModule {
  readonly interface: ModuleInterface;
  /** Loading it, and what it imports, does nothing but declare. */
  readonly isInert: boolean;
}

export interface LintOptions {
  /** Files whose name gives the title of a missing header. */
  readonly name: string;
  readonly requireFileHeader: boolean;
  readonly complexityThreshold: number;
}

const SEVERITIES = new Map(RULES.map(({ name, severity }) => [name, severity]));

/** Of one rule in one file: each finding takes more room than the text that it is about. */
const MOST_FINDINGS = 10_000;

export class LintContext {
  readonly file: SourceFile;
  readonly source: SourceView;
  readonly lines: LineIndex;
  readonly comments: readonly Comment[];
  readonly names: FileNames;
  readonly around: LintSurroundings;
  readonly options: LintOptions;
  readonly findings: Finding[] = [];
  /** How often each rule has reported something, and where the first stands that is not listed. */
  readonly #counts = new Map<string, { readonly count: number; readonly first: Span | null }>();

  constructor(file: SourceFile, around: LintSurroundings, options: LintOptions) {
    this.file = file;
    this.source = new SourceView(file);
    this.lines = indexLines(file.text);
    this.comments = new CommentStore(file).all;
    this.names = collectNames(file);
    this.around = around;
    this.options = options;
  }

  report(rule: string, span: Span, message: string, help: string | null = null, fix: Fix | null = null): void {
    const severity = SEVERITIES.get(rule);
    if (severity === undefined) throw new Error(`no rule ${rule} in the table`);
    const count = (this.#counts.get(rule)?.count ?? 0) + 1;
    if (count <= MOST_FINDINGS) {
      this.findings.push({ rule, severity, span: spanOf(span), message, help, fix });
      this.#counts.set(rule, { count, first: null });
    } else this.#counts.set(rule, { count, first: this.#counts.get(rule)?.first ?? spanOf(span) });
  }

  /** Says of which rules there are more findings than are listed. */
  reportLeftOut(): void {
    for (const [rule, { count, first }] of this.#counts) {
      if (first === null) continue;
      const message = `${count - MOST_FINDINGS} more like this from here on: only the first ${MOST_FINDINGS} are listed`;
      this.findings.push({ rule, severity: "note", span: first, message, help: null, fix: null });
    }
  }

  /** Line of a place, from 1. */
  lineOf({ start }: Span): number {
    return lineAt(this.lines, start);
  }

  /** A declaration's place: from its keyword (behind `pub`) to its end. */
  declarationSpan(decl: Span, name: Ident): Span {
    const keyword = this.source.token(this.source.tokenAt(name.start) - 1);
    return { start: keyword?.start ?? decl.start, end: decl.end };
  }
}

export function safeFix(...edits: readonly Edit[]): Fix {
  return { edits, isSafe: true };
}

export function unsafeFix(...edits: readonly Edit[]): Fix {
  return { edits, isSafe: false };
}
