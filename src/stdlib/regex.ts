/**
 * Regular expressions that run in time linear in the text (re2js). As in the reference's engine, `\w`, `\d` and `\s` are those of Unicode.
 *
 * Invariant: offsets never leave this file; what a program sees are texts.
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { Call } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { Growth, type Meter, PIECE_BYTES, UNMETERED } from "../value/cost.ts";
import { HDict, HList, type Value } from "../value/value.ts";
import { reserveGrowing } from "./reserve.ts";

const CLASSES: Readonly<Record<string, string>> = {
  w: "\\p{L}\\p{M}\\p{N}\\p{Pc}",
  d: "\\p{Nd}",
  s: "\\t\\n\\v\\f\\r\\x{85}\\p{Z}",
};

/** The pattern with the classes `\w \d \s` spelt out for all of Unicode, inside brackets and outside. */
export function widenClasses(pattern: string): string {
  let out = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === "\\" && i + 1 < pattern.length) {
      const letter = pattern[++i]!;
      const members = CLASSES[letter.toLowerCase()];
      if (members === undefined) out += char + letter;
      else if (letter !== letter.toLowerCase()) out += inClass ? char + letter : `[^${members}]`;
      else out += inClass ? members : `[${members}]`;
      continue;
    }
    if (char === "[" && !inClass) {
      inClass = true;
      out += char;
      // A bracket that comes first stands for itself.
      if (pattern[i + 1] === "^") out += pattern[++i];
      if (pattern[i + 1] === "]") out += `\\${pattern[++i]}`;
      continue;
    }
    if (char === "]") inClass = false;
    out += char;
  }
  return out;
}

/** A cache of immutable things: a pattern means the same whoever compiled it. The least recently used is dropped. */
const COMPILED = new Map<string, RE2JS>();
const MOST_COMPILED = 256;
/** Time grows with the pattern, too. */
const LONGEST = 10_000;

/** Of a unit of a pattern that is new, and of one of the text, with what is added for each unit of the pattern: in fuel. */
const COMPILED_UNIT = 1_000;
const SEARCHED_UNIT = 16;
/** What is looked for in a text of this length or less needs no counting. */
const SHORT_SEARCH = 128;

/** Takes fuel for a search. */
function searched(pattern: string, text: string, meter: Meter): string {
  meter.spend(text.length * (SEARCHED_UNIT + pattern.length));
  return text;
}

export function compileRegex(pattern: string, meter: Meter): RE2JS {
  const known = COMPILED.get(pattern);
  if (known !== undefined) {
    // While there is room their order does not matter.
    if (COMPILED.size > MOST_COMPILED / 2) {
      COMPILED.delete(pattern);
      COMPILED.set(pattern, known);
    }
    return known;
  }
  meter.spend(pattern.length * COMPILED_UNIT);
  const made = compileAnew(pattern);
  COMPILED.set(pattern, made);
  if (COMPILED.size > MOST_COMPILED) COMPILED.delete(COMPILED.keys().next().value!);
  return made;
}

function compileAnew(pattern: string): RE2JS {
  if (pattern.length > LONGEST) {
    throw thrownError(`Invalid regex: the pattern has ${pattern.length} characters, at most ${LONGEST} are allowed`);
  }
  try {
    return RE2JS.compile(widenClasses(pattern));
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw thrownError(`Invalid regex: ${error.message}`);
    throw error;
  }
}

interface Match {
  readonly start: number;
  readonly end: number;
  /** The whole match first; undefined: the group took no part. */
  readonly groups: readonly (string | undefined)[];
}

function* matchesOf(regex: RE2JS, text: string): Generator<Match> {
  const matcher = regex.matcher(text);
  while (matcher.find()) {
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
    yield { start: matcher.start(), end: matcher.end(), groups };
  }
}

function groupNames(regex: RE2JS): readonly (readonly [string, number])[] {
  return Object.entries(regex.namedGroups());
}

/** `$1`, `$name`, `${name}` from the match, `$$` a dollar; a group that does not exist or took no part is empty. */
function expand(replacement: string, match: Match, names: ReadonlyMap<string, number>): string {
  return replacement.replace(/\$(?:\$|\{([^}]*)\}|([0-9A-Za-z_]+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === "$$") return "$";
    const name = braced ?? bare ?? "";
    const index = /^\d+$/.test(name) ? Number(name) : names.get(name);
    return index === undefined ? "" : (match.groups[index] ?? "");
  });
}

function replaceMatches(pattern: string, replacement: string, text: string, call: Call): string {
  const regex = compileRegex(pattern, call);
  const tell = reserveGrowing(call);
  searched(pattern, text, call);
  const names = new Map(groupNames(regex));
  let out = "";
  let last = 0;
  for (const match of matchesOf(regex, text)) {
    out += text.slice(last, match.start) + expand(replacement, match, names);
    tell(out.length + text.length - match.end);
    last = match.end;
  }
  return out + text.slice(last);
}

/** What a dict of captures takes, its groups apart. */
const CAPTURES_BYTES = 400;

function captureDict(match: Match, names: readonly (readonly [string, number])[]): HDict {
  const dict = new Map<string, Value>([
    ["match", match.groups[0] ?? ""],
    ["groups", new HList(match.groups.slice(1).map((group) => group ?? null))],
  ]);
  for (const [name, index] of names) {
    const group = match.groups[index];
    if (group !== undefined) dict.set(name, group);
  }
  return HDict.fromMap(dict);
}

function allMatches(regex: RE2JS, text: string, meter: Meter): HList | null {
  const matcher = regex.matcher(text);
  if (!matcher.find()) return null;
  const growth = new Growth(meter);
  const found: Value[] = [];
  do {
    found.push(matcher.group() ?? "");
    growth.told(found.length * PIECE_BYTES);
  } while (matcher.find());
  return new HList(found);
}

export const regexBuiltins: readonly Builtin[] = [
  builtin("regex_match", {
    sig: "(pattern: any, text: any) -> any",
    doc: "The texts of all matches; nil when there are none.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(regex_match("[0-9]+", "a1 b22"))', prints: "[1, 22]" }],
    run(call, args) {
      if (args.count < 2) return null;
      const pattern = args.text("pattern");
      return allMatches(compileRegex(pattern, call), searched(pattern, args.text("text"), call), call);
    },
    quick(pattern, text) {
      // A pattern that is new may be wrong.
      const regex =
        typeof pattern === "string" && COMPILED.size <= MOST_COMPILED / 2 ? COMPILED.get(pattern) : undefined;
      return regex === undefined || typeof text !== "string" || text.length > SHORT_SEARCH
        ? undefined
        : allMatches(regex, text, UNMETERED);
    },
  }),
  ...["regex_replace", "regex_replace_all"].map((name) =>
    builtin(name, {
      sig: "(pattern: any, replacement: any, text: any) -> string",
      doc: "The text with every match replaced; `$1` and `$name` stand for groups.",
      needs: "nothing",
      borrows: true,
      examples: [{ code: `println(${name}("[0-9]+", "#", "a1 b22"))`, prints: "a# b#" }],
      run: (call, args) =>
        args.count < 3 ? null : replaceMatches(args.text("pattern"), args.text("replacement"), args.text("text"), call),
    }),
  ),
  builtin("regex_captures", {
    sig: "(pattern: any, text: any) -> list",
    doc: "For each match {match, groups} and its named groups; groups that took no part are nil.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(regex_captures("(\\\\w)=(\\\\d)", "a=1"))', prints: "[{groups: [a, 1], match: a=1}]" }],
    run(call, args) {
      if (args.count < 2) return new HList([]);
      const pattern = args.text("pattern");
      const regex = compileRegex(pattern, call);
      const names = groupNames(regex);
      const growth = new Growth(call);
      const found: Value[] = [];
      for (const match of matchesOf(regex, searched(pattern, args.text("text"), call))) {
        found.push(captureDict(match, names));
        growth.told(found.length * (CAPTURES_BYTES + match.groups.length * PIECE_BYTES));
      }
      return new HList(found);
    },
  }),
];
