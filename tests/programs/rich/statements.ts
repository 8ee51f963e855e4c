/** Statements with blocks: control flow and protected code; those of places.ts stand in them. */
import { callOf, expression } from "./expressions.ts";
import { changePlace, SIMPLE } from "./places.ts";
import { capturing, generatorSteps, nested, tasks } from "./tasks.ts";
import { KINDS, type Kind, type Writer } from "./writer.ts";

/** Turns of a loop that makes its code hot. */
const HOT_TURNS = 720;

const HOT_KINDS: readonly Kind[] = [
  "int",
  "int",
  "float",
  "float",
  "float",
  "ints",
  "floats",
  "floats",
  "rec",
  "point",
  "counts",
  "vec",
  "vec",
  "vecs",
];

/** Statements until `most` are written or the budget is spent. */
export function statements(w: Writer, most: number): void {
  const count = 1 + w.random.below(most);
  for (let i = 0; i < count && w.statements > 0; i++) statement(w);
}

function statement(w: Writer): void {
  w.statements--;
  w.spend(1);
  const { random } = w;
  const compound = w.depth < 3 && random.chance(0.4);
  if (compound) {
    w.depth++;
    random.pick(COMPOUND)(w);
    w.depth--;
  } else if (random.chance(0.12)) {
    w.block("try", () => simple(w), "} catch (err) {");
    w.inner(() => w.line('println("caught ${err}")'));
    w.line("}");
  } else simple(w);
}

function simple(w: Writer): void {
  w.random.pick(SIMPLE)(w);
}

// ---------------------------------------------------------------- compound

function branch(w: Writer): void {
  w.block(`if ${expression(w, "bool")}`, () => statements(w, 3), "} else {");
  w.inner(() => statements(w, 2));
  w.line("}");
}

function loop(w: Writer, turns: number, head: string, before: () => void): void {
  const { inLoop, mayLeave } = w;
  w.inLoop = true;
  w.mayLeave = true;
  w.repeated(turns, () =>
    w.block(head, () => {
      before();
      statements(w, 3);
    }),
  );
  w.inLoop = inLoop;
  w.mayLeave = mayLeave;
}

function whileLoop(w: Writer): void {
  // Not to be assigned to by what is written next: loops end.
  const counter = w.declare("int", false);
  const turns = 1 + w.random.below(5);
  w.line(`var ${counter} = 0`);
  loop(w, turns, `while ${counter} < ${turns}`, () => w.line(`${counter} = ${counter} + 1`));
}

function forLoop(w: Writer): void {
  const { random } = w;
  w.scoped(() => {
    const over = random.below(10);
    const nothing = () => {};
    if (over === 0) {
      const turns = random.below(5);
      loop(w, turns + 1, `for ${w.declare("int", true)} in 0 to ${turns}`, nothing);
    } else if (over === 1) {
      const list = expression(w, "ints");
      loop(w, 4, `for ${w.declare("int", true)} in ${list}`, nothing);
    } else if (over === 2) {
      const rows = expression(w, "rows");
      loop(w, 3, `for ${w.declare("ints", true)} in ${rows}`, nothing);
    } else if (over === 3) {
      const dict = expression(w, "counts");
      const [key, value] = [w.declare("text", true), w.declare("int", true)];
      loop(w, 3, `for {key: ${key}, value: ${value}} in ${dict}`, nothing);
    } else if (over === 4) {
      const list = expression(w, "ints");
      const [index, item] = [w.declare("int", true), w.declare("int", true)];
      loop(w, 4, `for (${index}, ${item}) in iter(${list}).enumerate()`, nothing);
    } else if (over === 5) {
      const text = expression(w, "text");
      loop(w, 4, `for ${w.declare("text", true)} in ${text}`, nothing);
    } else if (over === 6) {
      const generator = callOf(w, "generator", 2) ?? "iter([1, 2, 3])";
      loop(w, 6, `for ${w.declare("int", true)} in ${generator}`, nothing);
    } else if (over === 7) {
      const floats = expression(w, "floats");
      loop(w, 4, `for ${w.declare("float", true)} in ${floats}`, nothing);
    } else if (over === 8) {
      const vecs = expression(w, "vecs");
      loop(w, 3, `for ${w.declare("vec", true)} in ${vecs}`, nothing);
    } else {
      const points = expression(w, "points");
      loop(w, 3, `for ${w.declare("point", true)} in ${points}`, nothing);
    }
  });
}

/** A loop long enough that JavaScript is generated for it while it runs; its body is short. */
function hotLoop(w: Writer): void {
  if (w.turns > 2 || w.cost > 20_000) {
    branch(w);
    return;
  }
  const { inLoop, mayLeave, depth } = w;
  const counter = w.declare("int", false);
  const step = 1 + w.random.below(3);
  w.line(`var ${counter} = 0`);
  w.inLoop = true;
  w.mayLeave = true;
  w.depth = 3;
  w.repeated(HOT_TURNS, () =>
    w.block(`while ${counter} < ${HOT_TURNS * step}`, () => {
      w.line(`${counter} += ${step}`);
      const count = 1 + w.random.below(5);
      for (let i = 0; i < count; i++) hotStatement(w, counter);
    }),
  );
  w.inLoop = inLoop;
  w.mayLeave = mayLeave;
  w.depth = depth;
}

function hotStatement(w: Writer, counter: string): void {
  const { random } = w;
  const late = HOT_TURNS - 1 - random.below(120);
  const target = w.variable(random.pick(HOT_KINDS), true);
  switch (random.below(8)) {
    case 0:
      // What was always of one kind is so no longer.
      if (target === null) return;
      w.line(`if ${counter} == ${late} { ${target.name} = any(${expression(w, random.pick(KINDS), 1)}) }`);
      return;
    case 1:
      w.block(`if ${counter} % ${2 + random.below(50)} == 0`, () => simple(w));
      return;
    case 2:
      if (target !== null && (target.kind === "int" || target.kind === "float"))
        w.line(`${target.name} ${random.pick(["+", "-", "*"])}= ${expression(w, random.pick(["int", "float"]), 1)}`);
      return;
    case 3: {
      const list = w.variable(random.pick(["ints", "floats", "vecs"]), true);
      if (list === null) return;
      changePlace(w, list);
      return;
    }
    case 4:
      if (target !== null) changePlace(w, target);
      return;
    case 5: {
      const value = callOf(w, random.pick(["int", "float"]), 1);
      if (value !== null && target !== null && target.kind !== "ints") w.line(`${target.name} = any(${value})`);
      return;
    }
    case 6:
      w.block("try", () => w.line(`if ${counter} > ${late} { throw ${expression(w, "int", 1)} }`), "} catch (err) {");
      w.inner(() => w.line(random.chance(0.5) ? "break" : "continue"));
      w.line("}");
      return;
    default:
      if (target !== null) w.line(`${target.name} = ${expression(w, target.kind, 2)}`);
  }
}

/** Where the code may not be left: a `finally`, a `defer`. */
function closed(w: Writer, body: () => void): void {
  const { mayLeave } = w;
  w.mayLeave = false;
  body();
  w.mayLeave = mayLeave;
}

function protect(w: Writer): void {
  const { random } = w;
  const kind = random.below(3);
  w.block("try", () => statements(w, 3), kind === 0 ? "} finally {" : "} catch (err) {");
  if (kind === 0) closed(w, () => w.inner(() => statements(w, 2)));
  else
    w.inner(() => {
      w.line('println("caught ${err}")');
      statements(w, 2);
    });
  if (kind === 2) {
    w.line("} finally {");
    closed(w, () => w.inner(() => statements(w, 2)));
  }
  w.line("}");
}

function deferring(w: Writer): void {
  w.block("if true", () => {
    closed(w, () => w.block("defer", () => statements(w, 2)));
    statements(w, 3);
  });
}

function matching(w: Writer): void {
  const arm = (pattern: string, body: () => void = () => statements(w, 2)) => w.block(`${pattern} -> {`, body);
  const { random } = w;
  switch (random.below(4)) {
    case 0:
      w.block(`match ${expression(w, "int")}`, () => {
        arm("0");
        arm("1 | 2 | 3");
        w.scoped(() => arm(`${w.declare("int", false)} if ${expression(w, "bool", 1)}`));
        arm("_");
      });
      return;
    case 1:
      w.block(`match any(${expression(w, "ints")})`, () => {
        w.scoped(() => arm(`[${w.declare("int", false)}, ${w.declare("int", false)}, ...${w.declare("ints", false)}]`));
        w.scoped(() => arm(`[${w.declare("int", false)}]`));
        arm("_");
      });
      return;
    case 2:
      w.block(`match ${expression(w, "shape")}`, () => {
        w.scoped(() => arm(`Shape.Circle(${w.declare("int", false)})`));
        w.scoped(() => arm(`Shape.Box(${w.declare("ints", false)}, ${w.declare("float", false)})`));
        arm("_");
      });
      return;
    default:
      w.block(`match any(${expression(w, random.pick(["rec", "counts", "mixed"]))})`, () => {
        w.scoped(() => arm(`{a: ${w.declare("int", false)}, b: ${w.declare("ints", false)}}`));
        w.scoped(() => arm(`{${random.pick(["a", "b"])}: ${w.declare("any", false)}}`));
        arm("_");
      });
  }
}

function wrapped(w: Writer): void {
  const head = w.random.pick(["mutex", "deadline 1h", "retry 2"]);
  if (head === "mutex" && w.inTask) {
    branch(w);
    return;
  }
  w.repeated(head === "retry 2" ? 2 : 1, () => w.block(head, () => statements(w, 3)));
}

function guarded(w: Writer): void {
  if (w.result === null || w.result === "generator" || !w.mayLeave || w.inTask) {
    branch(w);
    return;
  }
  w.block(`guard ${expression(w, "bool")} else`, () => {
    statements(w, 1);
    w.line(`return ${expression(w, w.result as Kind, 1)}`);
  });
}

const COMPOUND: readonly ((w: Writer) => void)[] = [
  branch,
  branch,
  whileLoop,
  whileLoop,
  forLoop,
  forLoop,
  hotLoop,
  hotLoop,
  protect,
  protect,
  deferring,
  matching,
  matching,
  capturing,
  capturing,
  (w) => nested(w, statements),
  (w) => tasks(w, statements),
  (w) => generatorSteps(w, statements),
  wrapped,
  guarded,
];
