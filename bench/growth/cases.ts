/** What grows: a Harn function `run(n)` for each case, or the parser, checker or compiler over a program of n lines or functions. */
import { passingCases } from "./passing-cases.ts";
import { sourceCases } from "./source-cases.ts";

export type GrowthCase =
  /** `twin`: the same by hand in JavaScript, for what grows by V8's doing. */
  | { readonly kind: "program"; readonly code: string; readonly twin?: string }
  /** `most`: there are no larger programs of this kind. */
  | { readonly kind: "parse" | "check" | "compile"; text(size: number): string; readonly most?: number };

function program(code: string, twin?: string): GrowthCase {
  return { kind: "program", code, ...(twin === undefined ? {} : { twin }) };
}

export const cases: ReadonlyMap<string, GrowthCase> = new Map<string, GrowthCase>([
  [
    "push",
    program(`fn run(n) {
  var xs = []
  for i in 0 to n exclusive { xs = xs.push(i) }
  return len(xs)
}`),
  ],
  [
    "indexed assignment",
    program(`fn run(n) {
  var xs = (0 to n exclusive).to_list()
  for i in 0 to n exclusive { xs[i] = xs[i] + 1 }
  return xs[n - 1]
}`),
  ],
  [
    "nested push",
    program(`fn run(n) {
  var state = {items: [], count: 0}
  for i in 0 to n exclusive {
    state.items = state.items.push(i)
    state.count = state.count + 1
  }
  return len(state.items)
}`),
  ],
  [
    "struct field push",
    program(
      `struct Log {
  entries: list
}
fn run(n) {
  var log = Log {entries: []}
  for i in 0 to n exclusive { log.entries = log.entries.push({at: i}) }
  return len(log.entries)
}`,
      `function run(n) {
  const log = { entries: [] };
  for (let i = 0; i < n; i++) log.entries.push({ at: i });
  return log.entries.length;
}`,
    ),
  ],
  [
    "dict of lists",
    program(`fn run(n) {
  var groups = {}
  for i in 0 to n exclusive {
    let key = "group " + to_string(i % 100)
    if !groups.has(key) { groups[key] = [] }
    groups[key] = groups[key].push(i)
  }
  return len(groups["group 7"])
}`),
  ],
  [
    "dict of lists, get",
    program(`fn run(n) {
  var groups = {}
  for i in 0 to n exclusive {
    let key = "group " + to_string(i % 100)
    groups[key] = groups.get(key, []).push(i)
  }
  return len(groups["group 7"])
}`),
  ],
  [
    "through a function",
    program(`fn add(items, item) { return items.push(item) }
fn run(n) {
  var xs = []
  for i in 0 to n exclusive { xs = add(xs, i) }
  return len(xs)
}`),
  ],
  [
    "dict insert",
    program(
      `fn run(n) {
  var d = {}
  for i in 0 to n exclusive { d["key " + to_string(i * 7919 % n)] = i }
  return len(d)
}`,
      `function run(n) {
  const d = new Map();
  for (let i = 0; i < n; i++) d.set("key " + (i * 7919 % n), i);
  return d.size;
}`,
    ),
  ],
  [
    "dict insert and read",
    program(`fn run(n) {
  var d = {}
  var sum = 0
  for i in 0 to n exclusive {
    d["key " + to_string(i)] = i
    sum = sum + d.get("key " + to_string(i / 2), 0) + len(d)
  }
  return sum
}`),
  ],
  [
    "dict remove",
    program(`fn run(n) {
  var d = {}
  for i in 0 to n exclusive { d["key " + to_string(i)] = i }
  for i in 0 to n exclusive { d = d.remove("key " + to_string(i)) }
  return len(d)
}`),
  ],
  [
    "set add",
    program(
      `fn run(n) {
  var s = set()
  for i in 0 to n exclusive { s = s.add(i * 7919 % n) }
  return len(s)
}`,
      `function run(n) {
  const s = new Set();
  for (let i = 0; i < n; i++) s.add("i" + (i * 7919 % n));
  return s.size;
}`,
    ),
  ],
  [
    "string append",
    program(
      `fn run(n) {
  var text = ""
  for i in 0 to n exclusive { text = text + "ab" }
  return len(text)
}`,
      `function run(n) {
  let text = "";
  for (let i = 0; i < n; i++) text = text + "ab";
  return text.codePointAt(text.length - 1);
}`,
    ),
  ],
  [
    "interpolated append",
    program(
      `fn run(n) {
  var text = ""
  for i in 0 to n exclusive { text = "\${text}line \${i}\\n" }
  return len(text)
}`,
      `function run(n) {
  let text = "";
  for (let i = 0; i < n; i++) text = \`\${text}line \${i}\\n\`;
  return text.codePointAt(text.length - 1);
}`,
    ),
  ],
  [
    "characters by index",
    program(`fn run(n) {
  let text = "é".repeat(n)
  var hits = 0
  for i in 0 to n exclusive { if text[i] == "é" { hits = hits + 1 } }
  return hits
}`),
  ],
  [
    "slice in pieces",
    program(`fn run(n) {
  let xs = (0 to n exclusive).to_list()
  var sum = 0
  var at = 0
  while at < n {
    sum = sum + xs.slice(at, at + 10).sum()
    at = at + 10
  }
  return sum
}`),
  ],
  [
    "substring in pieces",
    program(`fn run(n) {
  let text = "0123456789".repeat(n / 10)
  var sum = 0
  var at = 0
  while at < n {
    sum = sum + len(text.substring(at, at + 10))
    at = at + 10
  }
  return sum
}`),
  ],
  ["slice", program(`fn run(n) { return len((0 to n exclusive).to_list().slice(1)) }`)],
  [
    "sort",
    program(`fn run(n) {
  var xs = []
  for i in 0 to n exclusive { xs = xs.push(i * 7919 % 1000003) }
  return xs.sort()[n / 2]
}`),
  ],
  [
    "sort_by",
    program(`fn run(n) {
  var xs = []
  for i in 0 to n exclusive { xs = xs.push({key: i * 7919 % 1000003}) }
  return xs.sort_by({ x -> x.key })[n / 2].key
}`),
  ],
  ["map", program(`fn run(n) { return len((0 to n exclusive).to_list().map({ x -> x + 1 })) }`)],
  ["group_by", program(`fn run(n) { return len((0 to n exclusive).to_list().group_by({ x -> to_string(x % 100) })) }`)],
  [
    "unique",
    program(
      `fn run(n) { return len((0 to n exclusive).to_list().unique()) }`,
      `function run(n) { return [...new Set(Array.from({ length: n }, (_, i) => \`i\${i}\`))].length; }`,
    ),
  ],
  ["join", program(`fn run(n) { return len((0 to n exclusive).to_list().join(",")) }`)],
  ["split", program(`fn run(n) { return len("ab,".repeat(n).split(",")) }`)],
  [
    "pop",
    program(`fn run(n) {
  var xs = (0 to n exclusive).to_list()
  while len(xs) > 0 { xs = xs.pop() }
  return len(xs)
}`),
  ],
  [
    "list concatenation",
    program(`fn run(n) {
  var xs = []
  for i in 0 to n exclusive { xs = xs + [i] }
  return len(xs)
}`),
  ],
  [
    "dict merge",
    program(`fn run(n) {
  var d = {}
  for i in 0 to n exclusive { d = d + {["k" + to_string(i)]: i} }
  return len(d)
}`),
  ],
  [
    "generator",
    program(`fn count(n) {
  var i = 0
  while i < n {
    yield i
    i = i + 1
  }
}
fn run(n) {
  var sum = 0
  for x in count(n) { sum = sum + x }
  return sum
}`),
  ],
  [
    "channel",
    program(`fn run(n) {
  let c = channel("c", n)
  for i in 0 to n exclusive { send(c, i) }
  var sum = 0
  for i in 0 to n exclusive { sum = sum + receive(c) }
  return sum
}`),
  ],
  [
    "JSON",
    program(
      `fn run(n) {
  let xs = (0 to n exclusive).to_list().map({ x -> {id: x, half: x * 0.5} })
  return len(json_parse(json_stringify(xs)))
}`,
      `function run(n) {
  const xs = Array.from({ length: n }, (_, x) => ({ id: x, half: x * 0.5 }));
  return JSON.parse(JSON.stringify(xs)).length;
}`,
    ),
  ],
  ...passingCases.map(([name, code, twin]): [string, GrowthCase] => [name, program(code, twin)]),
  ...sourceCases,
]);
