/** Lists and dicts that grow in other ways, or pass through functions, methods, parts and loops on their way: names, Harn code, and by hand in JavaScript. */
export const passingCases: readonly (readonly [name: string, code: string, twin?: string])[] = [
  [
    "part through a function",
    `fn add(items, item) { return items.push(item) }
fn run(n) {
  var state = {items: [], count: 0}
  for i in 0 to n exclusive { state.items = add(state.items, i) }
  return len(state.items)
}`,
  ],
  [
    "state through a function",
    `fn step(state, item) {
  var next = state
  next.items = next.items.push(item)
  next.count = next.count + 1
  return next
}
fn run(n) {
  var state = {items: [], count: 0}
  for i in 0 to n exclusive { state = step(state, i) }
  return len(state.items)
}`,
  ],
  [
    "read by a function",
    `fn last_of(items) { return items[len(items) - 1] }
fn run(n) {
  var xs = []
  var sum = 0
  for i in 0 to n exclusive {
    xs = xs.push(i)
    sum = sum + last_of(xs)
  }
  return sum
}`,
  ],
  [
    "struct method",
    `struct Log {
  entries: list
}
impl Log {
  fn add(self, entry) {
    var next = self
    next.entries = next.entries.push(entry)
    return next
  }
  fn size(self) { return len(self.entries) }
}
fn run(n) {
  var log = Log {entries: []}
  var sum = 0
  for i in 0 to n exclusive {
    log = log.add(i)
    sum = sum + log.size()
  }
  return sum
}`,
  ],
  [
    "matched while it grows",
    `fn run(n) {
  var state = {items: [], mode: "on"}
  for i in 0 to n exclusive {
    match state {
      {mode: "on"} -> { state.items = state.items.push(i) }
      _ -> { state.mode = "on" }
    }
  }
  return len(state.items)
}`,
  ],
  ["fold into a list", `fn run(n) { return len((0 to n exclusive).to_list().reduce([], { sum, x -> sum.push(x) })) }`],
  [
    "fold into a dict",
    `fn run(n) {
  return len((0 to n exclusive).to_list().reduce({}, { sum, x -> sum + {[to_string(x % 5000)]: x} }))
}`,
  ],
  [
    "dict of lists, function",
    `fn add(items, item) { return items.push(item) }
fn run(n) {
  var groups = {}
  for i in 0 to n exclusive {
    let key = "group " + to_string(i % 100)
    groups[key] = add(groups.get(key, []), i)
  }
  return len(groups["group 7"])
}`,
  ],
  [
    "dict of lists, sum",
    `fn run(n) {
  var groups = {}
  for i in 0 to n exclusive {
    let key = "group " + to_string(i % 100)
    groups[key] = groups.get(key, []) + [i]
  }
  return len(groups["group 7"])
}`,
  ],
  [
    "dict in dict",
    `fn run(n) {
  var d = {}
  for i in 0 to n exclusive {
    let outer = "k" + to_string(i % 100)
    if !d.has(outer) { d[outer] = {} }
    d[outer]["k" + to_string(i)] = i
  }
  return len(d["k7"])
}`,
    `function run(n) {
  const d = new Map();
  for (let i = 0; i < n; i++) {
    const outer = "k" + (i % 100);
    if (!d.has(outer)) d.set(outer, new Map());
    d.get(outer).set("k" + i, i);
  }
  return d.get("k7").size;
}`,
  ],
  [
    "list in list",
    `fn run(n) {
  var rows = [[], [], [], []]
  for i in 0 to n exclusive { rows[i % 4] = rows[i % 4].push(i) }
  return len(rows[1])
}`,
  ],
  [
    "set in a dict",
    `fn run(n) {
  var state = {seen: set()}
  for i in 0 to n exclusive { state.seen = state.seen.add(i) }
  return len(state.seen)
}`,
    `function run(n) {
  const state = { seen: new Set() };
  for (let i = 0; i < n; i++) state.seen.add("i" + i);
  return state.seen.size;
}`,
  ],
  [
    "list +=, computed",
    `fn pair_of(i) { return [i, i] }
fn run(n) {
  var state = {items: []}
  for i in 0 to n exclusive { state.items += pair_of(i) }
  return len(state.items)
}`,
  ],
  [
    "spread at the end",
    `fn run(n) {
  var xs = []
  for i in 0 to n exclusive { xs = xs.push({...{id: i}, name: "n"}) }
  return len(xs)
}`,
  ],
  [
    "string append, parts",
    `fn run(n) {
  var text = ""
  for i in 0 to n exclusive { text = text + "line" + ", " }
  return len(text)
}`,
    `function run(n) {
  let text = "";
  for (let i = 0; i < n; i++) text = text + "line" + ", ";
  return text.codePointAt(text.length - 1);
}`,
  ],
  [
    "for over what grows",
    `fn run(n) {
  var xs = (0 to n exclusive).to_list()
  for x in xs { xs = xs.push(x) }
  return len(xs)
}`,
  ],
  [
    "halved by slices",
    `fn run(n) {
  var xs = (0 to n exclusive).to_list()
  var sum = 0
  while len(xs) > 1 {
    xs = xs.slice(len(xs) / 2)
    sum = sum + xs[0]
  }
  return sum
}`,
  ],
  [
    "iterators chained",
    `fn run(n) {
  return (0 to n exclusive).iter().map({ x -> x + 1 }).filter({ x -> x % 2 == 0 }).take(n).to_list().count()
}`,
  ],
];
