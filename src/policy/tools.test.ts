import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callIn, ROOT_SCOPE } from "../../tests/policy-call.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Scope } from "../builtin/scope.ts";
import { jsonToValue } from "../value/json.ts";
import type { HDict } from "../value/value.ts";
import { childScope } from "./narrow-scope.ts";
import { checkToolCall, type ToolVerdict } from "./tools.ts";

let folder: string;
let root: Scope;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-tools-")));
  for (const name of ["repo/src", "repo/docs", "outside"]) fs.mkdirSync(path.join(folder, name), { recursive: true });
  root = { ...ROOT_SCOPE, cwd: path.join(folder, "repo") };
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const dict = (json: JsonObject) => jsonToValue(json) as HDict;

function check(scope: Scope, name: string, args: JsonObject = {}, entry: JsonObject | null = null): ToolVerdict {
  return checkToolCall(callIn(scope), { name, args: dict(args), entry: entry === null ? null : dict(entry) });
}

/** The reason of a denial; fails for anything else. */
function denial(verdict: ToolVerdict): string {
  expect(verdict.kind).toBe("deny");
  return verdict.kind === "deny" ? verdict.reason : "";
}

const WRITER = {
  name: "write_file",
  policy: { kind: "edit", path_params: ["path"], side_effect_level: "workspace_write" },
};

test("without policies every call is allowed, even of a tool with malformed annotations", () => {
  expect(check(root, "anything", {}, { policy: { kind: 7 } })).toEqual({ kind: "allow" });
});

describe("capability policies", () => {
  test("a tool that is not listed", () => {
    const scope = childScope(root, { policy: { tools: ["read_file"] } });
    expect(check(scope, "read_file")).toEqual({ kind: "allow" });
    expect(denial(check(scope, "write_note"))).toBe("tool 'write_note' exceeds tool ceiling (allowed: read_file)");
  });

  test("capabilities and side effects that the entry declares", () => {
    const scope = childScope(root, {
      policy: { capabilities: { workspace: ["read_text"] }, side_effect_level: "read_only" },
    });
    const entry = (policy: Json) => ({ name: "t", policy });
    expect(denial(check(scope, "t", {}, entry({ capabilities: { workspace: ["read_text", "delete"] } })))).toBe(
      "tool 't' exceeds capability ceiling: workspace.delete",
    );
    expect(denial(check(scope, "t", {}, entry({ side_effect_level: "network" })))).toContain(
      "tool 't' exceeds side-effect ceiling: network",
    );
    expect(check(scope, "t", {}, entry({ capabilities: { workspace: ["read_text"] } }))).toEqual({ kind: "allow" });
  });

  test("malformed annotations are a denial that says so", () => {
    const scope = childScope(root, { policy: { side_effect_level: "read_only" } });
    expect(denial(check(scope, "t", {}, { policy: { side_effect_level: "big" } }))).toContain(
      `tool 't': policy.side_effect_level: unknown value "big"`,
    );
  });

  test("what an outer policy says about a tool, an inner one or the entry does not take away", () => {
    const outer = childScope(root, {
      policy: {
        side_effect_level: "workspace_write",
        tool_annotations: { run: { kind: "execute", side_effect_level: "process_exec" } },
      },
    });
    const inner = childScope(outer, {
      policy: { tool_annotations: { run: { kind: "read", side_effect_level: "none" } } },
    });
    expect(denial(check(inner, "run", {}, { policy: { side_effect_level: "read_only" } }))).toContain("process_exec");
  });

  test("path arguments stay under the workspace roots, by real paths and in lists", () => {
    fs.symlinkSync(path.join(folder, "outside"), path.join(root.cwd, "src", "out"));
    const scope = childScope(root, { policy: { workspace_roots: ["src"] } });
    expect(check(scope, "write_file", { path: "src/new/x.js" }, WRITER)).toEqual({ kind: "allow" });
    for (const bad of ["docs/x", "src/../docs/x", "src/out/x", "/etc/passwd", ["src/ok", "docs/x"]]) {
      expect(denial(check(scope, "write_file", { path: bad }, WRITER)), JSON.stringify(bad)).toContain(
        "outside the workspace roots",
      );
    }
    expect(denial(check(scope, "write_file", { path: { to: "x" } }, WRITER))).toContain(
      "path must be a path or a list of paths",
    );
  });

  test("another name of a path argument is a path argument", () => {
    const scope = childScope(root, { policy: { workspace_roots: ["src"] } });
    const entry = { policy: { kind: "edit", arg_schema: { path_params: ["path"], arg_aliases: { file: "path" } } } };
    expect(denial(check(scope, "write_file", { file: "docs/x" }, entry))).toContain("'docs/x'");
  });
});

describe("argument constraints", () => {
  const only = (constraint: JsonObject) => childScope(root, { policy: { tool_arg_constraints: [constraint] } });

  test("the argument must match, whatever else is given", () => {
    const scope = only({ tool: "list_*", arg_key: "path", arg_patterns: ["src/*"] });
    expect(check(scope, "list_directory", { path: "src/a" })).toEqual({ kind: "allow" });
    expect(check(scope, "list_directory", {})).toEqual({ kind: "allow" });
    expect(check(scope, "read", { path: "etc" })).toEqual({ kind: "allow" });
    expect(denial(check(scope, "list_directory", { path: "lib/a" }))).toBe(
      `tool 'list_directory' path 'lib/a' does not match allowed patterns: ["src/*"] ` +
        "(the pattern list is held against the argument path, nothing else)",
    );
    for (const bad of ["src/../../x", "..", "src/..", ["src/a", "lib/b"], { deep: "src/a" }]) {
      expect(denial(check(scope, "list_directory", { path: bad })), JSON.stringify(bad)).toContain("does not match");
    }
  });

  test("without a key every declared path argument is checked, by real path", () => {
    fs.symlinkSync(path.join(folder, "outside"), path.join(root.cwd, "src", "out"));
    const scope = only({ tool: "move", arg_patterns: ["src/*"] });
    const entry = { policy: { kind: "move", path_params: ["from", "to"] } };
    expect(check(scope, "move", { from: "src/a", to: "./src/b/../c" }, entry)).toEqual({ kind: "allow" });
    expect(denial(check(scope, "move", { from: "src/a", to: "docs/b" }, entry))).toContain("to 'docs/b'");
    expect(denial(check(scope, "move", { from: "src/out/a", to: "src/b" }, entry))).toContain("from 'src/out/a'");
  });

  test("a constraint that nothing can be held against denies", () => {
    expect(denial(check(only({ tool: "*", arg_patterns: ["x"] }), "t", { path: "x" }))).toContain("cannot be checked");
  });

  test("a command is text, not a path", () => {
    const scope = only({ tool: "run", arg_key: "command", arg_patterns: ["git *"] });
    expect(check(scope, "run", { command: "git log -- ../x\nend" })).toEqual({ kind: "allow" });
    expect(denial(check(scope, "run", { command: "rm -rf ." }))).toContain("does not match");
  });
});

describe("approvals", () => {
  const ask = (approval: JsonObject) => childScope(root, { approval });

  test("a request says what is asked, by whom", () => {
    const scope = childScope(root, {
      approval: { require_approval: ["write_*"] },
      worker: "worker_1",
      session: "s1",
      audit: { worker_name: "docs" },
    });
    const verdict = check(scope, "write_file", { path: "README.md", content: "new" }, WRITER);
    expect(verdict).toEqual({
      kind: "require",
      reason: "tool 'write_file' matches approval pattern 'write_*'",
      request: {
        tool: "write_file",
        args: { content: "new", path: "README.md" },
        reason: "tool 'write_file' matches approval pattern 'write_*'",
        kind: "edit",
        side_effect_level: "workspace_write",
        declared_paths: ["README.md"],
        cwd: root.cwd,
        session_id: "s1",
        worker_id: "worker_1",
        worker_name: "docs",
        mutation: { worker_name: "docs" },
      },
    });
  });

  test("the write-path list holds for where the path leads", () => {
    fs.symlinkSync(path.join(folder, "outside"), path.join(root.cwd, "docs", "out"));
    const scope = ask({ write_path_allowlist: ["docs/*", `${folder}/outside/ok*`] });
    const write = (file: string) => check(scope, "write_file", { path: file }, WRITER).kind;
    expect(write("docs/a/b.md")).toBe("allow");
    expect(write(`${root.cwd}/docs/a.md`)).toBe("allow");
    expect(write(`${folder}/outside/ok.txt`)).toBe("allow");
    expect(write("docs/../src/a.js")).toBe("deny");
    expect(write("docs/out/x")).toBe("deny");
    expect(write("docs/out/ok.txt")).toBe("allow");
    expect(write(`${folder}/outside/other.txt`)).toBe("deny");
  });

  test("a star in a relative pattern means the workspace", () => {
    const scope = ask({ write_path_allowlist: ["*"] });
    expect(check(scope, "write_file", { path: "any/where.txt" }, WRITER).kind).toBe("allow");
    expect(check(scope, "write_file", { path: "/etc/passwd" }, WRITER).kind).toBe("deny");
  });

  test("who reads is not held to it, who runs is not, who may write and says nothing is", () => {
    const scope = ask({ write_path_allowlist: ["docs/*"] });
    expect(check(scope, "look", { path: "src/a" }, { policy: { kind: "read", path_params: ["path"] } }).kind).toBe(
      "allow",
    );
    expect(check(scope, "run_tests", {}, { policy: { kind: "execute" } }).kind).toBe("allow");
    expect(denial(check(scope, "mystery", { target: "src/a" }))).toContain("declare its kind and path_params");
  });

  test("path parameters in `metadata` count", () => {
    const scope = ask({ write_path_allowlist: ["docs/*"] });
    const entry = { metadata: { path_params: ["path"], mutation_classification: "apply_workspace" } };
    expect(check(scope, "write_file", { path: "docs/a" }, entry).kind).toBe("allow");
    expect(check(scope, "write_file", { path: "src/a" }, entry).kind).toBe("deny");
  });

  test("what is forbidden is not asked about", () => {
    const scope = childScope(root, { policy: { tools: [] }, approval: { require_approval: ["*"] } });
    expect(check(scope, "edit").kind).toBe("deny");
  });
});
