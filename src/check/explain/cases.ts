/** Pages on cases that are forgotten, and on code that is never reached. */
import type { Explanations } from "./explanation.ts";

const COLOR = "enum Color {\n  Red\n  Green\n}\n";

export const casePages: Explanations<
  "non-exhaustive" | "or-pattern" | "pattern-type" | "not-unreachable" | "unknown-left" | "unreachable-code"
> = {
  "non-exhaustive": {
    title: "a `match` that forgets a case",
    doc: "The value is an enum, a union of literals, one of several shapes, or may be nil, and for some of it no arm fits; at run time that is an error. Add the arm, or `_` for all the rest. Arms with a guard do not count, since the guard may be false.",
    wrong: `${COLOR}fn show(color: Color) -> string {\n  return match color {\n    Color.Red -> { "stop" }\n  }\n}\nprintln(show(Color.Green))\n`,
    right: `${COLOR}fn show(color: Color) -> string {\n  return match color {\n    Color.Red -> { "stop" }\n    Color.Green -> { "go" }\n  }\n}\nprintln(show(Color.Green))\n`,
  },
  "or-pattern": {
    title: "an option of `|` that is more than a literal",
    doc: "The options of one arm are literals, or names of values. Variants of enums, and patterns that bind names, get an arm each.",
    wrong: `${COLOR}fn is_set(color: Color) -> bool {\n  return match color {\n    Color.Red | Color.Green -> { true }\n    _ -> { false }\n  }\n}\nprintln(is_set(Color.Red))\n`,
    right: `${COLOR}fn is_set(color: Color) -> bool {\n  return match color {\n    Color.Red -> { true }\n    Color.Green -> { true }\n  }\n}\nprintln(is_set(Color.Red))\n`,
  },
  "pattern-type": {
    title: "a pattern that cannot fit",
    doc: "The value never has this type: an arm with such a pattern is never taken, a binding with one raises.",
    wrong:
      'fn show(n: int) -> string {\n  return match n {\n    "1" -> { "one" }\n    _ -> { "many" }\n  }\n}\nprintln(show(1))\n',
    right:
      'fn show(n: int) -> string {\n  return match n {\n    1 -> { "one" }\n    _ -> { "many" }\n  }\n}\nprintln(show(1))\n',
  },
  "not-unreachable": {
    title: "`unreachable(x)` where x can still be something",
    doc: "The call claims that the tests before it have dealt with everything that x can be. The message says what is left: deal with it before this place.",
    wrong:
      'fn show(value: string | int) -> string {\n  if type_of(value) == "string" {\n    return "text"\n  }\n  unreachable(value)\n}\nprintln(show(1))\n',
    right:
      'fn show(value: string | int) -> string {\n  if type_of(value) == "string" {\n    return "text"\n  }\n  if type_of(value) == "int" {\n    return "number"\n  }\n  unreachable(value)\n}\nprintln(show(1))\n',
  },
  "unknown-left": {
    title: "tests of an `unknown` value end without covering everything",
    doc: "A row of `type_of` tests that ends in `throw` or `unreachable` says that there are no other cases. An `unknown` can be anything. Test for the rest, or end with a plain `return`, which claims nothing.",
    wrong:
      'fn show(value: unknown) -> string {\n  if type_of(value) == "string" {\n    return "text"\n  }\n  unreachable()\n}\nprintln(show("a"))\n',
    right:
      'fn show(value: unknown) -> string {\n  if type_of(value) == "string" {\n    return "text"\n  }\n  return "something else"\n}\nprintln(show("a"))\n',
  },
  "unreachable-code": {
    title: "code behind the end of its block",
    doc: "`return`, `throw`, `break` or `continue`, or an `if` that does so in both branches, ends the block before. Remove the code, or move it up. It is also given for statements at the top level of a file that has a pipeline: there only declarations and bindings run beside it.",
    wrong: 'fn greet() {\n  return "hello"\n  println("never")\n}\nprintln(greet())\n',
    right: 'fn greet() {\n  println("before")\n  return "hello"\n}\nprintln(greet())\n',
  },
};

export const compilePages: Explanations<"compile"> = {
  compile: {
    title: "the parts are right, but they cannot stand together like this",
    doc: "Among these are: `break` and `continue` outside of a loop, `try*` outside of a function, `...` outside of a list, dict or call, an assignment to something that is no place, a pipeline that extends itself or one that the file does not have, and a function that is too large for one.",
    wrong: "fn first(xs) {\n  if xs.empty {\n    break\n  }\n  return xs[0]\n}\nprintln(first([1]))\n",
    right: "fn first(xs) {\n  if xs.empty {\n    return nil\n  }\n  return xs[0]\n}\nprintln(first([1]))\n",
  },
};
