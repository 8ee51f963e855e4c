import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runBuiltin } from "./call-harness.ts";
import { digestBuiltins, fnv64 } from "./digests.ts";

describe("digests", () => {
  it.each([
    ["sha224", "sha224"],
    ["sha256", "sha256"],
    ["sha384", "sha384"],
    ["sha512", "sha512"],
    ["sha512_256", "sha512-256"],
    ["md5", "md5"],
  ])("%s is that of the platform", (name, algorithm) => {
    for (const text of ["", "abc", "naïve 😀"]) {
      expect(runBuiltin(digestBuiltins, name, text)).toBe(createHash(algorithm).update(text).digest("hex"));
    }
  });

  it("computes FNV-1a of 64 bits", () => {
    const slow = (bytes: Uint8Array): bigint => {
      let hash = 0xcbf29ce484222325n;
      for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
      return hash;
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => fnv64(bytes) === slow(bytes)));
  });

  it("reads back what it encoded", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
        (text) => {
          const base64 = runBuiltin(digestBuiltins, "base64_encode", text);
          expect(runBuiltin(digestBuiltins, "base64_decode", base64)).toBe(text);
          expect(runBuiltin(digestBuiltins, "url_decode", runBuiltin(digestBuiltins, "url_encode", text))).toBe(text);
        },
      ),
    );
  });

  it("says where base64 is wrong", () => {
    expect(() => runBuiltin(digestBuiltins, "base64_decode", "ab-c")).toThrow(
      expect.objectContaining({
        error: expect.objectContaining({ message: "base64 decode error: Invalid symbol 45, offset 2." }),
      }),
    );
    expect(() => runBuiltin(digestBuiltins, "base64_decode", "abc")).toThrow();
  });

  it("keeps percent signs that begin no escape", () => {
    expect(runBuiltin(digestBuiltins, "url_decode", "100%+%zz%41")).toBe("100% %zzA");
  });
});
