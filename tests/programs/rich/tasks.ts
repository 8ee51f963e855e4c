/** Closures, functions inside of functions, generators, tasks: code that runs elsewhere or later than where it is written. */
import { callOf, expression, WAIT_STEPS } from "./expressions.ts";
import { changePlace, declareVariable } from "./places.ts";
import type { Writer } from "./writer.ts";

/** Writes some statements, at most so many. */
type Body = (w: Writer, most: number) => void;

/** A closure over what is there, then changes of what it has captured, then a call. */
export function capturing(w: Writer): void {
  const kind = w.random.pick(["ints", "int", "rec", "counts", "point"] as const);
  const captured = w.variable(kind, true);
  if (captured === null) {
    declareVariable(w, kind);
    return;
  }
  const name = w.fresh("h");
  w.asTask(() =>
    w.repeated(3, () =>
      w.block(`let ${name} = { k ->`, () => {
        if (kind !== "int") changePlace(w, captured);
        w.line(`[${captured.name}, k, ${expression(w, "int", 1)}]`);
      }),
    ),
  );
  if (kind !== "int") changePlace(w, captured);
  else w.line(`${captured.name} += 1`);
  w.line(`println("\${${name}(1)} \${${name}(2)} \${${captured.name}}")`);
}

/** A function inside of the function. */
export function nested(w: Writer, statements: Body): void {
  const name = w.fresh("inner");
  const captured = w.variable(w.random.pick(["int", "ints", "rec"]));
  w.asTask(() =>
    w.repeated(4, () =>
      w.block(`fn ${name}(k: int)`, () => {
        w.line("if k <= 0 { return 0 }");
        statements(w, 2);
        w.line(`return k + ${name}(k - 1)${captured === null ? "" : ` + len("\${${captured.name}}")`}`);
      }),
    ),
  );
  w.line(`println("${name} \${${name}(3)}")`);
}

export function tasks(w: Writer, statements: Body): void {
  if (!w.spend(WAIT_STEPS * 4)) {
    statements(w, 3);
    return;
  }
  const { random } = w;
  const name = w.fresh("t");
  const body = () => {
    statements(w, 3);
    w.line(expression(w, "int"));
  };
  w.asTask(() => {
    switch (random.below(5)) {
      case 0:
        w.block(`let ${name} = spawn`, body);
        changeSomething(w);
        w.line(`println("task \${try { await(${name}) } catch (err) { "\${err}" }}")`);
        return;
      case 1:
        w.repeated(3, () => w.scoped(() => w.block(`println(parallel 3 { ${w.declare("int", false)} ->`, body, "})")));
        return;
      case 2: {
        const over = expression(w, "ints");
        w.repeated(3, () =>
          w.scoped(() => w.block(`let ${name} = parallel settle ${over} { ${w.declare("int", false)} ->`, body)),
        );
        w.line(`println("\${${name}.results} \${${name}.failed}")`);
        return;
      }
      case 3: {
        const channel = w.fresh("ch");
        w.line(`let ${channel} = channel("${channel}", ${1 + random.below(2)})`);
        w.block(`let ${name} = spawn`, () => {
          // Also when it fails: who receives must not wait forever.
          w.line(`defer { close_channel(${channel}) }`);
          w.repeated(3, () =>
            w.scoped(() =>
              w.block(`for ${w.declare("int", true)} in 1 to 3`, () => {
                statements(w, 2);
                w.line(`send(${channel}, ${expression(w, random.pick(["int", "ints", "rec"]))})`);
              }),
            ),
          );
        });
        w.line(`for got in ${channel} { println("got \${got}") }`);
        w.line(`try { await(${name}) } catch (err) { println("\${err}") }`);
        return;
      }
      default: {
        const sum = w.fresh("sum");
        w.line(`let ${sum} = atomic(0)`);
        w.repeated(3, () =>
          w.block(`parallel 3 { _ ->`, () => {
            statements(w, 2);
            w.line(`atomic_add(${sum}, ${expression(w, "int")})`);
          }),
        );
        w.line(`println(atomic_get(${sum}))`);
      }
    }
  });
}

/** The task was started with the values as they were. */
function changeSomething(w: Writer): void {
  const target = w.variable(w.random.pick(["ints", "rec", "rows", "counts"]), true);
  if (target !== null) changePlace(w, target);
}

export function generatorSteps(w: Writer, statements: Body): void {
  const call = callOf(w, "generator", 2);
  if (call === null) {
    statements(w, 3);
    return;
  }
  const name = w.fresh("it");
  w.line(`let ${name} = ${call}`);
  if (w.random.chance(0.5)) {
    w.line(`println("\${${name}.next()} \${${name}.next().value}")`);
    statements(w, 2);
    w.line(`println("\${${name}.next()}")`);
  } else w.line(`println(iter(${name}).map({ x -> x + ${expression(w, "int", 1)} }).take(3).to_list())`);
}
