/** The built command in a copy of the package: what it does, and that it never runs what is not the sources as they are. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let folder: string;
let copy: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "harn-build-"));
  copy = join(folder, "package");
  for (const part of ["bin", "src", "scripts", "package.json"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(join(folder, "one.harn"), 'println([3, 1, 2].sort_by({ x -> 0 - x }).join(" "))\n');
  // Older than the build, whatever the copy did to the folders.
  aged(join(copy, "src"));
  const { status, stderr } = spawnSync(process.execPath, [join(copy, "scripts", "build.mjs")], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function aged(path: string): void {
  const then = new Date(Date.now() - 60_000);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) aged(join(path, entry.name));
  }
  utimesSync(path, then, then);
}

function harn(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr } = spawnSync(process.execPath, [join(copy, "bin", "harn.js"), ...words], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HARN_SOURCES: "", XDG_CACHE_HOME: join(folder, "cache"), HARN_DEBUG: "1", ...env },
  });
  return { out: stdout, error: stderr };
}

/** Where the command came from, by the file of an error's stack. */
function source(): "build" | "sources" {
  const { error } = harn(["run", "missing.harn"]);
  return error.includes("/dist/") ? "build" : "sources";
}

describe("the built command", () => {
  it("runs programs, the first time and later, and with nothing kept", () => {
    expect(source()).toBe("build");
    const settings: Record<string, string>[] = [{}, {}, { HARN_CACHE: "0" }, { HARN_SOURCES: "1" }];
    for (const env of settings) {
      expect(harn(["run", "one.harn"], env)).toEqual({ out: "3 2 1\n", error: "" });
    }
    expect(readdirSync(join(folder, "cache", "harn", "programs")).length).toBe(1);
    expect(readdirSync(folder)).not.toContain(".harn");
    expect(harn(["check", "one.harn"]).out).toBe("1 program: nothing found\n");
    expect(harn(["one.harn", "--", "x"]).out).toBe("3 2 1\n");
  });

  it("does without compiled code, and with one that is damaged", () => {
    const dist = join(copy, "dist");
    for (const name of readdirSync(dist).filter((file) => file.endsWith(".code"))) {
      writeFileSync(join(dist, name), name.startsWith("main") ? "damaged" : "");
    }
    for (let i = 0; i < 2; i++) expect(harn(["run", "one.harn"])).toEqual({ out: "3 2 1\n", error: "" });
    const [code] = readdirSync(join(folder, "cache", "harn", "code"));
    expect(readdirSync(join(folder, "cache", "harn", "code", code!))).toContain("main.cjs.code");
  });

  it("gives way to the sources when a program needs what was made of one that changed; one whose output has begun says that it goes on with the build", () => {
    const file = join(copy, "src", "stdlib", "math.ts");
    appendFileSync(file, 'process.stderr.write("the sources\\n");\n');
    writeFileSync(join(folder, "short.harn"), "println(1)\n");
    writeFileSync(join(folder, "abs.harn"), "println(1)\nprintln(abs(0 - 2))\n");
    writeFileSync(join(folder, "wrong.harn"), "println(nothing_of_that_name())\n");
    writeFileSync(join(folder, "std.harn"), 'import "std/path"\nprintln(1)\n');
    // A slice of tier 0 is over long before the loop, and what a method is is asked for when it is called.
    const loop =
      "pipeline main() { println(1)\n  var i = 0\n  while i < 10000000 { i = i + 1 }\n  println([2].reverse()) }\n";
    writeFileSync(join(folder, "late.harn"), loop);
    // Compiled by the build before the change.
    const changed = new Date();
    const before = new Date(Date.now() - 60_000);
    utimesSync(file, before, before);
    for (const name of ["short.harn", "abs.harn", "std.harn", "late.harn"]) harn(["run", name]);
    utimesSync(file, changed, changed);
    expect(harn(["run", "short.harn"])).toEqual({ out: "1\n", error: "" });
    expect(harn(["run", "abs.harn"])).toEqual({ out: "1\n2\n", error: "the sources\n" });
    expect(harn(["run", "wrong.harn"]).error).toMatch(/^the sources\n.*nothing_of_that_name/s);
    expect(harn(["run", "std.harn"]).error).toBe("the sources\n");
    expect(harn(["check", "short.harn"]).error).toBe("the sources\n");
    const { out, error } = harn(["run", "late.harn"], { HARN_TIER: "0" });
    expect(out).toBe("1\n[2]\n");
    expect(error).toMatch(
      /^warning: src\/stdlib\/math\.ts has changed since the build, with which this program goes on/,
    );
    expect(harn(["run", "late.harn"], { HARN_SOURCES: "1" }).out).toBe("1\n[2]\n");
    utimesSync(file, before, before);
  });

  it("gives way to the sources as soon as one of them changes, and only then", () => {
    const file = join(copy, "src", "runtime", "runtime.ts");
    const before = new Date(Date.now() - 60_000);
    for (const changed of [join(copy, "src", "compiler", "expressions.ts"), file]) {
      appendFileSync(changed, "\n");
      expect(source()).toBe("sources");
      utimesSync(changed, before, before);
      expect(source()).toBe("build");
    }
    // A file that no other names is in no program.
    writeFileSync(join(copy, "src", "runtime", "new-file.ts"), "export {};\n");
    expect(source()).toBe("build");
    appendFileSync(file, 'import "./new-file.ts";\n');
    expect(source()).toBe("sources");
    expect(harn(["run", "one.harn"]).out).toBe("3 2 1\n");
  });

  it("is all that an installed package needs", () => {
    const installed = join(folder, "elsewhere", "node_modules", "harn-ts");
    for (const part of ["bin", "dist", "src", "package.json"]) {
      cpSync(join(copy, part), join(installed, part), { recursive: true });
    }
    copy = installed;
    expect(source()).toBe("build");
    rmSync(join(copy, "src"), { recursive: true });
    expect(harn(["run", "one.harn"])).toEqual({ out: "3 2 1\n", error: "" });
  });
});
