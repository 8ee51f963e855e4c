/** Pages on names that mean nothing, or something else than was meant, within a file and across modules. */
import type { Explanations } from "./explanation.ts";

export const namePages: Explanations<
  | "undefined-name"
  | "undefined-call"
  | "unknown-type"
  | "immutable"
  | "redeclared"
  | "unknown-attribute"
  | "misplaced-attribute"
  | "deprecated"
> = {
  "undefined-name": {
    title: "a name that nothing declares",
    doc: "Names are looked up in the block, then in the blocks around it, in the file, among what it imports, and among the builtins. A name that a block declares is gone behind the block: declare it outside, with `var`, or make the block's value the variable's (`let x = if … { … } else { … }`).",
    wrong: 'if true {\n  let greeting = "hello"\n}\nprintln(greeting)\n',
    right: 'let greeting = if true { "hello" } else { "bye" }\nprintln(greeting)\n',
  },
  "undefined-call": {
    title: "a call of something that does not exist",
    doc: "Neither the file nor its imports nor the builtins have a function of this name. It may be misspelt, not be `pub` in its module, or be a method: `xs.push(1)`, not `push(xs, 1)`. `harn builtins` lists what there is.",
    wrong: "let xs = [1, 2]\nprintln(lenght(xs))\n",
    right: "let xs = [1, 2]\nprintln(len(xs))\n",
  },
  "unknown-type": {
    title: "a type that nothing declares",
    doc: "A type that is not known counts as `any`: nothing is checked against it, which is hardly what was meant. Types are the built-in ones, and what `type`, `struct`, `enum` and `interface` declare or an import brings.",
    wrong: "fn double(n: integer) -> int {\n  return n * 2\n}\nprintln(double(2))\n",
    right: "fn double(n: int) -> int {\n  return n * 2\n}\nprintln(double(2))\n",
  },
  immutable: {
    title: "an assignment to a name that keeps its value",
    doc: "What `let` declares, parameters and functions cannot be assigned; the assignment fails when it is reached. Declare a variable with `var`. For a parameter, put it into a `var` of another name. To change a part of a value that `let` holds (`d.x = 1`) the variable must be a `var` as well: values are copied, there is no object behind the name.",
    wrong: "let count = 0\ncount = count + 1\nprintln(count)\n",
    right: "var count = 0\ncount = count + 1\nprintln(count)\n",
  },
  redeclared: {
    title: "a name is declared twice in one block",
    doc: "A second `let` or function of a name that keeps its value fails when it is reached; parameters count as declared by the body. Give it another name, or declare it once with `var` and assign it. In a block further in the same name may be declared again.",
    wrong: "let total = 1\nlet total = total + 1\nprintln(total)\n",
    right: "var total = 1\ntotal = total + 1\nprintln(total)\n",
  },
  "unknown-attribute": {
    title: "an attribute that does not exist",
    doc: "The declaration is taken as if it were not there. The attributes are `@deprecated`, `@test`, `@complexity`, `@acp_tool` and `@acp_skill`.",
    wrong: "@depricated\nfn old() {\n  return 1\n}\nprintln(2)\n",
    right: "@deprecated\nfn old() {\n  return 1\n}\nprintln(2)\n",
  },
  "misplaced-attribute": {
    title: "an attribute that does nothing for this kind of declaration",
    doc: "`@acp_tool` and `@acp_skill` register a function; `@test` marks a function or a pipeline.",
    wrong: "@test\nstruct Point {\n  x: int\n}\nprintln(Point {x: 1}.x)\n",
    right: "struct Point {\n  x: int\n}\nprintln(Point {x: 1}.x)\n",
  },
  deprecated: {
    title: "a call of a function that is marked as deprecated",
    doc: "It works, and will be gone some day. The report says since when it is deprecated and what to use instead, if the declaration does.",
    wrong:
      '@deprecated(use: "load_file")\nfn load(path) {\n  return path\n}\nfn load_file(path) {\n  return path\n}\nprintln(load("a"))\n',
    right:
      '@deprecated(use: "load_file")\nfn load(path) {\n  return path\n}\nfn load_file(path) {\n  return path\n}\nprintln(load_file("a"))\n',
  },
};

export const modulePages: Explanations<"import" | "import-cycle" | "import-collision"> = {
  import: {
    title: "an import that brings nothing",
    doc: "The module is not there, cannot be read, or does not have the name. A path is relative to the importing file, with or without `.harn`; `std/…` are the library's modules. A module offers what is `pub` in it, or everything when nothing is. While an import is missing, names that nothing declares are not reported: they may come from it.",
    wrong: 'import { area, perimeter } from "shapes"\nprintln(area(3))\n',
    right: 'import { area } from "shapes"\nprintln(area(3))\n',
    modules: { shapes: "pub fn area(side) {\n  return side * side\n}\n" },
  },
  "import-cycle": {
    title: "modules that import each other in a circle",
    doc: "Modules run once, those that are imported first; in a circle none could be first. Move what both need into a third module.",
    wrong: 'import { twice } from "numbers"\npub fn four() {\n  return twice(2)\n}\nprintln(four())\n',
    right: "pub fn four() {\n  return 2 * 2\n}\nprintln(four())\n",
    modules: {
      numbers:
        'import { four } from "main"\npub fn twice(n) {\n  return n * 2\n}\npub fn eight() {\n  return twice(four())\n}\n',
    },
  },
  "import-collision": {
    title: "two imports that bring the same name",
    doc: "It would be an accident which one is called. Import one of them by name, or neither as a whole.",
    wrong: 'import "circles"\nimport "squares"\nprintln(area(3))\n',
    right: 'import { diameter } from "circles"\nimport "squares"\nprintln([area(3), diameter(1)])\n',
    modules: {
      circles:
        "pub fn area(radius) {\n  return 3 * radius * radius\n}\npub fn diameter(radius) {\n  return 2 * radius\n}\n",
      squares: "pub fn area(side) {\n  return side * side\n}\n",
    },
  },
};
