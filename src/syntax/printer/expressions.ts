/**
 * Prints expressions with the fewest parentheses that keep the tree.
 *
 * Invariants
 * 1. `BINDING` mirrors the parser's levels: an operand that binds more loosely than its place demands gets parentheses.
 * 2. `r?` is only left bare where nothing follows that could make it a ternary; expressions that end in a block are never bare operands.
 * 3. In front of a `{` no text ends in the name of a struct, which would make a literal of what follows.
 */

import { unreachable } from "../../base/unreachable.ts";
import type { BinaryOp, Block, DictEntry, Expr, MatchPattern } from "../ast.ts";
import { isPlainName } from "../tokens.ts";
import { durationText, floatText, interpolationText, plainText, stringText } from "./literals.ts";
import { printAnnotation, printParams } from "./types.ts";

/** What printing an expression needs from the rest of the printer. */
export interface BlockPrinter {
  /** `{`, the statements one level deeper than `level`, `}`. */
  block(block: Block, level: number): string;
  /** Just the statements, each on a line of its own, and the closing brace. */
  blockRest(block: Block, level: number): string;
}

const BINDING: Readonly<Record<BinaryOp, number>> = {
  "|>": 1,
  "||": 4,
  "&&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  in: 7,
  "not in": 7,
  "+": 8,
  "-": 8,
  "??": 9,
  "*": 10,
  "/": 10,
  "%": 10,
  "**": 11,
};
const ANYTHING = 0;
const PIPE = 1;
const RANGE = 2;
const TERNARY = 3;
const OR = 4;
const POWER = 11;
const UNARY = 12;
const POSTFIX = 13;
const PRIMARY = 14;
/** Tighter than all: parentheses always. */
const NOTHING = 15;

/** Where `r?` and blocks stand: bare only where a whole expression is asked for. */
const ALONE = 0.5;

function bindingOf(expr: Expr): number {
  switch (expr.kind) {
    case "binary":
      return BINDING[expr.op];
    case "range":
      return RANGE;
    case "ternary":
      return TERNARY;
    case "unary":
      return UNARY;
    case "call":
    case "method-call":
    case "property":
    case "index":
    case "slice":
      return POSTFIX;
    case "int":
    case "float":
      return expr.value < 0 ? UNARY : PRIMARY;
    case "string":
    case "interpolation":
    case "bool":
    case "nil":
    case "duration":
    case "name":
    case "list":
    case "dict":
    case "struct-literal":
    case "spawn":
      return PRIMARY;
    case "closure":
      return expr.style === "arrow" ? PRIMARY : ALONE;
    default:
      return ALONE;
  }
}

export class ExpressionPrinter {
  readonly #blocks: BlockPrinter;
  readonly #structNames: ReadonlySet<string>;

  /** `structNames`: all that the file declares. */
  constructor(blocks: BlockPrinter, structNames: ReadonlySet<string>) {
    this.#blocks = blocks;
    this.#structNames = structNames;
  }

  /** `level`: how deep the line it starts on is indented. */
  print(expr: Expr, level: number, loosest = ANYTHING): string {
    const text = this.#bare(expr, level);
    return bindingOf(expr) < loosest ? `(${text})` : text;
  }

  /** In front of a `{` on the same line, where `r? {` would begin a ternary and `Struct {` a literal. */
  printBeforeBrace(expr: Expr, level: number): string {
    const taken = expr.kind === "propagate" || this.#endsInStructName(expr);
    return this.print(expr, level, taken ? NOTHING : ANYTHING);
  }

  /** In front of an `else` that is not its own. */
  printBeforeElse(expr: Expr, level: number): string {
    return this.print(expr, level, expr.kind === "if" ? PIPE : ANYTHING);
  }

  /** What in parentheses or brackets stands last does not count. */
  #endsInStructName(expr: Expr): boolean {
    switch (expr.kind) {
      case "name":
        return this.#structNames.has(expr.name);
      case "unary":
        return this.#endsInStructName(expr.operand);
      case "binary":
        return this.#endsInStructName(expr.right);
      case "ternary":
        return this.#endsInStructName(expr.whenFalse);
      case "range":
        return !expr.exclusive && this.#endsInStructName(expr.to);
      case "try-star":
        return this.#endsInStructName(expr.value);
      case "yield":
        return expr.value !== null && this.#endsInStructName(expr.value);
      default:
        return false;
    }
  }

  /** As a statement of its own, where `fn` would begin a declaration. */
  printStatement(expr: Expr, level: number): string {
    const isFnLiteral = expr.kind === "closure" && expr.style === "fn";
    return this.print(expr, level, isFnLiteral ? PIPE : ANYTHING);
  }

  #bare(expr: Expr, level: number): string {
    const print = (inner: Expr, loosest = ANYTHING) => this.print(inner, level, loosest);
    const block = (body: Block) => this.#blocks.block(body, level);
    switch (expr.kind) {
      case "int":
        return String(expr.value);
      case "float":
        return floatText(expr.value);
      case "string":
        return stringText(expr);
      case "interpolation": {
        const printed = expr.parts.flatMap((part) => (part.kind === "expr" ? [print(part.expr)] : []));
        return interpolationText(expr, printed);
      }
      case "bool":
        return String(expr.value);
      case "nil":
        return "nil";
      case "duration":
        return durationText(expr.ms);
      case "name":
        return expr.name;
      case "list":
        return `[${this.#items(expr.items, level)}]`;
      case "dict":
        return `{${this.#entries(expr.entries, level)}}`;
      case "struct-literal":
        return `${expr.name.name} {${this.#entries(expr.entries, level)}}`;
      case "spread":
        return `...${print(expr.value)}`;
      case "unary":
        return expr.op + print(expr.operand, UNARY);
      case "binary":
        return this.#binary(expr, level);
      case "ternary": {
        const whenTrue = print(expr.whenTrue, startsTernaryBranch(expr.whenTrue, OR) ? OR : NOTHING);
        return `${print(expr.condition, OR)} ? ${whenTrue} : ${print(expr.whenFalse, OR)}`;
      }
      case "call":
        return `${print(expr.callee, POSTFIX)}(${this.#items(expr.args, level)})`;
      case "method-call": {
        const dot = expr.optional ? "?." : ".";
        return `${print(expr.object, POSTFIX)}${dot}${expr.method.name}(${this.#items(expr.args, level)})`;
      }
      case "property":
        return `${print(expr.object, POSTFIX)}${expr.optional ? "?." : "."}${expr.name.name}`;
      case "index":
        return `${print(expr.object, POSTFIX)}[${print(expr.index)}]`;
      case "slice":
        return `${print(expr.object, POSTFIX)}[${expr.from ? print(expr.from) : ""}:${expr.to ? print(expr.to) : ""}]`;
      case "range":
        return `${print(expr.from, TERNARY)} to ${print(expr.to, TERNARY)}${expr.exclusive ? " exclusive" : ""}`;
      case "closure": {
        const params = printParams(expr.params, (value) => print(value));
        if (expr.style === "fn") return `fn(${params}) ${block(expr.body)}`;
        return `{ ${params}${params && " "}->${this.#blocks.blockRest(expr.body, level)}`;
      }
      case "if":
        return this.#if(expr, level);
      case "match":
        return this.#match(expr, level);
      case "try":
        return this.#try(expr, level);
      case "try-star":
        return `try* ${print(expr.value, expr.value.kind === "try-star" ? ANYTHING : UNARY)}`;
      case "propagate":
        return `${print(expr.value, POSTFIX)}?`;
      case "retry":
        return `retry ${this.#printPrimary(expr.count, level)} ${block(expr.body)}`;
      case "deadline":
        return `deadline ${this.#printPrimary(expr.duration, level)} ${block(expr.body)}`;
      case "mutex":
        return `mutex ${block(expr.body)}`;
      case "spawn":
        return `spawn ${block(expr.body)}`;
      case "yield":
        return expr.value ? `yield ${print(expr.value)}` : "yield";
      case "parallel": {
        const mode = expr.mode === "count" ? "" : `${expr.mode} `;
        const options = expr.options.map((option) => `${option.name.name}: ${print(option.value)}`).join(", ");
        const settings = options && ` with { ${options} }`;
        const over = this.printBeforeBrace(expr.over, level);
        // A list of that name, not the mode.
        const isMode = expr.mode === "count" && /^(each|settle)\b/.test(over);
        const head = `parallel ${mode}${isMode ? `(${over})` : over}${settings}`;
        if (!expr.variable) return `${head} ${block(expr.body)}`;
        return `${head} { ${expr.variable.name} ->${this.#blocks.blockRest(expr.body, level)}`;
      }
      case "select":
        return this.#select(expr, level);
      default:
        return unreachable(expr);
    }
  }

  /** Where the grammar has one token or brackets, and a block behind it. */
  #printPrimary(expr: Expr, level: number): string {
    const isMore = expr.kind === "struct-literal" || this.#endsInStructName(expr);
    return this.print(expr, level, isMore ? NOTHING : PRIMARY);
  }

  #binary(expr: Extract<Expr, { kind: "binary" }>, level: number): string {
    const own = BINDING[expr.op];
    const [left, right] = expr.op === "**" ? [UNARY, POWER] : [own, own + 1];
    return `${this.print(expr.left, level, left)} ${expr.op} ${this.print(expr.right, level, right)}`;
  }

  #items(items: readonly Expr[], level: number): string {
    return items.map((item) => this.print(item, level)).join(", ");
  }

  #entries(entries: readonly DictEntry[], level: number): string {
    return entries
      .map(({ key, value }) => {
        const text = this.print(value, level);
        if (key === null) return `...${text}`;
        if (key.kind === "key-computed") return `[${this.print(key.expr, level)}]: ${text}`;
        return `${keyText(key.name)}: ${text}`;
      })
      .join(", ");
  }

  #if(expr: Extract<Expr, { kind: "if" }>, level: number): string {
    let text = "";
    let branch: Block | Expr | null = expr;
    while (branch?.kind === "if") {
      text += `if ${this.printBeforeBrace(branch.condition, level)} ${this.#blocks.block(branch.consequent, level)}`;
      branch = branch.otherwise;
      if (branch) text += " else ";
    }
    if (!branch) return text;
    return text + (branch.kind === "block" ? this.#blocks.block(branch, level) : this.print(branch, level));
  }

  #match(expr: Extract<Expr, { kind: "match" }>, level: number): string {
    const indent = "  ".repeat(level + 1);
    const arms = expr.arms.map((arm) => {
      const guard = arm.guard ? ` if ${this.print(arm.guard, level + 1)}` : "";
      return `${indent}${this.#pattern(arm.pattern, level + 1)}${guard} -> ${this.#blocks.block(arm.body, level + 1)}\n`;
    });
    return `match ${this.printBeforeBrace(expr.value, level)} {\n${arms.join("")}${"  ".repeat(level)}}`;
  }

  #pattern(pattern: MatchPattern, level: number): string {
    switch (pattern.kind) {
      case "match-wildcard":
        return "_";
      case "match-name":
        return pattern.name;
      case "match-value":
        return this.print(pattern.value, level);
      case "match-enum": {
        const name = `${pattern.enumName.name}.${pattern.variant.name}`;
        return pattern.args ? `${name}(${pattern.args.map((arg) => this.#pattern(arg, level)).join(", ")})` : name;
      }
      case "match-dict": {
        const fields = pattern.fields.map((field) => `${keyText(field.key)}: ${this.#pattern(field.pattern, level)}`);
        return `{${fields.join(", ")}}`;
      }
      case "match-list": {
        const elements = pattern.elements.map((element) => this.#pattern(element, level));
        if (pattern.rest) elements.push(`...${pattern.rest.name}`);
        return `[${elements.join(", ")}]`;
      }
      case "match-or":
        return pattern.options.map((option) => this.#pattern(option, level)).join(" | ");
      default:
        return unreachable(pattern);
    }
  }

  #try(expr: Extract<Expr, { kind: "try" }>, level: number): string {
    let text = `try ${this.#blocks.block(expr.body, level)}`;
    if (expr.catch) {
      const { name, type, body } = expr.catch;
      const variable = name ? ` (${name.name}${printAnnotation(type)})` : "";
      text += ` catch${variable} ${this.#blocks.block(body, level)}`;
    }
    return expr.finally ? `${text} finally ${this.#blocks.block(expr.finally, level)}` : text;
  }

  #select(expr: Extract<Expr, { kind: "select" }>, level: number): string {
    const indent = "  ".repeat(level + 1);
    const lines = expr.cases.map(({ name, channel, body }) => {
      const from = this.printBeforeBrace(channel, level + 1);
      return `${indent}${name.name} from ${from} ${this.#blocks.block(body, level + 1)}\n`;
    });
    if (expr.timeout) {
      const duration = this.printBeforeBrace(expr.timeout.duration, level + 1);
      lines.push(`${indent}timeout ${duration} ${this.#blocks.block(expr.timeout.body, level + 1)}\n`);
    }
    if (expr.defaultBody) lines.push(`${indent}default ${this.#blocks.block(expr.defaultBody, level + 1)}\n`);
    return `select {\n${lines.join("")}${"  ".repeat(level)}}`;
  }
}

/** Whether the text of `expr`, in parentheses if it binds more loosely than `loosest`, begins with a token that can follow `c ?`. */
function startsTernaryBranch(expr: Expr, loosest: number): boolean {
  if (bindingOf(expr) < loosest) return true;
  switch (expr.kind) {
    case "binary":
      return startsTernaryBranch(expr.left, expr.op === "**" ? UNARY : BINDING[expr.op]);
    case "method-call":
    case "property":
    case "index":
    case "slice":
      return startsTernaryBranch(expr.object, POSTFIX);
    case "call":
      return startsTernaryBranch(expr.callee, POSTFIX);
    case "name":
      return expr.name !== "select";
    case "string":
      return expr.style !== "raw";
    case "duration":
    case "spawn":
      return false;
    default:
      return true;
  }
}

/** Any name stands for itself as a key; so do most keywords, but quotes do no harm. */
function keyText(name: string): string {
  return isPlainName(name) ? name : plainText(name);
}
