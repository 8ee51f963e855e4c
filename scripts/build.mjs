/**
 * `npm run build`: the command as few CommonJS files under dist/, which start in a third of the time of the sources.
 *
 * 1. esbuild bundles five pieces with code splitting: `main` (what running a program needs whose code is in the cache), `compile` (parser, checker,
 *    compiler), `late` (the library and what waits need), `hot` (the generator of code) and `rest` (all other commands). More pieces would make more files
 *    that are shared, and each file costs a third of a millisecond.
 * 2. Each piece becomes CommonJS, since Node's loader of ES modules alone costs 20 ms.
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
import { build, transform } from "esbuild";

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
const MAIN = ["cli/main.ts", "cli/commands/run.ts", "runtime/program.ts", "bytecode/register-effects.ts"];
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
  "cli/follow-run.ts": ["cli/display/program-error.ts"],
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
export const createNodePerformers = () => lateByKind(${JSON.stringify(declaredNames.hostPerformers)}, [], () => made());`,
  ],
  [
    "stdlib/modules/late.ts",
    `import { lateMap } from "../../builtin/late-table.ts";
import { stdModules as all } from "piece-file:./late.js";
export const stdModules = lateMap(${JSON.stringify(declaredNames.modules)}, () => all);`,
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
const homes = homesOfChunks();
for (const [file, text] of await withChunksAtHome(bundledTexts)) {
  const { plain, names } = withoutExports(text);
  const whole = `${plain}\n${exported(file, names)}`;
  const module = await transform(whole.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, "$1$2.cjs$1"), {
    format: "cjs",
    platform: "node",
    target: "node24",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "__url", "import.meta.dirname": "__dirname", __module: "module" },
  });
  const small = await transform(lazily(directly(module.code)).replace(/\b__url\b/g, "__url()"), {
    minify: !process.argv.includes("--readable"),
    target: "node24",
    format: "cjs",
    platform: "node",
  });
  const url = small.code.includes("__url()")
    ? 'const __url=()=>require("node:url").pathToFileURL(__filename).href;'
    : "";
  writePiece(file.replace(/\.js$/, ".cjs"), `"use strict";${url}${small.code}`);
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
writeFileSync(
  join(staging, "built.json"),
  JSON.stringify({ looked, build: written.digest("hex").slice(0, 16), ...watched() }),
);
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

/** What a piece takes of another is read once, not at each use: that would cost a fifth of the interpreter's speed. */
function directly(code) {
  const uses = new Map();
  const direct = code.replace(/(?<![\w$])(import_chunk_\w+)\.([\w$]+)/g, (_whole, name, used) => {
    uses.set(name, (uses.get(name) ?? new Set()).add(used));
    return `${name}__${used}`;
  });
  return direct.replace(
    /^var (import_chunk_\w+) = (require\("(\.\/chunk-\w+)\.cjs"\));$/gm,
    (_whole, name, load, chunk) => {
      const home = homes.get(`${chunk}.js`)?.replace(/\.js$/, ".cjs");
      const from = home === undefined ? load : `require("${home}").__shared("${basename(chunk)}")`;
      const taken = [...(uses.get(name) ?? [])].map((used) => `${used}: ${name}__${used}`);
      return taken.length === 0 ? `${from};` : `const { ${taken.join(", ")} } = ${from};`;
    },
  );
}

/** `var import_x = require(…)` of what is not ours becomes a function that requires it once, and each use a call of it. */
function lazily(code) {
  const loaded =
    /^(\s*)(?:var )?(import_[\w$]+) = ((?:(?:__toESM|\(0, [\w$]+\.__toESM\))\()?require\("(?:\.\/package-[^"]+|\.\/(?:hot|late)\.cjs|(?!\.)[^"]+)"\)(?:, 1)?\)?);$/gm;
  const names = new Set();
  let out = code.replace(loaded, (_whole, indent, name, load) => {
    names.add(name);
    return `${indent}function ${name}_() { return ${name}_.loaded ??= ${load}; }`;
  });
  // Of Node's modules no copy is made: what is read of them is found behind them.
  out = out.replaceAll(
    /(?:__toESM|\(0, [\w$]+\.__toESM\))\((require\("node:[^"]+"\))(?:, 1)?\)/g,
    "((m) => Object.create(m, { default: { value: m } }))($1)",
  );
  // Nor of our own pieces.
  out = out.replaceAll(/(?:__toESM|\(0, [\w$]+\.__toESM\))\((require\("\.\/(?!package-)[^"]+"\))(?:, 1)?\)/g, "$1");
  for (const name of names)
    out = out.replace(new RegExp(`(?<![\\w$."])${name.replace(/\$/g, "\\$")}(?=[.\\[])`, "g"), `(${name}_())`);
  return out;
}

/** Relative path → text of what goes into the build, in a fixed order. */
function allSources(folder) {
  const found = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  return new Map(found.toSorted().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The sources that running a program depends on, and the others. What is added or removed is named by one that was edited. */
function watched() {
  const used = new Set();
  for (const [name, { inputs }] of Object.entries(bundled.metafile.outputs)) {
    if (basename(name).startsWith("rest-")) continue;
    for (const path of Object.keys(inputs)) if (path.startsWith("src/")) used.add(path.slice("src/".length));
  }
  const replaced = [...texts.keys()].filter((path) => /^(runtime|stdlib\/prelude|cli\/build)/.test(path));
  const run = [...new Set([...used, ...replaced])].toSorted();
  const others = [...texts.keys()].filter((path) => !run.includes(path));
  return { run: [...run, "../bin/harn.js", "../scripts/build.mjs"], others };
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
  const chunks = [...homesOfChunks()].flatMap(([chunk, home]) =>
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

/**
 * Chunk → the piece it goes into: one file is read sooner than many. What `main` shares with any other is loaded with it anyway; what another piece shares
 * is loaded with that, if only `rest` wants it besides.
 */
function homesOfChunks() {
  const { outputs } = bundled.metafile;
  const chunksOf = (file, found = new Set()) => {
    for (const { path, kind, external } of outputs[file].imports) {
      if (external || kind !== "import-statement" || found.has(path)) continue;
      found.add(path);
      chunksOf(path, found);
    }
    return found;
  };
  const entries = Object.keys(outputs).filter((file) => outputs[file].entryPoint !== undefined);
  const isRest = (file) => basename(file).startsWith("rest-");
  const homes = new Map([...chunksOf("dist/main.js")].map((chunk) => [`./${basename(chunk)}`, "./main.js"]));
  for (const entry of entries.filter((file) => !isRest(file))) {
    const others = entries.filter((file) => file !== entry && !isRest(file)).flatMap((file) => [...chunksOf(file)]);
    for (const chunk of chunksOf(entry))
      if (!others.includes(chunk)) homes.set(`./${basename(chunk)}`, `./${basename(entry)}`);
  }
  return homes;
}

/** Puts chunks into their pieces: as one scope, so that nothing of them has to be exported and imported before a program can run. */
async function withChunksAtHome(texts) {
  const whole = new Map([...texts].filter(([file]) => !homes.has(file)));
  for (const piece of new Set(homes.values())) {
    const isInside = (file) => file === piece || homes.get(file) === piece;
    const others = [...texts].filter(([file]) => !isInside(file)).map(([, text]) => text);
    const given = [...homes.keys()].filter(isInside).map((chunk) => {
      const names = new Set(others.flatMap((text) => importedFrom(chunk, text)));
      const list = [...names].map((name) => `${name} as ${sharedName(chunk, name)}`).join(", ");
      return `export { ${list} } from ${JSON.stringify(chunk)};`;
    });
    const { outputFiles } = await build({
      ...shared,
      stdin: { contents: [`export * from ${JSON.stringify(piece)};`, ...given].join("\n") },
      write: false,
      format: "esm",
      plugins: [
        {
          name: "inside",
          setup({ onResolve, onLoad }) {
            onResolve({ filter: /./ }, ({ path, kind }) =>
              kind === "import-statement" && isInside(path) ? { path, namespace: "inside" } : { path, external: true },
            );
            onLoad({ filter: /./, namespace: "inside" }, ({ path }) => ({ contents: texts.get(path), loader: "js" }));
          },
        },
      ],
    });
    whole.set(piece, outputFiles[0].text);
  }
  return whole;
}

/** What a bundled text imports from a file, by the file's names. */
function importedFrom(file, text) {
  const statement = new RegExp(`^import \\{([^}]*)\\} from "${file.replaceAll(".", "\\.")}";$`, "gm");
  return [...text.matchAll(statement)].flatMap(([, names]) =>
    names.split(",").map((name) => name.trim().split(" ")[0]),
  );
}

function sharedName(chunk, name) {
  return `${basename(chunk, ".js").replaceAll("-", "_")}__${name}`;
}

/** A bundled text without its last statement, and the names in that: exported → its own. */
function withoutExports(text) {
  const found = /^export \{([^}]*)\};\n$/m.exec(text);
  if (found === null) return { plain: text, names: new Map() };
  const entries = found[1].split(",").map((entry) => entry.trim().split(" as "));
  return { plain: text.replace(found[0], ""), names: new Map(entries.map(([own, name = own]) => [name, own])) };
}

/** The exports as one plain object: none is ever assigned to again. What a piece gives of its chunks is gathered when another asks for it. */
function exported(file, names) {
  const object = (entries) => `{ ${entries.map(([name, own]) => `${name}: ${own}`).join(", ")} }`;
  const chunks = [...homes.keys()].filter((chunk) => homes.get(chunk) === file);
  if (chunks.length === 0) return `__module.exports = ${object([...names])};`;
  const isOf =
    (chunk) =>
    ([name]) =>
      name.startsWith(sharedName(chunk, ""));
  const given = chunks.map((chunk) => {
    const entries = [...names]
      .filter(isOf(chunk))
      .map(([name, own]) => [name.slice(sharedName(chunk, "").length), own]);
    return `${JSON.stringify(basename(chunk, ".js"))}: ${object(entries)}`;
  });
  const own = [...names].filter((entry) => !chunks.some((chunk) => isOf(chunk)(entry)));
  return `__module.exports = ${object([...own, ["__shared", "__shared"]])};
function __shared(chunk) { return (__shared.chunks ??= { ${given.join(", ")} })[chunk]; }`;
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

/** In the place of runtime/declared.ts: names now, what they stand for with the first of them that is used. Writing to the output is there at once. */
function lateDeclared(names) {
  return `import { lateByKind, lateTable } from "../builtin/late-table.ts";
import { BuiltinTable } from "../builtin/declaration.ts";
import { outputBuiltins } from "../stdlib/output.ts";
import { parallelMachine } from "../vm/concurrency.ts";
import { loadMachine } from "../vm/load-machine.ts";
import { programMachine } from "./program-machine.ts";
import { allBuiltins as lateBuiltins, allMachines as lateMachines, allPerformers as latePerformers } from "piece-file:./late.js";
const NAMES = ${JSON.stringify(names)};
export const allBuiltins = () => lateBuiltins();
export const allMachines = () =>
  lateByKind(NAMES.machines, [programMachine, loadMachine, parallelMachine], () => lateMachines());
export const declaredPerformers = (parts) =>
  parts.tools?.length > 0
    ? latePerformers(parts)
    : lateByKind([...new Set([...parts.performers.keys(), ...NAMES.performers])], [], () => latePerformers(parts));
export const declaredTable = (added) =>
  lateTable(NAMES, [...outputBuiltins, ...added], () => new BuiltinTable([lateBuiltins(), added]));`;
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
