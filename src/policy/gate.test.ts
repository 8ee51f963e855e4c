import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callIn, ROOT_SCOPE } from "../../tests/policy-call.ts";
import type { JsonObject } from "../base/json.ts";
import type { Need } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { Raise } from "../builtin/raise.ts";
import type { Scope } from "../builtin/scope.ts";
import { createGate } from "./gate.ts";
import { childScope } from "./narrow-scope.ts";

const gate = createGate();
let folder: string;
let repo: string;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-gate-")));
  repo = path.join(folder, "repo");
  fs.mkdirSync(path.join(repo, "src"), { recursive: true });
  fs.mkdirSync(path.join(repo, "docs"));
  fs.mkdirSync(path.join(folder, "outside"));
  fs.writeFileSync(path.join(folder, "outside", "secret.txt"), "s");
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const WRITE = { grant: "workspace.write_text", effect: "workspace_write", over: "workspace write" } as const;

/** What the gate says about a builtin with these needs: the error's text, or null. */
function ask(scope: Scope, needs: Need, name = "write_file"): string | null {
  const subject = builtin(name, { sig: "() -> nil", doc: "", needs, run: () => null });
  try {
    gate(callIn(scope), subject, []);
    return null;
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    expect(error.error).toMatchObject({ kind: "category", category: "tool_rejected" });
    return error.error.message;
  }
}

const under = (policy: JsonObject, scope: Scope = { ...ROOT_SCOPE, cwd: repo }) => childScope(scope, { policy });

describe("capabilities and side effects", () => {
  test("without a policy everything is allowed, and needs are not even computed", () => {
    const subject = builtin("x", {
      sig: "() -> nil",
      doc: "",
      needs: () => {
        throw new Error("computed");
      },
      run: () => null,
    });
    expect(() => gate(callIn(ROOT_SCOPE), subject, [])).not.toThrow();
  });

  test("what is not listed is denied; the text names builtin, need and policy", () => {
    const scope = childScope(ROOT_SCOPE, {
      policy: { capabilities: { workspace: ["read_text", "list"] } },
      worker: "worker_1",
      audit: { worker_name: "docs" },
    });
    expect(ask(scope, WRITE)).toBe(
      "builtin 'write_file' exceeds workspace write ceiling: it needs workspace.write_text; " +
        "the policy of worker docs (worker_1) allows workspace.read_text, workspace.list",
    );
    expect(ask(scope, { grant: "workspace.list", over: "workspace.list" })).toBeNull();
    expect(ask(scope, "nothing")).toBeNull();
  });

  test("a level caps the side effect", () => {
    const scope = under({ side_effect_level: "read_only" });
    expect(ask(scope, WRITE)).toContain(
      "its side effect is workspace_write; the policy of the program allows read_only",
    );
    expect(ask(under({ side_effect_level: "workspace_write" }), WRITE)).toBeNull();
  });

  test("an effect that no capability names is denied where capabilities are listed without a level", () => {
    const network: Need = { effect: "network", over: "network" };
    expect(ask(under({ capabilities: { workspace: ["list"] } }), network, "http_get")).toContain(
      "exceeds network ceiling",
    );
    expect(ask(under({ capabilities: { workspace: ["list"] }, side_effect_level: "network" }), network)).toBeNull();
    expect(ask(under({ tools: ["x"] }), network)).toBeNull();
  });

  test("every policy of the chain is asked", () => {
    const outer = under({ side_effect_level: "read_only" });
    expect(ask(childScope(outer, { policy: { side_effect_level: "network" } }), WRITE)).toContain("read_only at most");
  });

  test("needs may depend on the final arguments", () => {
    const subject = builtin("host_call", {
      sig: "(name: string) -> nil",
      doc: "",
      needs: (_call, args) => ({ grant: args[0] as "a.b", over: String(args[0]) }),
      run: () => null,
    });
    const call = callIn(under({ capabilities: { project: ["scan"] } }));
    expect(() => gate(call, subject, ["project.scan"])).not.toThrow();
    expect(() => gate(call, subject, ["project.drop"])).toThrow(Raise);
  });
});

describe("workspace roots", () => {
  const touches = (file: string, write = true): Need => ({ ...WRITE, paths: [{ path: file, write }] });

  test("inside is allowed, also what does not exist yet; outside is not", () => {
    const scope = under({ workspace_roots: ["src"] });
    expect(ask(scope, touches(path.join(repo, "src/new/deep.js")))).toBeNull();
    expect(ask(scope, touches(path.join(repo, "src")))).toBeNull();
    expect(ask(scope, touches(path.join(repo, "docs/a.md")))).toBe(
      `builtin 'write_file' exceeds workspace roots ceiling: it would write ${repo}/docs/a.md; ` +
        `the policy of the program allows paths under ${repo}/src`,
    );
    expect(ask(scope, touches(path.join(repo, "src2/a")))).not.toBeNull();
    expect(ask(scope, touches(path.join(repo, "docs"), false))).toContain("it would read");
  });

  test.each([
    "../docs/x",
    "src/../docs/x",
    "src/../../outside/secret.txt",
    "/etc/passwd",
    "src/a/../../../outside/new",
  ])("%s does not escape", (file) => {
    expect(ask(under({ workspace_roots: ["src"] }), touches(file))).not.toBeNull();
  });

  test("a link to the outside is followed: a file, a folder, a new file below it, a dangling one, a chain", () => {
    const link = (target: string, name: string) => fs.symlinkSync(target, path.join(repo, "src", name));
    link(path.join(folder, "outside", "secret.txt"), "file");
    link("../../outside", "dir");
    link(path.join(folder, "outside", "not-yet"), "dangling");
    link("dir", "chain");
    const scope = under({ workspace_roots: ["src"] });
    for (const file of [
      "file",
      "dir",
      "dir/secret.txt",
      "dir/new/deep.txt",
      "dangling",
      "dangling/x",
      "chain/new.txt",
    ]) {
      expect(ask(scope, touches(path.join(repo, "src", file))), file).not.toBeNull();
    }
  });

  test("a step up after a link means the link's parent to the system, the text's to us: both must be inside", () => {
    fs.symlinkSync(path.join(folder, "outside"), path.join(repo, "src", "dir"));
    expect(ask(under({ workspace_roots: ["src"] }), touches(`${repo}/src/dir/../x`))).not.toBeNull();
  });

  test("a link that stays inside is fine, and so is a root that is reached through a link", () => {
    fs.mkdirSync(path.join(repo, "src", "real"));
    fs.symlinkSync("real", path.join(repo, "src", "alias"));
    fs.symlinkSync(repo, path.join(folder, "shortcut"));
    expect(ask(under({ workspace_roots: ["src"] }), touches(path.join(repo, "src/alias/new.js")))).toBeNull();
    const scope = under({ workspace_roots: [path.join(folder, "shortcut", "src")] });
    expect(ask(scope, touches(path.join(repo, "src/new.js")))).toBeNull();
  });

  test("a loop of links is outside", () => {
    fs.symlinkSync("b", path.join(repo, "src", "a"));
    fs.symlinkSync("a", path.join(repo, "src", "b"));
    expect(ask(under({ workspace_roots: ["src"] }), touches(path.join(repo, "src", "a", "x")))).not.toBeNull();
  });

  test("another spelling of the case is another path where the system says so", () => {
    const twin = path.join(repo, "SRC");
    const allowed = ask(under({ workspace_roots: ["src"] }), touches(path.join(twin, "x"))) === null;
    expect(allowed).toBe(fs.existsSync(twin));
  });

  test("no roots at all: no path", () => {
    expect(ask(under({ workspace_roots: [] }), touches(path.join(repo, "src/x")))).toContain("allows paths under none");
  });

  test("what is allowed under a link is refused once the link has moved", () => {
    const name = path.join(repo, "src", "cache");
    fs.mkdirSync(path.join(repo, "src", "real"));
    fs.symlinkSync("real", name);
    const scope = under({ workspace_roots: ["src"] });
    expect(ask(scope, touches(path.join(name, "x")))).toBeNull();
    fs.unlinkSync(name);
    fs.symlinkSync(path.join(folder, "outside"), name);
    expect(ask(scope, touches(path.join(name, "x")))).not.toBeNull();
  });
});
