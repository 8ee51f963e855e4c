/** Expressions of a kind, as text. Now and then one of another kind, behind `any`, so that errors at run time are met as well. */
import type { Random } from "../../fuzz/random.ts";
import { KINDS, type Kind, type Writer } from "./writer.ts";

const INTS = [
  "0",
  "1",
  "2",
  "3",
  "7",
  "100",
  "(-1)",
  "(-5)",
  "255",
  "1000003",
  "2147483647",
  "2147483648",
  "(-2147483648)",
  "4294967296",
  "3037000500",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "(-9007199254740992)",
  "4611686018427387904",
  "9223372036854775807",
  "(-9223372036854775807 - 1)",
];
const FLOATS = [
  "0.0",
  "(-0.0)",
  "0.5",
  "1.0",
  "2.0",
  "(-1.5)",
  "3.25",
  "1000000.0",
  "0.1",
  "9007199254740992.0",
  "99999999999999999.5",
];
const TEXTS = ['""', '"a"', '"é"', '"😀b"', '"key"', '"x y"', '"漢"'];
/** Also of more than one byte, and in an order that differs between UTF-8 and UTF-16. */
export const KEYS = ["a", "b", "é", "😀", "\uffff", "z z", "10"];

function literalInt(random: Random): string {
  return random.chance(0.75) ? String(random.below(12)) : random.pick(INTS);
}

/** Nothing around it, however deep: a literal or a variable. */
function leaf(w: Writer, kind: Kind): string {
  const { random } = w;
  const variable = w.variable(kind);
  if (variable !== null && random.chance(0.75)) return variable.name;
  switch (kind) {
    case "int":
      return literalInt(random);
    case "float":
      return random.pick(FLOATS);
    case "text":
      return random.pick(TEXTS);
    case "bool":
      return random.pick(["true", "false"]);
    case "ints":
      return `[${list(random, 4, () => literalInt(random))}]`;
    case "floats":
      return `[${list(random, 4, () => random.pick(FLOATS))}]`;
    case "rows":
      return `[${list(random, 3, () => leaf(w, "ints"))}]`;
    case "mixed":
      return `any([${list(random, 4, () => leaf(w, random.pick(["int", "float", "text", "bool", "ints"])))}])`;
    case "rec":
      return `{a: ${leaf(w, "int")}, b: ${leaf(w, "ints")}, c: {d: ${leaf(w, "float")}, e: ${leaf(w, "ints")}}}`;
    case "counts":
      return `counts([${list(random, 3, () => `"${random.pick(KEYS)}"`)}])`;
    case "point":
      return `Point {x: ${leaf(w, "int")}, y: ${leaf(w, "float")}, tags: ${leaf(w, "ints")}}`;
    case "points":
      return `[${list(random, 3, () => leaf(w, "point"))}]`;
    case "vec":
      return `Vec {x: ${leaf(w, "float")}, y: ${leaf(w, "float")}, z: ${leaf(w, "float")}}`;
    case "vecs":
      return `[${list(random, 3, () => leaf(w, "vec"))}]`;
    case "shape":
      return random.pick([
        () => "Shape.Dot",
        () => `Shape.Circle(${leaf(w, "int")})`,
        () => `Shape.Box(${leaf(w, "ints")}, ${leaf(w, "float")})`,
      ])();
    case "fn": {
      const x = w.fresh("x");
      return `{ ${x} -> ${x} ${random.pick(["+", "-", "*"])} ${leaf(w, "int")} }`;
    }
    case "any":
      return `any(${random.chance(0.1) ? "nil" : leaf(w, random.pick(["int", "float", "text", "ints", "rec", "mixed"]))})`;
  }
}

function list(random: Random, most: number, item: () => string): string {
  return Array.from({ length: random.below(most + 1) }, item).join(", ");
}

export function expression(w: Writer, kind: Kind, depth = 2): string {
  const { random } = w;
  w.spend(1);
  if (depth <= 0 || random.chance(0.25)) return leaf(w, kind);
  if (random.chance(0.012)) return `any(${expression(w, random.pick(KINDS), depth - 1)})`;
  if (random.chance(0.12)) {
    const call = callOf(w, kind, depth);
    if (call !== null) return bounded(w, kind, call);
  }
  if (random.chance(0.08)) return choice(w, kind, depth);
  const make = MAKERS[kind];
  return bounded(
    w,
    kind,
    make(w, (inner) => expression(w, inner, depth - 1), depth),
  );
}

/** In a loop, what is made of itself again and again would double each time. */
function bounded(w: Writer, kind: Kind, text: string): string {
  if (w.turns === 1 && w.result !== null) return text;
  switch (kind) {
    case "text":
      return `clip(${text})`;
    case "ints":
      return `few(${text})`;
    case "int":
    case "float":
    case "bool":
    case "shape":
    case "fn":
      return text;
    case "rec":
      return `tame(${text}, {a: 1, b: [2], c: {d: 0.5, e: [3]}})`;
    case "point":
      return `tame(${text}, Point {x: 1, y: 0.5, tags: [2]})`;
    case "vec":
      return `tame(${text}, Vec {x: 1.0, y: 0.5, z: -0.0})`;
    case "counts":
      return `tame(${text}, {b: 1})`;
    default:
      return `tame(${text}, [])`;
  }
}

/** A call of a function written before. */
export function callOf(w: Writer, kind: Kind | "generator", depth: number): string | null {
  const found = w.callable(kind);
  if (found.length === 0) return null;
  const fn = w.random.pick(found);
  w.spend(fn.cost + 1);
  if (!fn.pure) w.pure = false;
  const given = fn.params.length - w.random.below(fn.optional + 1);
  const args = fn.params.slice(0, given).map((param) => expression(w, param, depth - 1));
  if (fn.rest && given === fn.params.length) {
    if (w.random.chance(0.5)) args.push(`...${expression(w, "ints", depth - 1)}`);
    else args.push(...Array.from({ length: w.random.below(3) }, () => expression(w, "int", 0)));
  }
  const [first, ...others] = args;
  if (first !== undefined && kind !== "generator" && w.random.chance(0.1)) {
    return others.length === 0 ? `(${first} |> ${fn.name})` : `(${first} |> ${fn.name}(_, ${others.join(", ")}))`;
  }
  return `${fn.name}(${args.join(", ")})`;
}

function choice(w: Writer, kind: Kind, depth: number): string {
  const of = (inner: Kind) => expression(w, inner, depth - 1);
  switch (w.random.below(5)) {
    case 0:
      return `(${of("bool")} ? (${of(kind)}) : (${of(kind)}))`;
    case 1:
      return `any(if ${of("bool")} { ${of(kind)} } else { ${of(kind)} })`;
    case 2:
      return `any(match ${of("int")} {\n0 | 1 -> { ${of(kind)} }\n_ -> { ${of(kind)} }\n})`;
    case 3:
      return `any(try { ${of(kind)} } catch (err) { ${of(kind)} })`;
    default:
      return `call({ -> ${of(kind)} })`;
  }
}

/** A wait costs much where runs are rebuilt from text at each. */
export const WAIT_STEPS = 500;

/** An expression that waits, and is the code of a task; null where too many waits would come of it. */
function waiting(w: Writer, make: () => string): string | null {
  if (!w.spend(WAIT_STEPS)) return null;
  let text = "";
  w.asTask(() => {
    text = make();
  });
  return text;
}

type Maker = (w: Writer, of: (kind: Kind) => string, depth: number) => string;

function pick(w: Writer, makers: readonly (() => string)[]): string {
  return w.random.pick(makers)();
}

/** An index that is mostly in range. */
export function indexInto(w: Writer, list: string): string {
  const { random } = w;
  const counter = w.variable("int");
  if (random.chance(0.4)) return String(random.below(3));
  if (random.chance(0.1)) return "-1";
  if (counter === null) return "0";
  return random.chance(0.5) ? `abs(${counter.name}) % max(1, len(${list}))` : counter.name;
}

export function keyText(w: Writer): string {
  const text = w.variable("text");
  return text !== null && w.random.chance(0.3) ? text.name : `"${w.random.pick(KEYS)}"`;
}

const item = (w: Writer, of: (kind: Kind) => string, kind: Kind): string => {
  const variable = w.variable(kind);
  const list = variable === null ? of(kind) : variable.name;
  return `${list}[${variable === null ? "0" : indexInto(w, list)}]`;
};

const lambda = (w: Writer, param: Kind, result: Kind, depth: number): string => {
  const [name, body] = withParam(w, param, () => expression(w, result, depth - 1));
  return `{ ${name} -> ${body} }`;
};

function withParam(w: Writer, kind: Kind, body: () => string): readonly [string, string] {
  let name = "";
  let text = "";
  w.scoped(() => {
    name = w.declare(kind, false);
    w.repeated(4, () => {
      text = body();
    });
  });
  return [name, text];
}

const MAKERS: Readonly<Record<Kind, Maker>> = {
  int: (w, of, depth) =>
    pick(w, [
      () => `(${of("int")} ${w.random.pick(["+", "-", "*", "+", "-"])} ${of("int")})`,
      () => `(${of("int")} ${w.random.pick(["+", "-", "*"])} ${of("int")})`,
      () => `(${of("int")} ${w.random.pick(["/", "%"])} ${w.random.chance(0.8) ? 1 + w.random.below(9) : of("int")})`,
      () => `(-${of("int")})`,
      () => `(${item(w, of, "ints")} ?? ${of("int")})`,
      () => `len(${of(w.random.pick(["ints", "text", "counts", "rows", "mixed"]))})`,
      () => `(${of("rec")}).a`,
      () => `(${of("point")}).x`,
      () => `(${w.variable("point")?.name ?? leaf(w, "point")}).weigh(${of("int")})`,
      () => `((${of("counts")})[${keyText(w)}] ?? ${of("int")})`,
      () => `to_int(${of("float")} % 1000.0)`,
      () => `any(${of("ints")}.reduce(${of("int")}, { acc, v -> acc ${w.random.pick(["+", "*", "-"])} v }))`,
      () => `any(${of("ints")}.sum())`,
      () => `any(${w.random.pick(["min", "max"])}(${of("int")}, ${of("int")}))`,
      () => `any(${w.variable("fn")?.name ?? "any"}(${of("int")}))`,
      () => `any(iter(${of("ints")}).map(${lambda(w, "int", "int", depth)}).take(3).sum())`,
      () => waiting(w, () => `any(await(spawn { ${of("int")} }))`) ?? leaf(w, "int"),
      () => waiting(w, () => `slowly(${of("int")})`) ?? leaf(w, "int"),
      () => `area(${of("shape")})`,
    ]),
  float: (w, of) =>
    pick(w, [
      () => `(${of("float")} ${w.random.pick(["+", "-", "*"])} ${of("float")})`,
      () => `(${of("float")} ${w.random.pick(["+", "-", "*", "/"])} ${of("int")})`,
      () => `(${of("int")} ${w.random.pick(["+", "-", "*"])} ${of("float")})`,
      () => `(${of("float")} / ${of("float")})`,
      () => `(-${of("float")})`,
      () => `(${item(w, of, "floats")} ?? ${of("float")})`,
      () => `(${of("rec")}).c.d`,
      () => `(${of("point")}).y`,
      () => `sqrt(abs(${of("float")}))`,
      () => `to_float(${of("int")})`,
      () => `(${item(w, of, "floats")})`,
      () => `(${of("vec")}).${w.random.pick(["x", "y", "z"])}`,
      () => `(${w.variable("vec")?.name ?? leaf(w, "vec")}).dot(${of("vec")})`,
      () => `(${w.variable("vec")?.name ?? leaf(w, "vec")}).deep(${w.random.below(6)})`,
      () => `half(${of("float")}, ${of("float")})`,
      () => `halves(${of("float")}, ${w.random.below(9)})`,
      () => `picky(${of("float")}, ${of("int")})`,
      () => `total_of(${of("floats")})`,
    ]),
  text: (w, of) =>
    pick(w, [
      () => `(${of("text")} + ${of("text")})`,
      () => `"<\${${of(w.random.pick(KINDS.filter((kind) => kind !== "fn")))}}>"`,
      () => `"\${${of("int")}}|\${${of("float")}}"`,
      () => `(${of("text")})[0:${w.random.below(3)}]`,
      () => `(${of("text")} * ${w.random.below(3)})`,
      () => `to_string(${of(w.random.pick(["int", "float", "ints", "rec", "floats", "vec"]))})`,
      () => `${of("ints")}.join("${w.random.pick(["", ",", "é"])}")`,
      () => `uppercase(${of("text")})`,
    ]),
  bool: (w, of, depth) =>
    pick(w, [
      () => `(${of("int")} ${w.random.pick(["<", ">", "<=", ">=", "==", "!="])} ${of("int")})`,
      () =>
        `(${of("float")} ${w.random.pick(["<", ">", "<=", ">=", "==", "!="])} ${of(w.random.pick(["int", "float"]))})`,
      () => `(${of("text")} ${w.random.pick(["<", ">=", "==", "!="])} ${of("text")})`,
      () => `(${of("bool")} ${w.random.pick(["&&", "||"])} ${of("bool")})`,
      () => `(!${of("bool")})`,
      () => `(${of("int")} in ${of("ints")})`,
      () => `(${keyText(w)} in ${of("counts")})`,
      () => {
        const kind = w.random.pick([
          "ints",
          "rows",
          "rec",
          "point",
          "shape",
          "counts",
          "floats",
          "vec",
          "vecs",
        ] as const);
        return `(${of(kind)} ${w.random.pick(["==", "!="])} ${of(kind)})`;
      },
      () => `any(${of("ints")}.any(${lambda(w, "int", "bool", depth)}))`,
    ]),
  ints: (w, of, depth) =>
    pick(w, [
      () => `[${of("int")}, ${of("int")}]`,
      () => `[...${of("ints")}, ${of("int")}]`,
      () => `(${of("ints")} + ${of("ints")})`,
      () => `any(${of("ints")}.push(${of("int")}))`,
      () => `any(${of("ints")}.map(${lambda(w, "int", "int", depth)}))`,
      () => `any(${of("ints")}.filter(${lambda(w, "int", "bool", depth)}))`,
      () => `any(${of("ints")}.sort_by(${lambda(w, "int", "int", depth)}))`,
      () => `any(${of("ints")}.${w.random.pick(["reverse", "sort", "unique", "pop"])}())`,
      () => `(${of("ints")})[${w.random.below(3) - 1}:]`,
      () => `(${item(w, of, "rows")} ?? [])`,
      () => `(${of("rec")}).b`,
      () => `(${of("rec")}).c.e`,
      () => `(${of("point")}).tags`,
      () => `any((${of("counts")}).values())`,
      () => `any((0 to ${w.random.below(6)}).map(${lambda(w, "int", "int", depth)}).to_list())`,
      () => waiting(w, () => `any(parallel each ${of("ints")} ${lambda(w, "int", "int", depth)})`) ?? leaf(w, "ints"),
    ]),
  floats: (w, of, depth) =>
    pick(w, [
      () => `[${of("float")}, ${of("float")}]`,
      () => `any(${of("floats")}.push(${of("float")}))`,
      () => `any(${of("ints")}.map(${lambda(w, "int", "float", depth)}))`,
      () => `(${of("floats")} + [${of("float")}])`,
      () => `(${of("floats")} + ${of("floats")})`,
      () => `any(${of("floats")}.${w.random.pick(["reverse", "sort", "unique", "pop"])}())`,
      () => `any(${of("floats")}.map(${lambda(w, "float", "float", depth)}))`,
      () => `any(${of("floats")}.filter(${lambda(w, "float", "bool", depth)}))`,
      () => `(${of("floats")})[${w.random.below(3) - 1}:]`,
      () => `[...${of("floats")}, ${of("float")}]`,
      () => `[${of("float")}, any(${of("int")}), ${of("float")}]`,
    ]),
  rows: (w, of) =>
    pick(w, [
      () => `[${of("ints")}, ${of("ints")}]`,
      () => `any(${of("rows")}.push(${of("ints")}))`,
      () => {
        const shared = of("ints");
        return `[${shared}, ${shared}]`;
      },
      () => `[...${of("rows")}, ...${of("rows")}]`,
      () => `any(${of("ints")}.chunk(2))`,
    ]),
  mixed: (w, of) =>
    pick(w, [
      () => `any([${of("any")}, ${of("float")}, ${of("ints")}])`,
      () => `any([...${of("ints")}, ...${of("floats")}])`,
      () => `any(${of("mixed")}.push(${of("any")}))`,
      () =>
        waiting(w, () => `any(parallel settle ${of("ints")} { v -> v % 2 == 0 ? ${of("int")} : (v / 0) }).results`) ??
        leaf(w, "mixed"),
    ]),
  rec: (w, of) =>
    pick(w, [
      () => `{a: ${of("int")}, b: ${of("ints")}, c: {d: ${of("float")}, e: ${of("ints")}}}`,
      () => `{...${of("rec")}, a: ${of("int")}}`,
      () => `{...${of("rec")}, b: ${of("ints")}}`,
    ]),
  counts: (w, of) =>
    pick(w, [
      () => `counts([${keyText(w)}, ${keyText(w)}])`,
      () => `{...${of("counts")}, [${keyText(w)}]: ${of("int")}}`,
      () => `any((${of("counts")}).merge({[${keyText(w)}]: ${of("int")}}))`,
      () => `any((${of("counts")}).remove(${keyText(w)}))`,
      () => `any((${of("counts")}).map_values(${lambda(w, "int", "int", 1)}))`,
    ]),
  point: (w, of) =>
    pick(w, [
      () => `Point {x: ${of("int")}, y: ${of("float")}, tags: ${of("ints")}}`,
      () => `(${w.variable("point")?.name ?? leaf(w, "point")}).moved(${of("int")})`,
      () => `(${w.variable("point")?.name ?? leaf(w, "point")}).tagged(${of("int")})`,
      () => `(${item(w, of, "points")} ?? ${leaf(w, "point")})`,
    ]),
  points: (w, of) =>
    pick(w, [() => `[${of("point")}, ${of("point")}]`, () => `any(${of("points")}.push(${of("point")}))`]),
  vec: (w, of) =>
    pick(w, [
      () => `Vec {x: ${of("float")}, y: ${of("float")}, z: ${of("float")}}`,
      () => `Vec {x: ${of("float")}, y: ${of("float")}, z: any(${of("int")})}`,
      () => `(${w.variable("vec")?.name ?? leaf(w, "vec")}).scaled(${of("float")})`,
      () => `(${w.variable("vec")?.name ?? leaf(w, "vec")}).bent(${of("int")})`,
      () => `(${item(w, of, "vecs")} ?? ${leaf(w, "vec")})`,
    ]),
  vecs: (w, of) =>
    pick(w, [
      () => `[${of("vec")}, ${of("vec")}]`,
      () => `any(${of("vecs")}.push(${of("vec")}))`,
      () => {
        const same = of("vec");
        return `[${same}, ${same}]`;
      },
    ]),
  shape: (w, of) =>
    pick(w, [() => `Shape.Circle(${of("int")})`, () => `Shape.Box(${of("ints")}, ${of("float")})`, () => "Shape.Dot"]),
  fn: (w, _of, depth) =>
    pick(w, [
      () => lambda(w, "int", "int", depth),
      () => `adder(${expression(w, "int", depth - 1)})`,
      () => `any({ v -> ${w.variable("fn")?.name ?? "any"}(v) })`,
    ]),
  any: (w, of) => `any(${of(w.random.pick(KINDS))})`,
};
