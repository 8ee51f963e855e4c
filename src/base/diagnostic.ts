/**
 * What is wrong with a source text, as data, and how a terminal shows it.
 *
 * Invariants
 * 1. A diagnostic never throws away its place: the first label is the primary one and carries the position in the title.
 * 2. `renderDiagnostic` shows the source as it is (tabs become spaces, long lines are cut around the span), carets exactly under it.
 */
import type { Span } from "./span.ts";
import { displayWidth, indexLines, type LineIndex, lineText, positionAt } from "./text.ts";

export type Severity = "error" | "warning" | "note";

export interface Label {
  readonly span: Span;
  readonly text?: string;
}

/** Replaces the text of `span`; an empty replacement deletes it. */
export interface TextEdit {
  readonly span: Span;
  readonly replacement: string;
}

export interface Diagnostic {
  readonly severity: Severity;
  /** A stable name of the kind of problem, shown behind the message: a `DiagnosticCode`, or a lint rule. */
  readonly code?: string;
  /** One line, without position and without a closing full stop. */
  readonly message: string;
  /** The first is the primary one. */
  readonly labels: readonly Label[];
  /** What to do about it: one line. */
  readonly help?: string;
  /** Edits that fix it, without overlaps. */
  readonly edits?: readonly TextEdit[];
  /** The reference's wording where ours differs; see `legacyMessage`. */
  readonly legacy?: string;
}

/** The bare text that the reference prints for this problem, position included where the reference includes it. */
export function legacyMessage(diagnostic: Diagnostic): string {
  return diagnostic.legacy ?? diagnostic.message;
}

export interface RenderOptions {
  /** File name for the title. */
  readonly path: string;
  readonly text: string;
  /** ANSI colours. */
  readonly color?: boolean;
}

/** The whole report of one diagnostic, with a final line break. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint = painter(options.color ?? false);
  const severityColor = SEVERITY_COLORS[diagnostic.severity];
  const lines: string[] = [];
  const code = diagnostic.code === undefined ? "" : ` [${diagnostic.code}]`;
  lines.push(`${paint(diagnostic.severity, severityColor)}${paint(`: ${diagnostic.message}`, BOLD)}${code}`);

  const primary = diagnostic.labels[0];
  const index = indexLines(options.text);
  const marks = diagnostic.labels.map((label, order) => placeMark(index, label, order === 0));
  const gutter = String(Math.max(1, ...marks.map((mark) => mark.line))).length;
  const margin = " ".repeat(gutter);
  if (primary) {
    const { line, column } = positionAt(index, primary.span.start);
    lines.push(`${margin}${paint("-->", BLUE)} ${options.path}:${line}:${column}`);
    lines.push(`${margin} ${paint("|", BLUE)}`);
  }

  let previous = 0;
  for (const mark of marks.toSorted((a, b) => a.line - b.line || Number(b.primary) - Number(a.primary))) {
    if (mark.line !== previous) {
      if (previous !== 0 && mark.line > previous + 1) lines.push(paint("...", BLUE));
      const number = String(mark.line).padStart(gutter);
      lines.push(`${paint(number, BLUE)} ${paint("|", BLUE)} ${mark.source}`.trimEnd());
      previous = mark.line;
    }
    const underline = (mark.primary ? "^" : "-").repeat(mark.width) + (mark.text ? ` ${mark.text}` : "");
    const color = mark.primary ? severityColor : BLUE;
    lines.push(`${margin} ${paint("|", BLUE)} ${" ".repeat(mark.indent)}${paint(underline, color)}`);
  }
  if (diagnostic.help) lines.push(`${margin} ${paint("=", BLUE)} ${paint("help", CYAN)}: ${diagnostic.help}`);
  return `${lines.join("\n")}\n`;
}

interface Mark {
  readonly primary: boolean;
  readonly line: number;
  /** The shown part of the source line. */
  readonly source: string;
  /** Terminal columns before and under the mark. */
  readonly indent: number;
  readonly width: number;
  readonly text: string | undefined;
}

/** Of a span over several lines the first line is marked, to its end. */
function placeMark(index: LineIndex, label: Label, primary: boolean): Mark {
  const { line } = positionAt(index, label.span.start);
  const start = index.starts[line - 1]!;
  const whole = lineText(index, line);
  const from = Math.min(label.span.start - start, whole.length);
  const to = Math.max(from, Math.min(label.span.end - start, whole.length));
  const cut = cutLine(whole, from);
  const shown = cut.text;
  const markStart = from - cut.skipped + cut.prefix;
  const markEnd = Math.min(to - cut.skipped + cut.prefix, shown.length);
  return {
    primary,
    line,
    source: expandTabs(shown),
    indent: displayWidth(shown.slice(0, markStart)),
    width: Math.max(1, displayWidth(shown.slice(markStart, markEnd))),
    text: label.text,
  };
}

const LONGEST_LINE = 160;
const CONTEXT = 60;

/** Cuts a line that is too long for a terminal down to the part around `at`. */
function cutLine(
  line: string,
  at: number,
): { readonly text: string; readonly skipped: number; readonly prefix: number } {
  if (line.length <= LONGEST_LINE) return { text: line, skipped: 0, prefix: 0 };
  const skipped = Math.max(0, at - CONTEXT);
  const end = Math.min(line.length, skipped + LONGEST_LINE);
  const prefix = skipped > 0 ? "…" : "";
  return { text: prefix + line.slice(skipped, end) + (end < line.length ? "…" : ""), skipped, prefix: prefix.length };
}

function expandTabs(text: string): string {
  return text.replaceAll("\t", "    ");
}

const BOLD = "1";
const BLUE = "34";
const CYAN = "1;36";
const SEVERITY_COLORS: Readonly<Record<Severity, string>> = { error: "1;31", warning: "1;33", note: "1;35" };

function painter(color: boolean): (text: string, style: string) => string {
  return color ? (text, style) => `\u001b[${style}m${text}\u001b[0m` : (text) => text;
}
