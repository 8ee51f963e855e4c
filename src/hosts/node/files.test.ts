import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFilesPort } from "./files.ts";

const files = createFilesPort();
let folder: string;
const at = (name: string) => path.join(folder, name);
const read = (name: string) => fs.readFileSync(at(name), "utf8");

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-port-")));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

describe("reading", () => {
  it("gives text, bytes, stat and sorted names, at once or later", async () => {
    for (const name of ["b", "é", "a", "Z"]) fs.writeFileSync(at(name), name);
    fs.mkdirSync(at("dir"));
    fs.symlinkSync("a", at("link"));
    fs.symlinkSync("nowhere", at("dangling"));
    expect(await files.readText(at("é"))).toBe("é");
    expect(files.readTextSync(at("link"))).toBe("a");
    expect([...files.readBytesSync(at("a"))]).toEqual([97]);
    const names = files.listSync(folder);
    expect(names.map((entry) => entry.name)).toEqual(["Z", "a", "b", "dangling", "dir", "link", "é"]);
    expect(await files.list(folder)).toEqual(names);
    expect(names.find((entry) => entry.name === "link")!.kind).toBe("symlink");
    expect(files.statSync(at("link"))).toMatchObject({ kind: "file", size: 1 });
    expect(files.statSync(at("dangling"))).toMatchObject({ kind: "symlink" });
    expect(await files.stat(at("dir"))).toMatchObject({ kind: "directory" });
    expect([files.statSync(at("none")), await files.stat(at("a/none"))]).toEqual([null, null]);
    expect([files.existsSync(at("a")), files.existsSync(at("dangling")), await files.exists(at("none"))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("keeps a byte order mark and refuses what is not UTF-8 or too large", async () => {
    fs.writeFileSync(at("bom"), "\ufeffx");
    expect(files.readTextSync(at("bom"))).toBe("\ufeffx");
    fs.writeFileSync(at("bytes"), Uint8Array.of(0xff, 0xfe));
    await expect(files.readText(at("bytes"))).rejects.toMatchObject({ code: "not_utf8", path: at("bytes") });
    expect(() => files.readTextSync(at("bom"), { maxBytes: 3 })).toThrow(/4 bytes or more, at most 3/);
    await expect(files.readText("/dev/zero", { maxBytes: 10 })).rejects.toMatchObject({ code: "too_large" });
    fs.writeFileSync(at("long"), "x".repeat(20_000));
    expect(files.readTextSync(at("long"), { maxBytes: 20_000 })).toHaveLength(20_000);
    expect(await files.readText("/proc/self/stat", { maxBytes: 10_000 })).toMatch(/^\d+ \(/);
    await expect(files.readBytes(at("bom"), { maxBytes: 4 })).resolves.toHaveLength(4);
  });

  it("words a failure as the system does", async () => {
    await expect(files.readText(at("none"))).rejects.toMatchObject({
      code: "ENOENT",
      reason: "No such file or directory (os error 2)",
      message: `cannot read ${at("none")}: No such file or directory (os error 2)`,
    });
    expect(() => files.listSync(at("none"))).toThrow(/cannot list/);
  });

  it("finds the real path of what does not exist yet", async () => {
    fs.mkdirSync(at("real"));
    fs.symlinkSync("real", at("link"));
    fs.symlinkSync("link/later", at("dangling"));
    expect(files.realpathSync(at("link/a/b"))).toBe(at("real/a/b"));
    expect(files.realpathSync(at("link/../x"))).toBe(at("x"));
    expect(await files.realpath(at("dangling/z"))).toBe(at("real/later/z"));
    fs.symlinkSync("loop", at("loop"));
    expect(() => files.realpathSync(at("loop/x"))).toThrow(/loop/);
  });
});

describe("writing", () => {
  it("replaces whole files and leaves nothing else behind", async () => {
    await files.writeText(at("a"), "one");
    await files.writeText(at("a"), "two", { sync: true });
    await files.writeBytes(at("b"), Uint8Array.of(1, 2));
    await expect(files.writeText(at("no/a"), "x")).rejects.toMatchObject({ code: "ENOENT" });
    fs.mkdirSync(at("dir"));
    await expect(files.writeText(at("dir"), "x")).rejects.toMatchObject({ code: "EISDIR" });
    expect(read("a")).toBe("two");
    expect(fs.readdirSync(folder)).toEqual(["a", "b", "dir"]);
  });

  it("keeps permissions, and takes those asked for on a new file", async () => {
    fs.writeFileSync(at("run"), "#!/bin/sh", { mode: 0o755 });
    await files.writeText(at("run"), "#!/bin/sh\n");
    await files.writeText(at("secret"), "s", { mode: 0o600 });
    expect(fs.statSync(at("run")).mode & 0o777).toBe(0o755);
    expect(fs.statSync(at("secret")).mode & 0o777).toBe(0o600);
  });

  it("writes through links, into devices, and never shows half a file", async () => {
    fs.writeFileSync(at("target"), "old");
    fs.symlinkSync("target", at("link"));
    await files.writeText(at("link"), "new");
    expect(fs.lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(read("target")).toBe("new");
    await files.writeText("/dev/null", "gone");
    const open = fs.openSync(at("target"), "r");
    await files.writeText(at("target"), "newer");
    expect(fs.readFileSync(open, "utf8")).toBe("new");
    fs.closeSync(open);
  });

  it("leaves the old file and no temporary one when the disk is full", async () => {
    // A folder whose files may not grow stands in for a full disk: the limit of the process is what the write meets.
    const { execFileSync } = await import("node:child_process");
    fs.writeFileSync(at("a"), "old");
    const script = `import { createFilesPort } from ${JSON.stringify(new URL("./files.ts", import.meta.url).href)};
      process.on("SIGXFSZ", () => {});
      await createFilesPort().writeText(process.argv[1], "x".repeat(100000)).catch((error) => console.log(error.code));`;
    const out = execFileSync(
      "/bin/sh",
      ["-c", 'ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, script, at("a")],
      { encoding: "utf8" },
    );
    expect(out.trim()).toBe("EFBIG");
    expect(read("a")).toBe("old");
    expect(fs.readdirSync(folder)).toEqual(["a"]);
  });

  it("appends at the end or at an offset", async () => {
    await files.append(at("log"), "one\n");
    await files.append(at("log"), "two\n");
    await files.append(at("log"), "TWO\nthree\n", { offset: 4 });
    expect(read("log")).toBe("one\nTWO\nthree\n");
    await files.append(at("new"), "x", { offset: 0 });
    expect(read("new")).toBe("x");
  });

  it("makes, copies, renames and removes", async () => {
    await files.mkdir(at("x/y"), { mode: 0o700 });
    await files.mkdir(at("x/y"));
    expect(fs.statSync(at("x/y")).mode & 0o777).toBe(0o700);
    fs.writeFileSync(at("x/run"), "run", { mode: 0o755 });
    await files.copy(at("x/run"), at("copy"));
    await files.copy(at("copy"), at("copy"));
    expect([read("copy"), fs.statSync(at("copy")).mode & 0o777]).toEqual(["run", 0o755]);
    await expect(files.copy(at("x"), at("z"))).rejects.toMatchObject({ code: "EISDIR" });
    await files.rename(at("copy"), at("moved"));
    fs.symlinkSync("x", at("link"));
    await files.remove(at("link"));
    await files.remove(at("x"));
    await expect(files.remove(at("x"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(fs.readdirSync(folder)).toEqual(["moved"]);
  });
});

describe("locks", () => {
  it("keep out others in the order of their letting go, and leave an empty file", async () => {
    const said: string[] = [];
    const release = await files.lock(at("lock"));
    const other = createFilesPort()
      .lock(at("lock"))
      .then((letGo) => {
        said.push("other");
        letGo();
      });
    await expect(files.lock(at("lock"), 20)).rejects.toMatchObject({ code: "locked", path: at("lock") });
    said.push("mine");
    release();
    await other;
    expect(said).toEqual(["mine", "other"]);
    expect(fs.readdirSync(folder)).toEqual(["lock"]);
    expect(read("lock")).toBe("");
  });

  it("end with the process that holds them, killed as it may be", async () => {
    const source = `
      import { createFilesPort } from ${JSON.stringify(new URL("files.ts", import.meta.url).href)};
      await createFilesPort().lock(${JSON.stringify(at("lock"))});
      console.log("held");
      setInterval(() => {}, 1_000);
    `;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((held) => holder.stdout.once("data", held));
    await expect(files.lock(at("lock"), 20)).rejects.toMatchObject({ code: "locked" });
    holder.kill("SIGKILL");
    (await files.lock(at("lock")))();
  });

  it("name what cannot be locked", async () => {
    await expect(files.lock(at("none/lock"))).rejects.toThrow(/cannot lock .*none\/lock: No such file or directory/);
    fs.writeFileSync(at("text"), "no lock, but a text of somebody that is long enough to be looked at. ".repeat(20));
    await expect(files.lock(at("text"))).rejects.toThrow(/cannot lock .*text: file is not a database/);
    expect(read("text")).toMatch(/^no lock/);
  });
});
