/** What an edit makes necessary, and that the answers are those of a check from scratch. */

import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Diagnostic } from "../base/diagnostic.ts";
import { indexLines, lineAt } from "../base/text.ts";
import { BuiltinTable } from "../builtin/declaration.ts";
import { allBuiltins } from "../runtime/language.ts";
import { Workspace } from "./workspace.ts";

const table = new BuiltinTable([allBuiltins()]);

/** Files by key, as on a disk. Keys are what imports say. */
let disk: Map<string, string>;
let work: string[];
let hostFunctions: string[];
let workspace: Workspace;

function open(): Workspace {
  return new Workspace({
    table,
    globals: () => new Set(hostFunctions),
    find: (_importer, path) => (disk.has(path) ? { key: path } : { problem: `no module ${path}` }),
    read: (key) => {
      const text = disk.get(key);
      return text === undefined ? { problem: `no file ${key}` } : { key, path: `${key}.harn`, text };
    },
    worked: (what, key) => work.push(`${what} ${key}`),
  });
}

beforeEach(() => {
  disk = new Map();
  work = [];
  hostFunctions = [];
  workspace = open();
});

const texts = (key: string, found: readonly Diagnostic[] | null) =>
  found?.map(({ message, labels }) => [lineAt(indexLines(disk.get(key) ?? ""), labels[0]!.span.start), message]);
const problems = (key: string) => texts(key, workspace.diagnostics(key));

/** What is done for asking for all files. */
function asked(): readonly string[] {
  work = [];
  for (const key of disk.keys()) workspace.diagnostics(key);
  return work;
}

function edit(key: string, text: string): readonly string[] {
  disk.set(key, text);
  work = [];
  workspace.update(key, `${key}.harn`, text);
  for (const other of disk.keys()) workspace.diagnostics(other);
  return work;
}

const LIB = "pub fn area(w: int, h: int) -> int {\n  return w * h\n}\n\nfn helper(n) {\n  return n\n}\n";
const MIDDLE = 'import "lib"\n\npub fn room(w: int) -> int {\n  return area(w, 3)\n}\n';
const MAIN = 'import { room } from "middle"\n\nlet x: int = room(4)\nprintln(x)\n';

describe("an edit", () => {
  beforeEach(() => {
    disk = new Map([
      ["lib", LIB],
      ["middle", MIDDLE],
      ["main", MAIN],
      ["other", "println(1)\n"],
    ]);
    asked();
  });

  it("is needed for anything to be done", () => {
    expect(asked()).toEqual([]);
    expect(edit("lib", LIB)).toEqual([]);
    workspace.filesChanged();
    expect(asked()).toEqual([]);
  });

  it("in a body concerns its module alone", () => {
    expect(edit("lib", LIB.replace("w * h", "w * h + 1"))).toEqual(["parsed lib", "checked lib"]);
    expect(edit("lib", `// A comment.\n${LIB.replace("n: int", "n :  int")}`)).toEqual(["parsed lib", "checked lib"]);
  });

  it("of a private function's parameters concerns its module alone", () => {
    expect(edit("lib", LIB.replace("helper(n)", "helper(n, m)"))).toEqual(["parsed lib", "checked lib"]);
  });

  it("of what is exported concerns those that import it, not those behind them", () => {
    expect(edit("lib", LIB.replace("h: int", "h: string"))).toEqual(["parsed lib", "checked lib", "checked middle"]);
    expect(problems("middle")).toEqual([[4, "argument 2 ('h') of `area`: expected string, got int"]]);
    expect(edit("lib", LIB)).toEqual(["parsed lib", "checked lib", "checked middle"]);
    expect(problems("middle")).toEqual([]);
  });

  it("of one name does not concern who imports another", () => {
    edit("middle", `${MIDDLE}\npub fn hall(w) {\n  return w\n}\n`);
    expect(edit("middle", `${MIDDLE}\npub fn hall(w, h) {\n  return w + h\n}\n`)).toEqual([
      "parsed middle",
      "checked middle",
    ]);
  });

  it("that breaks a module's syntax leaves its importers what they could read of it", () => {
    expect(edit("lib", LIB.replace("return w * h", "return w *"))).toEqual(["parsed lib"]);
    expect(problems("lib")).toHaveLength(1);
    expect(problems("middle")).toEqual([]);
    expect(edit("lib", LIB)).toEqual(["parsed lib"]);
  });

  it("of a type reaches all that can see values of it", () => {
    disk.set("lib", "pub struct Box {\n  size: int\n}\n");
    disk.set("middle", 'import "lib"\n\npub fn box() -> Box {\n  return Box {size: 1}\n}\n');
    disk.set("main", 'import { box } from "middle"\n\nlet n: int = box().size\nprintln(n)\n');
    workspace.filesChanged();
    asked();
    expect(problems("main")).toEqual([]);
    expect(edit("lib", "pub struct Box {\n  size: string\n}\n")).toEqual([
      "parsed lib",
      "checked lib",
      "checked middle",
      "checked main",
    ]);
    expect(problems("main")).toEqual([[3, "'n' declared as int, but assigned string"]]);
    expect(problems("middle")).toEqual([[4, "field 'size' of struct 'Box' expects string, got int"]]);
  });
});

describe("a type inside of a body", () => {
  it("is part of what a module declares", () => {
    disk.set(
      "lib",
      "pub fn make() -> Inner {\n  struct Inner {\n    size: int\n  }\n  return Inner {size: 1}\n}\n\npub struct S {\n  a: int\n}\n\nimpl S {\n  fn own(self) {\n    return self.a\n  }\n}\n",
    );
    disk.set("main", 'import "lib"\n\nlet n: int = make().size\nprintln(n)\n');
    expect(asked()).toEqual(["parsed lib", "checked lib", "parsed main", "checked main"]);
    expect(problems("main")).toEqual([]);
    const text = disk.get("lib")!;
    expect(edit("lib", text.replace("return self.a", "return self.a + 1"))).toEqual(["parsed lib", "checked lib"]);
    expect(edit("lib", text.replace("size: int", "size: string"))).toEqual([
      "parsed lib",
      "checked lib",
      "checked main",
    ]);
    expect(problems("main")).toEqual([[3, "'n' declared as int, but assigned string"]]);
  });
});

describe("files", () => {
  it("that come and go are noticed", () => {
    disk.set("main", 'import "lib"\n\nprintln(area(1, 2))\n');
    expect(problems("main")).toEqual([[1, "no module lib"]]);
    disk.set("lib", LIB);
    workspace.filesChanged();
    expect(problems("main")).toEqual([]);
    disk.delete("lib");
    workspace.filesChanged();
    expect(problems("main")).toEqual([[1, "no module lib"]]);
    expect(workspace.diagnostics("lib")).toBeNull();
  });

  it("count as the editor has them until it closes them", () => {
    disk.set("main", "println(1)\n");
    workspace.update("main", "main.harn", "println(nothing)\n");
    workspace.filesChanged();
    expect(problems("main")).toEqual([[1, "`nothing` is not defined here"]]);
    workspace.close("main");
    expect(problems("main")).toEqual([]);
  });

  it("that import each other are told in each of them, and checked when they no longer do", () => {
    disk.set("a", 'import "b"\n\npub fn f(n) {\n  return g(n)\n}\n');
    disk.set("b", 'import "a"\n\npub fn g(n) {\n  return f(n)\n}\n');
    expect(problems("a")).toEqual([[1, "Import error: circular import: a.harn -> b.harn -> a.harn"]]);
    expect(problems("b")).toEqual([[1, "Import error: circular import: b.harn -> a.harn -> b.harn"]]);
    edit("b", "pub fn g(n: string) {\n  return n\n}\n");
    expect(problems("a")).toEqual([]);
  });

  it("know the host's functions as they are now", () => {
    disk.set("main", "lookup(1)\n");
    expect(problems("main")).toHaveLength(1);
    hostFunctions = ["lookup"];
    expect(problems("main")).toEqual([]);
  });
});

describe("a type that an imported module imports", () => {
  it("concerns who names it, also when that module says nothing of it", () => {
    const files = new Map([
      ["a", 'import { Box } from "c"\npub fn make() -> Box {\n  return Box {size: 1}\n}\n'],
      ["b", "pub struct Box {\n  size: string\n}\n"],
      ["c", ""],
    ]);
    disk = files;
    workspace = open();
    workspace.diagnostics("a");
    files.set("c", 'import "b"\n');
    workspace.update("c", "c.harn", 'import "b"\n');
    expect(workspace.diagnostics("a")).toEqual(open().diagnostics("a"));
    expect(workspace.diagnostics("a")?.map(({ code }) => code)).toEqual(["field-type"]);
  });
});

describe("modules that import a type from each other that is nowhere", () => {
  it("are checked to an end", () => {
    const made = "pub fn make() -> Box {\n  return Box {size: 1}\n}\n";
    disk = new Map([
      ["a", `import { Box } from "b"\n${made}`],
      ["b", 'import { Box } from "a"\n'],
      ["c", 'import "a"\nprintln(make().size)\n'],
    ]);
    workspace = open();
    expect(workspace.diagnostics("a")?.map(({ code }) => code)).toContain("import-cycle");
    expect(workspace.diagnostics("c")).toEqual(open().diagnostics("c"));
  });
});

describe("any row of edits", () => {
  const pieces = [
    "pub fn f(n: int) -> int {\n  return n\n}\n",
    "pub fn f(n: string) -> int {\n  return len(n)\n}\n",
    "fn f(n) {\n  let a: int = n\n  return g(a)\n}\n",
    "pub struct Box {\n  size: int\n}\n",
    "pub struct Box {\n  size: string\n}\nimpl Box {\n  fn twice(self) -> string {\n    return self.size + self.size\n  }\n}\n",
    "pub fn make() -> Box {\n  return Box {size: 1}\n}\n",
    "let n: int = make().size\nprintln(n)\n",
    'println(f("x"))\n',
    "impl Nobody {\n  fn m(self) {\n    return 1\n  }\n}\n",
    "pub enum E {\n  One\n  Two(n: int)\n}\n",
    "fn h(e: E) {\n  return match e {\n    E.One -> { 1 }\n  }\n}\n",
    "fn broken( {\n",
  ];
  const names = ["a", "b", "c"];
  const module = fc.record({
    imports: fc.subarray(names),
    selective: fc.boolean(),
    parts: fc.subarray(pieces, { maxLength: 4 }),
  });

  it("gives what a check from scratch gives", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ key: fc.constantFrom(...names), module }), { maxLength: 12 }), (edits) => {
        disk = new Map(names.map((name) => [name, ""]));
        workspace = open();
        for (const { key, module: made } of edits) {
          const heads = made.imports
            .filter((name) => name !== key)
            .map((name) => (made.selective ? `import { f, Box } from "${name}"\n` : `import "${name}"\n`));
          const text = heads.join("") + made.parts.join("");
          disk.set(key, text);
          workspace.update(key, `${key}.harn`, text);
          const fresh = open();
          for (const name of names) expect(workspace.diagnostics(name)).toEqual(fresh.diagnostics(name));
        }
      }),
      { numRuns: 150 },
    );
  });
});
