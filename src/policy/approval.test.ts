import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import {
  type ApprovalPolicy,
  decideApproval,
  readApproval,
  type ToolUse,
  writeApproval,
  writeApprovalRecord,
} from "./approval.ts";
import { matchesGlob, matchesText } from "./globs.ts";

const read = (json: Json) => readApproval(json, "approval_policy");
/** A tool that writes `writes`, matched by plain equality. */
const use = (name: string, writes: readonly string[] | null = []): ToolUse => ({
  name,
  writes,
  matchesPath: (path, patterns) => patterns.includes(path),
});

describe("reading", () => {
  test.each<[Json, string]>([
    [{ auto_aprove: [] }, 'approval_policy: unknown key "auto_aprove" (did you mean "auto_approve"?)'],
    [{ auto_deny: "shell" }, "approval_policy.auto_deny must be a list of strings, got string"],
    [{ require_approval: [true] }, "approval_policy.require_approval must hold strings only, got bool"],
    [[], "approval_policy must be a dict, got list"],
  ])("%j is refused", (json, message) => {
    expect(() => read(json)).toThrow(message);
  });
});

describe("one policy", () => {
  const policy = read({
    auto_deny: ["shell*"],
    auto_approve: ["read*"],
    require_approval: ["*"],
    write_path_allowlist: ["docs/a"],
  });

  test.each([
    ["shell_run", [], { kind: "deny", reason: "tool 'shell_run' matches deny pattern 'shell*'" }],
    ["read_file", [], { kind: "allow" }],
    ["edit", ["docs/a"], { kind: "require", reason: "tool 'edit' matches approval pattern '*'" }],
    [
      "edit",
      ["docs/a", "src/b"],
      { kind: "deny", reason: "tool 'edit' targets 'src/b' which is not in the write-path allowlist (docs/a)" },
    ],
  ] as const)("%s %j", (name, writes, decision) => {
    expect(decideApproval([policy], use(name, writes))).toEqual(decision);
  });

  test("a tool that may write and does not say where is denied under a write-path list, and only there", () => {
    expect(decideApproval([policy], use("read_all", null)).kind).toBe("deny");
    expect(decideApproval([read({ auto_approve: ["*"] })], use("edit", null)).kind).toBe("allow");
  });

  test("an empty write-path list lets nothing be written", () => {
    expect(decideApproval([read({ write_path_allowlist: [] })], use("edit", ["a"]))).toMatchObject({ kind: "deny" });
  });
});

describe("a chain", () => {
  test("the inner policy approves nothing that the outer one asks about", () => {
    const chain = [read({ require_approval: ["edit*"] }), read({ auto_approve: ["*"] })];
    expect(decideApproval(chain, use("edit_file")).kind).toBe("require");
  });

  test("deny beats require, wherever it stands", () => {
    const ask = read({ require_approval: ["*"] });
    const deny = read({ auto_deny: ["*"] });
    expect(decideApproval([ask, deny], use("x")).kind).toBe("deny");
    expect(decideApproval([deny, ask], use("x")).kind).toBe("deny");
  });

  const patterns = fc.uniqueArray(fc.constantFrom("a", "b", "a*", "*"), { maxLength: 2 });
  const anyPolicy: fc.Arbitrary<ApprovalPolicy> = fc
    .record(
      {
        auto_approve: patterns,
        auto_deny: patterns,
        require_approval: patterns,
        write_path_allowlist: fc.uniqueArray(fc.constantFrom("p", "q"), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    .map((json) => read(json as Json));
  const strictness = { allow: 0, require: 1, deny: 2 } as const;

  test("another policy never makes a call easier", () => {
    fc.assert(
      fc.property(
        fc.array(anyPolicy, { maxLength: 3 }),
        anyPolicy,
        fc.constantFrom("a", "ab", "b", "c"),
        fc.subarray(["p", "q", "r"]),
        (chain, more, name, writes) => {
          const before = decideApproval(chain, use(name, writes));
          const after = decideApproval([...chain, more], use(name, writes));
          expect(strictness[after.kind]).toBeGreaterThanOrEqual(strictness[before.kind]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("both written forms are read back", () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(read(writeApproval(policy))).toEqual(policy);
        expect(readApproval(writeApprovalRecord(policy), "x", "all")).toEqual(policy);
      }),
    );
  });
});

test.each([
  ["read*", "read_file", true],
  ["*_file", "read_file", true],
  ["*", "anything at all", true],
  ["read_file", "read_file", true],
  ["read_file", "read_files", false],
  ["src/*", "src/a/b.js", true],
  ["src/*", "src2/a.js", false],
  ["*.md", "docs/.hidden/x.md", true],
  ["{edit,write}_*", "write_file", true],
  ["!read*", "edit", false],
  ["git+diff", "git+diff", true],
])("pattern %s over %s: %s", (pattern, text, matches) => {
  expect(matchesGlob(pattern, text)).toBe(matches);
});

test("text patterns know stars only, and cross lines", () => {
  expect(matchesText("git *", "git log\n--oneline ../x")).toBe(true);
  expect(matchesText("a*b*c", "a-b-c")).toBe(true);
  expect(matchesText("a*b", "ab")).toBe(true);
  expect(matchesText("ab*ba", "aba")).toBe(false);
  expect(matchesText("[a]", "a")).toBe(false);
});
