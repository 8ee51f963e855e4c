/** Random correct programs as text, for laws that hold for every program. Small, but of all forms and nested. */
import fc from "fast-check";

const reserved = new Set(["if", "in", "fn", "to", "do", "is", "or", "try"]);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/).filter((text) => !reserved.has(text) && !KEYWORDISH.test(text));
const KEYWORDISH =
  /^(break|catch|else|enum|false|for|from|guard|impl|let|match|mutex|nil|pub|retry|return|select|skill|spawn|struct|throw|tool|true|type|var|while|yield|defer|import)$/;

const textContent = fc
  .string({
    unit: fc.constantFrom("a", "Z", " ", "é", "漢", "😀", "\\n", "\\t", '\\"', "\\\\", "{", "}", "'", "$"),
    maxLength: 8,
  })
  // `${` opens an interpolation.
  .filter((text) => !text.includes("${"));

const literal = fc.oneof(
  fc.nat({ max: 1_000_000 }).map(String),
  fc.constantFrom("9223372036854775807", "0.25", "1.5", "3s", "250ms", "true", "false", "nil"),
  textContent.map((text) => `"${text}"`),
  fc.constantFrom('r"C:\\no"', '"""\n  two\n  lines\n"""'),
);

const { expression, statement } = fc.letrec<{ expression: string; statement: string; block: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    literal,
    name,
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom("+", "-", "*", "/", "%", "**", "==", "<", "&&", "||", "??", "in", "not in"),
        tie("expression"),
      )
      .map(([left, op, right]) => `(${left}) ${op} (${right})`),
    fc
      .tuple(name, fc.constantFrom("+", "*", "-", "&&"), tie("expression"))
      .map(([left, op, right]) => `${left} ${op} ${right}`),
    fc.tuple(fc.constantFrom("-", "!"), name).map(([op, operand]) => `${op}${operand}`),
    fc.array(tie("expression"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc
      .array(fc.tuple(name, tie("expression")), { maxLength: 3 })
      .map((entries) => `({${entries.map(([key, value]) => `${key}: ${value}`).join(", ")}})`),
    fc
      .tuple(name, fc.array(tie("expression"), { maxLength: 3 }))
      .map(([callee, args]) => `${callee}(${args.join(", ")})`),
    fc
      .tuple(name, fc.constantFrom(".", "?."), name, tie("expression"))
      .map(([object, dot, method, arg]) => `${object}${dot}${method}(${arg})`),
    fc.tuple(name, tie("expression")).map(([object, index]) => `${object}[${index}]`),
    fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([c, a, b]) => `(${c}) ? (${a}) : (${b})`),
    fc.tuple(textContent, tie("expression")).map(([text, value]) => `"${text}\${${value}}"`),
    fc.tuple(name, tie("expression")).map(([param, body]) => `{ ${param} -> (${body}) }`),
    fc.tuple(name, tie("block")).map(([param, body]) => `fn(${param}) ${body}`),
    fc
      .tuple(tie("expression"), tie("block"), tie("block"))
      .map(([condition, then, otherwise]) => `if (${condition}) ${then} else ${otherwise}`),
    fc
      .tuple(name, fc.array(fc.tuple(literal, tie("block")), { maxLength: 2 }), tie("block"))
      .map(
        ([value, arms, last]) =>
          `match ${value} {\n${arms.map(([pattern, body]) => `${pattern} -> ${body}\n`).join("")}_ -> ${last}\n}`,
      ),
  ),
  block: fc.array(tie("statement"), { maxLength: 2 }).map((statements) => `{\n${statements.join("\n")}\n}`),
  statement: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc
      .tuple(fc.constantFrom("let", "var"), name, tie("expression"))
      .map(([keyword, target, value]) => `${keyword} ${target} = ${value}`),
    fc.tuple(name, name, tie("expression")).map(([a, b, value]) => `let {${a}, ${b}: other} = ${value}`),
    fc
      .tuple(name, fc.constantFrom("=", "+=", "*="), tie("expression"))
      .map(([target, op, value]) => `${target} ${op} ${value}`),
    fc.tuple(name, tie("expression")).map(([callee, arg]) => `${callee}(${arg})`),
    fc.tuple(name, name, tie("block")).map(([item, list, body]) => `for ${item} in ${list} ${body}`),
    fc.tuple(name, tie("block")).map(([condition, body]) => `while ${condition} ${body}`),
    fc
      .tuple(tie("expression"), tie("block"), tie("block"))
      .map(([condition, then, otherwise]) => `if (${condition}) ${then} else ${otherwise}`),
    fc
      .tuple(tie("block"), name, tie("block"))
      .map(([body, caught, handler]) => `try ${body} catch (${caught}) ${handler}`),
    fc.tuple(name, tie("block")).map(([fn, body]) => `fn ${fn}(a, b = 1, ...rest) ${body}`),
    tie("expression").map((value) => `throw (${value})`),
  ),
}));

/** A random expression. */
export const expressionText = expression;

/** A random correct program of a few statements. */
export const programText = fc
  .array(statement, { minLength: 1, maxLength: 6 })
  .map((statements) => `${statements.join("\n")}\n`);
