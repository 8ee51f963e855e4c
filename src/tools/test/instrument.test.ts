/** Counting lines changes nothing of what a program does: the conformance programs of the language print the same. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createNodePerformers } from "../../hosts/node/effects/performers.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { LineCounts } from "./instrument.ts";
import { ProgramHost } from "./program-host.ts";
import { loadTestProgram } from "./test-program.ts";

const root = path.join(import.meta.dirname, "../../..");
const suite = path.join(root, "conformance/language");
const programs = fs
  .readdirSync(suite)
  .filter((name) => name.endsWith(".harn") && fs.existsSync(path.join(suite, name.replace(/\.harn$/, ".expected"))));

async function counted(file: string, cwd = root) {
  const counts = new LineCounts();
  const host = new ProgramHost({
    ports: createNodePorts(),
    performers: createNodePerformers(),
    tiering: "hot",
    snapshotMode: false,
    counts,
    provider: "mock",
  });
  const program = await loadTestProgram({ path: file, name: path.relative(root, file) }, host.doors, counts);
  const stateRoot = fs.mkdtempSync(path.join(os.tmpdir(), "harn-counted-"));
  const run = host.start({ program, pipeline: null, cwd, stateRoot, cells: {} });
  let output = "";
  run.handle.onEvent((event) => {
    if (event.type === "output") output += String(event.text);
  });
  const outcome = await run.handle.result;
  await run.close();
  fs.rmSync(stateRoot, { recursive: true });
  return { outcome, output, lines: counts.files.get(file)! };
}

describe("instrumented programs", () => {
  it("are enough to tell", () => expect(programs.length).toBeGreaterThan(20));

  it.each(programs)("%s prints the same", async (name) => {
    const file = path.join(suite, name);
    const { outcome, output, lines } = await counted(file);
    expect(outcome).toMatchObject({ kind: "value" });
    expect(output.trimEnd()).toBe(fs.readFileSync(file.replace(/\.harn$/, ".expected"), "utf8").trimEnd());
    expect([...lines.values()].some((count) => count > 0)).toBe(true);
  });

  it("count what runs in loops, branches, closures, tasks and handlers", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-counted-"));
    const file = path.join(folder, "main.harn");
    const text = [
      ["pipeline default() {"],
      ["  for i in 1 to 3 {", 1],
      ["    if i == 2 {", 3],
      ["      continue", 1],
      ["    }"],
      ["    let f = { x ->", 2],
      ["      x + i", 2],
      ["    }"],
      ["    f(1)", 2],
      ["  }"],
      ["  try {", 1],
      ["    throw 1", 1],
      ["    println(2)", 0],
      ["  } catch e {"],
      ["    println(e)", 1],
      ["  } finally {"],
      ["    println(3)", 1],
      ["  }"],
      ["  parallel each [1, 2, 3, 4] { n ->", 1],
      ["    n * 2", 4],
      ["  }"],
      ["  match 1 {", 1],
      ["    1 -> { println(4) }", 1],
      ["    _ -> {"],
      ["      println(5)", 0],
      ["    }"],
      ["  }"],
      ["}"],
    ] as const;
    fs.writeFileSync(file, `${text.map(([line]) => line).join("\n")}\n`);
    const { outcome, lines } = await counted(file, folder);
    fs.rmSync(folder, { recursive: true });
    expect(outcome).toMatchObject({ kind: "value" });
    const wanted = text.flatMap(([, count], i) => (count === undefined ? [] : [[i + 1, count]]));
    expect([...lines].sort(([a], [b]) => a - b)).toEqual(wanted);
  });
});
