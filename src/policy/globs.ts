/**
 * The patterns of policies. `*` stands for any text, slashes included, as in the reference; `?`, `[a-c]` and `{a,b}` work too. For names and paths
 * the work is done by picomatch; other text is matched with `*` alone, since to read it as a path would be wrong.
 */
import picomatch from "picomatch";
import { Failure } from "../base/failure.ts";

/** `bash`: one star crosses slashes. Extended globs could run for exponential time. */
const OPTIONS = { bash: true, dot: true, nonegate: true, noextglob: true } as const;

export function matchesGlob(pattern: string, text: string): boolean {
  return pattern === text || picomatch.makeRe(pattern, OPTIONS).test(text);
}

/** Refuses what can never match: a rule that silently does nothing is worse than none. */
export function checkGlob(pattern: string, where: string): void {
  try {
    picomatch.makeRe(pattern, { ...OPTIONS, debug: true });
  } catch (error) {
    throw new Failure(`${where}: bad pattern "${pattern}": ${(error as Error).message}`);
  }
}

/** The text before the first pattern character, up to its last slash, and the rest. */
export function splitGlob(pattern: string): { readonly base: string; readonly rest: string } {
  const first = pattern.search(/[*?[\]{}()!+@\\]/);
  if (first === -1) return { base: pattern, rest: "" };
  const slash = pattern.lastIndexOf("/", first);
  return { base: pattern.slice(0, slash + 1), rest: pattern.slice(slash + 1) };
}

/** `*` is any text, line breaks included; all else stands for itself. Linear in the text. */
export function matchesText(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === text;
  const first = parts[0]!;
  const last = parts[parts.length - 1]!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** As shells read it: `*` stays within a folder, `**` crosses them. */
export function matchesSegments(pattern: string, path: string): boolean {
  return pattern === path || picomatch.makeRe(pattern, { dot: true, nonegate: true, noextglob: true }).test(path);
}
