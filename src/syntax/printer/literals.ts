/** How literals are written so that the lexer reads the same value again. */
import type { Expr } from "../ast.ts";
import { dedent } from "../string-content.ts";

/** In digits only: the language has no exponents. */
export function floatText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return `1${"0".repeat(309)}.0`;
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (!match) throw new Error(`${text} has no literal`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point).padEnd(point, "0")}.${digits.slice(point) || "0"}`;
}

/** An integral number of milliseconds, however big. */
export function durationText(ms: number): string {
  return `${BigInt(ms)}ms`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"', "${": "\\${" };

/** Text between the quotes of a plain string. */
function escapePlain(text: string): string {
  return text.replace(/[\n\t\\"]|\$\{/g, (found) => ESCAPES[found]!);
}

export function plainText(text: string): string {
  return `"${escapePlain(text)}"`;
}

export function stringText(expr: Extract<Expr, { kind: "string" }>): string {
  if (expr.style === "raw" && !/["\n]/.test(expr.value)) return `r"${expr.value}"`;
  if (expr.style === "multi") return tripleQuoted([expr.value], []) ?? plainText(expr.value);
  return plainText(expr.value);
}

/** `printed`: the text of each expression part, in order. */
export function interpolationText(expr: Extract<Expr, { kind: "interpolation" }>, printed: readonly string[]): string {
  const holes = printed.map((code) => `\${${code}}`);
  if (expr.style === "multi") {
    const texts = [""];
    for (const part of expr.parts) {
      if (part.kind === "text") texts[texts.length - 1] += part.text;
      else texts.push("");
    }
    const text = tripleQuoted(texts, holes);
    if (text !== null) return text;
  }
  let hole = 0;
  const body = expr.parts.map((part) => (part.kind === "text" ? escapePlain(part.text) : holes[hole++]!));
  return `"${body.join("")}"`;
}

/**
 * Several ways to lay out a triple-quoted string are tried until one is read back as `texts` (one more than `holes`); null if none is.
 */
function tripleQuoted(texts: readonly string[], holes: readonly string[]): string | null {
  if (texts.some((text) => text.includes('"""') || text.includes("${"))) return null;
  const last = texts.length - 1;
  const closed = texts.map((text, at) => (at === last ? `${text}\n` : text));
  const indented = closed.map((text, at) => {
    const lines = text.replaceAll(/\n(?=[^\n])/g, "\n  ");
    const hole = at < last && text.endsWith("\n") ? "  " : "";
    return (at === 0 && !text.startsWith("\n") ? "  " : "") + lines + hole;
  });
  for (const raw of [closed, indented, texts]) {
    // The line break after the opening quotes is not part of the text.
    const isInline = raw === texts;
    const ends = isInline && (texts[0]!.startsWith("\n") || texts[last]!.endsWith('"'));
    if (ends || !sameTexts(dedent(raw), texts)) continue;
    return `"""${isInline ? "" : "\n"}${raw.map((text, at) => text + (holes[at] ?? "")).join("")}"""`;
  }
  return null;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.every((text, at) => text === b[at]);
}
