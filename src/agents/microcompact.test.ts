import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { microcompact } from "./microcompact.ts";

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe("microcompact", () => {
  it("keeps whole lines at both ends, and the lines between that tell what went wrong", () => {
    const lines = Array.from({ length: 200 }, (_, i) => `verbose line ${i}`);
    lines[100] = "src/main.rs:42: cannot find value";
    const short = microcompact(lines.join("\n"), 600);
    expect(short).toContain("\n[diagnostic lines preserved]\nsrc/main.rs:42: cannot find value\n");
    expect(short.startsWith("verbose line 0\n")).toBe(true);
    expect(short.endsWith("\nverbose line 199")).toBe(true);
    const kept = short.split("\n").filter((line) => line.startsWith("verbose"));
    expect(kept.every((line) => lines.includes(line))).toBe(true);
  });

  it("never gets much longer than asked, whatever the text, and cuts no character", () => {
    const text = fc.array(fc.constantFrom("a", "é", "😀", "\n", "FAIL x\n", "m.ts:1: error\n"), { maxLength: 800 });
    fc.assert(
      fc.property(text, fc.integer({ min: 200, max: 1500 }), (parts, limit) => {
        const whole = parts.join("");
        const short = microcompact(whole, limit);
        if (bytes(whole) <= limit) return short === whole;
        return bytes(short) <= limit + 128 && !short.includes("\ufffd");
      }),
    );
  });

  it("leaves alone what is short, or a limit that leaves no room", () => {
    expect(microcompact("x".repeat(500), 500)).toBe("x".repeat(500));
    expect(microcompact("x".repeat(500), 100)).toBe("x".repeat(500));
  });
});
