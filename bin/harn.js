#!/usr/bin/env node
/*
 * The `harn` command. Plain JavaScript that any Node from 12.20 on can read: a Node that is too old to run the sources hands over to the
 * one that the package pins, or says what is missing.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const repair = `  (cd ${JSON.stringify(root)} && npm install)`;

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
}

/** The pinned Node's binary, or null. */
function pinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
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

function start() {
  if (process.channel) {
    process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
    process.channel.unref();
  }
  // Stripped and compiled sources are kept: without it a start takes three times as long.
  if (module.enableCompileCache && !process.env.NODE_DISABLE_COMPILE_CACHE)
    module.enableCompileCache(join(root, "node_modules", ".cache", "harn"));
  import("../src/cli/main.ts").then(
    ({ main }) => main(process.argv.slice(2)),
    (error) => {
      if (error.code !== "ERR_MODULE_NOT_FOUND" || existsSync(join(root, "node_modules", "commander"))) throw error;
      fail(`the packages that harn uses are not installed. Install them with\n${repair}`);
    },
  );
}

if (Number(process.versions.node.split(".")[0]) >= OLDEST) start();
else handOver();
