/** Metadata, checkpoints and state folders that several processes write at the same time: nobody loses what another wrote. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch, startHarn } from "../cli/harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const options = () => ({ cwd: work.folder, env: { HARN_STATE_DIR: work.at("state") } });
const words = (program: string, args: readonly string[]) => [
  "run",
  path.join(import.meta.dirname, program),
  "--",
  ...args,
];
const run = (program: string, ...args: readonly string[]) => harn(words(program, args), options());
const names = (count: number) => Array.from({ length: count }, (_, i) => `process${i}`);
const read = (file: string) => JSON.parse(fs.readFileSync(work.at(file), "utf8")) as Record<string, unknown>;
const notes = () => read("state/metadata/notes/entries.json").entries as Record<string, Record<string, number>>;
const own = (name: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}-${i}`, i]));

describe("metadata of several processes", () => {
  it.each([
    [2, 60],
    [8, 25],
  ])("%i set fields of one namespace without losing one", async (processes, each) => {
    const runs = await Promise.all(names(processes).map((name) => run("save-own-metadata.harn", name, String(each))));
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array(processes).fill([0, ""]));
    const all = names(processes).map((name) => [name, own(name, each)] as const);
    const shared = Object.assign({}, ...all.map(([, fields]) => fields));
    expect(notes()).toEqual({ ...Object.fromEntries(all), shared });
    expect(Object.keys(read("state/metadata/notes/entries.json")).sort()).toEqual(
      ["backend", "entries", "generatedAt", "namespace", "version"].sort(),
    );
    expect(fs.readdirSync(work.at("state/metadata/notes"))).toEqual(["entries.json"]);
  });

  it("keeps what was saved when one is killed in the middle, and the others go on", async () => {
    const others = names(3).map((name) => run("save-own-metadata.harn", name, "30"));
    const victim = startHarn(words("save-own-metadata.harn", ["victim", "100000"]), options());
    while (victim.stdout().split("\n").length < 5 && victim.child.exitCode === null) await pause(1);
    victim.child.kill("SIGKILL");
    const { signal, stdout } = await victim.done;
    expect(signal).toBe("SIGKILL");
    const finished = await Promise.all(others);
    expect(finished.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, ""]));

    const said = stdout.split("\n").length - 1;
    expect(said).toBeGreaterThanOrEqual(4);
    const { shared, victim: left } = notes();
    expect(left).toMatchObject(own("victim", said));
    // The save that was under way is there wholly or not at all.
    expect(Object.keys(left!).length - said).toBeLessThanOrEqual(1);
    expect(shared).toEqual(Object.assign({}, left, ...names(3).map((name) => own(name, 30))));
  });

  it("takes the later value of a field that two set, and leaves alone what only another changed", async () => {
    const main = work.write(
      "main.harn",
      `
metadata_set("src", "notes", {both: "here", mine: 1})
println(metadata_get("src", "notes"))
let other = exec(${JSON.stringify(process.execPath)}, ${JSON.stringify(path.join(import.meta.dirname, "../../bin/harn.js"))}, "run", "other.harn")
println(other.stdout)
metadata_save()
metadata_set("src", "notes", {mine: 2})
metadata_save()
`,
    );
    work.write(
      "other.harn",
      'metadata_set("src", "notes", {both: "there", old: 2.0})\nmetadata_save()\nprintln("saved")\n',
    );
    work.write(
      "state/metadata/notes/entries.json",
      '{"version": 1, "namespace": "notes", "entries": {"src": {"old": 1, "kept": 1.0}, "lib": {"x": 1}}}',
    );
    expect(await harn(["run", main], options())).toMatchObject({
      stderr: "",
      stdout: "{both: here, kept: 1.0, mine: 1, old: 1}\nsaved\n\n",
    });
    const text = fs.readFileSync(work.at("state/metadata/notes/entries.json"), "utf8");
    expect(text.replace(/"generatedAt": "[^"]*"/, '"generatedAt": ""')).toBe(
      JSON.stringify(
        {
          backend: "filesystem",
          entries: { lib: { x: 1 }, src: { both: "here", kept: "1.0", mine: 2, old: "2.0" } },
          generatedAt: "",
          namespace: "notes",
          version: 1,
        },
        null,
        2,
      ).replaceAll(/"(\d\.0)"/g, "$1"),
    );
  });
});

it("eight processes keep checkpoints of one program without losing one", async () => {
  const runs = await Promise.all(names(8).map((name) => run("keep-own-checkpoints.harn", name, "25")));
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array(8).fill([0, ""]));
  expect(read("state/checkpoints/keep-own-checkpoints.json")).toEqual(
    Object.assign({}, ...names(8).map((name) => own(name, 25))),
  );
});

it("eight processes write into one state folder: no key is lost, and of those who must be first one is", async () => {
  const runs = await Promise.all(names(8).map((name) => run("write-state-folder.harn", name, "12")));
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array(8).fill([0, ""]));
  const firsts = runs.flatMap(({ stdout }) => stdout.split("\n").filter((line) => line !== ""));
  expect(firsts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  const parts = fs.readdirSync(work.at("agents/s")).filter((name) => name.startsWith("part-"));
  expect(parts.sort()).toEqual(["part-1", "part-11", "part-3", "part-5", "part-7", "part-9"]);
  for (const part of parts) expect(fs.readdirSync(work.at(`agents/s/${part}`)).sort()).toEqual(names(8));
  for (const name of names(8)) {
    const won = runs[names(8).indexOf(name)]!.stdout.split("\n").filter((line) => line !== "");
    for (const i of won) expect(fs.readFileSync(work.at(`agents/s/first-${i}`), "utf8")).toBe(name);
  }
});

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));
