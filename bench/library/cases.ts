/**
 * What is measured against the platform or another library: a Harn program and a twin in JavaScript that do the same `count` times and answer the
 * same text. Other libraries are loaded by their cases only: nunjucks makes everything else in its process slower. What is done once, before and after the loop, is taken off: each is timed with a `count` of 1 too.
 */
import fs from "node:fs";
import path from "node:path";
import { RE2JS } from "re2js";
import { widenClasses } from "../../src/stdlib/regex.ts";
import { makeLog, makePeople, makeRandom, peopleText } from "./data.ts";

export interface Case {
  readonly name: string;
  /** The other side. */
  readonly against: string;
  /** More than this many times the other side is a failure; null: the ratio is shown only. */
  readonly most: number | null;
  /** How often a round does it. */
  readonly count: number;
  /** Writes what both read into `folder`, and gives both: statements of Harn before and in the loop, and what is answered. */
  make(folder: string): Sides | Promise<Sides>;
}

export interface Sides {
  readonly before: string;
  readonly each: string;
  /** An expression; `last` is what the last turn of the loop left. */
  readonly answer: string;
  readonly twin: (count: number) => string;
}

/** The Harn side. */
export function programOf({ before, each, answer }: Sides, count: number): string {
  return `pipeline default() {
  ${before}
  var last = nil
  for _ in 0 to ${count} exclusive {
    ${each}
  }
  return if last == nil { "" } else { to_string(${answer}) }
}
`;
}

/** What JavaScript answers for the program above: `last` of the loop, as text. */
const repeat =
  <T>(each: () => T, answer: (last: T) => string) =>
  (count: number): string => {
    let last: T | null = null;
    for (let i = 0; i < count; i++) last = each();
    return last === null ? "" : answer(last);
  };

const reading = (folder: string, name: string, text: string): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return `read_file(${JSON.stringify(file)})`;
};

/** People as text: with what is told of numbers, or with letters beyond ASCII. */
type Kind = "plain" | "floats" | "accents";

function textOf(kind: Kind): string {
  const text = peopleText(8_000, kind === "floats");
  return kind === "accents" ? text.replaceAll("elder", "élder").replaceAll("amber", "ämber") : text;
}

function parsing(name: string, kind: Kind, most: number | null): Case {
  return {
    name,
    against: "JSON.parse",
    most,
    count: 2,
    make(folder) {
      const text = textOf(kind);
      return {
        before: `let text = ${reading(folder, "people.json", text)}`,
        each: "last = json_parse(text)",
        answer: "len(last)",
        twin: repeat(
          () => JSON.parse(text) as unknown[],
          (last) => String(last.length),
        ),
      };
    },
  };
}

function writing(name: string, kind: Kind, most: number | null): Case {
  return {
    name,
    against: "JSON.stringify",
    most,
    count: 2,
    make(folder) {
      const text = textOf(kind);
      const people = JSON.parse(text) as unknown;
      return {
        before: `let people = json_parse(${reading(folder, "people.json", text)})`,
        each: "last = json_stringify(people)",
        answer: "len(last)",
        twin: repeat(
          () => JSON.stringify(people),
          (last) => String(last.length),
        ),
      };
    },
  };
}

/** All matches in a long text: what a call costs beside the search itself hardly counts. */
function matchingLong(name: string, pattern: string): Case {
  return {
    name,
    against: "re2js alone",
    most: 2,
    count: 1,
    make(folder) {
      const text = makeLog(400_000);
      const regex = RE2JS.compile(widenClasses(pattern));
      return {
        before: `let text = ${reading(folder, "log.txt", text)}`,
        each: `last = regex_match(${harnText(pattern)}, text)`,
        answer: "len(last)",
        twin: repeat(
          () => allMatches(regex, text),
          (last) => String(last.length),
        ),
      };
    },
  };
}

/**
 * The same pattern on many short texts. The texts are gone through often enough that the code of the loop counts little: in the second turn it is
 * generated again for what the first one met, which takes as long as half a turn does. The library's side does as many turns.
 */
function matchingShort(name: string, pattern: string): Case {
  return {
    name,
    against: "re2js alone",
    most: 2,
    count: 10,
    make(folder) {
      const text = makeLog(200_000);
      const lines = text.split("\n");
      const regex = RE2JS.compile(widenClasses(pattern));
      return {
        before: `let lines = ${reading(folder, "log.txt", text)}.split("\\n")`,
        each: `last = 0\n    for line in lines { if regex_match(${harnText(pattern)}, line) != nil { last = last + 1 } }`,
        answer: "last",
        twin: repeat(
          () => lines.filter((line) => allMatches(regex, line).length > 0).length,
          (last) => String(last),
        ),
      };
    },
  };
}

function allMatches(regex: RE2JS, text: string): string[] {
  const found: string[] = [];
  const matcher = regex.matcher(text);
  while (matcher.find()) found.push(matcher.group() ?? "");
  return found;
}

const harnText = (text: string): string => JSON.stringify(text).replaceAll("${", "\\${");

function sorting<T>(
  name: string,
  items: readonly T[],
  twin: (items: readonly T[]) => T[],
  harn = "items.sort()",
): Case {
  return {
    name,
    against: "Array.prototype.sort",
    most: 2,
    count: 1,
    make(folder) {
      const text = JSON.stringify(items);
      return {
        before: `let items = json_parse(${reading(folder, "items.json", text)})`,
        each: `last = ${harn}`,
        answer: "json_stringify([last[0], last[len(last) / 2], last[len(last) - 1]])",
        twin: repeat(
          () => twin(items),
          (last) => JSON.stringify([last[0], last[last.length >> 1], last.at(-1)]),
        ),
      };
    },
  };
}

const random = makeRandom(11);
const ints = Array.from({ length: 100_000 }, () => random(1_000_000));
const floats = Array.from({ length: 100_000 }, () => random(1_000_000) + 0.5);
const texts = Array.from({ length: 50_000 }, () => `key-${random(1_000_000).toString(36)}`);
const records = ints.map((age, id) => ({ age, id }));

const TEMPLATES = {
  harn: "Dear {{ name }},\n{{ for item in items }}- {{ item.title | upper }}: {{ item.count }}{{ if item.count > 5 }} (many){{ end }}\n{{ end }}Bye",
  nunjucks:
    "Dear {{ name }},\n{% for item in items %}- {{ item.title | upper }}: {{ item.count }}{% if item.count > 5 %} (many){% endif %}\n{% endfor %}Bye",
  eta: "Dear <%= it.name %>,\n<% for (const item of it.items) { %>- <%= item.title.toUpperCase() %>: <%= item.count %><% if (item.count > 5) { %> (many)<% } %>\n<% } %>Bye",
};
const BINDINGS = { name: "Ada", items: Array.from({ length: 50 }, (_, i) => ({ title: `thing ${i}`, count: i % 11 })) };

/** The other side keeps its template compiled, as one would use it. */
function rendering(against: string, compile: () => Promise<() => string>): Case {
  return {
    name: "render a template",
    against,
    most: null,
    count: 200,
    async make(folder) {
      const render = await compile();
      const file = path.join(folder, "note.harn.prompt");
      fs.writeFileSync(file, TEMPLATES.harn);
      return {
        before: `let bindings = json_parse(${harnText(JSON.stringify(BINDINGS))})`,
        each: `last = render(${JSON.stringify(file)}, bindings)`,
        answer: "len(last)",
        twin: repeat(render, (last) => String(last.length)),
      };
    },
  };
}

async function compileEta(): Promise<() => string> {
  const { Eta } = await import("eta");
  const eta = new Eta({ autoEscape: false, autoTrim: false });
  const compiled = eta.compile(TEMPLATES.eta);
  return () => eta.render(compiled, BINDINGS);
}

async function compileNunjucks(): Promise<() => string> {
  const { default: nunjucks } = await import("nunjucks");
  const compiled = nunjucks.compile(TEMPLATES.nunjucks, new nunjucks.Environment(null, { autoescape: false }));
  return () => compiled.render(BINDINGS);
}

const SCHEMA = {
  type: "object",
  required: ["id", "name", "email"],
  properties: {
    id: { type: "integer", minimum: 0 },
    name: { type: "string", minLength: 1, maxLength: 80 },
    email: { type: "string", pattern: "^[^@]+@[^@]+$" },
    age: { type: "integer", minimum: 0, maximum: 150 },
    active: { type: "boolean" },
    tags: { type: "array", items: { type: "string" }, maxItems: 10 },
    address: { type: "object", properties: { city: { type: "string" }, zip: { type: "string" } } },
  },
};

const validating: Case = {
  name: "check 1,000 records against a schema",
  against: "ajv, compiled",
  most: null,
  count: 2,
  async make(folder) {
    const { Ajv } = await import("ajv");
    const people = makePeople(1_000, false);
    const check = new Ajv().compile(SCHEMA);
    return {
      before: `let people = json_parse(${reading(folder, "people.json", JSON.stringify(people))})
  let schema = schema_from_json_schema(json_parse(${harnText(JSON.stringify(SCHEMA))}))`,
      each: "last = 0\n    for person in people { if schema_is(person, schema) { last = last + 1 } }",
      answer: "last",
      twin: repeat(
        () => people.filter((person) => check(person)).length,
        (last) => String(last),
      ),
    };
  },
};

export const cases: readonly Case[] = [
  parsing("parse JSON", "plain", 2),
  parsing("parse JSON with accents", "accents", 2),
  parsing("parse JSON with floats such as 3.0", "floats", null),
  writing("write JSON", "plain", 2),
  writing("write JSON with accents", "accents", 2),
  writing("write JSON with floats such as 3.0", "floats", null),
  matchingLong("match in a long text: literals", "user=[a-z]+@[a-z]+\\.com"),
  matchingLong("match in a long text: digits", "\\d+us"),
  matchingLong("match in a long text: alternatives", "(?:404|500) \\w+"),
  matchingShort("match in many short texts", "user=[a-z]+@[a-z]+\\.com"),
  // The search itself takes a quarter of a microsecond: what is measured is the call of a builtin.
  matchingShort("look for a literal in many short texts", "GET /(\\w+)/north"),
  sorting("sort ints", ints, (items) => items.toSorted((a, b) => a - b)),
  sorting("sort floats", floats, (items) => items.toSorted((a, b) => a - b)),
  sorting("sort texts", texts, (items) => items.toSorted()),
  sorting(
    "sort_by a field",
    records,
    (items) => items.toSorted((a, b) => a.age - b.age),
    "items.sort_by({ record -> record.age })",
  ),
  rendering("eta, compiled", compileEta),
  rendering("nunjucks, compiled", compileNunjucks),
  validating,
];
