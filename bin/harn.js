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

const MAY_BE_GONE = { throwIfNoEntry: false };

/** What built.json says, once it was read: the build's name, when it looked at the sources, and the first of these. */
let built = null;

/**
 * The sources by what is made of them: `first` is what compiles and runs a short program, `later` (in further.json) what other programs need, `others`
 * (there, too) what other commands need.
 */
const unseen = new Set(["first", "later", "others"]);

/**
 * The first source of a kind that has changed since the build looked, or null. Told by times, so that a start need not read them. What is added or
 * removed shows in one that names it. What was edited after this process began is no concern of it.
 */
function changedSource(...kinds) {
  for (const kind of kinds) {
    if (!unseen.delete(kind)) continue;
    const paths = (built[kind] ?? JSON.parse(readFileSync(`${root}/dist/further.json`, "utf8"))[kind]).split(" ");
    const now = Date.now();
    // Lean: what a start leaves behind must not make V8 collect garbage in the middle of it.
    for (let i = 0; i < paths.length; i++) {
      const time = statSync(`${root}/src/${paths[i]}`, MAY_BE_GONE)?.mtimeMs ?? Infinity;
      if (time > built.looked - COARSE && (kind === "first" || time <= performance.timeOrigin || time > now))
        return paths[i];
    }
  }
  return null;
}

/** Whether `dist/` is to run, which it is when built from the sources as they are. For a program, those of the piece that every start loads tell. */
function upToDate(words) {
  if (process.env.HARN_SOURCES) return false;
  try {
    built = JSON.parse(readFileSync(`${root}/dist/built.json`, "utf8"));
    // An installed package is as it was packed; Node would not run its sources there anyway.
    if (/[\\/]node_modules[\\/]/.test(root) || !existsSync(`${root}/src`)) unseen.clear();
    const isProgram = words[0] === "run" || /\.harn$/.test(words[0]);
    return changedSource("first", ...(isProgram ? [] : ["later", "others"])) === null;
  } catch {
    return false;
  }
}

/**
 * A program needs a piece of which a source has changed. As long as nothing of it has left the process the sources run in its place; afterwards it goes
 * on with the build, which is whole, and says so.
 */
function sourcesChanged(path) {
  if (hasWritten) {
    process.stderr.write(
      `warning: ${join("src", path)} has changed since the build, with which this program goes on. To run the sources set HARN_SOURCES=1, or build again with\n  (cd ${JSON.stringify(root)} && npm run build)\n`,
    );
    return;
  }
  const args = [...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, HARN_SOURCES: "1" };
  if (process.execve) process.execve(process.execPath, [process.execPath, ...args], env);
  // Windows replaces no process.
  const { spawnSync } = require("node:child_process");
  process.exit(spawnSync(process.execPath, args, { env, stdio: "inherit" }).status ?? 1);
}

/** The program has written to its output. */
let hasWritten = false;

/** Pieces of the build that are loaded: name → module, script, and whether its compiled code came from a file. */
const pieces = new Map();

/**
 * Loads a piece of the build: a function of a CommonJS module, as text, with compiled code beside it. Another version of Node cannot use what the
 * build left, so such code is kept in the user's cache.
 */
function loadPiece(name) {
  const known = pieces.get(name);
  if (known !== undefined) return known.module.exports;
  if (!/^\.\/(main|compile|package)\b/.test(name)) {
    const changed = changedSource("later", ...(name.startsWith("./rest-") ? ["others"] : []));
    if (changed !== null) sourcesChanged(changed);
  }
  const { Script } = require("node:vm");
  const file = `${root}/dist/${name.slice(2)}`;
  const source = readFileSync(file, "latin1");
  let script;
  for (const code of process.env.HARN_CACHE === "0" ? [] : [`${file}.code`, userCode(name)]) {
    const cachedData = readCode(code);
    if (cachedData !== undefined) script = new Script(source, { filename: file, cachedData });
    if (script !== undefined && !script.cachedDataRejected) break;
  }
  if (script === undefined) script = new Script(source, { filename: file });
  const module = { exports: {} };
  pieces.set(name, { module, script, isKept: script.cachedDataRejected === false });
  const request = (id) => (id.startsWith("./") ? loadPiece(id) : require(id));
  script.runInThisContext().call(module.exports, module.exports, request, module, file, `${root}/dist`);
  return module.exports;
}

function readCode(file) {
  try {
    return file === null ? undefined : readFileSync(file);
  } catch {
    return undefined;
  }
}

function userCode(name) {
  if (process.env.HARN_CACHE === "0") return null;
  return join(cacheFolder(), "code", `${built.build}-${process.version}-${process.arch}`, `${name.slice(2)}.code`);
}

/** Keeps what this process has compiled of pieces of which nothing was kept; the build itself beside them. */
function writeCode() {
  const { mkdirSync, renameSync, writeFileSync } = require("node:fs");
  for (const [name, { script, isKept }] of pieces) {
    const file = process.env.HARN_BUILD === "1" ? `${root}/dist/${name.slice(2)}.code` : userCode(name);
    if (isKept || file === null) continue;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.${process.pid}`, script.createCachedData());
      renameSync(`${file}.${process.pid}`, file);
    } catch {
      // A read-only or full disk: the next start compiles again.
    }
  }
}

function start() {
  if (process.channel) {
    process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
    process.channel.unref();
  }
  const words = process.argv.slice(2);
  if (upToDate(words)) {
    // The build's first look at a command only readies its caches.
    if (process.env.HARN_BUILD !== "0") process.on("exit", writeCode);
    loadPiece("./main.cjs").main(words, () => {
      hasWritten = true;
    });
    return;
  }
  // Compiled code is kept: without it a start takes twice as long.
  const module = require("node:module");
  if (module.enableCompileCache && process.env.HARN_CACHE !== "0") module.enableCompileCache(cacheFolder());
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
