/**
 * Programs of all that the language has, that end, and whose output does not depend on who has his turn first: for laws about running them.
 *
 * Other than `terminatingProgram` they are mostly well typed, so that they get far: values are shared under several names and then changed in place, code gets hot
 * and then meets another kind of value, errors and waits come in the middle of all that. A program is decided by its seed.
 */
import { Random } from "../fuzz/random.ts";
import { expression } from "./rich/expressions.ts";
import { declareVariable, show } from "./rich/places.ts";
import { statements } from "./rich/statements.ts";
import { type GeneratedFunction, KINDS, type Kind, Writer } from "./rich/writer.ts";

/** What all of them begin with. `any` hides a type from the checker. */
const PREAMBLE = `struct Point {
  x: int
  y: float
  tags: list<int>
}

enum Shape {
  Circle(radius: int)
  Box(sides: list<int>, scale: float)
  Dot
}

impl Point {
  fn weigh(self, by: int = 1) -> int {
    return self.x * by + len(self.tags)
  }

  fn moved(self, by: int) -> Point {
    var own = self
    own.x = own.x + by
    own.y -= 0.5
    return own
  }

  fn tagged(self, tag: int) -> Point {
    var tags = self.tags
    tags = tags.push(tag)
    return Point {x: self.x, y: self.y, tags: len(tags) > 6 ? tags[3:] : tags}
  }
}

struct Vec {
  x: float
  y: float
  z: float
}

impl Vec {
  fn dot(self, other) {
    return self.x * other.x + self.y * other.y + self.z * other.z
  }

  fn scaled(self, by: float) -> Vec {
    return Vec {x: self.x * by, y: self.y * by, z: self.z}
  }

  fn bent(self, by: int) -> Vec {
    var own = self
    own.x = own.x + 1.5
    own.z = own.y * by
    return own
  }

  fn deep(self, n: int) {
    if n <= 0 {
      return self.z
    }
    return self.deep(n - 1) * 0.5 + self.x
  }
}

fn half(a: float, b: float) -> float {
  return (a + b) * 0.5
}

fn halves(a, n: int) {
  if n < 1 {
    return a
  }
  return half(a, halves(a, n - 1) + 1.0)
}

fn picky(a, n) {
  if n == 7 {
    return n
  }
  if n == 100 {
    return nil
  }
  if n == 255 {
    throw "picky"
  }
  if n == 2147483647 {
    sleep(1)
  }
  return a * 0.25
}

fn total_of(floats) {
  var sum = 0.0
  for f in floats {
    sum = half(sum, f)
  }
  var i = 0
  while i < len(floats) {
    sum = sum + floats[i] * 0.5
    i = i + 1
  }
  return sum
}

var shared: any = {n: 0, list: [1, 2], log: {}}
var total = 0

fn any(v) {
  return v
}

fn call(f) {
  return f()
}

fn slowly(n: int) -> int {
  sleep(1)
  return n
}

fn counts(keys) -> dict<string, int> {
  var found: dict<string, int> = {}
  for key in keys {
    found[key] = (found[key] ?? 0) + 1
  }
  return found
}

fn adder(n) {
  return { x -> x + n }
}

fn few(items: list<int>) -> list<int> {
  return len(items) > 24 ? items[0:12] : items
}

fn clip(text: string) -> string {
  return text[0:40]
}

fn tame(value, other) {
  return len("\${value}") > 300 ? other : value
}

fn area(shape) -> int {
  return match shape {
    Shape.Circle(r) -> { r * r }
    Shape.Box(sides, _) -> { sides.sum() }
    _ -> { 0 }
  }
}

`;

const FUNCTIONS = 4;
const RESULTS: readonly (Kind | "generator")[] = [
  "int",
  "int",
  "float",
  "float",
  "floats",
  "vec",
  "vecs",
  "ints",
  "rec",
  "point",
  "rows",
  "counts",
  "generator",
];
const PARAMS: readonly Kind[] = [
  "int",
  "int",
  "float",
  "float",
  "floats",
  "vec",
  "vecs",
  "ints",
  "rec",
  "rows",
  "point",
  "text",
  "counts",
];

export function richProgram(seed: number): string {
  const w = new Writer(new Random(seed, "rich program"));
  for (let i = 0; i < FUNCTIONS; i++) w.functions.push(writeFunction(w));
  w.statements = 14;
  w.asFunction("int", () =>
    w.block("pipeline main(task) {", () => {
      for (let i = 0; i < 3; i++) declareVariable(w);
      guardedBody(w, () => {
        callOften(w);
        statements(w, 8);
        w.line("sleep(1)");
        statements(w, 4);
      });
      w.line('println("${shared} ${total}")');
      w.line("return 0");
    }),
  );
  return PREAMBLE + w.text;
}

/** Whatever is thrown in it, the variables around it are shown. */
function guardedBody(w: Writer, body: () => void): void {
  w.block("try", body, "} catch (err) {");
  w.inner(() => w.line('println("failed: ${err}")'));
  w.line("}");
  show(w);
}

function writeFunction(w: Writer): GeneratedFunction {
  const { random } = w;
  const name = w.fresh("fun");
  const result = random.pick(RESULTS);
  const params = Array.from({ length: 1 + random.below(3) }, () => random.pick(PARAMS));
  const optional = random.chance(0.3) ? 1 : 0;
  const rest = optional === 0 && random.chance(0.2);
  const typed = random.chance(0.5);
  w.statements = 10;
  const { cost, pure } = w.asFunction(result, () => {
    const written = params.map((kind, i) => {
      const type = typed ? TYPES[kind] : undefined;
      const annotation = type === undefined ? "" : `: ${type}`;
      const isOptional = i >= params.length - optional;
      const value = isOptional ? ` = ${expression(w, kind, 1)}` : "";
      return `${w.declare(kind, false)}${annotation}${value}`;
    });
    if (rest) written.push(`...${w.declare("ints", false)}`);
    w.block(`fn ${name}(${written.join(", ")}) {`, () => {
      // Parameters are not assigned to: what holds the same value is.
      for (const { name: param, kind } of w.variables()) w.line(`var ${w.declare(kind, true)} = ${param}`);
      declareVariable(w);
      if (random.chance(0.5)) guardedBody(w, () => statements(w, 6));
      else statements(w, 6);
      if (result === "generator") w.line(`yield ${expression(w, "int")}`);
      else w.line(`return ${expression(w, result)}`);
    });
  });
  w.line("");
  return { name, params, optional, rest, result, cost, pure };
}

const TYPES: Partial<Readonly<Record<Kind, string>>> = {
  int: "int",
  float: "float",
  ints: "list<int>",
  text: "string",
  point: "Point",
  floats: "list<float>",
  vec: "Vec",
  counts: "dict",
};

/** Functions get warm by being called from a loop that is not. */
function callOften(w: Writer): void {
  const { random } = w;
  const plain = w.functions.filter((fn) => fn.result !== "generator" && fn.cost < 60);
  if (plain.length === 0) return;
  const fn = random.pick(plain);
  const turns = random.pick([3, 240]);
  const kept = w.declare(fn.result as Kind, true);
  // Known in the loop only.
  const counter = w.fresh("turn");
  const args = fn.params.map((kind) => expression(w, kind, 1));
  const odd = fn.params.map((kind) =>
    random.chance(0.7) ? expression(w, kind, 1) : expression(w, random.pick(KINDS), 1),
  );
  w.spend(turns * (fn.cost + 4));
  w.line(`var ${kept}: any = nil`);
  w.block(`for ${counter} in 1 to ${turns} {`, () => {
    w.line(`${kept} = ${fn.name}(${args.join(", ")})`);
    w.line(`if ${counter} > ${turns - 2} {`);
    w.line(
      `  println("\${${kept}} \${try { any(${fn.name}(${odd.map((arg) => `any(${arg})`).join(", ")})) } catch (err) { err }}")`,
    );
    w.line("}");
  });
}
