/**
 * Renders the tree of a template with bindings, and on request says which part of the output came from where.
 *
 * Invariants
 * 1. Bounded: so many steps, so much text, so many includes within each other; what goes beyond is a problem at its directive.
 * 2. A problem names the file that has it, also when that file was included.
 * 3. Nothing is read but through `Reader`, and each file once a rendering.
 */
import { FileFailure } from "../../ports/files.ts";
import { UNMETERED } from "../../value/cost.ts";
import { valuesEqual } from "../../value/equality.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { isNumber, toDouble } from "../../value/numbers.ts";
import { codePointAt } from "../../value/strings.ts";
import { typeName } from "../../value/type-name.ts";
import { HDict, HList, HRange, HRecord, HSet, share, type Value } from "../../value/value.ts";
import { rangeLength } from "../../vm/places.ts";
import { applyFilter, isSet, showValue } from "./filters.ts";
import { parseTemplate } from "./parser.ts";
import type { Comparison, Expression, Node, Position, Segment } from "./syntax.ts";
import { TemplateProblem } from "./syntax.ts";

const MAX_STEPS = 2_000_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;
const MAX_INCLUDES = 32;
const MAX_PREVIEW = 80;

export interface Span {
  readonly kind: "text" | "expr" | "legacy_bare" | "if" | "for_iteration" | "include";
  /** Of the directive; line and column 0 for text and bare names. */
  readonly at: Position;
  /** UTF-8 bytes of the output, the end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly file: string;
  /** What was shown, shortened; null for blocks and text. */
  readonly preview: string | null;
  /** The include that led here, innermost first. */
  readonly parent: Span | null;
}

export interface Template {
  /** Absolute, as it was asked for; `real` with links followed. */
  readonly file: string;
  readonly real: string;
  readonly folder: string;
  readonly text: string;
}

export interface Reader {
  /** What `path` means in a template that stands in `folder`. Throws a `FileFailure`. */
  read(path: string, folder: string): Template;
  /** Told how long the output is so far; may throw when that is too much. */
  written?(characters: number): void;
}

/** Throws a `TemplateProblem` with its file. */
export function renderTemplate(
  template: Template,
  bindings: HDict | null,
  reader: Reader,
  spans: Span[] | null,
): string {
  const renderer = new Renderer(reader, spans);
  const tree = inFile(template.file, () => parseTemplate(template.text));
  renderer.run(tree, {
    template,
    scope: { layer: bindings ?? HDict.empty(), outer: null },
    chain: [template.real],
    parent: null,
  });
  return renderer.text();
}

/** Names of a block, and of those around it. */
interface Names {
  readonly layer: { get(name: string): Value | undefined };
  readonly outer: Names | null;
}

interface Frame {
  readonly template: Template;
  readonly scope: Names;
  /** Files that are being included, the outermost first. */
  readonly chain: readonly string[];
  readonly parent: Span | null;
}

function inFile<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (thrown instanceof TemplateProblem) thrown.file ??= file;
    throw thrown;
  }
}

const NOWHERE: Position = { line: 0, column: 0 };

class Renderer {
  private readonly reader: Reader;
  private readonly spans: Span[] | null;
  private readonly trees = new Map<string, readonly Node[]>();
  private readonly parts: string[] = [];
  private characters = 0;
  private bytes = 0;
  private steps = 0;
  constructor(reader: Reader, spans: Span[] | null) {
    this.reader = reader;
    this.spans = spans;
  }

  text(): string {
    return this.parts.join("");
  }

  run(nodes: readonly Node[], frame: Frame): void {
    inFile(frame.template.file, () => {
      for (const node of nodes) this.node(node, frame);
    });
  }

  private node(node: Node, frame: Frame): void {
    const start = this.bytes;
    switch (node.kind) {
      case "text":
        this.write(node.text, NOWHERE);
        this.span("text", NOWHERE, start, frame);
        return;
      case "value": {
        const shown = showValue(evaluate(node.expression, frame.scope, node.at));
        this.write(shown, node.at);
        this.span("expr", node.at, start, frame, shown);
        return;
      }
      case "name": {
        const value = lookUp(frame.scope, node.name);
        const shown = value === undefined ? node.source : showValue(value);
        this.write(shown, NOWHERE);
        this.span("legacy_bare", NOWHERE, start, frame, value === undefined ? null : shown);
        return;
      }
      case "if": {
        const taken = node.branches.find(({ condition, at }) => isSet(evaluate(condition, frame.scope, at)));
        this.run(taken?.body ?? node.otherwise ?? [], frame);
        this.span("if", node.at, start, frame);
        return;
      }
      case "for":
        this.loop(node, frame);
        return;
      case "include":
        this.include(node, frame);
        return;
    }
  }

  private loop(node: Extract<Node, { readonly kind: "for" }>, frame: Frame): void {
    const over = evaluate(node.over, frame.scope, node.at);
    const length = countOf(over, node.at);
    if (length === 0) this.run(node.otherwise ?? [], frame);
    let index = 0;
    for (const [key, item] of itemsOf(over)) {
      const start = this.bytes;
      const layer = loopNames(node, key, item, index, length);
      this.step(node.at);
      this.run(node.body, { ...frame, scope: { layer, outer: frame.scope } });
      this.span("for_iteration", node.at, start, frame);
      index++;
    }
  }

  private include(node: Extract<Node, { readonly kind: "include" }>, frame: Frame): void {
    const start = this.bytes;
    const { at } = node;
    const path = evaluate(node.path, frame.scope, at);
    if (typeof path !== "string")
      throw new TemplateProblem(at, `include path must be a string (got ${typeName(path)})`);
    this.step(at);
    const template = this.read(path, frame, at);
    if (frame.chain.includes(template.real)) {
      const chain = [...frame.chain, template.real].join(" → ");
      throw new TemplateProblem(at, `circular include detected: ${chain}`);
    }
    if (frame.chain.length > MAX_INCLUDES)
      throw new TemplateProblem(at, `include depth exceeded (${MAX_INCLUDES} levels)`);
    const layer = HDict.from(node.bindings.map(([key, value]) => [key, share(evaluate(value, frame.scope, at))]));
    const parent: Span = {
      kind: "include",
      at,
      start,
      end: start,
      file: frame.template.file,
      preview: null,
      parent: frame.parent,
    };
    this.run(this.tree(template), {
      template,
      scope: { layer, outer: frame.scope },
      chain: [...frame.chain, template.real],
      parent,
    });
    this.span("include", at, start, frame);
  }

  private read(path: string, frame: Frame, at: Position): Template {
    try {
      return this.reader.read(path, frame.template.folder);
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      throw new TemplateProblem(at, `failed to read included template ${error.path}: ${error.reason}`);
    }
  }

  private tree(template: Template): readonly Node[] {
    const known = this.trees.get(template.file);
    if (known !== undefined) return known;
    const tree = inFile(template.file, () => parseTemplate(template.text));
    this.trees.set(template.file, tree);
    return tree;
  }

  private write(text: string, at: Position): void {
    this.step(at);
    this.characters += text.length;
    if (this.characters > MAX_CHARACTERS)
      throw new TemplateProblem(at, `the output is longer than ${MAX_CHARACTERS} characters`);
    this.reader.written?.(this.characters);
    this.parts.push(text);
    if (this.spans !== null) this.bytes += utf8Length(text);
  }

  private step(at: Position): void {
    if (++this.steps > MAX_STEPS) throw new TemplateProblem(at, `the template takes more than ${MAX_STEPS} steps`);
  }

  private span(kind: Span["kind"], at: Position, start: number, frame: Frame, shown: string | null = null): void {
    if (this.spans === null) return;
    const preview = shown === null ? null : shorten(shown);
    const { parent, template } = frame;
    this.spans.push({ kind, at, start, end: this.bytes, file: template.file, preview, parent });
  }
}

function shorten(text: string): string {
  const characters = [...text.slice(0, 4 * MAX_PREVIEW)];
  return characters.length <= MAX_PREVIEW ? text : `${characters.slice(0, MAX_PREVIEW - 1).join("")}…`;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function loopNames(
  node: Extract<Node, { readonly kind: "for" }>,
  key: Value,
  item: Value,
  index: number,
  length: number,
): Names["layer"] {
  return {
    get(name) {
      // `loop` hides variables of that name, the item hides its key.
      if (name === "loop")
        return HDict.of({ index: index + 1, index0: index, first: index === 0, last: index === length - 1, length });
      if (name === node.key) return key;
      return name === node.item ? share(item) : undefined;
    },
  };
}

function lookUp(names: Names | null, name: string): Value | undefined {
  for (let at = names; at !== null; at = at.outer) {
    const value = at.layer.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function evaluate(expression: Expression, names: Names, at: Position): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "path":
      return expression.segments.reduce(follow, lookUp(names, expression.name) ?? null);
    case "not":
      return !isSet(evaluate(expression.operand, names, at));
    case "and":
    case "or": {
      const left = evaluate(expression.left, names, at);
      return isSet(left) === (expression.kind === "and") ? evaluate(expression.right, names, at) : left;
    }
    case "compare":
      return compare(expression.operator, evaluate(expression.left, names, at), evaluate(expression.right, names, at));
    case "filter": {
      const value = evaluate(expression.operand, names, at);
      return applyFilter(
        expression.name,
        value,
        expression.args.map((arg) => evaluate(arg, names, at)),
        at,
      );
    }
  }
}

/** What is not there is nil. */
function follow(value: Value, segment: Segment): Value {
  if (segment.kind === "field") {
    return value instanceof HRecord ? (value.get(segment.name) ?? null) : null;
  }
  if (value instanceof HList) return value.items.at(segment.index) ?? null;
  return typeof value === "string" ? codePointAt(value, segment.index, UNMETERED) : null;
}

function compare(operator: Comparison, a: Value, b: Value): boolean {
  if (operator === "==") return valuesEqual(a, b, UNMETERED);
  if (operator === "!=") return !valuesEqual(a, b, UNMETERED);
  let order: number;
  if (typeof a === "string" && typeof b === "string") order = compareUtf8(a, b);
  else if (isNumber(a) && isNumber(b)) order = toDouble(a) - toDouble(b);
  else return false;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function countOf(value: Value, at: Position): number {
  if (value === null) return 0;
  if (value instanceof HList) return value.items.length;
  if (value instanceof HDict) return value.size;
  if (value instanceof HSet) return value.items.size;
  if (value instanceof HRange) return rangeLength(value);
  throw new TemplateProblem(at, `cannot iterate over ${typeName(value)} — expected list, dict, set, or range`);
}

/** Pairs of key (index) and item. */
function* itemsOf(value: Value): Generator<readonly [Value, Value]> {
  if (value instanceof HDict) yield* value.entries();
  else if (value instanceof HRange) for (let i = 0; i < rangeLength(value); i++) yield [i, value.start + i];
  else if (value instanceof HList || value instanceof HSet) {
    let index = 0;
    for (const item of value instanceof HList ? value.items : value.items.values()) yield [index++, item];
  }
}
