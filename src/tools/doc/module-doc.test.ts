import { describe, expect, it } from "vitest";
import { documentModule } from "./module-doc.ts";
import { renderModulePage } from "./pages.ts";

const TEXT = `/**
 * What the module is for.
 *
 * More of it.
 */

import "other"

/** Says hello. */
@deprecated(since: "1.0")
pub fn greet(
  name: string,
  loud: bool = false,
) -> string {
  return name
}

fn hidden() {
  return 1
}

/** A place. */
struct Point {
  x: int
  y: int
}

impl Point {
  /** How far it is. */
  fn length(self) -> float {
    return 0.0
  }
}

enum Color { Red, Green }

/** Starts here. */
pipeline default(task) {
  println(task)
}

pipeline test_greet(task) {
  assert(true)
}
`;

describe("documentModule", () => {
  const doc = documentModule("lib/greet", TEXT);

  it("reads the header and what importers see, with signatures as they are written", () => {
    expect(doc.header).toBe("What the module is for.\n\nMore of it.");
    expect(doc.entries.map(({ name, kind, doc: text, line }) => [kind, name, text, line])).toEqual([
      ["fn", "greet", "Says hello.", 10],
      ["struct", "Point", "A place.", 23],
      ["method", "Point.length", "How far it is.", 30],
      ["enum", "Color", "", 35],
      ["pipeline", "default", "Starts here.", 38],
    ]);
    expect(doc.entries[0]?.signature).toBe("pub fn greet(\n  name: string,\n  loud: bool = false,\n) -> string");
    expect(doc.entries[1]?.signature).toBe("struct Point {\n  x: int\n  y: int\n}");
  });

  it("takes the doc of the first declaration for no header", () => {
    const { header, entries } = documentModule("m", "/** Adds. */\nfn add(a, b) {\n  return a + b\n}\n");
    expect(header).toBe("");
    expect(entries).toMatchObject([{ name: "add", doc: "Adds.", signature: "fn add(a, b)" }]);
  });

  it("makes a page in groups", () => {
    const page = renderModulePage(doc);
    expect(page.split("\n").filter((line) => line.startsWith("#"))).toEqual([
      "# lib/greet",
      "## Pipelines",
      "### default",
      "## Types",
      "### Point",
      "### Color",
      "## Methods",
      "### Point.length",
      "## Functions",
      "### greet",
    ]);
    expect(page).toContain("```harn\npipeline default(task)\n```\n\nStarts here.\n");
  });
});
