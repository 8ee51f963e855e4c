/**
 * Programs about copies, with what they must print. Each statement is tried on a model that copies whatever it touches, so nothing in it can be shared by
 * mistake; what the model cannot do is left out of the program.
 */
import type { Random } from "../fuzz/random.ts";
import { applyModel, copy, functionsCode, type Model, modelFunctions, NotPossible } from "./value-functions.ts";

type Env = Map<string, Model>;

interface Expression {
  readonly text: string;
  eval(env: Env): Model;
}

interface Statement {
  readonly lines: readonly string[];
  /** What it prints goes to `out`. */
  run(env: Env, out: string[]): void;
}

type Step = number | string;

interface Place {
  readonly root: string;
  readonly path: readonly Step[];
}

const VARIABLES = ["a", "b", "c", "d"];
const KEYS = ["k", "m", "z"];
/** Of a value's text: beyond it no more is put into values. */
const LARGEST = 400;
/** For each statement that is to be there. */
const TRIES = 8;

function show(value: Model): string {
  if (value === null) return "nil";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${key}: ${show(value[key]!)}`).join(", ")}}`;
}

/** As `len` has it for what variables hold. */
function lengthOf(value: Model): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== "object" || value === null) throw new NotPossible();
  return Object.keys(value).length;
}

function placeText({ root, path }: Place): string {
  return root + path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}

function part(value: Model, step: Step): Model {
  if (typeof step === "number" && Array.isArray(value) && step < value.length) return value[step]!;
  if (typeof step === "string" && typeof value === "object" && value !== null && !Array.isArray(value))
    if (step in value) return value[step]!;
  throw new NotPossible();
}

function read(env: Env, { root, path }: Place): Model {
  return path.reduce(part, env.get(root)!);
}

function write(env: Env, { root, path }: Place, value: Model): void {
  if (show(value).length > LARGEST) throw new NotPossible();
  const last = path.at(-1);
  if (last === undefined) {
    env.set(root, copy(value));
    return;
  }
  const holder = path.slice(0, -1).reduce(part, env.get(root)!);
  if (typeof last === "number") part(holder, last);
  else if (typeof holder !== "object" || holder === null || Array.isArray(holder)) throw new NotPossible();
  (holder as { [step: Step]: Model })[last] = copy(value);
}

export class ValueProgram {
  readonly #random: Random;
  readonly #env: Env = new Map(VARIABLES.map((name) => [name, [1, { k: 2 }]]));
  readonly #statements: Statement[] = [];
  readonly #out: string[] = [];
  #names = 0;

  constructor(random: Random, statements: number) {
    this.#random = random;
    for (let i = 0; i < statements * TRIES && this.#statements.length < statements; i++) {
      const made = this.#try(() => this.#statement(2), this.#env);
      if (made !== null) this.#statements.push(made);
    }
  }

  get expected(): string {
    return this.#out.join("\n");
  }

  /** `turns`: how often all of it is done, from the start; what the last one prints is what is expected. `waits`: functions wait in the middle. */
  code(turns: number, waits: boolean): string {
    const body = this.#statements.flatMap(({ lines }) => lines).map((line) => `  ${line}`);
    return `var quiet = true

fn say(text) {
  if !quiet { println(text) }
}

${functionsCode(waits)}
fn grown(v, more) {
  var own = v
  own = own.push(more)
  return [own, v]
}

fn replaced(v, more) {
  var own = v
  own[0] = more
  return {k: own, m: v}
}

fn all() {
${VARIABLES.map((name) => `  var ${name}: any = [1, {k: 2}]`).join("\n")}
${body.join("\n")}
}

pipeline main(task) {
  for turn in 1 to ${turns} {
    quiet = turn < ${turns}
    all()
  }
}
`;
  }

  /** The statement, once the model could do it; null when it could not. */
  #try(make: () => Statement, env: Env): Statement | null {
    const trial = new Map([...env].map(([name, value]) => [name, copy(value)]));
    const out: string[] = [];
    try {
      const statement = make();
      statement.run(trial, out);
      for (const value of trial.values()) if (show(value).length > LARGEST) return null;
      for (const [name, value] of trial) env.set(name, value);
      this.#out.push(...out);
      return statement;
    } catch (thrown) {
      if (thrown instanceof NotPossible) return null;
      throw thrown;
    }
  }

  /** Somewhere inside of a variable, as deep as it goes now. */
  #place(deep: number): Place {
    const root = this.#random.pick(VARIABLES);
    const path: Step[] = [];
    let value: Model = this.#env.get(root)!;
    while (path.length < deep && typeof value === "object" && value !== null && this.#random.chance(0.7)) {
      const steps: Step[] = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value);
      if (steps.length === 0) break;
      const step = this.#random.pick(steps);
      path.push(step);
      value = part(value, step);
    }
    return { root, path };
  }

  #expression(depth: number): Expression {
    const random = this.#random;
    const inner = () => this.#expression(depth - 1);
    const kind = depth === 0 ? random.below(2) : random.below(19);
    switch (kind) {
      case 0: {
        const n = random.below(100) + (random.chance(0.4) ? 0.5 : 0);
        return { text: String(n), eval: () => n };
      }
      case 1:
      case 2:
      case 3: {
        const place = this.#place(3);
        return { text: placeText(place), eval: (env) => read(env, place) };
      }
      case 4: {
        const [first, second] = [inner(), inner()];
        return {
          text: `[${first.text}, ${second.text}]`,
          eval: (env) => [copy(first.eval(env)), copy(second.eval(env))],
        };
      }
      case 5: {
        const [key, value] = [random.pick(KEYS), inner()];
        return { text: `{${key}: ${value.text}}`, eval: (env) => ({ [key]: copy(value.eval(env)) }) };
      }
      case 6: {
        const value = inner();
        return { text: `same(${value.text})`, eval: (env) => value.eval(env) };
      }
      case 7: {
        const [list, more] = [this.#list(), inner()];
        const eval_ = (env: Env): Model => {
          const items = list.eval(env) as Model[];
          return [[...copy(items), copy(more.eval(env))], copy(items)];
        };
        return { text: `grown(${list.text}, ${more.text})`, eval: eval_ };
      }
      case 8: {
        const [list, more] = [this.#list(), inner()];
        const eval_ = (env: Env): Model => [...(copy(list.eval(env)) as Model[]), copy(more.eval(env))];
        return { text: `[...${list.text}, ${more.text}]`, eval: eval_ };
      }
      case 9: {
        const [place, key, more] = [this.#place(2), random.pick(KEYS), inner()];
        const eval_ = (env: Env): Model => {
          const dict = read(env, place);
          if (typeof dict !== "object" || dict === null || Array.isArray(dict)) throw new NotPossible();
          return { ...copy(dict), [key]: copy(more.eval(env)) };
        };
        return { text: `{...${placeText(place)}, ${key}: ${more.text}}`, eval: eval_ };
      }
      case 10: {
        const [first, second] = [inner(), inner()];
        return {
          text: `(len(a) > 2 ? (${first.text}) : (${second.text}))`,
          eval: (env) => (lengthOf(env.get("a")!) > 2 ? first : second).eval(env),
        };
      }
      case 11: {
        const [place, otherwise] = [this.#place(2), inner()];
        const eval_ = (env: Env): Model => read(env, place) ?? otherwise.eval(env);
        return { text: `(${placeText(place)} ?? ${otherwise.text})`, eval: eval_ };
      }
      case 12: {
        const [list, more] = [this.#list(), inner()];
        const eval_ = (env: Env): Model => [...(copy(list.eval(env)) as Model[]), copy(more.eval(env))];
        return { text: `(${list.text} + [${more.text}])`, eval: eval_ };
      }
      case 13:
      case 14:
      case 15:
      case 16:
      case 17:
        return this.#call(depth);
      default: {
        const [list, more] = [this.#list(), inner()];
        const eval_ = (env: Env): Model => {
          const items = list.eval(env) as Model[];
          if (items.length === 0) throw new NotPossible();
          return { k: [copy(more.eval(env)), ...copy(items).slice(1)], m: copy(items) };
        };
        return { text: `replaced(${list.text}, ${more.text})`, eval: eval_ };
      }
    }
  }

  /** A function, of places and of what other functions give. */
  #call(depth: number): Expression {
    const called = this.#random.pick(modelFunctions);
    const args = called.params.map((kind): Expression => {
      if (kind === "any" || this.#random.chance(0.3)) return this.#expression(depth - 1);
      const place = this.#place(3);
      return { text: placeText(place), eval: (env) => read(env, place) };
    });
    return {
      text: `${called.name}(${args.map(({ text }) => text).join(", ")})`,
      eval: (env) =>
        applyModel(
          called,
          args.map((arg) => copy(arg.eval(env))),
        ),
    };
  }

  /** A place that holds a list. */
  #list(): Expression & { readonly place: Place } {
    let place = this.#place(3);
    for (let i = 0; i < TRIES && !Array.isArray(read(this.#env, place)); i++) place = this.#place(3);
    const eval_ = (env: Env): Model => {
      const value = read(env, place);
      if (!Array.isArray(value)) throw new NotPossible();
      return value;
    };
    return { place, text: placeText(place), eval: eval_ };
  }

  #statement(depth: number): Statement {
    const random = this.#random;
    switch (random.below(depth > 0 ? 16 : 12)) {
      case 0: {
        const [place, value] = [this.#place(0), this.#expression(2)];
        return { lines: [`${place.root} = ${value.text}`], run: (env) => write(env, place, copy(value.eval(env))) };
      }
      case 1: {
        const [place, value] = [this.#place(3), this.#expression(2)];
        return {
          lines: [`${placeText(place)} = ${value.text}`],
          run: (env) => write(env, place, copy(value.eval(env))),
        };
      }
      case 2: {
        const [list, more] = [this.#list(), this.#expression(1)];
        const run = (env: Env) => write(env, list.place, [...(copy(list.eval(env)) as Model[]), copy(more.eval(env))]);
        return { lines: [`${list.text} = ${list.text}.push(${more.text})`], run };
      }
      case 3: {
        const place = { ...this.#place(2) };
        const [key, value] = [random.pick(KEYS), this.#expression(1)];
        const inside = { root: place.root, path: [...place.path, key] };
        return {
          lines: [`${placeText(inside)} = ${value.text}`],
          run: (env) => write(env, inside, copy(value.eval(env))),
        };
      }
      case 4:
        return {
          lines: [`say("${VARIABLES.map((name) => `\${${name}}`).join(" ")}")`],
          run: (env, out) => void out.push(VARIABLES.map((name) => show(env.get(name)!)).join(" ")),
        };
      case 5: {
        const [list, more] = [this.#list(), this.#list()];
        const run = (env: Env) =>
          write(env, list.place, [...(copy(list.eval(env)) as Model[]), ...(copy(more.eval(env)) as Model[])]);
        return { lines: [`${list.text} += ${more.text}`], run };
      }
      case 6: {
        const list = this.#list();
        const [first, rest] = [`first${++this.#names}`, `rest${this.#names}`];
        const [one, two] = [this.#place(0), this.#place(0)];
        const run = (env: Env) => {
          const [head = null, ...tail] = copy(list.eval(env)) as Model[];
          write(env, one, head);
          write(env, two, [...tail, copy(head)]);
        };
        const lines = [`var [${first}, ...${rest}] = ${list.text}`, `${one.root} = ${first}`];
        return { lines: [...lines, `${rest} = ${rest}.push(${first})`, `${two.root} = ${rest}`], run };
      }
      case 7: {
        const [list, more] = [this.#list(), this.#expression(1)];
        const run = (env: Env) => write(env, list.place, [...(copy(list.eval(env)) as Model[]), copy(more.eval(env))]);
        return { lines: [`${list.text} = pushed(${list.text}, ${more.text})`], run };
      }
      case 8: {
        const [list, more] = [this.#list(), this.#expression(1)];
        const run = (env: Env) => write(env, list.place, [...(copy(list.eval(env)) as Model[]), copy(more.eval(env))]);
        return { lines: [`${list.text} = ${list.text} + [${more.text}]`], run };
      }
      case 9: {
        const [place, key, more] = [this.#place(2), random.pick(KEYS), this.#expression(1)];
        const run = (env: Env) => {
          const dict = read(env, place);
          if (typeof dict !== "object" || dict === null || Array.isArray(dict)) throw new NotPossible();
          write(env, place, { ...copy(dict), [key]: copy(more.eval(env)) });
        };
        const text = placeText(place);
        const added = random.chance(0.5) ? `${text} + {${key}: ${more.text}}` : `${text}.merge({${key}: ${more.text}})`;
        return { lines: [`${text} = ${added}`], run };
      }
      case 10: {
        const [target, list, more] = [this.#place(0), this.#list(), this.#expression(1)];
        const run = (env: Env, out: string[]) => {
          const longer = [...(copy(list.eval(env)) as Model[]), copy(more.eval(env))];
          out.push(show(longer));
          write(env, target, [...longer, 1]);
        };
        return { lines: [`${target.root} = deferring(${list.text}, ${more.text})`], run };
      }
      case 11:
        return this.#entry();
      case 12:
        return this.#closure(depth);
      case 13:
        return this.#forEach(depth);
      case 14:
        return this.#failing(depth);
      default:
        return this.#repeated(depth);
    }
  }

  /** An entry of a dict that may not be there yet. */
  #entry(): Statement {
    const [place, key, more] = [this.#place(2), this.#random.pick(KEYS), this.#expression(1)];
    const run = (env: Env) => {
      const dict = read(env, place);
      if (typeof dict !== "object" || dict === null || Array.isArray(dict)) throw new NotPossible();
      const before = dict[key] === undefined ? [] : dict[key];
      if (!Array.isArray(before)) throw new NotPossible();
      write(env, { root: place.root, path: [...place.path, key] }, [...copy(before), copy(more.eval(env))]);
    };
    const entry = `${placeText(place)}.get("${key}", [])`;
    const longer = [`${entry}.push(${more.text})`, `${entry} + [${more.text}]`, `pushed(${entry}, ${more.text})`];
    return { lines: [`${placeText(place)}["${key}"] = ${this.#random.pick(longer)}`], run };
  }

  /** What it captures is what was there when it was made; each call starts from that. */
  #closure(depth: number): Statement {
    const name = `f${++this.#names}`;
    const [inside, after] = [this.#statement(depth - 1), this.#statement(depth - 1)];
    const result = this.#random.pick(VARIABLES);
    const run = (env: Env, out: string[]) => {
      const captured: Env = new Map([...env].map(([key, value]) => [key, copy(value)]));
      after.run(env, out);
      for (let call = 0; call < 2; call++) {
        const own: Env = new Map([...captured].map(([key, value]) => [key, copy(value)]));
        inside.run(own, out);
        out.push(show(own.get(result)!));
      }
    };
    const body = inside.lines.map((line) => `  ${line}`);
    const call = `say("\${${name}()}")`;
    return { lines: [`let ${name} = { ->`, ...body, `  ${result}`, "}", ...after.lines, call, call], run };
  }

  /** Goes through the list as it was, whatever happens to it meanwhile. */
  #forEach(depth: number): Statement {
    const list = this.#list();
    const [item, target] = [`item${++this.#names}`, this.#place(0)];
    const inside = this.#statement(depth - 1);
    const run = (env: Env, out: string[]) => {
      for (const value of copy(list.eval(env)) as Model[]) {
        inside.run(env, out);
        write(env, target, [copy(value), copy(env.get(target.root)!)]);
      }
    };
    const body = [...inside.lines, `${target.root} = [${item}, ${target.root}]`].map((line) => `  ${line}`);
    return { lines: [`for ${item} in ${list.text} {`, ...body, "}"], run };
  }

  /** What happened before it fails stays; what the failing call did is lost, with the list that it was given. */
  #failing(depth: number): Statement {
    const list = this.#list();
    const [inside, after] = [this.#statement(depth - 1), this.#statement(depth - 1)];
    const run = (env: Env, out: string[]) => {
      inside.run(env, out);
      out.push(show(list.eval(env)));
      after.run(env, out);
    };
    const caught = [`say("\${${list.text}}")`, ...after.lines];
    const tried = [...inside.lines, `${list.text} = refuse(pushed(${list.text}, 5))`];
    const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
    return { lines: ["try {", ...indented(tried), "} catch (e) {", ...indented(caught), "}"], run };
  }

  #repeated(depth: number): Statement {
    const counter = `i${++this.#names}`;
    const inside = [this.#statement(depth - 1), this.#statement(depth - 1)];
    const run = (env: Env, out: string[]) => {
      for (let turn = 0; turn < 3; turn++) for (const statement of inside) statement.run(env, out);
    };
    const body = inside.flatMap(({ lines }) => lines).map((line) => `  ${line}`);
    return { lines: [`var ${counter} = 0`, `while ${counter} < 3 {`, `  ${counter} += 1`, ...body, "}"], run };
  }
}
