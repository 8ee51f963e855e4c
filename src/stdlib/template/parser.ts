/** From the pieces of a template to its tree. The first problem is thrown, at the directive that has it. */
import { literalWord, parseExpression } from "./expressions.ts";
import type { Piece } from "./scanner.ts";
import { scanTemplate } from "./scanner.ts";
import { type Branch, type Expression, type Node, type Position, TemplateProblem } from "./syntax.ts";

type Directive = Extract<Piece, { readonly kind: "directive" }>;

const IDENTIFIER = /^[\p{Alphabetic}_][\p{Alphabetic}\p{N}_]*$/u;
const DEEPEST = 200;

export function parseTemplate(source: string): readonly Node[] {
  return new Parser(scanTemplate(source)).whole();
}

const firstWord = (body: string): string => /^\S*/.exec(body)![0];

class Parser {
  private readonly pieces: readonly Piece[];
  private next = 0;
  private depth = 0;
  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
  }

  whole(): readonly Node[] {
    return this.block([]);
  }

  /** Up to a directive that begins with one of these words, or to the end. */
  private block(stops: readonly string[]): Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.pieces[this.next];
      if (piece === undefined) return nodes;
      if (piece.kind === "text") {
        nodes.push(piece);
        this.next++;
        continue;
      }
      if (stops.includes(firstWord(piece.body))) return nodes;
      this.next++;
      nodes.push(this.directive(piece));
    }
  }

  private directive({ body, source, at }: Directive): Node {
    const word = firstWord(body);
    const rest = body.slice(word.length).trim();
    switch (word) {
      case "end":
      case "else":
      case "elif":
        if (rest === "" || word === "elif") throw new TemplateProblem(at, `unexpected \`{{ ${word} }}\``);
        break;
      case "if":
        return this.inside(at, () => this.conditional(rest, at));
      case "for":
        return this.inside(at, () => this.loop(rest, at));
      case "include":
        return parseInclude(rest, at);
    }
    const literal = literalWord(body);
    if (literal !== undefined) return { kind: "value", expression: { kind: "literal", value: literal }, at };
    if (IDENTIFIER.test(body)) return { kind: "name", name: body, source };
    return { kind: "value", expression: parseExpression(body, at), at };
  }

  private inside(at: Position, parse: () => Node): Node {
    if (++this.depth > DEEPEST) throw new TemplateProblem(at, `blocks nested deeper than ${DEEPEST}`);
    const node = parse();
    this.depth--;
    return node;
  }

  private conditional(condition: string, at: Position): Node {
    const branches: Branch[] = [];
    let current = { condition: parseExpression(condition, at), at };
    for (;;) {
      branches.push({ ...current, body: this.block(["end", "else", "elif"]) });
      const stop = this.pieces[this.next++];
      if (stop?.kind !== "directive") throw new TemplateProblem(at, "`{{ if }}` missing matching `{{ end }}`");
      const word = firstWord(stop.body);
      if (word === "elif") {
        current = { condition: parseExpression(stop.body.slice(4).trim(), stop.at), at: stop.at };
        continue;
      }
      return { kind: "if", branches, otherwise: word === "else" ? this.otherwise(stop, stop.at) : null, at };
    }
  }

  private loop(head: string, at: Position): Node {
    const cut = cutAt(head, " in ");
    if (cut === null) throw new TemplateProblem(at, "expected `in` in for-loop");
    const names = cut[0].split(",").map((name) => name.trim());
    if (names.length > 2 || !names.every((name) => IDENTIFIER.test(name)))
      throw new TemplateProblem(at, `invalid for-loop variable${names.length > 1 ? "s" : ""}`);
    const over = parseExpression(cut[1].trim(), at);
    const body = this.block(["end", "else"]);
    const stop = this.pieces[this.next++];
    if (stop?.kind !== "directive") throw new TemplateProblem(at, "`{{ for }}` missing matching `{{ end }}`");
    const otherwise = firstWord(stop.body) === "else" ? this.otherwise(stop, at) : null;
    return { kind: "for", key: names.length > 1 ? names[0]! : null, item: names.at(-1)!, over, body, otherwise, at };
  }

  /** The block of `else`, up to and with its `end`. */
  private otherwise(directive: Directive, at: Position): readonly Node[] {
    if (directive.body !== "else")
      throw new TemplateProblem(directive.at, "`{{ else }}` takes no condition (use `{{ elif … }}`)");
    const body = this.block(["end"]);
    if (this.pieces[this.next++] === undefined)
      throw new TemplateProblem(at, "`{{ else }}` missing matching `{{ end }}`");
    return body;
  }
}

function parseInclude(spec: string, at: Position): Node {
  const [path, bindings] = cutAt(spec, " with ") ?? [spec, null];
  return {
    kind: "include",
    path: parseExpression(path.trim(), at),
    bindings: bindings === null ? [] : parseBindings(bindings.trim(), at),
    at,
  };
}

function parseBindings(source: string, at: Position): readonly (readonly [string, Expression])[] {
  if (!source.startsWith("{") || !source.endsWith("}"))
    throw new TemplateProblem(at, "expected `{ ... }` after `with`");
  const pairs: (readonly [string, Expression])[] = [];
  let rest: string | null = source.slice(1, -1);
  while (rest !== null) {
    const [pair, behind]: readonly [string, string | null] = cutAt(rest, ",") ?? [rest, null];
    rest = behind;
    if (pair.trim() === "") continue;
    const cut = cutAt(pair, ":");
    if (cut === null) throw new TemplateProblem(at, "expected `key: value` in include bindings");
    const key = cut[0].trim();
    if (!IDENTIFIER.test(key)) throw new TemplateProblem(at, `invalid include binding key \`${key}\``);
    pairs.push([key, parseExpression(cut[1].trim(), at)]);
  }
  return pairs;
}

/** Cuts at the first `mark` that stands outside quotes and brackets. */
function cutAt(text: string, mark: string): readonly [string, string] | null {
  let depth = 0;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== null) {
      if (char === "\\") i++;
      else if (char === quote) quote = null;
    } else if (depth === 0 && text.startsWith(mark, i)) return [text.slice(0, i), text.slice(i + mark.length)];
    else if (char === '"' || char === "'") quote = char;
    else if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
  }
  return null;
}
