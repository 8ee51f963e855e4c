/** The order of the layers: each folder imports only from folders in front of it (ARCHITECTURE.md). */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const LAYERS = [
  "base",
  "syntax",
  "types",
  "ports",
  "bytecode",
  "value",
  "builtin",
  "check",
  "compiler",
  "vm",
  "policy",
  "stdlib",
  "store",
  "llm",
  "agents",
  "orchestration",
  "runtime",
  "hosts",
  "tools",
  "portal",
  "cli",
];
/** Layers that may use the platform itself. */
const OPEN = new Set(["hosts", "portal", "cli"]);
/** npm packages of pure computation; everything else belongs behind a port. */
const PURE_PACKAGES = new Set([
  "@noble",
  "eventsource-parser",
  "ignore",
  "picomatch",
  "re2js",
  "smol-toml",
  "uuid",
  "yaml",
]);

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    const helper = /\.test\.ts$|-suite\.ts$|-harness\.ts$/.test(entry.name);
    return entry.name.endsWith(".ts") && !helper ? [path] : [];
  });
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+"([^"${}]+)"|import\(\s*"([^"]+)"\s*\)/g;

function problems(path: string): string[] {
  const layer = relative(src, path).split(/[\\/]/)[0]!;
  const found: string[] = [];
  for (const match of readFileSync(path, "utf8").matchAll(IMPORT)) {
    const target = match[1] ?? match[2]!;
    const name = relative(src, path);
    if (target.startsWith(".")) {
      const other = relative(src, resolve(dirname(path), target)).split(/[\\/]/)[0]!;
      if (LAYERS.indexOf(other) > LAYERS.indexOf(layer))
        found.push(`${name} imports ${target} from ${other}, a later layer`);
      if (!target.endsWith(".ts")) found.push(`${name} imports ${target} without its extension`);
    } else if (!OPEN.has(layer) && !PURE_PACKAGES.has(target.split("/")[0]!)) {
      found.push(`${name} imports ${target}: only ${[...OPEN].join(", ")} may`);
    }
  }
  return found;
}

describe("layers", () => {
  it("knows every folder", () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((name) => !LAYERS.includes(name))).toEqual([]);
  });

  it("imports go downwards only, and the platform is behind the ports", () => {
    const all = sources(src);
    expect(all.length).toBeGreaterThan(100);
    expect(all.flatMap(problems)).toEqual([]);
  });

  it("no module keeps state of its own", () => {
    const mutable = sources(src).flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/^(?:export )?let \w+/gm)].map(
        (match) => `${relative(src, path)}: ${match[0]}`,
      ),
    );
    expect(mutable).toEqual([]);
  });
});
