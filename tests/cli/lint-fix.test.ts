/** `harn lint --fix` changes no program's output: our own suite, written oddly, mended, and run. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomNumbers } from "../../src/tools/format/respacing-harness.ts";
import { writeOddly } from "../../src/tools/lint/oddness-harness.ts";
import { harn, root, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

/** The cases that do what is expected of them. */
async function passing(): Promise<readonly string[]> {
  const { stdout } = await run("test", "conformance", "--verbose");
  return stdout
    .split("\n")
    .flatMap((line) => /^pass +(\S+)/.exec(line)?.slice(1) ?? [])
    .sort();
}

describe("harn lint --fix", () => {
  it.each([1, 2])(
    "leaves every program's output as it was (round %i)",
    async (round) => {
      const suite = work.at("conformance");
      fs.cpSync(path.join(root, "conformance"), suite, { recursive: true });
      const programs = fs
        .readdirSync(suite, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".harn"))
        .map((name) => path.join(suite, name))
        .filter((name) => !fs.existsSync(name.replace(/\.harn$/, ".error")));
      const random = randomNumbers(round);
      for (const name of programs) fs.writeFileSync(name, writeOddly(fs.readFileSync(name, "utf8"), random));

      const before = await passing();
      expect(before.length).toBeGreaterThan(programs.length / 2);
      const { stdout } = await run("lint", "--fix", "conformance");
      expect(Number(/(\d+) fixed/.exec(stdout)?.[1])).toBeGreaterThan(300);
      expect(await passing()).toEqual(before);
    },
    120_000,
  );
});
