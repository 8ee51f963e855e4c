/**
 * What looks at something large is paid for by its size, in every tier. Others are ready all the while, so fuel alone says when they have their turn: as soon
 * as the first has been paid for.
 */
import { expect, it } from "vitest";
import { createNodePorts } from "../hosts/node/index.ts";
import { createRuntime } from "../runtime/index.ts";
import type { Tiering } from "./host.ts";

const TIERINGS: readonly Tiering[] = ["off", "hot", "forced"];
/** So many turns take the fuel of a slice in none of these, if they are not counted. */
const FEW = 200;

const TEXT =
  'let text = "The worker reads a file. ".repeat(40000)\n  let b = text + "x"\n  let c = text + "x"\n  let wide = "Naïve 🙂 ".repeat(60000)\n  len(b) + len(c)';
const LIST =
  "let list = (0 to 200000).to_list()\n  let b = list.push(1)\n  let c = list.push(1)\n  let names = b.map({ n -> to_string(n) })";
const DICT =
  'var dict = {}\n  for i in 0 to 20000 {\n    dict["key ${i}"] = {id: i, tags: [i, "a"]}\n  }\n  let b = dict.merge({x: 1})\n  let c = dict.merge({x: 1})\n  let nested = {inner: b}\n  let one = {inner: c}';
const SET = "let b = set((0 to 20000).to_list())\n  let c = set((0 to 20000).to_list())";

const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  [TEXT]: [
    'text.contains("zzz")',
    'contains(text, "zzz")',
    'text.index_of("zzz")',
    'text.last_index_of("zzz")',
    '"zzz" in text',
    "b == c",
    "b != c",
    "b < c",
    "[b] == [c]",
    "text.upper()",
    "uppercase(text)",
    'text.split(" ")',
    'text.replace("zzz", "y")',
    "text.chars()",
    "text.lines()",
    "text.trim()",
    "wide.count",
    "wide.len()",
    "len(wide)",
    "wide[100000]",
    "wide.substring(100000, 100002)",
    "wide[100000:100002]",
    'regex_match("zz+", text)',
    'regex_replace("zz+", "y", text)',
    "json_stringify(text)",
    "sha256(text)",
    "base64_encode(text)",
    "hash_value(text)",
    'format("{} {}", text, 1)',
    "takes_text([text])",
    "text > b",
  ],
  [LIST]: [
    "b.contains(-1)",
    'names.contains("x")',
    "b.index_of(-1)",
    "-1 in b",
    "b == c",
    "b != c",
    "list + [1]",
    "list[1:]",
    "[...list, 1]",
    "list.push(2)",
    "list.sort()",
    "list.sum()",
    "list.max()",
    "list.reverse()",
    "list.unique()",
    'list.join(",")',
    '"${list}"',
    "to_string(list)",
    "json_stringify(list)",
    "changed_item(list)",
    "rest_of(list)",
    "takes_list(list)",
    "set(list)",
  ],
  [DICT]: [
    "b == c",
    "nested == one",
    "dict.keys()",
    "keys(dict)",
    "values(dict)",
    "dict.entries()",
    "{...dict, y: 1}",
    "dict + {y: 1}",
    "dict.merge({y: 1})",
    '"${nested}"',
    "to_string(nested)",
    "json_stringify(nested)",
    "hash_value(nested)",
    "changed_entry(dict)",
    "others_of(dict)",
    "takes_dict(dict)",
    'schema_check(nested, {type: "dict"})',
  ],
  [SET]: ["b == c", "set_union(b, c)", "b.intersect(c)", "b.is_subset(c)", "set_add(b, -1)", "first_of(b)"],
};

const FUNCTIONS = `fn changed_item(list) {
  var own = list
  own[0] = 1
  return own
}
fn changed_entry(dict) {
  var own = dict
  own.x = 1
  return own
}
fn rest_of(list) {
  let [first, ...others] = list
  return others
}
fn others_of(dict) {
  let {x, ...others} = dict
  return others
}
fn takes_list(list: list<int>) {
  return 1
}
fn takes_text(list: list<string>) {
  return "\${list}"
}
fn takes_dict(dict: dict<string, dict>) {
  return 1
}
fn first_of(items) {
  for item in items {
    return item
  }
}
`;

/** How many turns each operation has before the task has its first. */
function program(before: string, operations: readonly string[]): string {
  const loops = operations.map(
    (operation, i) => `  atomic_set(come, 0)
  let task${i} = spawn {
    atomic_set(come, 1)
  }
  var turns${i} = 0
  while atomic_get(come) == 0 && turns${i} < ${FEW} {
    let made = ${operation}
    turns${i} = turns${i} + 1
  }
  await(task${i})
  println(turns${i})`,
  );
  return `${FUNCTIONS}pipeline default() {\n  ${before}\n  let come = atomic(0)\n${loops.join("\n")}\n}\n`;
}

it.each(TIERINGS)("gives others their turn after little of what is large, with generated code %s", async (tiering) => {
  const runtime = createRuntime({ ports: createNodePorts(), performers: new Map(), volatile: true, tiering });
  for (const [before, operations] of Object.entries(OPERATIONS)) {
    const handle = runtime.run({ code: program(before, operations) });
    let printed = "";
    handle.onEvent((event) => {
      if (event.type === "output") printed += event.text;
    });
    const outcome = await handle.result;
    expect(outcome).toMatchObject({ kind: "value" });
    const turns = printed.trim().split("\n").map(Number);
    expect(turns).toHaveLength(operations.length);
    expect(operations.filter((_, i) => turns[i]! >= FEW)).toEqual([]);
  }
});
