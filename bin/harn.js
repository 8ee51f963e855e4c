#!/usr/bin/env node
/*
 * The `harn` command. CommonJS, which starts fastest, and plain enough for any Node from 12.20 on to read: a Node that is too old to run the
 * sources hands over to the one that the package pins, or says what is missing. The build in dist/ runs when it is of these sources, else they do.
 */
"use strict";
const { existsSync, readFileSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");

const OLDEST = 24;
const root = dirname(__dirname);
const repair = `  (cd ${JSON.stringify(root)} && npm install)`;

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
}

/** The pinned Node's binary, or null. */
function pinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  try {
    const folder = dirname(require.resolve("node/package.json"));
    const binary = join(folder, "bin", name);
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

function handOver() {
  const binary = pinnedNode();
  if (binary === null) {
    fail(
      `harn needs Node ${OLDEST} or newer. This is Node ${process.versions.node}, and the Node that the package brings along is not installed. Install it with\n${repair}`,
    );
    return;
  }
  const { spawn } = require("node:child_process");
  // The fourth descriptor is only there so that the child notices when this process is killed.
  const child = spawn(binary, process.argv.slice(1), { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  const forward = (signal) => child.kill(signal);
  for (const signal of forwarded) process.on(signal, forward);
  child.on("error", (error) => {
    fail(`${binary} cannot be started: ${error.message}. Install it again with\n${repair}`);
  });
  child.on("exit", (code, signal) => {
    for (const name of forwarded) process.removeListener(name, forward);
    if (signal === null) process.exit(code);
    else process.kill(process.pid, signal);
  });
}

/** The user's, since the package's own folder may belong to somebody else. */
function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME, USERPROFILE } = process.env;
  const home = HOME || USERPROFILE;
  const base = XDG_CACHE_HOME || LOCALAPPDATA || (home ? join(home, ".cache") : join(root, "node_modules", ".cache"));
  return join(base, "harn");
}

/** A time of the file system is this coarse, in milliseconds: what was changed right before the build may bear the build's own time. */
const COARSE = 10;

/**
 * Is `dist/` built from the sources as they are? Told by times, so that a start need not read them: none of the sources, and none of the folders they
 * are in (whose time changes with what is added, removed or renamed), has changed since the build looked. What only other commands use does not count
 * for running a program.
 */
function upToDate(words) {
  if (process.env.HARN_SOURCES) return false;
  try {
    const { looked, run, others } = JSON.parse(readFileSync(`${root}/dist/built.json`, "utf8"));
    // An installed package has no sources.
    if (!existsSync(`${root}/src`)) return true;
    const unchanged = (path) => statSync(`${root}/src/${path}`).mtimeMs <= looked - COARSE;
    return run.every(unchanged) && (words[0] === "run" || others.every(unchanged));
  } catch {
    return false;
  }
}

/** Pieces of the build that are loaded: name → module and script. */
const pieces = new Map();

/**
 * Loads a piece of the build with the compiled code that the build left beside it. Null when this Node cannot use that of the first piece: another
 * version made it. (For the others it only costs time.)
 */
function loadPiece(name) {
  const known = pieces.get(name);
  if (known !== undefined) return known.module.exports;
  const { Script } = require("node:vm");
  const file = `${root}/dist/${name.slice(2)}`;
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, "latin1")}\n})`;
  const cachedData = readCode(`${file}.code`);
  const script = new Script(source, { filename: file, cachedData });
  if (pieces.size === 0 && script.cachedDataRejected !== false && !process.env.HARN_BUILD) return null;
  const module = { exports: {} };
  pieces.set(name, { module, script, file });
  const request = (id) => (id.startsWith("./") ? loadPiece(id) : require(id));
  script.runInThisContext().call(module.exports, module.exports, request, module, file, `${root}/dist`);
  return module.exports;
}

function readCode(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** For the build: what this process has compiled of the pieces, beside those that have nothing yet. */
function writeCode() {
  const { renameSync, writeFileSync } = require("node:fs");
  for (const { script, file } of pieces.values()) {
    if (existsSync(`${file}.code`)) continue;
    writeFileSync(`${file}.new`, script.createCachedData());
    renameSync(`${file}.new`, `${file}.code`);
  }
}

function start() {
  if (process.channel) {
    process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
    process.channel.unref();
  }
  const words = process.argv.slice(2);
  const isBuilt = upToDate(words);
  if (isBuilt) {
    if (process.env.HARN_BUILD === "1") process.on("exit", writeCode);
    const built = loadPiece("./main.cjs");
    if (built !== null) {
      built.main(words);
      return;
    }
  }
  // Compiled code is kept: without it a start takes twice as long.
  const module = require("node:module");
  if (module.enableCompileCache && process.env.HARN_CACHE !== "0") module.enableCompileCache(cacheFolder());
  if (isBuilt) {
    require("../dist/main.cjs").main(words);
    return;
  }
  import("../src/cli/main.ts").then(
    ({ main }) => main(words),
    (error) => {
      if (error.code !== "ERR_MODULE_NOT_FOUND" || existsSync(join(root, "node_modules", "commander"))) throw error;
      fail(`the packages that harn uses are not installed. Install them with\n${repair}`);
    },
  );
}

if (Number(process.versions.node.split(".")[0]) >= OLDEST) start();
else handOver();
