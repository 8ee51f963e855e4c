import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../../base/json.ts";
import { perform, startEffect } from "./performer-harness.ts";

let folder: string;
const at = (name: string) => path.join(folder, name);
const read = (name: string) => fs.readFileSync(at(name), "utf8");

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-files-")));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

describe("file effects", () => {
  it("write, copy, rename, delete and make folders, relative to cwd", async () => {
    const cwd = folder;
    await perform("file.mkdir", { path: "a/b", cwd });
    await perform("file.write", { path: "a/b/x.txt", text: "x\n", cwd });
    await perform("file.copy", { from: "a/b/x.txt", to: "a/y.txt", cwd });
    await perform("file.rename", { from: "a/y.txt", to: "z.txt", cwd });
    expect(read("z.txt")).toBe("x\n");
    await perform("file.delete", { path: "a", cwd });
    expect(fs.readdirSync(folder)).toEqual(["z.txt"]);
  });

  it("may be done again after a crash", async () => {
    fs.writeFileSync(at("from"), "1");
    await perform("file.rename", { from: at("from"), to: at("to") });
    await perform("file.rename", { from: at("from"), to: at("to") }, { again: true });
    await expect(perform("file.rename", { from: at("from"), to: at("to") })).rejects.toThrow(at("from"));
    await perform("file.delete", { path: at("to") });
    await perform("file.delete", { path: at("to") }, { again: true });
    await expect(perform("file.delete", { path: at("to") })).rejects.toMatchObject({ code: "ENOENT" });
    for (const again of [false, true]) await perform("file.mkdir", { path: at("d") }, { again });
  });

  it("name what is wrong", async () => {
    await expect(perform("file.write", { path: at("no/x"), text: "" })).rejects.toThrow(
      /cannot write .*no\/x: No such file or directory/,
    );
    await expect(perform("file.write", { path: at("x") })).rejects.toThrow(
      "file.write: argument `text` must be a string, found nothing",
    );
    await expect(perform("file.write", { path: "x", text: "" })).rejects.toThrow("`cwd`");
    await expect(perform("file.write", { path: folder, text: "" })).rejects.toThrow(/Is a directory/);
  });
});

describe("file.append", () => {
  const append = (text: string, offset: number, again = false, note: Json | null = null) =>
    perform("file.append", { path: at("log"), text, offset }, { again, note });

  it("appends and notes nothing when the file is as the program saw it", async () => {
    const effect = startEffect("file.append", { path: at("log"), text: "one\n", offset: 0 });
    expect(await effect.result).toEqual({ offset: 0, bytes: 4 });
    expect(effect.notes).toEqual([]);
  });

  it("is done once, whatever the crash left", async () => {
    fs.writeFileSync(at("log"), "before\n");
    for (const left of ["", "n", "né", "néw\n"]) {
      fs.writeFileSync(at("log"), `before\n${left}`);
      await append("néw\n", 7, true);
      expect(read("log"), JSON.stringify(left)).toBe("before\nnéw\n");
    }
    const torn = Buffer.from("before\nnéw\n").subarray(0, 9); // in the middle of a character
    fs.writeFileSync(at("log"), torn);
    await append("néw\n", 7, true);
    expect(read("log")).toBe("before\nnéw\n");
  });

  it("finds its text behind what others appended, or appends it there", async () => {
    fs.writeFileSync(at("log"), "before\nother\nmine\nmore\n");
    await append("mine\n", 7, true);
    expect(read("log")).toBe("before\nother\nmine\nmore\n");
    fs.writeFileSync(at("log"), "before\nother\n");
    await append("mine\n", 7, true);
    expect(read("log")).toBe("before\nother\nmine\n");
  });

  it("notes the real place when the file has grown since", async () => {
    fs.writeFileSync(at("log"), "same\n");
    const effect = startEffect("file.append", { path: at("log"), text: "same\n", offset: 0 });
    await effect.result;
    expect(effect.notes).toEqual([{ offset: 5 }]);
    await append("same\n", 0, true, effect.note());
    expect(read("log")).toBe("same\nsame\n");
  });

  it("starts a file that was rotated away", async () => {
    await append("x\n", 100, true);
    expect(read("log")).toBe("x\n");
  });

  it("keeps every line of many at once", async () => {
    const performer = startEffect("file.append", { path: at("log"), text: "", offset: 0 });
    await performer.result;
    const texts = Array.from({ length: 40 }, (_, i) => `line ${i}\n`);
    await Promise.all(texts.map((text) => append(text, 0)));
    expect(read("log").split("\n").slice(0, -1).sort()).toEqual(texts.map((text) => text.trim()).sort());
  });
});
