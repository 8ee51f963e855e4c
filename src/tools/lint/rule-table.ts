/**
 * The one table of lint rules: names, severities, and what `harn explain` prints.
 *
 * Invariant: every rule in `rules/` reports under a name of this table, and every name is reported by one of them.
 */
import type { LintSeverity } from "./finding.ts";

export interface RuleFacts {
  readonly name: string;
  readonly severity: LintSeverity;
  /** Off: only when `harn.toml` gives it a severity. */
  readonly isOn: boolean;
  /** What `--fix` does about it; null: nothing. */
  readonly fix: string | null;
  /** What it looks for, and why. */
  readonly doc: string;
  /** A program that it reports, and one that it does not. */
  readonly bad: string;
  readonly good: string;
}

type Given = Pick<RuleFacts, "doc" | "bad" | "good"> & Partial<RuleFacts>;

function rule(name: string, facts: Given): RuleFacts {
  return { name, severity: "warning", isOn: true, fix: null, ...facts };
}

export const RULES: readonly RuleFacts[] = [
  rule("assert-outside-test", {
    doc: "`assert`, `assert_eq` and `assert_ne` are for tests. Where a program itself depends on something, `require` says so and gives an error that can be caught.",
    bad: "fn half(n) {\n  assert(n % 2 == 0)\n  return n / 2\n}",
    good: 'fn half(n) {\n  require n % 2 == 0, "n must be even"\n  return n / 2\n}',
  }),
  rule("blank-line-between-items", {
    fix: "inserts the blank line",
    doc: "One blank line stands between two items of the top level, above the comments that belong to the second one. Imports stand together.",
    bad: 'let limit = 3\nlet name = "x"',
    good: 'let limit = 3\n\nlet name = "x"',
  }),
  rule("break-outside-loop", {
    severity: "error",
    doc: "`break` and `continue` belong to the loop around them. A closure's body is not part of a loop around the closure.",
    bad: "fn stop() {\n  break\n}",
    good: "fn first(xs) {\n  for x in xs {\n    break\n  }\n}",
  }),
  rule("captured-assignment", {
    doc: "A closure takes the values of the variables around it when it is made. What it writes to one of them nobody outside sees. Return the value instead, or use an atomic.",
    bad: "fn count(xs) {\n  var n = 0\n  xs.each({ x -> n = n + 1 })\n  return n\n}",
    good: "fn count(xs) {\n  var n = 0\n  for _ in xs {\n    n = n + 1\n  }\n  return n\n}",
  }),
  rule("comparison-to-bool", {
    fix: "writes the condition alone, where it is certain to be a bool",
    doc: "A condition need not be compared with `true` or `false`. For a value that may be something else than a bool (`nil`, say) the comparison is a different question; then only `--unsafe-fixes` rewrites it.",
    bad: "if ready(x) == true {\n  go()\n}",
    good: "if ready(x) {\n  go()\n}",
  }),
  rule("cyclomatic-complexity", {
    doc: "A function with many ways through it is hard to test. Counted are branches, loops, retries, arms of `select`, handlers, `&&` and `||`. The limit is `complexity_threshold` in `[lint]` (25). `@complexity(allow)` above the function says that it must be so.",
    bad: "fn grade(n) {\n  if n > 90 {\n    return 1\n  }\n  // … and 25 more branches\n}",
    good: "@complexity(allow)\nfn grade(n) {\n  // …\n}",
  }),
  rule("duplicate-match-arm", {
    doc: "The first arm that fits wins: a later arm with the same pattern never runs.",
    bad: 'match n {\n  1 -> { "one" }\n  1 -> { "uno" }\n}',
    good: 'match n {\n  1 -> { "one" }\n  2 -> { "two" }\n}',
  }),
  rule("eager-collection-conversion", {
    fix: "appends the conversion, with `--unsafe-fixes`",
    doc: "An iterator is no list, set or dict: where one of these is declared, the iterator must be run to its end first.",
    bad: "let big: list<int> = xs.iter().filter({ x -> x > 9 })",
    good: "let big: list<int> = xs.iter().filter({ x -> x > 9 }).to_list()",
  }),
  rule("empty-block", {
    fix: "removes the statement, where its head does nothing and nothing depends on its value",
    doc: "A branch, loop or `try` without statements does nothing. Something is missing, or the statement is.",
    bad: "if ready {\n}\ngo()",
    good: "go()",
  }),
  rule("import-order", {
    fix: "sorts the imports, where no imported module does anything when it is loaded",
    doc: "Imports of the standard library come first; both groups are sorted by path, whole modules before names.",
    bad: 'import "./tools"\nimport "std/agents"',
    good: 'import "std/agents"\nimport "./tools"',
  }),
  rule("invalid-binary-op-literal", {
    fix: "writes text and value as one interpolated text, with `--unsafe-fixes`",
    doc: "Arithmetic with a bool or `nil` is an error when it runs.",
    bad: 'println("ready: " + true)',
    good: 'println("ready: ${true}")',
  }),
  rule("legacy-doc-comment", {
    fix: "makes one `/** … */` block of the lines; above a tool without description, where the text would become one, only with `--unsafe-fixes`",
    doc: "A comment right above an item documents it and has the form `/** … */`. A comment that is about something else stands apart, with a blank line below it.",
    bad: "/// Adds.\nfn add(a, b) {\n  return a + b\n}",
    good: "/** Adds. */\nfn add(a, b) {\n  return a + b\n}",
  }),
  rule("missing-harndoc", {
    doc: "A public function says in a `/** … */` block right above it what it is for.",
    bad: "pub fn add(a, b) {\n  return a + b\n}",
    good: "/** Adds two numbers. */\npub fn add(a, b) {\n  return a + b\n}",
  }),
  rule("mutable-never-reassigned", {
    fix: "writes `let`",
    doc: "What never changes is a `let`.",
    bad: "fn f() {\n  var limit = 3\n  return limit\n}",
    good: "fn f() {\n  let limit = 3\n  return limit\n}",
  }),
  rule("naming-convention", {
    doc: "Functions and tools are named in snake_case; structs, enums, interfaces and types in PascalCase.",
    bad: "fn addAll(xs) {\n  return xs.sum()\n}",
    good: "fn add_all(xs) {\n  return xs.sum()\n}",
  }),
  rule("pipeline-return-type", {
    doc: "A public pipeline declares what it returns, unless it is an entry (`default`, `main`, `auto`) or a test.",
    bad: 'pub pipeline report(task) {\n  return "done"\n}',
    good: 'pub pipeline report(task) -> string {\n  return "done"\n}',
  }),
  rule("prompt-injection-risk", {
    doc: "A system prompt that is put together from data lets the data give orders. Keep it fixed; data belongs into the user's prompt.",
    bad: 'llm_call(question, "You help ${user_name}.")',
    good: 'llm_call("${user_name} asks: ${question}", "You help users.")',
  }),
  rule("redundant-nil-ternary", {
    fix: "writes `??`",
    doc: "`x ?? y` is `x`, or `y` where `x` is nil.",
    bad: "let n = x == nil ? 0 : x",
    good: "let n = x ?? 0",
  }),
  rule("require-file-header", {
    isOn: false,
    fix: "adds a header with the file's name as its title",
    doc: "A file begins with a `/** … */` block that says what it is for. Runs with `--require-file-header` or `require_file_header = true` in `[lint]`.",
    bad: "let limit = 3",
    good: "/**\n * Limits.\n */\n\nlet limit = 3",
  }),
  rule("require-in-test", {
    doc: "In a test an assertion says more than `require`: what was expected, and what came.",
    bad: 'pipeline test_sum(task) {\n  require sum([1, 2]) == 3, "wrong"\n}',
    good: "pipeline test_sum(task) {\n  assert_eq(sum([1, 2]), 3)\n}",
  }),
  rule("shadow-variable", {
    doc: "A name that is already bound further out, or twice in one block, is read wrongly sooner or later.",
    bad: "fn f(x) {\n  let g = { x -> x + 1 }\n  return g(x)\n}",
    good: "fn f(x) {\n  let g = { y -> y + 1 }\n  return g(x)\n}",
  }),
  rule("suppression", {
    doc: "A comment `harn-lint: allow RULE` names rules that exist.",
    bad: "// harn-lint: allow unused-varible\nlet x = 1",
    good: "// harn-lint: allow unused-variable\nlet x = 1",
  }),
  rule("trailing-comma", {
    fix: "adds the comma",
    doc: "In a list over several lines a comma stands behind the last item too.",
    bad: "let xs = [\n  1,\n  2\n]",
    good: "let xs = [\n  1,\n  2,\n]",
  }),
  rule("undefined-function", {
    doc: "A call needs a function: one of this file, an imported one, a builtin, or a variable that holds one.",
    bad: 'pritnln("hello")',
    good: 'println("hello")',
  }),
  rule("unnecessary-else-return", {
    fix: "moves what stands in the `else` behind the `if`",
    doc: "Behind a branch that returns no `else` is needed.",
    bad: "fn sign(n) {\n  if n < 0 {\n    return -1\n  } else {\n    return 1\n  }\n}",
    good: "fn sign(n) {\n  if n < 0 {\n    return -1\n  }\n  return 1\n}",
  }),
  rule("unreachable-code", {
    doc: "What stands behind `return`, `throw`, `break` or `continue` never runs.",
    bad: "fn f() {\n  return 1\n  println(2)\n}",
    good: "fn f() {\n  println(2)\n  return 1\n}",
  }),
  rule("untyped-dict-access", {
    doc: "What comes from outside may have any shape. Check it (`schema_expect`) or give it a type before you look inside.",
    bad: "let name = json_parse(text).name",
    good: "let user: {name: string} = json_parse(text)\nlet name = user.name",
  }),
  rule("unused-function", {
    doc: "A function that is not `pub` and that nobody in this file calls and no other file imports. A leading `_` says that it is meant so.",
    bad: "fn helper() {\n  return 1\n}",
    good: "fn helper() {\n  return 1\n}\n\nprintln(helper())",
  }),
  rule("unused-import", {
    fix: "removes the name, or the whole import where its module does nothing when it is loaded",
    doc: "An imported name that is not used.",
    bad: 'import { join, split } from "std/text"\n\nprintln(join(["a"], ","))',
    good: 'import { join } from "std/text"\n\nprintln(join(["a"], ","))',
  }),
  rule("unused-parameter", {
    doc: "A parameter that is never read. A leading `_` says that it is meant so.",
    bad: "fn f(a, b) {\n  return a\n}",
    good: "fn f(a, _b) {\n  return a\n}",
  }),
  rule("unused-type", {
    doc: "A struct, enum or interface that no signature, field, alias, `impl` or struct literal mentions. A leading `_` says that it is meant so.",
    bad: "struct Point {\n  x: int\n}",
    good: "struct Point {\n  x: int\n}\n\nfn origin() -> Point {\n  return Point {x: 0}\n}",
  }),
  rule("unused-variable", {
    fix: "puts a `_` in front of the name, inside of functions and pipelines",
    doc: "A variable that is never read. A leading `_` says that it is meant so.",
    bad: "fn f() {\n  let x = load()\n}",
    good: "fn f() {\n  let _x = load()\n}",
  }),
];

export const RULE_NAMES: ReadonlySet<string> = new Set(RULES.map(({ name }) => name));
