/** Imports of packages, in real folders. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNodePorts } from "../hosts/node/ports.ts";
import { explainMissing, findModulePath } from "./find-module.ts";

const { files } = createNodePorts();
let folder = "";

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-packages-")));
  // Nothing above is looked at.
  fs.mkdirSync(path.join(folder, ".git"));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);

function put(name: string, text = ""): void {
  fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  fs.writeFileSync(at(name), text);
}

/** Relative to the project. */
function found(name: string, importer = "src/main.harn"): string | null {
  const result = findModulePath(at(importer), name, files);
  return result === null ? null : path.relative(folder, result);
}

const why = (name: string, importer = "src/main.harn") =>
  explainMissing(at(importer), name, files).replaceAll(`${folder}/`, "");

describe("an installed package", () => {
  beforeEach(() => {
    put(".harn/packages/acme/lib.harn");
    put(".harn/packages/acme/text/words.harn");
    put(".harn/packages/acme/text/lib.harn");
    put(".harn/packages/acme/runtime/impl.harn");
    put(".harn/packages/acme/harn.toml", '[exports]\ncapabilities = "runtime/impl.harn"\nlost = "gone.harn"\n');
    put(".harn/packages/single.harn");
    put(".harn/packages/bare/one.harn");
  });

  it("is found by its name, its files and what it exports", () => {
    expect(found("acme")).toBe(".harn/packages/acme/lib.harn");
    expect(found("acme/lib")).toBe(".harn/packages/acme/lib.harn");
    expect(found("acme/text/words")).toBe(".harn/packages/acme/text/words.harn");
    expect(found("acme/text/words.harn")).toBe(".harn/packages/acme/text/words.harn");
    expect(found("acme/text")).toBe(".harn/packages/acme/text/lib.harn");
    expect(found("acme/capabilities")).toBe(".harn/packages/acme/runtime/impl.harn");
    expect(found("single")).toBe(".harn/packages/single.harn");
  });

  it("is found from inside of it, and from its neighbours", () => {
    expect(found("bare/one", ".harn/packages/acme/text/words.harn")).toBe(".harn/packages/bare/one.harn");
    expect(found("acme", ".harn/packages/single.harn")).toBe(".harn/packages/acme/lib.harn");
  });

  it("comes after a file beside the importer", () => {
    put("src/acme.harn");
    expect(found("acme")).toBe("src/acme.harn");
    expect(found("acme", "tests/t.harn")).toBe(".harn/packages/acme/lib.harn");
    expect(found("./acme", "tests/t.harn")).toBeNull();
  });

  it("is left by no path", () => {
    put(".harn/packages/secret.txt");
    expect(found("acme/../secret.txt")).toBeNull();
    expect(found("../.harn/packages/acme/lib.harn")).toBe(".harn/packages/acme/lib.harn");
  });

  it("is not looked for beyond the project", () => {
    put("inner/.git/HEAD");
    expect(found("acme", "inner/main.harn")).toBeNull();
  });

  it("says what it has where a module is missing", () => {
    expect(why("acme/capability")).toBe(
      "Import error: cannot find module acme/capability: package acme has no module capability; did you mean acme/capabilities?",
    );
    expect(why("acme/network")).toBe(
      "Import error: cannot find module acme/network: package acme (.harn/packages/acme) has no module network; it exports capabilities, lost",
    );
    expect(why("acme/lost")).toBe(
      "Import error: cannot find module acme/lost: package acme exports lost as gone.harn, which is not there",
    );
    expect(why("bare")).toContain("package bare has no lib.harn: import one of its modules, as in bare/…");
    expect(why("single/part")).toContain("package single is the one file .harn/packages/single.harn");
    put(".harn/packages/bare/harn.toml", "[exports\n");
    expect(why("bare/two")).toMatch(/package bare: \.harn\/packages\/bare\/harn\.toml:1:\d+: /);
  });
});

describe("a dependency", () => {
  beforeEach(() => {
    put(
      "harn.toml",
      '[dependencies]\nshapes = "vendor/shapes"\ntools = { path = "../tools-of-nobody" }\nfar = { git = "https://example.com/far", tag = "v1" }\n',
    );
    put("vendor/shapes/lib.harn");
    put("vendor/shapes/solid/cube.harn");
  });

  it("that is a folder needs no installation; what is installed counts first", () => {
    expect(found("shapes")).toBe("vendor/shapes/lib.harn");
    expect(found("shapes/solid/cube")).toBe("vendor/shapes/solid/cube.harn");
    put(".harn/packages/shapes/lib.harn");
    expect(found("shapes")).toBe(".harn/packages/shapes/lib.harn");
    expect(found("shapes/solid/cube")).toBeNull();
  });

  it("that cannot be used is told apart from a file that is missing", () => {
    expect(why("far")).toContain("package far is not installed; run `harn install` in ");
    expect(why("tools/hammer")).toMatch(
      /harn\.toml says that package tools lies in .*tools-of-nobody, where nothing is/,
    );
    expect(why("shape")).toContain("harn.toml has no dependency shape; did you mean shapes?");
    expect(why("nothing/alike")).toBe("Import error: cannot find module nothing/alike: no file src/nothing/alike.harn");
    put("src/helper.harn");
    expect(why("./helpers")).toBe(
      "Import error: cannot find module ./helpers: no file src/helpers.harn; did you mean helper.harn?",
    );
    put("harn.toml", "dependencies = 3\n[");
    expect(why("far")).toMatch(/harn\.toml:2:\d+: /);
  });
});
