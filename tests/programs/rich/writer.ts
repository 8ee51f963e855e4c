/**
 * What a program under generation knows of itself: its text so far, the variables in scope by their kind, the functions that may be called, and what it will
 * cost to run.
 *
 * Invariants
 * 1. Names are unique in the whole program, so that no name hides another by accident.
 * 2. Functions call only those written before them, loops have a known number of turns, and `cost` bounds the steps: every program ends soon.
 * 3. In the code of a task nothing is used that other tasks change: the output of a program does not depend on who has his turn first.
 */
import type { Random } from "../../fuzz/random.ts";

/** Kinds of values that statements and expressions are written for. `rec` is a dict with known fields; `vec` a struct of floats; `any` may hold anything. */
export const KINDS = [
  "int",
  "float",
  "text",
  "bool",
  "ints",
  "floats",
  "rows",
  "mixed",
  "rec",
  "counts",
  "point",
  "points",
  "vec",
  "vecs",
  "shape",
  "fn",
  "any",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly mutable: boolean;
}

export interface GeneratedFunction {
  readonly name: string;
  readonly params: readonly Kind[];
  /** How many arguments may be left out. */
  readonly optional: number;
  /** Takes any number of ints behind its parameters. */
  readonly rest: boolean;
  /** `generator`: a call gives a generator of ints. */
  readonly result: Kind | "generator";
  readonly cost: number;
  /** Uses no variables of the module. */
  readonly pure: boolean;
}

/** Steps that a whole program may take, by estimate. */
const MOST_STEPS = 60_000;

export class Writer {
  readonly random: Random;
  readonly functions: GeneratedFunction[] = [];
  #lines: string[] = [];
  #indent = 0;
  #scopes: Variable[][] = [[]];
  #names = 0;
  /** Steps of what is being written (a function, or the main program). */
  cost = 0;
  /** How often what is written now runs, for one run of the function. */
  turns = 1;
  /** Statements that may still be written. */
  statements = 0;
  depth = 0;
  inLoop = false;
  /** `break`, `continue` and `return` may not leave a `finally` or a `defer`. */
  mayLeave = true;
  inTask = false;
  pure = true;
  result: Kind | "generator" | null = null;

  constructor(random: Random) {
    this.random = random;
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  line(text: string): void {
    const indent = "  ".repeat(this.#indent);
    this.#lines.push(indent + text);
  }

  /** The line `head`, with its brace, what `body` writes in a scope of its own, the line `tail`. */
  block(head: string, body: () => void, tail = "}"): void {
    this.line(head.endsWith("{") || head.endsWith("->") ? head : `${head} {`);
    this.inner(body);
    this.line(tail);
  }

  inner(body: () => void): void {
    this.#indent++;
    this.scoped(body);
    this.#indent--;
  }

  scoped(body: () => void): void {
    this.#scopes.push([]);
    body();
    this.#scopes.pop();
  }

  /** What `body` writes is text of its own, for an expression of several lines. */
  captured(body: () => void): string {
    const lines = this.#lines;
    this.#lines = [];
    this.inner(body);
    const text = this.#lines.join("\n");
    this.#lines = lines;
    return `${text}\n${"  ".repeat(this.#indent)}`;
  }

  /** What `body` writes runs `turns` times. */
  repeated(turns: number, body: () => void): void {
    const before = this.turns;
    this.turns *= Math.max(1, turns);
    body();
    this.turns = before;
  }

  fresh(prefix: string): string {
    this.#names++;
    return `${prefix}${this.#names}`;
  }

  declare(kind: Kind, mutable: boolean, name = this.fresh(PREFIXES[kind])): string {
    this.#scopes.at(-1)!.push({ name, kind, mutable });
    return name;
  }

  /** Innermost last. */
  variables(kind: Kind | null = null, mutable = false): readonly Variable[] {
    return this.#scopes.flat().filter((v) => (kind === null || v.kind === kind) && (!mutable || v.mutable));
  }

  /** A variable, the newer the likelier; null when there is none. */
  variable(kind: Kind | null = null, mutable = false): Variable | null {
    const found = this.variables(kind, mutable);
    if (found.length === 0) return null;
    return found[found.length - 1 - this.random.skewed(found.length - 1)]!;
  }

  /** Whether something that takes so many steps may be done here; if so, they count. */
  spend(steps: number): boolean {
    const all = steps * this.turns;
    if (this.cost + all > MOST_STEPS) return false;
    this.cost += all;
    return true;
  }

  /** Functions with that result which may be called here. */
  callable(result: GeneratedFunction["result"]): readonly GeneratedFunction[] {
    return this.functions.filter(
      (fn) => fn.result === result && (fn.pure || !this.inTask) && this.cost + (fn.cost + 1) * this.turns <= MOST_STEPS,
    );
  }

  /** Runs `body` as the body of a function: none of the locals around it, costs of its own. Answers its cost. */
  asFunction(result: Kind | "generator", body: () => void): { readonly cost: number; readonly pure: boolean } {
    const saved = {
      scopes: this.#scopes,
      cost: this.cost,
      turns: this.turns,
      inLoop: this.inLoop,
      mayLeave: this.mayLeave,
      inTask: this.inTask,
      pure: this.pure,
      result: this.result,
      depth: this.depth,
    };
    this.#scopes = [[]];
    this.cost = 1;
    this.turns = 1;
    this.inLoop = false;
    this.mayLeave = true;
    this.inTask = false;
    this.pure = true;
    this.result = result;
    this.depth = 0;
    body();
    const made = { cost: this.cost, pure: this.pure };
    this.#scopes = saved.scopes;
    this.cost = saved.cost;
    this.turns = saved.turns;
    this.inLoop = saved.inLoop;
    this.mayLeave = saved.mayLeave;
    this.inTask = saved.inTask;
    this.pure = saved.pure;
    this.result = saved.result;
    this.depth = saved.depth;
    return made;
  }

  /** The code of a task or a callback: loops and functions around it cannot be left from there. */
  asTask(body: () => void): void {
    const { inLoop, inTask, result } = this;
    this.inLoop = false;
    this.inTask = true;
    this.result = null;
    body();
    this.inLoop = inLoop;
    this.inTask = inTask;
    this.result = result;
  }
}

const PREFIXES: Readonly<Record<Kind, string>> = {
  int: "n",
  float: "f",
  text: "s",
  bool: "b",
  ints: "ns",
  floats: "fs",
  rows: "rows",
  mixed: "xs",
  rec: "r",
  counts: "d",
  point: "p",
  points: "ps",
  vec: "vec",
  vecs: "vecs",
  shape: "e",
  fn: "g",
  any: "v",
};
