/** Statements without blocks: declarations and aliases, changes of places, showing, leaving. */
import { callOf, expression, indexInto, keyText, WAIT_STEPS } from "./expressions.ts";
import { KINDS, type Kind, type Variable, type Writer } from "./writer.ts";

const PLAIN_KINDS: readonly Kind[] = [
  "int",
  "int",
  "float",
  "text",
  "bool",
  "ints",
  "ints",
  "floats",
  "rows",
  "mixed",
  "rec",
  "rec",
  "counts",
  "point",
  "points",
  "vec",
  "vec",
  "vecs",
  "floats",
  "shape",
  "fn",
  "any",
];

// ---------------------------------------------------------------- declarations

/** Some variables have a known type, some hold anything as far as the checker knows. */
export function declareVariable(w: Writer, kind: Kind = w.random.pick(PLAIN_KINDS)): void {
  const value = expression(w, kind);
  const mutable = w.random.chance(0.85);
  const dynamic = kind === "any" || kind === "mixed" || w.random.chance(0.5);
  const name = w.declare(kind, mutable);
  w.line(`${mutable ? "var" : "let"} ${name}${dynamic ? ": any" : ""} = ${dynamic ? `any(${value})` : value}`);
}

/** Two names for one value, one of which is changed next. */
function alias(w: Writer): void {
  const kinds: readonly Kind[] = [
    "ints",
    "rows",
    "rec",
    "counts",
    "point",
    "points",
    "mixed",
    "floats",
    "floats",
    "vec",
    "vecs",
  ];
  const source = w.variable(w.random.pick(kinds));
  if (source === null) {
    declareVariable(w, w.random.pick(kinds));
    return;
  }
  const name = w.declare(source.kind, true);
  w.line(`var ${name}: any = ${source.name}`);
  const changed = w.random.chance(0.5) ? { ...source, name } : source;
  if (changed.mutable || changed.name === name) changePlace(w, changed);
  show(w, [source.name, name]);
}

function destructure(w: Writer): void {
  if (w.random.chance(0.5)) {
    const [value, otherwise] = [expression(w, "ints"), expression(w, "int", 1)];
    const [first, second, rest] = [w.declare("any", true), w.declare("any", true), w.declare("mixed", true)];
    w.line(`var [${first}, ${second} = ${otherwise}, ...${rest}] = ${value}`);
  } else {
    const value = expression(w, "rec");
    const [b, c] = [w.declare("ints", true), w.declare("any", true)];
    w.line(`var {b: ${b}, c: ${c} = nil} = ${value}`);
  }
}

// ---------------------------------------------------------------- changes

function assign(w: Writer): void {
  const target = w.variable(w.random.chance(0.5) ? w.random.pick(PLAIN_KINDS) : null, true);
  if (target === null) {
    declareVariable(w);
    return;
  }
  w.line(`${target.name} = ${expression(w, target.kind)}`);
}

function assignOperator(w: Writer): void {
  const kind = w.random.pick(["int", "int", "float", "text", "ints"] as const);
  const target = w.variable(kind, true);
  if (target === null) {
    declareVariable(w, kind);
    return;
  }
  const ops = kind === "text" || kind === "ints" ? ["+"] : ["+", "-", "*", "+", "-"];
  w.line(`${target.name} ${w.random.pick(ops)}= ${expression(w, kind)}`);
}

const CHANGED: readonly Kind[] = [
  "ints",
  "floats",
  "floats",
  "rows",
  "mixed",
  "rec",
  "counts",
  "point",
  "points",
  "vec",
  "vec",
  "vecs",
  "vecs",
];

function change(w: Writer): void {
  const kind = w.random.pick(CHANGED);
  const target = w.variable(kind, true);
  if (target === null) {
    declareVariable(w, kind);
    return;
  }
  changePlace(w, target);
}

/** A place inside of the variable gets another value. */
export function changePlace(w: Writer, { name, kind }: Variable): void {
  const { random } = w;
  const of = (inner: Kind) => expression(w, inner, 2);
  const lines: Partial<Record<Kind, readonly (() => string)[]>> = {
    ints: [
      () => `${name} = ${name}.push(${of("int")})`,
      () => `${name}[${indexInto(w, name)}] = ${of("int")}`,
      () => `${name}[${indexInto(w, name)}] += ${of("int")}`,
      () => `${name} = ${name}.pop()`,
    ],
    floats: [
      () => `${name} = ${name}.push(${of("float")})`,
      () => `${name}[${indexInto(w, name)}] = ${of("float")}`,
      () => `${name}[${indexInto(w, name)}] *= ${of("float")}`,
      () => `${name}[${indexInto(w, name)}] = ${name}[-1] + ${of("float")}`,
      () => `${name} = ${name}.pop()`,
      ...(random.chance(0.3)
        ? [
            () => `${name}[${indexInto(w, name)}] = any(${of(random.pick(["int", "text", "any"]))})`,
            () => `${name} = any(${name}).push(any(${of(random.pick(["int", "any"]))}))`,
          ]
        : []),
    ],
    rows: [
      () => `${name} = ${name}.push(${of("ints")})`,
      () => `${name}[${indexInto(w, name)}] = ${of("ints")}`,
      () => `${name}[0][${indexInto(w, `${name}[0]`)}] = ${of("int")}`,
      () => `${name}[0] = ${name}[0].push(${of("int")})`,
      () => `${name}[-1][0] += ${of("int")}`,
      () => `${name}[0] = ${name}[-1]`,
    ],
    mixed: [
      () => `${name} = ${name}.push(${of("any")})`,
      () => `${name}[${indexInto(w, name)}] = ${of("any")}`,
      () => `${name}[0] = tame(${name}, nil)`,
    ],
    rec: [
      () => `${name}.a = ${of("int")}`,
      () => `${name}.a += ${of("int")}`,
      () => `${name}.b[${indexInto(w, `${name}.b`)}] = ${of("int")}`,
      () => `${name}.b = ${name}.b.push(${of("int")})`,
      () => `${name}.b = ${of("ints")}`,
      () => `${name}.c.e[${indexInto(w, `${name}.c.e`)}] += ${of("int")}`,
      () => `${name}.c.e = ${name}.b`,
      () => `${name}.c.d = ${of("float")}`,
      () => `${name}["c"]["e"] = ${of("ints")}`,
      () => `${name} = {...${name}, a: ${of("int")}}`,
    ],
    counts: [
      () => `${name}[${keyText(w)}] = ${of("int")}`,
      () => `${name}.${random.pick(["a", "b"])} = ${of("int")}`,
      () => `${name}[${keyText(w)}] += ${of("int")}`,
      () => `${name} = ${name}.merge({${random.pick(["a", "b"])}: ${of("int")}})`,
      () => `${name} = ${name}.remove(${keyText(w)})`,
    ],
    point: [
      () => `${name}.x = ${of("int")}`,
      () => `${name}.y -= ${of("float")}`,
      () => `${name}.tags = ${name}.tags.push(${of("int")})`,
      () => `${name}.tags[0] = ${of("int")}`,
      () => `${name} = ${name}.moved(${of("int")})`,
      () => `${name} = ${name}.tagged(${of("int")})`,
    ],
    points: [
      () => `${name} = ${name}.push(${of("point")})`,
      () => `${name}[${indexInto(w, name)}].x += ${of("int")}`,
      () => `${name}[0].tags[0] = ${of("int")}`,
      () => `${name}[0].tags = ${name}[-1].tags.push(${of("int")})`,
      () => `${name}[0] = ${name}[-1]`,
    ],
    vec: [
      () => `${name}.x = ${of("float")}`,
      () => `${name}.x = ${name}.y + ${of("float")}`,
      () => `${name}.z -= ${of("float")}`,
      () => `${name}.y *= ${of("float")}`,
      () => `${name} = ${name}.scaled(${of("float")})`,
      () => `${name} = ${name}.bent(${of("int")})`,
      ...(random.chance(0.3) ? [() => `${name}.y = any(${of(random.pick(["int", "text", "any"]))})`] : []),
    ],
    vecs: [
      () => `${name} = ${name}.push(${of("vec")})`,
      () => {
        const at = indexInto(w, name);
        return `${name}[${at}].x = ${name}[${at}].x + ${of("float")}`;
      },
      () => {
        const at = indexInto(w, name);
        return `${name}[${at}].y = ${name}[${at}].x * ${name}[${at}].z - ${of("float")}`;
      },
      () => `${name}[${indexInto(w, name)}].z -= ${of("float")}`,
      () => `${name}[0] = ${name}[-1]`,
      () => `${name}[0] = ${of("vec")}`,
      ...(random.chance(0.2) ? [() => `${name}[0].x = any(${of(random.pick(["int", "any"]))})`] : []),
    ],
  };
  const choices = lines[kind];
  if (choices === undefined) return;
  const isList = kind !== "rec" && kind !== "counts" && kind !== "point" && kind !== "vec";
  if (isList && w.turns > 20) w.line(`if len(${name}) > 30 { ${name} = ${name}[20:] }`);
  w.line(random.pick(choices)());
}

/** A module's variable, which all functions see. */
function changeShared(w: Writer): void {
  if (w.inTask) {
    show(w);
    return;
  }
  w.pure = false;
  w.line(
    w.random.pick([
      () => `shared.n += ${expression(w, "int")}`,
      () => `shared.list = shared.list.push(${expression(w, "int")})[-9:]`,
      () => `shared.list = shared.list.push(${expression(w, "int")})`,
      () => `shared.list = ${expression(w, "ints")}`,
      () => `shared.log[${keyText(w)}] = ${expression(w, "ints")}`,
      () => `total = total + ${expression(w, "int")}`,
      () => "if len(shared.list) > 20 { shared.list = shared.list[15:] }",
    ])(),
  );
}

export function show(w: Writer, names: readonly string[] = []): void {
  if (!w.spend(5)) return;
  const shown =
    names.length > 0
      ? names
      : w
          .variables()
          .filter(({ kind }) => kind !== "fn")
          .map(({ name }) => name);
  const some = shown.length <= 4 || names.length > 0 ? shown : Array.from({ length: 4 }, () => w.random.pick(shown));
  w.line(`println("${w.fresh("@")} ${some.map((name) => `\${${name}}`).join(" ")}")`);
}

function leave(w: Writer): void {
  const { random } = w;
  if (random.chance(0.2)) w.line(`throw ${expression(w, random.pick(["text", "int", "rec", "shape"]))}`);
  else if (w.inLoop && w.mayLeave && random.chance(0.8))
    w.line(`if ${expression(w, "bool")} { ${random.pick(["break", "continue"])} }`);
  else if (w.mayLeave && w.result !== null && w.result !== "generator")
    w.line(`if ${expression(w, "bool")} { return ${expression(w, w.result)} }`);
  else show(w);
}

function wait(w: Writer): void {
  if (!w.spend(WAIT_STEPS)) {
    show(w);
    return;
  }
  w.line(`sleep(${w.random.below(4)})`);
}

function yieldOne(w: Writer): void {
  if (w.result !== "generator" || !w.mayLeave || w.inTask) {
    assign(w);
    return;
  }
  w.line(`yield ${expression(w, "int")}`);
}

export const SIMPLE: readonly ((w: Writer) => void)[] = [
  declareVariable,
  declareVariable,
  alias,
  alias,
  destructure,
  assign,
  assign,
  assign,
  assignOperator,
  assignOperator,
  change,
  change,
  change,
  change,
  changeShared,
  (w) => show(w),
  leave,
  wait,
  wait,
  wait,
  yieldOne,
  (w) => w.line(callOf(w, w.random.pick(KINDS), 1) ?? "nil"),
];
