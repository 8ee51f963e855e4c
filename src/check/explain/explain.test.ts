/** The examples of the explain pages: the wrong one gives its code, the mended one checks clean; and no code is without a page. */
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../../base/diagnostic-code.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import { createMemoryPorts } from "../../ports/memory/ports.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { inspectProgram } from "../../runtime/program.ts";
import type { Explanation } from "./explanation.ts";
import { EXPLANATIONS, findExplanation, renderExplanation } from "./pages.ts";

const table = new BuiltinTable([allBuiltins()]);

async function codesOf(code: string, { modules }: Explanation): Promise<readonly string[]> {
  const files = Object.fromEntries(
    Object.entries({ ...modules, main: code }).map(([name, text]) => [`/project/${name}.harn`, text]),
  );
  const doors = { files: createMemoryPorts({ files }).files, table, globals: new Set(["argv"]) };
  const problems = await inspectProgram({ entry: "/project/main.harn", name: "main.harn" }, doors);
  return problems.map(({ diagnostic }) => diagnostic.code ?? diagnostic.message);
}

const pages = Object.entries(EXPLANATIONS);

describe("explain pages", () => {
  it.each(pages)("%s: the wrong example gives this code and nothing else", async (code, page) => {
    expect([...new Set(await codesOf(page.wrong, page))]).toEqual([code]);
  });

  it.each(pages)("%s: the mended one checks clean", async (_, page) => {
    expect(await codesOf(page.right, page)).toEqual([]);
  });

  it("there is one for every code that the sources name", () => {
    const named = ["syntax", "check", "compiler"].flatMap((layer) =>
      codesIn(path.join(import.meta.dirname, "../..", layer)),
    );
    expect([...new Set(named)].sort()).toEqual([...DIAGNOSTIC_CODES].sort());
  });

  it("render as text", () => {
    expect(renderExplanation("import", EXPLANATIONS.import)).toMatchInlineSnapshot(`
      "import: an import that brings nothing

      The module is not there, cannot be read, or does not have the name. A path is relative to the
      importing file, with or without \`.harn\`; \`std/…\` are the library's modules. A module offers what is
      \`pub\` in it, or everything when nothing is. While an import is missing, names that nothing declares
      are not reported: they may come from it.

      Reported:

          import { area, perimeter } from "shapes"
          println(area(3))

      Mended:

          import { area } from "shapes"
          println(area(3))

      With shapes.harn:

          pub fn area(side) {
            return side * side
          }

      "
    `);
    expect(findExplanation("imports")).toBeNull();
    const lines = pages.flatMap(([code, page]) => renderExplanation(code, page).split("\n"));
    expect(lines.filter((line) => line.length > 105)).toEqual([]);
  });
});

/** `code: "x"` of a diagnostic, and the first argument of the checker's `error` and `warning`. */
function codesIn(folder: string): readonly string[] {
  const sources = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.test)\.ts$/.test(name));
  return sources.flatMap((name) => {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    const found = text.matchAll(/\bcode: "([a-z-]+)"|\bc(?:\.error|\.warning|\[\w+\])\(\s*"([a-z-]+)"/g);
    return Array.from(found, ([, field, argument]) => field ?? argument!);
  });
}
