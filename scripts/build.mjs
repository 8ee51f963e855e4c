/**
 * `npm run build`: the command as few CommonJS files under dist/, which start in a third of the time of the sources.
 *
 * 1. esbuild bundles five pieces with code splitting: `main` (what running a program needs whose code is in the cache), `compile` (parser, checker,
 *    compiler), `late` (the library and what waits need), `hot` (the generator of code) and `rest` (all other commands). More pieces would make more files
 *    that are shared, and each file costs a third of a millisecond.
 * 2. Each piece becomes one scope and CommonJS (build-pieces.mjs), since Node's loader of ES modules alone costs 20 ms.
 * 3. Packages are files of their own. They and Node's modules are required where they are first used: `import_x` becomes a call.
 * 4. Beside the pieces lies what V8 compiled of them (`*.code`): a start, the first one too, need not compile what every start needs.
 * 5. The prelude goes in compiled; the build is named by a hash of its sources, so that what an earlier one compiled is not taken.
 *
 * `--readable` leaves the code as it is, for profiles; `--meta` writes what went where to dist/meta.json.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { commonJs, homesOfChunks, withChunksAtHome } from "./build-pieces.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const staging = join(root, "dist.new");
const source = (path) => join(root, "src", path);
const shared = { absWorkingDir: root, bundle: true, platform: "node", target: "node24", legalComments: "none" };

if (Number(process.versions.node.split(".")[0]) < 24) {
  const pinned = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  const again = spawnSync(pinned, process.argv.slice(1), { stdio: "inherit", shell: process.platform === "win32" });
  process.exit(again.status ?? 1);
}

/** Imported when needed, and part of `main` all the same: small, or always wanted. */
const MAIN = [
  "cli/main.ts",
  "cli/commands/run.ts",
  "runtime/program.ts",
  "bytecode/register-effects.ts",
  "base/text.ts",
];
/** Of these packages we want so little that what is used of them goes into our pieces. */
const SHAKEN = ["uuid"];
/** These stay as they are installed: their parts share classes and state, and are large. */
const WHOLE = ["@modelcontextprotocol/sdk"];
const COMPILE = ["runtime/compile-program.ts"];
/** Required with the first function that is warm. */
const HOT = ["vm/tier1/compile.ts"];
/** Required where something of it is first used. */
const LATE = [
  "runtime/declared-all.ts",
  "runtime/performers.ts",
  "runtime/worker-records.ts",
  "agents/mock-cell.ts",
  "hosts/node/effects/performers.ts",
  "stdlib/modules/index.ts",
  "store/sqlite-store.ts",
  "vm/snapshot/makers.ts",
];

/** Importer → modules of which it wants functions, and classes to make instances of, that a short program does not come to: they are in `late`. */
const ON_CALL = {
  "cli/command-runtime.ts": ["cli/approval-prompt.ts"],
  "cli/commands/run.ts": ["cli/display/trace-summary.ts"],
  "cli/display/event-lines.ts": ["cli/display/event-line.ts", "cli/display/worker-board.ts"],
  "cli/display/view.ts": ["cli/display/json-lines.ts", "cli/display/live-tree.ts"],
  "cli/follow-run.ts": ["base/diagnostic.ts", "cli/display/program-error.ts"],
  "hosts/node/files.ts": ["hosts/node/file-lock.ts"],
  "hosts/node/ports.ts": ["hosts/node/processes.ts"],
  "policy/gate.ts": ["policy/capability.ts", "policy/permitted-set.ts", "policy/workspace-roots.ts"],
  "runtime/driver.ts": [
    "agents/conversation.ts",
    "runtime/loader.ts",
    "runtime/memory-rows.ts",
    "runtime/unit-turn.ts",
  ],
  "runtime/language.ts": ["runtime/prelude.ts"],
  "runtime/program.ts": ["base/diagnostic.ts"],
  "runtime/runtime.ts": ["runtime/stored-runs.ts", "runtime/unit-turn.ts"],
  "value/json.ts": ["value/json-plain.ts", "value/json-reader.ts"],
};

const looked = Date.now();
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging);
/** Of all pieces: V8 itself only compares the length of a text with that of the text whose compiled code it is given. */
const written = createHash("sha256");
const texts = allSources(source("."));
const digest = createHash("sha256");
for (const [path, text] of texts) digest.update(`${path}\0${text}\0`);
const buildName = digest.digest("hex").slice(0, 16);
const { prelude, names: declaredNames } = await declared();

const REST = [...new Set([...texts].flatMap(([path, text]) => dynamicImports(path, text)))].filter(
  (path) => ![...MAIN, ...COMPILE, ...LATE].includes(path),
);
LATE.push(...new Set(Object.values(ON_CALL).flat()));
refuseCollisions(MAIN);
refuseCollisions(LATE);
refuseCollisions(REST);

/** Modules of which the build puts another in the place: what only it knows, and what a later piece has and is asked for by name. */
const REPLACED = new Map([
  ["cli/build.ts", `export const BUILD = ${JSON.stringify(buildName)};`],
  [
    "runtime/prelude.ts",
    `import { decodeChunk } from "../bytecode/serialize.ts";
export const preludeChunk = () => decodeChunk(${JSON.stringify(prelude)});`,
  ],
  ["runtime/declared.ts", lateDeclared(declaredNames)],
  [
    "hosts/node/own-performers.ts",
    `import { lateByKind } from "../../builtin/late-table.ts";
import { createNodePerformers as made } from "piece-file:./late.js";
export const createNodePerformers = () => lateByKind(${listed(declaredNames.hostPerformers)}, [], () => made());`,
  ],
  [
    "stdlib/modules/late.ts",
    `import { lateMap } from "../../builtin/late-table.ts";
import { stdModules as all } from "piece-file:./late.js";
export const stdModules = lateMap(${listed(declaredNames.modules)}, () => all);`,
  ],
  ["vm/snapshot/late.ts", passedOn("late", "vm/snapshot/late.ts")],
  ["vm/tier1/generator.ts", passedOn("hot", "vm/tier1/generator.ts")],
]);

/** Each package that is used, with the name of its file. */
const packages = new Map();
const pieces = {
  name: "pieces",
  setup({ onResolve, onLoad }) {
    const names = Object.keys(manifest.dependencies)
      .filter((name) => !SHAKEN.includes(name))
      .map((name) => name.replace(/[/.]/g, "\\$&"));
    onResolve({ filter: new RegExp(`^(${names.join("|")})(/.*)?$`) }, ({ path }) => {
      if (WHOLE.some((name) => path.startsWith(`${name}/`))) return { path, external: true };
      const file = `./package-${path.replace(/\.js$/, "").replace(/\W+/g, "-")}`;
      packages.set(path, file);
      return { path: `${file}.js`, external: true };
    });
    onResolve({ filter: /^piece:/ }, ({ path }) => ({ path: path.slice("piece:".length), namespace: "piece" }));
    onLoad({ filter: /.*/, namespace: "piece" }, ({ path }) => {
      const members = { main: MAIN, compile: COMPILE, hot: HOT, late: LATE, rest: REST }[path];
      return {
        contents: members.map((member) => `export * from ${JSON.stringify(`./${member}`)};`).join("\n"),
        resolveDir: source("."),
        loader: "ts",
      };
    });
    onLoad({ filter: /.*/, namespace: "on-call" }, ({ path }) => ({ contents: onCall(path), loader: "ts" }));
    onResolve({ filter: /^\./ }, ({ path, kind, importer, resolveDir }) => {
      const target = relative(source("."), join(resolveDir, path)).replaceAll("\\", "/");
      const from = relative(source("."), importer).replaceAll("\\", "/");
      if (ON_CALL[from]?.includes(target)) return { path: target, namespace: "on-call" };
      if (kind !== "dynamic-import") return undefined;
      if (MAIN.includes(target)) return { path: "./main.js", external: true };
      if (LATE.includes(target)) return { path: "./late.js", external: true };
      if (COMPILE.includes(target)) return { path: "compile", namespace: "piece" };
      if (REST.includes(target)) return { path: "rest", namespace: "piece" };
      return { errors: [{ text: `the build does not know that ${target} is imported when needed` }] };
    });
    onResolve({ filter: /^piece-file:/ }, ({ path }) => ({ path: path.slice("piece-file:".length), external: true }));
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const contents = REPLACED.get(relative(source("."), path).replaceAll("\\", "/"));
      return contents === undefined ? undefined : { contents, loader: "ts" };
    });
  },
};

const bundled = await build({
  ...shared,
  entryPoints: [
    { in: "piece:main", out: "main" },
    { in: "piece:hot", out: "hot" },
    { in: "piece:late", out: "late" },
  ],
  outdir: "dist",
  splitting: true,
  format: "esm",
  write: false,
  plugins: [pieces],
  metafile: true,
});
const bundledTexts = new Map(bundled.outputFiles.map(({ path, text }) => [`./${basename(path)}`, text]));
refuseInMain(Object.values(ON_CALL).flat());
const homes = homesOfChunks(bundled.metafile);
for (const [file, text] of await withChunksAtHome(bundledTexts, homes)) {
  const code = await commonJs(file, text, homes, !process.argv.includes("--readable"));
  writePiece(file.replace(/\.js$/, ".cjs"), code);
}
if (process.argv.includes("--meta")) writeFileSync(join(staging, "meta.json"), JSON.stringify(bundled.metafile));
for (const [path, file] of packages) {
  const { outputFiles } = await build({
    ...shared,
    stdin: { contents: `module.exports = require(${JSON.stringify(path)})`, resolveDir: root },
    write: false,
    format: "cjs",
    minify: !process.argv.includes("--readable"),
  });
  writePiece(`${file}.cjs`, outputFiles[0].text);
}
const { first, ...further } = watched();
writeFileSync(
  join(staging, "built.json"),
  JSON.stringify({ looked, build: written.digest("hex").slice(0, 16), first }),
);
writeFileSync(join(staging, "further.json"), JSON.stringify(further));
rmSync(join(root, "dist"), { recursive: true, force: true });
renameSync(staging, join(root, "dist"));
writeCode();

/**
 * Lets V8 write down what it has compiled of each piece after a few commands, so that no start has to compile it. What each writes is of the pieces
 * that nothing is written of yet: so the smallest program comes first, for the piece that every start loads. It is run twice, to compile the program
 * and to find it compiled.
 */
function writeCode() {
  const folder = join(root, "dist", "warm");
  mkdirSync(folder);
  const smallest = join(folder, "smallest.harn");
  writeFileSync(smallest, 'println("warm")');
  const program = join(root, "scripts", "warm-up.harn");
  const commands = [
    ["run", smallest, "0"],
    ["run", smallest, "1"],
    ["run", program, "1"],
    ["check", program, "1"],
  ];
  for (const [command, file, writes] of commands) {
    const env = { ...process.env, HARN_BUILD: writes, HARN_STATE_DIR: folder, HARN_CACHE: "1", XDG_CACHE_HOME: folder };
    const { status, stderr } = spawnSync(process.execPath, [join(root, "bin", "harn.js"), command, file], { env });
    if (status !== 0) throw new Error(`harn ${command} ${file} ended with ${status}: ${stderr}`);
  }
  rmSync(folder, { recursive: true });
}

/** As bin/harn.js loads it: a function of the module, in ASCII, which is read fastest. */
function writePiece(name, text) {
  // What is left of other characters stands in regular expressions, where esbuild escapes nothing.
  const ascii = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const whole = `(function(exports,require,module,__filename,__dirname){${ascii}\n})`;
  written.update(`${name}\0${whole}\0`);
  writeFileSync(join(staging, name), whole);
}

/** Relative path → text of what goes into the build, in a fixed order. */
function allSources(folder) {
  const found = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  return new Map(found.toSorted().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The sources, as bin/harn.js looks at them. What is added or removed is named by one that was edited. */
function watched() {
  const kinds = { first: new Set(), later: new Set(), others: new Set() };
  for (const [file, { inputs }] of Object.entries(bundled.metafile.outputs)) {
    const name = `./${basename(file)}`;
    const home = homes.get(name) ?? name;
    const kind = /^\.\/(main|compile)/.test(home) ? "first" : home.startsWith("./rest-") ? "others" : "later";
    for (const path of Object.keys(inputs)) if (path.startsWith("src/")) kinds[kind].add(path.slice("src/".length));
  }
  const replaced = [...texts.keys()].filter((path) => /^(runtime|stdlib\/prelude|cli\/build)/.test(path));
  const first = [...kinds.first, "../bin/harn.js", "../scripts/build.mjs", "../scripts/build-pieces.mjs"];
  const later = [...new Set([...kinds.later, ...replaced])].filter((path) => !kinds.first.has(path));
  const others = [...texts.keys()].filter((path) => !kinds.first.has(path) && !later.includes(path));
  return { first: first.join(" "), later: later.join(" "), others: others.join(" ") };
}

function dynamicImports(path, text) {
  // `import("…").Name` is a type.
  return [...text.matchAll(/\bimport\("(\.[^"]+)"\)(?!\.[A-Z])/g)].map(([, target]) =>
    join(dirname(path), target).replaceAll("\\", "/"),
  );
}

/** What is loaded on call must not be in `main` because another module there imports it as well. */
function refuseInMain(modules) {
  const { outputs } = bundled.metafile;
  const chunks = [...homesOfChunks(bundled.metafile)].flatMap(([chunk, home]) =>
    home === "./main.js" ? [`dist/${basename(chunk)}`] : [],
  );
  for (const file of ["dist/main.js", ...chunks])
    for (const module of modules)
      if (`src/${module}` in outputs[file].inputs)
        throw new Error(`${module} is in main: not only modules that ON_CALL names import it`);
}

/** A piece exports what its members do; two of one name would both be left out. */
function refuseCollisions(members) {
  const seen = new Map();
  for (const member of members) {
    for (const [, name] of texts.get(member).matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)) {
      if (seen.has(name)) throw new Error(`${member} and ${seen.get(name)} both export ${name}: rename one`);
      seen.set(name, member);
    }
  }
}

/** The functions that a module passes on, from a piece, which is loaded with the first call of one of them. */
function passedOn(piece, module) {
  const names = /^export \{ ([\w, ]+) \} from/m.exec(readFileSync(source(module), "utf8"))[1].split(", ");
  const lines = names.map(
    (name) => `import { ${name} as ${name}Of } from "piece-file:./${piece}.js";
export const ${name} = (...given) => ${name}Of(...given);`,
  );
  return lines.join("\n");
}

/** In the place of a module: its functions, and its classes for `new`, loaded with the first of them that is called. */
function onCall(module) {
  const found = [...texts.get(module).matchAll(/^export (?:async )?(function|class) (\w+)/gm)];
  const lines = found.map(([, kind, name]) => {
    const body = kind === "class" ? `return new ${name}Of(...given)` : `return ${name}Of(...given)`;
    return `import { ${name} as ${name}Of } from "piece-file:./late.js";
export function ${name}(...given) { ${body}; }`;
  });
  return lines.join("\n");
}

/** As builtin/late-table.ts takes names. */
function listed(names) {
  return JSON.stringify(` ${names.join(" ")} `);
}

/** In the place of runtime/declared.ts: names now, what they stand for with the first of them that is used. Writing to the output is there at once. */
function lateDeclared(names) {
  return `import { lateByKind, lateTable } from "../builtin/late-table.ts";
import { BuiltinTable } from "../builtin/declaration.ts";
import { outputBuiltins } from "../stdlib/output.ts";
import { parallelMachine } from "../vm/concurrency.ts";
import { loadMachine } from "../vm/load-machine.ts";
import { programMachine } from "./program-machine.ts";
import { allBuiltins as lateBuiltins, allMachines as lateMachines, allPerformers as latePerformers } from "piece-file:./late.js";
const performers = ${listed(names.performers)};
export const allBuiltins = () => lateBuiltins();
export const allMachines = () =>
  lateByKind(${listed(names.machines)}, [programMachine, loadMachine, parallelMachine], () => lateMachines());
export const declaredPerformers = (parts) =>
  parts.tools?.length > 0
    ? latePerformers(parts)
    : lateByKind([...parts.performers.keys()].map((kind) => " " + kind).join("") + performers, [], () => latePerformers(parts));
export const declaredTable = (added) =>
  lateTable({ builtins: ${listed(names.builtins)}, receivers: ${listed(names.receivers)} }, [...outputBuiltins, ...added], () => new BuiltinTable([lateBuiltins(), added]));`;
}

/** What only the language itself can tell: the prelude's chunk as text, made by the compiler of these sources, and the names of all that is declared. */
async function declared() {
  const file = join(staging, "declared.mjs");
  await build({
    ...shared,
    stdin: {
      contents: `import { encodeChunk } from "./bytecode/serialize.ts";
import { BuiltinTable } from "./builtin/declaration.ts";
import { allBuiltins, allMachines } from "./runtime/declared-all.ts";
import { createNodePerformers } from "./hosts/node/effects/performers.ts";
import { stdModules } from "./stdlib/modules/index.ts";
import { allPerformers } from "./runtime/performers.ts";
import { preludeChunk } from "./runtime/prelude.ts";
const table = new BuiltinTable([allBuiltins()]);
export const prelude = encodeChunk(preludeChunk(table));
export const names = {
  builtins: [...table.builtins.keys()],
  receivers: [...table.methods.keys()],
  machines: [...allMachines().keys()],
  modules: [...stdModules.keys()],
  hostPerformers: [...createNodePerformers().keys()],
  performers: [...allPerformers({ performers: new Map(), store: async () => null, host: () => null }).keys()],
};`,
      resolveDir: source("."),
      loader: "ts",
    },
    outfile: file,
    format: "esm",
    packages: "external",
  });
  const found = await import(pathToFileURL(file).href);
  rmSync(file);
  return found;
}
