import { describe, expect, it } from "vitest";
import { compiledText } from "../../tests/compiled-text.ts";
import { disassemble } from "../bytecode/disassemble.ts";

/** The instructions of the function `f` of a program, without positions. */
function codeOf(body: string): string {
  const chunk = compiledText(`fn g(v) { return v }\nfn f(v, w) {\n${body}\n}`);
  const text = disassemble(chunk).split("\n\n")[3]!;
  expect(text).toContain("fn 2 f(v, w)");
  return text.replace(/^ *\d+ +(\d+ )? +/gm, "");
}

describe("the last use of a variable", () => {
  it("moves what is passed on", () => {
    expect(codeOf("var x = v\n x = g(x)\n return x")).not.toContain("COPY");
    expect(codeOf("var x = v\n x = g(x)\n return [x, v]")).toMatch(/^COPY +r2 r0$/m);
  });

  it("lets a method change its receiver, and a sum its first operand", () => {
    expect(codeOf("return v.push(w)")).toMatch(/^METHOD .* 5$/m);
    expect(codeOf("let x = v.push(w)\n return [v, x]")).toMatch(/^METHOD .* 0$/m);
    expect(codeOf("return v + w")).toMatch(/^ADD_TO/m);
    expect(codeOf("let x = v + w\n return [v, x]")).toMatch(/^ADD /m);
  });

  it("is none in a loop that reads the variable again", () => {
    expect(codeOf("for i in 0 to 3 { g(v) }")).toMatch(/^COPY +r\d+ r0$/m);
    expect(codeOf("for i in 0 to 3 { var x = w\n g(x) }")).toMatch(/^MOVE +r\d+ r\d+$/m);
  });

  it("is none where a handler, a finally or a defer reads it, whatever comes behind", () => {
    expect(codeOf("try { g(v) } catch (e) { g(w) }")).not.toContain("COPY");
    expect(codeOf("try { g(v) } catch (e) { g(v) }")).toMatch(/^COPY +r\d+ r0$/m);
    expect(codeOf("try { g(w) } catch (e) { g(w) } finally { len(v) }\n return nil")).toMatch(/^COPY +r\d+ r1$/m);
    expect(codeOf("defer { len(v) }\n return v.push(w)")).toMatch(/^METHOD .* 0$/m);
  });

  it("is where a closure captures it: the closure's is marked", () => {
    expect(codeOf("let k = { -> v }\n return v.push(k)")).toMatch(/^METHOD .* 5$/m);
    expect(codeOf("let x = v.push(w)\n return { -> v }")).toMatch(/^METHOD .* 0$/m);
  });

  it("does not let a place grow by what it is a part of", () => {
    expect(codeOf("var x = v\n x.k = x.k + w\n return x")).toMatch(/^ADD_TO/m);
    expect(codeOf("var x = v\n x.k = x.k + x\n return x")).toMatch(/^ADD /m);
    expect(codeOf("var x = v\n x.k.k = x.k.k + x.k\n return x")).toMatch(/^ADD /m);
  });
});
