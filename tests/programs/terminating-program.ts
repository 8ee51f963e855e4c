/**
 * Random programs that end, for laws about running them: functions that call only those in front of them, loops with a counter of their own.
 * Kinds are mixed on purpose, so that many operations fail; much of that is caught and printed.
 */
import fc from "fast-check";

const VARIABLES = ["a", "b", "c", "d", "e"];
const variable = fc.constantFrom(...VARIABLES);

/** Steps of an int and a float whose types are known. */
const TYPED = [
  "n = n * 31 + 7",
  "n = n % 1000",
  "n = n / 3 - 5",
  "f = f * 1.5 + n",
  "f = f / 4.0",
  "f = -f - 0.25",
  "a = f",
  "b = n",
  "c = [n, f]",
  "d = f * n",
  "e = n < 5 ? f : 0.5",
  "f = sqrt(2.0) * f",
  "fs = fs.push(f)",
  "fs[0] = f * 0.5",
  "fs[n % 2] = fs[0] + 1.0",
  "fs[1] = any(a)",
  "v.x = v.x + f",
  "v.y = v.x * fs[0] - 1.5",
  "v.y = any(b)",
  "vs[0].x = vs[0].x + 1.5",
  "vs[-1].y = vs[0].x * v.x",
  "vs = vs.push(v)",
  "v = vs[0]",
  "f = mean(f, v.x)",
  "f = mean(mean(fs[0], v.y), 2.0)",
  "f = sinking(f, 5)",
  "a = v",
  "b = fs",
  "c = vs",
  "d = v.sum()",
  'println("${v} ${fs} ${vs}")',
  'println("${n} ${f} ${f > 2.0} ${n == 3} ${f == 0.5}")',
];
const WAITS = ["sleep(0)", "a = await spawn { a }", "for x in [1, 2] { sleep(0) }"];

const counter = fc.constantFrom("i", "j", "k");

const number = fc.oneof(
  fc.integer({ min: -9, max: 99 }).map((n) => (n < 0 ? `(${n})` : String(n))),
  fc.constantFrom(
    "9007199254740991",
    "9223372036854775807",
    "4294967296",
    "0.5",
    "2.0",
    "(-1.5)",
    "99999999999999999.5",
  ),
);

/** Through a function whose result may be anything, so that the checker does not foresee the errors. */
const hidden = (text: string): string => `any(${text})`;

const other = fc
  .constantFrom('"x"', '"é"', '""', "true", "false", "nil", "[]", "[1, 2.5, 3]", '["p", "q"]', "({x: 1, y: 2.0})")
  .map(hidden);

const literal = fc.oneof({ weight: 2, arbitrary: number }, { weight: 1, arbitrary: other });

const arithmetic = fc.constantFrom("+", "-", "*", "/", "%");
const comparison = fc.constantFrom("==", "!=", "<", ">", "<=", ">=");

/** `depth` functions may be called: f0 … */
function expression(callable: number): fc.Arbitrary<string> {
  return fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { weight: 3, arbitrary: literal },
      { weight: 5, arbitrary: variable },
      { weight: 5, arbitrary: fc.tuple(tie("any"), arithmetic, tie("any")).map(([a, op, b]) => `(${a} ${op} ${b})`) },
      {
        weight: 2,
        arbitrary: fc.tuple(tie("any"), comparison, tie("any")).map(([a, op, b]) => hidden(`${a} ${op} ${b}`)),
      },
      fc
        .tuple(tie("any"), fc.constantFrom("&&", "||", "??"), tie("any"))
        .map(([a, op, b]) => hidden(`${a} ${op} ${b}`)),
      tie("any").map((a) => `(-${a})`),
      tie("any").map((a) => hidden(`!${a}`)),
      fc.tuple(tie("any"), tie("any")).map(([a, b]) => hidden(`[${a}, ${b}]`)),
      fc.tuple(tie("any"), tie("any")).map(([a, b]) => hidden(`{x: ${a}, y: ${b}}`)),
      fc.tuple(variable, tie("any")).map(([a, i]) => `${a}[${i}]`),
      fc.tuple(variable, fc.constantFrom("x", "y", "count")).map(([a, key]) => `${a}?.${key}`),
      fc.tuple(tie("any"), tie("any"), tie("any")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
      tie("any").map((a) => hidden(`"<\${${a}}>"`)),
      fc.tuple(variable, tie("any")).map(([list, body]) => hidden(`[${list}, 3].map({ v -> ${body} + v })`)),
      fc.tuple(tie("any")).map(([body]) => hidden(`[4, 5, 6].filter({ v -> v > ${body} })`)),
      fc.tuple(tie("any")).map(([body]) => hidden(`[1, 2].reduce(${body}, { sum, v -> sum + v })`)),
      fc
        .tuple(tie("any"), tie("any"))
        .map(([a, b]) => hidden(`(try { ${a} } catch (err) { "\${err}" + "${"!"}" }) ?? ${b}`)),
      ...(callable === 0
        ? []
        : [
            {
              weight: 3,
              arbitrary: fc
                .tuple(fc.nat({ max: callable - 1 }), fc.array(tie("any"), { maxLength: 3 }))
                .map(([f, args]) => `f${f}(${args.map(hidden).join(", ")})`),
            },
          ]),
    ),
  })).any;
}

function statements(callable: number, inLoop: boolean, depth: number): fc.Arbitrary<string> {
  const any = expression(callable);
  const simple = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(variable, any).map(([name, value]) => `${name} = ${value}`) },
    { weight: 3, arbitrary: fc.tuple(variable, arithmetic, any).map(([name, op, value]) => `${name} ${op}= ${value}`) },
    { weight: 2, arbitrary: any.map((value) => `println("\${${value}}")`) },
    fc.tuple(variable, any).map(([name, value]) => `${name} = ${name}.push(${value})`),
    fc.tuple(variable, any, any).map(([name, index, value]) => `${name}[${index}] = ${value}`),
    fc.tuple(variable, any).map(([name, value]) => `${name}.x = ${value}`),
    fc.tuple(any).map(([value]) => `shared = ${value}`),
    fc.constantFrom(...TYPED, ...WAITS),
    any.map((value) => `throw ${value}`),
    any.map((value) => `return ${value}`),
    ...(inLoop ? [fc.constantFrom("break", "continue")] : []),
  );
  const attempt = simple.map((line) => `try {\n${line}\n} catch (err) {\nprintln("${depth}: \${err}")\n}`);
  const step = fc.oneof({ weight: 2, arbitrary: simple }, { weight: 3, arbitrary: attempt });
  if (depth === 0) return fc.array(step, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n"));
  const inner = statements(callable, inLoop, depth - 1);
  const body = statements(callable, true, depth - 1);
  const compound = fc.oneof(
    fc.tuple(any, inner, inner).map(([c, then, other]) => `if ${c} {\n${then}\n} else {\n${other}\n}`),
    fc
      .tuple(counter, fc.nat({ max: 5 }), body)
      .map(
        ([i, n, text]) =>
          `var ${i}${depth} = 0\nwhile ${i}${depth} < ${n} {\n${i}${depth} = ${i}${depth} + 1\n${text}\n}`,
      ),
    fc
      .tuple(fc.nat({ max: 4 }), variable, body)
      .map(([n, name, text]) => `for r${depth} in 0 to ${n} {\n${name} = r${depth}\n${text}\n}`),
    fc
      .tuple(any, variable, body)
      .map(([over, name, text]) => `for r${depth} in ${over} {\n${name} = r${depth}\n${text}\n}`),
    fc
      .tuple(inner, inner)
      .map(([text, handler]) => `try {\n${text}\n} catch (err) {\nprintln("caught \${err}")\n${handler}\n}`),
    fc
      .tuple(inner, inner)
      .map(
        ([text, cleanup]) =>
          `try {\n${text}\n} finally {\n${cleanup.replaceAll(/^(return|break|continue|throw).*$/gm, "println(1)")}\n}`,
      ),
    inner.map((text) => `if true {\ndefer { println("deferred \${a}") }\n${text}\n}`),
    fc.constant("c = { v -> v + 1 }(a)").map(() => "let g = { v -> [v, a] }\nc = g(b)"),
  );
  return fc
    .array(fc.oneof({ weight: 2, arbitrary: step }, { weight: 3, arbitrary: compound }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((lines) => lines.map((line) => `if true {\n${line}\n}`).join("\n"));
}

/** Held as bare doubles, until something else is put there. */
const FLOATS = [
  "var fs: any = [f, 2.0, -0.0]",
  "var v: any = V {x: f, y: 2.0}",
  "var vs: any = [v, V {x: 0.0, y: 0.5}]",
];

const PREAMBLE = `struct V {
x: float
y: float
}
impl V {
fn sum(self) { return self.x + self.y * 0.5 }
}
fn any(v) { return v }
fn mean(a, b) { return (a + b) * 0.5 }
fn sinking(a, n: int) {
if n < 1 { return a }
return mean(sinking(a, n - 1), 1.0)
}`;

/** Some of them are known to be numbers. */
const locals = fc
  .array(literal, { minLength: VARIABLES.length, maxLength: VARIABLES.length })
  .map((values) =>
    [
      ...VARIABLES.map((name, i) => `var ${name}: any = any(${values[i]})`),
      "var n = 3",
      "var f = 0.75",
      ...FLOATS,
    ].join("\n"),
  );

function declaration(index: number): fc.Arbitrary<string> {
  const params = fc.constantFrom("p, q", "p = 3, q = 4", "p: int, q", "p, ...q", "p: float, q = nil");
  return fc
    .tuple(params, locals, statements(index, false, 2), expression(index))
    .map(([list, vars, body, value]) => `fn f${index}(${list}) {\n${vars}\na = p\nb = q\n${body}\nreturn ${value}\n}`);
}

/** Ends, has no syntax errors, and prints what it does. */
export const terminatingProgram: fc.Arbitrary<string> = fc
  .tuple(declaration(0), declaration(1), declaration(2), locals, statements(3, false, 3))
  .map(([f0, f1, f2, vars, body]) => {
    const guarded = `try {\n${vars}\n${body}\n} catch (err) {\nprintln("program: \${err}")\n}`;
    return `${PREAMBLE}\nvar shared: any = 0\n${f0}\n${f1}\n${f2}\npipeline main(task) {\n${guarded}\nprintln(f2(7, [1]))\nprintln("\${shared}")\n}`;
  });
