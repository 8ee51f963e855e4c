/** Output and failure of one program: what it printed comes first (L-01 of `docs/differences.md`). */
import { expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

it("prints what the program printed before it failed, also from a task that was joined", async () => {
  const place = scratch();
  try {
    place.write(
      "a.harn",
      'println("one")\nawait(spawn { println("two") })\nsleep(1ms)\nprintln("three")\nthrow "over"\n',
    );
    const { code, stdout, stderr } = await harn(["run", "a.harn"], { cwd: place.folder });
    expect(stdout).toBe("one\ntwo\nthree\n");
    expect(stderr).toContain("Thrown: over");
    expect(code).toBe(1);
  } finally {
    place.remove();
  }
});
