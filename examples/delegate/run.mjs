/**
 * Runs the example from nothing: makes its repository in a new folder, then hands it to `harn run`.
 *
 *   node examples/delegate/run.mjs [--http] [--folder FOLDER] [--json] [--provider NAME] [--model NAME]
 *
 * Without a provider recorded answers are used. `--http` serves the same answers over real HTTP from this machine. Runs on Node 18 or newer;
 * `bin/harn.js` hands over to the Node that the package pins. Ends with the exit code of the program.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeRepository } from "./make-repo.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");

function readArguments(words) {
  const asked = { http: false, folder: null, harn: [], program: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const value = () => {
      const next = words[++i];
      if (next === undefined) throw new Error(`${word} needs a value`);
      return next;
    };
    if (word === "--http") asked.http = true;
    else if (word === "--folder") asked.folder = resolve(value());
    else if (word === "--json") asked.harn.push(word);
    else if (word === "--provider" || word === "--model") asked.program.push(word, value());
    else throw new Error(`unknown argument ${word}; known are --http, --folder, --json, --provider and --model`);
  }
  return asked;
}

/** Starts the server of recorded answers; answers its address and how to stop it. */
async function serveAnswers() {
  const node = join(root, "node_modules/.bin", process.platform === "win32" ? "node.cmd" : "node");
  const server = spawn(node, [join(root, "tests/loopback/server.ts"), "--script", join(here, "loopback-script.json")], {
    stdio: ["ignore", "pipe", "inherit"],
    // Ctrl-C is for the program; the server is stopped after it.
    detached: true,
  });
  const [line] = await Promise.race([
    once(createInterface({ input: server.stdout }), "line"),
    once(server, "exit").then(([code]) =>
      Promise.reject(new Error(`the server of recorded answers ended with ${code}`)),
    ),
  ]);
  return { url: line, stop: () => server.kill() };
}

async function main() {
  const asked = readArguments(process.argv.slice(2));
  const folder = asked.folder ?? mkdtempSync(join(tmpdir(), "harn-delegate-"));
  const repo = join(folder, "repo");
  makeRepository(repo);
  const server = asked.http ? await serveAnswers() : null;
  const program = server === null ? asked.program : ["--provider", "local", "--model", "recorded", ...asked.program];
  try {
    const child = spawn(
      process.execPath,
      [join(root, "bin/harn.js"), "run", ...asked.harn, join(here, "main.harn"), "--", repo, ...program],
      { stdio: "inherit", env: { ...process.env, ...(server === null ? {} : { LOCAL_LLM_BASE_URL: server.url }) } },
    );
    // The child gets the signal too, and decides how to end.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
    const [code] = await once(child, "exit");
    process.exitCode = code ?? 124;
  } finally {
    server?.stop();
  }
}

main().catch((error) => {
  console.error(`delegate: ${error.message}`);
  process.exitCode = 1;
});
