import { expect, it } from "vitest";
import { parseSource } from "../syntax/parser.ts";
import { scriptLocals } from "./script-locals.ts";

const localsOf = (text: string): readonly string[] => [...scriptLocals(parseSource("t.harn", text).file)];

it("are the variables that nothing else in the script names", () => {
  expect(localsOf("var a = 1\nlet b = a\nfor i in 0 to a { a = a + i }")).toEqual(["a", "b"]);
  expect(localsOf("var a = 1\nlet b = 2\nfn f() { return a }")).toEqual(["b"]);
  expect(localsOf("var a = 1\nlet b = { x -> x + a }")).toEqual(["b"]);
  expect(localsOf("var a = 1\nlet t = spawn { a }")).toEqual(["t"]);
  expect(localsOf("var a = [1]\nlet b = parallel each [1] { x -> a }")).toEqual(["b"]);
});

it("are not hidden by parameters of the same name", () => {
  expect(localsOf("var a = 1\nfn f(a) { return a }")).toEqual(["a"]);
  expect(localsOf("var a = 1\nfn f(a) { return { -> a } }")).toEqual(["a"]);
  expect(localsOf("var a = 1\nfn f(b) { return { a -> a + b } }\nlet c = { -> a }")).toEqual(["c"]);
});

it("are none where a name means several things, or deferred code may see them", () => {
  expect(localsOf("var a = 1\nvar a = 2\nlet b = 3")).toEqual(["b"]);
  expect(localsOf("let [a, b] = [1, 2]\nlet c = 3")).toEqual(["c"]);
  expect(localsOf("fn a() { return 1 }\nlet a = 2\nlet b = 3")).toEqual(["b"]);
  expect(localsOf("let a = 1\ndefer { println(a) }")).toEqual([]);
});
