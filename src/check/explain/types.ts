/** Pages on values of one type where another is needed. */
import type { Explanations } from "./explanation.ts";

export const typePages: Explanations<
  | "declared-type"
  | "assigned-type"
  | "return-type"
  | "argument"
  | "arity"
  | "generic-conflict"
  | "constraint"
  | "not-callable"
  | "operator"
  | "comparison"
  | "no-properties"
  | "may-be-nil"
  | "variance"
> = {
  "declared-type": {
    title: "a variable is given a value of another type than it is declared with",
    doc: "Convert the value, or change the declaration. A value that may be nil fits after a test (`if x != nil`) or with a default (`x ?? 0`); a list that a variable holds fits only its own type, since whoever has the wider one could put something else in.",
    wrong: 'let port: int = "80"\nprintln(port)\n',
    right: 'let port: int = to_int("80")\nprintln(port)\n',
  },
  "assigned-type": {
    title: "a variable would change its type",
    doc: "A `var` keeps the type that it was declared with, or that its first value has. If it is meant to hold several, say so: `var found: string | nil = nil`. For values of another kind declare another variable.",
    wrong: 'var count = 3\ncount = "three"\nprintln(count)\n',
    right: 'var count: int | string = 3\ncount = "three"\nprintln(count)\n',
  },
  "return-type": {
    title: "a function gives back another type than it says",
    doc: "Each `return` is compared with the type behind `->`. A `return` without a value gives nil, and so does running into the end.",
    wrong: 'fn size(text: string) -> int {\n  return text\n}\nprintln(size("abc"))\n',
    right: 'fn size(text: string) -> int {\n  return len(text)\n}\nprintln(size("abc"))\n',
  },
  argument: {
    title: "an argument has another type than the parameter",
    doc: "The call would fail when it is reached, since annotated parameters are checked at run time as well. The report shows both places: the argument, and where the parameter is declared.",
    wrong: 'fn double(n: int) -> int {\n  return n * 2\n}\nprintln(double("2"))\n',
    right: 'fn double(n: int) -> int {\n  return n * 2\n}\nprintln(double(to_int("2")))\n',
  },
  arity: {
    title: "a call with too few or too many arguments",
    doc: "A missing argument is nil, and one too many is dropped: the program goes on, most likely with something that was not meant. Give the parameter a default if it may be left out.",
    wrong: "fn area(width, height) {\n  return width * height\n}\nprintln(area(3, 4, 5))\n",
    right: "fn area(width, height) {\n  return width * height\n}\nprintln(area(3, 4))\n",
  },
  "generic-conflict": {
    title: "one type parameter would have to be two types",
    doc: "A type parameter is one type throughout a call. If the two may differ, give each a parameter of its own, or say that it is a union.",
    wrong: 'fn pick<T>(first: T, second: T) -> T {\n  return first\n}\nprintln(pick(1, "two"))\n',
    right: "fn pick<T>(first: T, second: T) -> T {\n  return first\n}\nprintln(pick(1, 2))\n",
  },
  constraint: {
    title: "a type lacks the methods that `where` asks for",
    doc: "Interfaces are satisfied by having their methods, with fitting parameters and results. Add the missing one in an `impl` block of the struct.",
    wrong:
      "interface Named {\n  fn name(self) -> string\n}\nstruct Stone {\n  weight: int\n}\nfn show<T>(item: T) -> string where T: Named {\n  return item.name()\n}\nprintln(show(Stone {weight: 3}))\n",
    right:
      'interface Named {\n  fn name(self) -> string\n}\nstruct Stone {\n  weight: int\n}\nimpl Stone {\n  fn name(self) -> string {\n    return "a stone"\n  }\n}\nfn show<T>(item: T) -> string where T: Named {\n  return item.name()\n}\nprintln(show(Stone {weight: 3}))\n',
  },
  "not-callable": {
    title: "a call of a value that is no function",
    doc: "The variable hides a function of the same name, or parentheses stand behind a name where an operator is missing.",
    wrong: 'let size = 3\nprintln(size("abc"))\n',
    right: 'let size = 3\nprintln(size * len("abc"))\n',
  },
  operator: {
    title: "an operator does not take these operands",
    doc: 'Nothing is converted on its own. Put a number into a text with `"${n}"`, make a number of a text with `to_int`, add one item to a list as a list (`xs + [x]`), give a value that may be nil a default with `??`. With nil on one side it is a warning only: the program may be meant to fail.',
    wrong: 'let count = 3\nprintln("files: " + count)\n',
    right: 'let count = 3\nprintln("files: ${count}")\n',
  },
  comparison: {
    title: "an order is asked for where there is none",
    doc: "`<`, `<=`, `>` and `>=` order numbers, strings and durations, each among themselves. Any other two values are neither less nor greater, so that `<` and `>` are false and `<=` and `>=` true.",
    wrong: 'let age = "36"\nprintln(age > 18)\n',
    right: 'let age = "36"\nprintln(to_int(age) > 18)\n',
  },
  "no-properties": {
    title: "a field of a value that has none",
    doc: "Numbers and bools have no properties; reading one fails when it is reached. Perhaps the variable holds something else than it should.",
    wrong: "let total = 3\nprintln(total.length)\n",
    right: "let total = [3]\nprintln(total.count)\n",
  },
  "may-be-nil": {
    title: "a field, a method or arithmetic of a value that may be nil",
    doc: "The type says that the value may be nil, and nothing before has ruled it out: reading a field of nil, calling a method of it and computing with it fail. `?.` gives nil instead of failing; a test (`if x != nil`, `guard`) or a default (`x ?? …`) rules it out.",
    wrong: 'fn shout(text: string | nil) {\n  return text.uppercase()\n}\nprintln(shout("hello"))\n',
    right: 'fn shout(text: string | nil) {\n  return text?.uppercase()\n}\nprintln(shout("hello"))\n',
  },
  variance: {
    title: "a type parameter stands where its marking does not allow it",
    doc: "`out T` promises that the type only gives values of T, `in T` that it only takes them; in return it fits where a wider, or narrower, T is asked for. Without a marking T may stand anywhere, and must be exactly the same.",
    wrong: "type Reader<in T> = fn() -> T\nlet read: Reader<int> = { -> 1 }\nprintln(read())\n",
    right: "type Reader<out T> = fn() -> T\nlet read: Reader<int> = { -> 1 }\nprintln(read())\n",
  },
};
