import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  joinParts,
  normalizePath,
  osBaseName,
  osDirName,
  osExtension,
  pathExtension,
  pathParent,
  pathStem,
  relativePath,
  withName,
} from "./path-text.ts";

describe("paths as text", () => {
  it.each([
    ["a/b/../c", "a/c"],
    ["../a", "../a"],
    ["a/../../b", "../b"],
    ["/a/../../b", "/b"],
    ["a\\b", "a/b"],
    ["C:\\a\\..\\b", "C:/b"],
    ["", ""],
    ["a/..", "."],
  ])("normalises %s to %s", (path, wanted) => expect(normalizePath(path)).toBe(wanted));

  it("normalises a normal path to itself", () => {
    const segment = fc.constantFrom("a", "b", "..", ".", "", "c.d");
    fc.assert(
      fc.property(fc.array(segment), fc.boolean(), (segments, absolute) => {
        const once = normalizePath((absolute ? "/" : "") + segments.join("/"));
        expect(normalizePath(once)).toBe(once);
      }),
    );
  });

  it("finds the way between two paths", () => {
    expect(relativePath("/a/c", "/a/b")).toBe("../c");
    expect(relativePath("a/b", "a/b")).toBe(".");
    expect(relativePath("/a", "b")).toBeNull();
  });

  it("takes names apart", () => {
    expect([pathStem("a/.env"), pathExtension("a/.env")]).toEqual([".env", ""]);
    expect([pathStem("x.tar.gz"), pathExtension("x.tar.gz")]).toEqual(["x.tar", ".gz"]);
    expect([pathParent("a"), pathParent("/a"), pathParent("/"), pathParent("a/b/c")]).toEqual(["", "/", "/", "a/b"]);
    expect([withName("/a", "b"), withName("a", "b"), withName("x/a", "b")]).toEqual(["/b", "b", "x/b"]);
  });

  it("sees paths as the operating system does", () => {
    expect(joinParts(["a", "/b", "c"])).toBe("/b/c");
    expect([osBaseName("/a/b/"), osBaseName(".."), osBaseName("/")]).toEqual(["b", "", ""]);
    expect([osDirName("/a/b"), osDirName("/a"), osDirName("a"), osDirName("")]).toEqual(["/a", "/", "", ""]);
    expect([osExtension("a.b/c"), osExtension("a/.b"), osExtension("a/b.c")]).toEqual(["", "", ".c"]);
  });
});
