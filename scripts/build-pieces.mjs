/**
 * From what esbuild has bundled, in chunks, to the pieces under dist/: chunks go into the pieces that they are loaded with, and each piece becomes a
 * CommonJS module that requires packages and Node's own modules where it first uses them.
 */
import { basename } from "node:path";
import { build, transform } from "esbuild";

/**
 * Chunk → the piece it goes into: one file is read sooner than many. What `main` shares with any other is loaded with it anyway; what another piece shares
 * is loaded with that, if only `rest` wants it besides.
 */
export function homesOfChunks({ outputs }) {
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
export async function withChunksAtHome(texts, homes) {
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
      bundle: true,
      platform: "node",
      target: "node24",
      legalComments: "none",
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
function exported(file, names, homes) {
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

/** The text of a piece as CommonJS. */
export async function commonJs(file, text, homes, minify) {
  const { plain, names } = withoutExports(text);
  const whole = `${plain}\n${exported(file, names, homes)}`;
  const module = await transform(whole.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, "$1$2.cjs$1"), {
    format: "cjs",
    platform: "node",
    target: "node24",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "__url", "import.meta.dirname": "__dirname", __module: "module" },
  });
  const small = await transform(lazily(directly(module.code, homes)).replace(/\b__url\b/g, "__url()"), {
    minify,
    target: "node24",
    format: "cjs",
    platform: "node",
  });
  const url = small.code.includes("__url()")
    ? 'const __url=()=>require("node:url").pathToFileURL(__filename).href;'
    : "";
  return `"use strict";${url}${small.code}`;
}

/** What a piece takes of another is read once, not at each use: that would cost a fifth of the interpreter's speed. */
function directly(code, homes) {
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
