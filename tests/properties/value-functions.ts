/** Functions that programs about copies call, each with what it gives by the model: lists and dicts go in, come back, are kept elsewhere, fail between. */

export type Model = number | null | Model[] | { [key: string]: Model };

/** The model cannot do it: no such part, or a value of another kind. */
export class NotPossible extends Error {}

interface ModelFunction {
  readonly name: string;
  readonly params: readonly ("list" | "dict" | "any")[];
  /** The arguments are its own. */
  result(...args: readonly Model[]): Model;
}

type List = Model[];
type Dict = { [key: string]: Model };

/** Nothing in it is in it twice: `structuredClone` would keep that. */
export function copy<T extends Model>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)])) as T;
}

/** Of a list and one more thing. */
const onList = (name: string, result: (list: List, more: Model) => Model): ModelFunction => ({
  name,
  params: ["list", "any"],
  result: (list, more) => result(list as List, more!),
});

const onLists = (name: string, result: (first: List, second: List) => Model): ModelFunction => ({
  name,
  params: ["list", "list"],
  result: (first, second) => result(first as List, second as List),
});

export const modelFunctions: readonly ModelFunction[] = [
  onList("pushed", (v, more) => [...v, more]),
  onList("chained", (v, more) => [...v, more, more]),
  onList("twice", (v, more) => [...v, more, more]),
  onList("boxed", (v, more) => [v, [...v, more]]),
  onList("both", (v, more) => [v, [...v, more]]),
  onList("guarded", (v, more) => [...v, more, 0]),
  onList("finished", (v, more) => [
    [v, [...v, more]],
    [...v, more],
  ]),
  onList("captured", (v, more) => [v, [...v, more]]),
  onList("collected", (v, more) => [v, [...v, more], v]),
  onList("reduced", (v, more) => [more, ...v]),
  onList("mapped", (v, more) => [v.map((x) => [x, more]), v]),
  onList("early", (v, more) => (v.length > 2 ? [...v, more] : [v, v])),
  onList("looped", (v, more) => [
    [...v, more],
    [...v, more, more, more],
  ]),
  onList("in_turns", (v, more) => [
    [...v, more],
    [...v, more],
  ]),
  onList("held", (v, more) => [[...v, more], v, v.length + 1]),
  onList("spawned", (v, more) => [
    [...v, more],
    [...v, 0],
  ]),
  onList("measured", (v, more) => [[...v, more], v.length, v.length + 1, v]),
  onList("lent", (v, more) => [v, v, v, [...v, more]]),
  onList("grown_box", (v, more) => [v.length, v, [...v, more], v.length + 1]),
  onList("spread", (v, more) => [...v, more, ...v]),
  onList("matched", (v, more) => [v, [...v, more]]),
  onList("recursive", (v, more) => [...v, more, more, more]),
  onLists("joined", (v, w) => [...v, ...w]),
  onLists("swapped", (v, w) => [[...w, 1], [...v, 2], v]),
  onLists("doubled", (v, w) => [[...v, ...v], w, v]),
  { name: "over", params: ["dict", "dict"], result: (d, e) => ({ ...(d as Dict), ...(e as Dict) }) },
  {
    name: "merged",
    params: ["dict", "any"],
    result: (d, more) => [{ ...(d as Dict), m: more! }, { ...(d as Dict), z: more! }, d!],
  },
];

/** What a function gives for values that others may hold, too. */
export function applyModel({ params, result }: ModelFunction, args: readonly Model[]): Model {
  params.forEach((kind, i) => {
    const value = args[i]!;
    const actual = Array.isArray(value) ? "list" : typeof value === "object" && value !== null ? "dict" : "other";
    if (kind !== "any" && kind !== actual) throw new NotPossible();
  });
  return copy(result(...args.map(copy)));
}

/** `waits`: they wait in the middle of what they do. */
export function functionsCode(waits: boolean): string {
  return `fn pause() {
  ${waits ? "sleep(1)" : "return nil"}
}

struct Box {
  items: any
}

impl Box {
  fn add(self, more) {
    var own = self
    pause()
    own.items = own.items.push(more)
    return own
  }

  fn size(self) {
    pause()
    return len(self.items)
  }

  fn all(self) {
    return self.items
  }

  fn itself(self) {
    return self
  }
}

fn same(v) {
  return v
}

fn pushed(v, more) {
  pause()
  return v.push(more)
}

fn chained(v, more) {
  return v.push(more).push(more)
}

fn twice(v, more) {
  var own = v
  own = pushed(own, more)
  own = own + [more]
  return own
}

fn boxed(v, more) {
  let box = Box {items: v}
  let longer = box.add(more)
  return [box.items, longer.items]
}

fn both(v, more) {
  let other = v
  let longer = pushed(v, more)
  return [other, longer]
}

fn refuse(v) {
  var own = v
  own = own.push(1)
  pause()
  throw "no"
}

fn guarded(v, more) {
  var own = v
  try {
    own = own.push(more)
    own = refuse(pushed(own, 7))
  } catch (e) {
    own = own.push(0)
  }
  return own
}

fn finished(v, more) {
  var own = v
  var seen = [own]
  try {
    own = own.push(more)
    pause()
  } finally {
    seen = seen.push(own)
  }
  return [seen, own]
}

fn captured(v, more) {
  var own = v
  let before = { -> own }
  own = pushed(own, more)
  return [before(), own]
}

fn steps(v, more) {
  yield v
  var own = v
  own = pushed(own, more)
  yield own
  yield v
}

fn collected(v, more) {
  var out = []
  for step in steps(v, more) {
    out = out.push(step)
  }
  return out
}

fn reduced(v, more) {
  return v.reduce([more], { sum, x -> sum.push(x) })
}

fn mapped(v, more) {
  return [v.map({ x -> [x].push(more) }), v]
}

fn early(v, more) {
  let own = v
  if len(v) > 2 {
    return own.push(more)
  }
  return [own, v]
}

fn looped(v, more) {
  var own = v
  var kept = []
  for i in 0 to 2 {
    if i == 1 {
      kept = own
    }
    own = pushed(own, more)
  }
  return [kept, own]
}

fn in_turns(v, more) {
  var out = []
  for i in 0 to 1 {
    var own = v
    own = own.push(more)
    out = out.push(own)
  }
  return out
}

fn held(v, more) {
  var state = {items: v, count: 0}
  state.items = pushed(state.items, more)
  state.count = len(state.items)
  return [state.items, v, state.count]
}

fn spawned(v, more) {
  let task = spawn {
    pushed(v, more)
  }
  var own = v
  own = own.push(0)
  return [await(task), own]
}

fn size(v) {
  pause()
  return len(v)
}

fn size_of(v) {
  return size(v)
}

fn measured(v, more) {
  var own = v
  let before = size_of(own)
  own = own.push(more)
  let after = size(own)
  return [own, before, after, v]
}

fn in_dict(v) {
  pause()
  return {k: v}
}

fn returned(v) {
  return same(v)
}

fn asked(v) {
  let answer = { -> v }
  pause()
  return answer
}

fn lent(v, more) {
  var own = v
  let first = in_dict(own)
  let second = returned(own)
  let third = asked(own)
  own = own.push(more)
  size(own)
  return [first.k, second, third(), own]
}

fn grown_box(v, more) {
  var box = Box {items: v}
  let before = box.size()
  let kept = box.all()
  let other = box.itself()
  box.items = box.items.push(more)
  return [before, other.items, box.items, box.size() + len(kept) - before]
}

fn spread(v, more) {
  return [...v.push(more), ...v]
}

fn matched(v, more) {
  match v {
    other -> {
      var own = other
      own = own.push(more)
      return [v, own]
    }
  }
}

fn again(v, more, count) {
  if count == 0 {
    return v
  }
  pause()
  return again(v.push(more), more, count - 1)
}

fn recursive(v, more) {
  return again(v, more, 3)
}

fn joined(v, w) {
  return v + w
}

fn swapped(v, w) {
  var first = v
  var second = w
  let kept = first
  first = second + [1]
  second = kept.push(2)
  return [first, second, kept]
}

fn doubled(v, w) {
  var own = v
  own = own + own
  return [own, w, v]
}

fn over(d, e) {
  return d + e
}

fn merged(d, more) {
  var own = d
  own = own.merge({m: more})
  return [own, d + {z: more}, d]
}

fn deferring(v, more) {
  var own = v
  defer {
    say("\${own}")
  }
  own = own.push(more)
  return pushed(own, 1)
}
`;
}
