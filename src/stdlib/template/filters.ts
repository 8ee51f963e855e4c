/** The filters of templates: a value and arguments to a value. They show values as the template does: nil is empty. */

import { closestName } from "../../check/suggestion.ts";
import { UNMETERED } from "../../value/cost.ts";
import { displayValue } from "../../value/display.ts";
import { stringifyJson } from "../../value/json.ts";
import { codePointLength, codePoints } from "../../value/strings.ts";
import { isTruthy } from "../../value/truthiness.ts";
import { typeName } from "../../value/type-name.ts";
import { HList, HRange, HRecord, HSet, share, type Value } from "../../value/value.ts";
import { rangeLength } from "../../vm/places.ts";
import { type Position, TemplateProblem } from "./syntax.ts";

export const showValue = (value: Value): string => (value === null ? "" : displayValue(value));

/** As everywhere in Harn, but text of blanks alone is false. */
export const isSet = (value: Value): boolean => (typeof value === "string" ? value.trim() !== "" : isTruthy(value));

interface Filter {
  readonly min: number;
  readonly max: number;
  /** Throws a text: what is wrong. */
  apply(value: Value, args: readonly Value[]): Value;
}

/** What a filter throws; the position is added outside. */
class Unfit {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const onText = (apply: (text: string) => Value): Filter => ({
  min: 0,
  max: 0,
  apply: (value) => apply(showValue(value)),
});

/** The elements of a list, set or text; null of anything else. */
function elements(value: Value): readonly Value[] | null {
  if (value instanceof HList) return value.items;
  if (value instanceof HSet) return [...value.items.values()];
  return typeof value === "string" ? codePoints(value, UNMETERED) : null;
}

function lengthOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === "string") return codePointLength(value, UNMETERED);
  if (value instanceof HList) return value.items.length;
  if (value instanceof HSet) return value.items.size;
  if (value instanceof HRecord) return value.size;
  if (value instanceof HRange) return rangeLength(value);
  throw new Unfit(`\`length\` not defined for ${typeName(value)}`);
}

function reversed(value: Value): Value {
  if (value instanceof HList) return new HList(value.items.map((item) => share(item)).reverse());
  return typeof value === "string" ? codePoints(value, UNMETERED).reverse().join("") : value;
}

function joined(value: Value, separator: string): string {
  if (typeof value === "string") return value;
  const items = elements(value);
  if (items === null) throw new Unfit(`\`join\` requires a list (got ${typeName(value)})`);
  return items.map(showValue).join(separator);
}

/** Widest indentation: a typing slip must not fill the memory. */
const MAX_INDENT = 10_000;

function indented(text: string, width: Value, first: boolean): string {
  if (typeof width !== "number" || !Number.isInteger(width)) throw new Unfit("`indent` requires an integer width");
  if (width > MAX_INDENT) throw new Unfit(`\`indent\` width must be at most ${MAX_INDENT}, got ${width}`);
  const pad = " ".repeat(Math.max(0, width));
  return text
    .split("\n")
    .map((line, index) => (line !== "" && (index > 0 || first) ? pad + line : line))
    .join("\n");
}

const upperFirst = (word: string): string => {
  const [first = "", ...rest] = word;
  return first.toUpperCase() + rest.join("").toLowerCase();
};

const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ["upper", onText((text) => text.toUpperCase())],
  ["lower", onText((text) => text.toLowerCase())],
  ["trim", onText((text) => text.trim())],
  ["capitalize", onText(upperFirst)],
  ["title", onText((text) => text.replace(/\S+/gu, upperFirst))],
  ["lines", onText((text) => new HList(text.split("\n")))],
  ["escape_md", onText((text) => text.replace(/[\\`*_{}[\]()#+\-.!|<>]/g, "\\$&"))],
  ["length", { min: 0, max: 0, apply: lengthOf }],
  ["first", { min: 0, max: 0, apply: (value) => share(elements(value)?.[0] ?? null) }],
  ["last", { min: 0, max: 0, apply: (value) => share(elements(value)?.at(-1) ?? null) }],
  ["reverse", { min: 0, max: 0, apply: reversed }],
  ["join", { min: 1, max: 1, apply: (value, [separator]) => joined(value, showValue(separator!)) }],
  ["default", { min: 1, max: 1, apply: (value, [otherwise]) => (isSet(value) ? value : otherwise!) }],
  [
    "json",
    {
      min: 0,
      max: 1,
      apply: (value, [pretty = null]) =>
        stringifyJson(value, isSet(pretty) ? { indent: 2, keepFloats: true } : { keepFloats: true }),
    },
  ],
  [
    "indent",
    { min: 1, max: 2, apply: (value, [width, first = null]) => indented(showValue(value), width!, isSet(first)) },
  ],
  [
    "replace",
    {
      min: 2,
      max: 2,
      apply: (value, [from, to]) => showValue(value).replaceAll(showValue(from!), () => showValue(to!)),
    },
  ],
]);

export function applyFilter(name: string, value: Value, args: readonly Value[], at: Position): Value {
  const filter = FILTERS.get(name);
  if (filter === undefined) throw new TemplateProblem(at, `unknown filter \`${name}\`${suggestion(name)}`);
  if (args.length < filter.min || args.length > filter.max) {
    const wanted = filter.min === filter.max ? `${filter.min}` : `${filter.min} to ${filter.max}`;
    throw new TemplateProblem(at, `filter \`${name}\` got wrong number of arguments: ${args.length}, takes ${wanted}`);
  }
  try {
    return filter.apply(value, args);
  } catch (thrown) {
    if (thrown instanceof Unfit) throw new TemplateProblem(at, thrown.message);
    throw thrown;
  }
}

function suggestion(name: string): string {
  const near = closestName(name, FILTERS.keys());
  return near === null ? "" : ` (did you mean \`${near}\`?)`;
}
