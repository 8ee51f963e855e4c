/**
 * `npm run build`: the command as few CommonJS files under dist/, which start in a third of the time of the sources.
 *
 * 1. esbuild bundles the command with code splitting: one piece for what every run needs, others for what single commands need.
 * 2. Each piece becomes CommonJS, since Node's loader of ES modules alone costs 20 ms.
 * 3. Packages and Node modules that the pieces import are required where they are first used, not at the start: `import_x` becomes a call.
 *
 * `--readable` leaves the code as it is, for profiles.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import sources from "../bin/sources.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Wraps a package as CommonJS, so that it stands in a function that runs when it is first required. */
const lazyPackages = {
  name: "lazy-packages",
  setup({ onResolve, onLoad }) {
    const names = Object.keys(manifest.dependencies).map((name) => name.replace(/[/.]/g, "\\$&"));
    onResolve({ filter: new RegExp(`^(${names.join("|")})(/.*)?$`) }, ({ path, namespace, resolveDir }) =>
      namespace === "lazy" ? undefined : { path, namespace: "lazy", pluginData: resolveDir },
    );
    onLoad({ filter: /.*/, namespace: "lazy" }, ({ path, pluginData }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
      resolveDir: pluginData,
    }));
  },
};

const bundled = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node24",
  write: false,
  plugins: [lazyPackages],
  legalComments: "none",
});

const LOADED =
  /^(\s*)(?:var )?(import_[\w$]+) = ((?:(?:__toESM|\(0, [\w$]+\.__toESM\))\()?require(?:_[\w$]+\(\)|\("[^"]+"\))(?:, 1)?\)?);$/gm;

/** `var import_x = require(…)` becomes a function that requires it once, and each use a call of it. */
function lazily(code) {
  const names = new Set();
  let out = code.replace(LOADED, (whole, indent, name, load) => {
    if (load.includes('require("./')) return whole;
    names.add(name);
    return `${indent}function ${name}_() { return ${name}_.loaded ??= ${load}; }`;
  });
  for (const name of names)
    out = out.replace(new RegExp(`(?<![\\w$."])${name.replace(/\$/g, "\\$")}(?=[.\\[])`, "g"), `(${name}_())`);
  return out;
}

const staging = join(root, "dist.new");
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging);
for (const { path, text } of bundled.outputFiles) {
  const plain = await transform(text.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, "$1$2.cjs$1"), {
    format: "cjs",
    platform: "node",
    target: "node24",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "__url", "import.meta.dirname": "__dirname" },
  });
  const small = await transform(lazily(plain.code), {
    minify: !process.argv.includes("--readable"),
    target: "node24",
    format: "cjs",
    platform: "node",
  });
  const url = small.code.includes("__url") ? 'const __url=require("node:url").pathToFileURL(__filename).href;' : "";
  writeFileSync(join(staging, basename(path).replace(/\.js$/, ".cjs")), `"use strict";${url}${small.code}`);
}
writeFileSync(join(staging, "built.json"), JSON.stringify({ newest: sources.newestSource(root) }));
rmSync(join(root, "dist"), { recursive: true, force: true });
renameSync(staging, join(root, "dist"));
