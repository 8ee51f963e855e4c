/**
 * String literals. What stands on one line is written between plain quotes; what spans several stays triple-quoted, its lines one level
 * deeper than the statement. Code in `${…}` is written as it stands.
 */
import type { Expr } from "../../syntax/ast.ts";
import { dedent } from "../../syntax/string-content.ts";
import type { Layout } from "./layout.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"', "${": "\\${" };

export function escapePlain(text: string): string {
  return text.replace(/[\n\t\\"]|\$\{/g, (found) => ESCAPES[found]!);
}

export function formatString(l: Layout, expr: Extract<Expr, { kind: "string" }>): string {
  const { start, end } = expr;
  if (expr.style === "raw") return l.text.slice(start, end);
  if (!l.breaksBetween(start, end)) return `"${escapePlain(expr.value)}"`;
  return tripleQuoted(l, [expr.value], []) ?? l.text.slice(start, end);
}

export function formatInterpolation(l: Layout, expr: Extract<Expr, { kind: "interpolation" }>): string {
  const { start, end } = expr;
  const source = l.text.slice(start, end);
  const pieces = readPieces(l, expr);
  if (pieces === null) return source;
  const { texts, codes } = pieces;
  if (!l.breaksBetween(start, end)) {
    return `"${texts.map((text, at) => escapePlain(text) + (at < codes.length ? `\${${codes[at]}}` : "")).join("")}"`;
  }
  if (codes.some((code) => code.includes("\n"))) return source;
  return tripleQuoted(l, texts, codes) ?? source;
}

/** The texts between the interpolations (one more than those) and the code of each; null if the code holds what only this kind of string may. */
function readPieces(
  l: Layout,
  span: { readonly start: number; readonly end: number },
): { readonly texts: readonly string[]; readonly codes: readonly string[] } | null {
  const { tokens } = l.file;
  const texts = [""];
  const codes: string[] = [];
  let depth = 0;
  let codeStart = 0;
  for (let at = l.tokenAt(span.start) + 1; at < tokens.length && tokens.start(at) < span.end; at++) {
    const kind = tokens.kind(at);
    if (kind === "interpolation-open" && depth++ === 0) codeStart = tokens.end(at);
    else if (kind === "interpolation-close" && --depth === 0) {
      codes.push(l.text.slice(codeStart, tokens.start(at)));
      texts.push("");
    } else if (kind === "string-text" && depth === 0) texts[texts.length - 1] += String(tokens.value(at));
  }
  return codes.length === 0 ? null : { texts, codes };
}

/** Null if the language would read another text from it. */
function tripleQuoted(l: Layout, texts: readonly string[], codes: readonly string[]): string | null {
  if (texts.some((text) => text.includes('"""') || text.includes("${"))) return null;
  const pad = "  ".repeat(l.base + 1);
  const last = texts.length - 1;
  if (last === 0 && texts[0] === "") return `"""\n${pad}"""`;
  // A line that begins with an interpolation is indented although its text is empty.
  const pieces = texts.map((text, piece) => {
    const lines = text.split("\n");
    return lines
      .map((line, at) => {
        const startsLine = at > 0 || piece === 0;
        const goesOn = at === lines.length - 1 && piece < last;
        return startsLine && (line !== "" || goesOn) ? pad + line : line;
      })
      .join("\n");
  });
  pieces[last] += `\n${pad}`;
  const read = dedent(pieces);
  if (read.some((text, at) => text !== texts[at])) return null;
  return `"""\n${pieces.map((piece, at) => piece + (at < last ? `\${${codes[at]}}` : "")).join("")}"""`;
}
