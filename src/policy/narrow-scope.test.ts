import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ROOT_SCOPE } from "../../tests/policy-call.ts";
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { HBuiltin, HDict, HList } from "../value/value.ts";
import { childScope, effectivePolicy } from "./narrow-scope.ts";
import { permits } from "./permitted-set.ts";
import { policyFromValue } from "./policy-values.ts";

function worker(parent = ROOT_SCOPE, policy: JsonObject | null = null, id = `w${parent.depth + 1}`) {
  return childScope(parent, { worker: id, policy });
}

describe("what a child gets", () => {
  test("what it does not ask for, it inherits; the parent stays as it was", () => {
    const parent = childScope(ROOT_SCOPE, { env: { A: "1" }, session: "s", policy: { tools: ["a"] } });
    const before = structuredClone(parent);
    const child = childScope(parent, { env: { B: { $secret: { env: "KEY" } } } });
    expect(child).toEqual({ ...parent, env: { A: "1", B: { $secret: { env: "KEY" } } } });
    expect(parent).toEqual(before);
  });

  test("a closure that answers approvals comes with the scope that declared it, innermost first", () => {
    const first = new HBuiltin("first");
    const second = new HBuiltin("second");
    const a = childScope(ROOT_SCOPE, { approver: first, cwd: "/a" });
    const b = childScope(a, { approver: second });
    expect(b.approvers).toEqual([
      { closure: second, scope: a },
      { closure: first, scope: ROOT_SCOPE },
    ]);
  });

  test("relative roots mean the parent's folder, not the child's", () => {
    const child = childScope(ROOT_SCOPE, {
      cwd: "/project/tree",
      policy: { workspace_roots: ["src", ".", "/abs/x/"] },
    });
    expect(child.policies[0]?.workspace_roots).toEqual(["/project/src", "/project", "/abs/x"]);
  });

  test.each<[JsonObject, string]>([
    [{ policy: { tols: [] } }, 'policy: unknown key "tols"'],
    [{ approval: { deny: [] } }, 'approval_policy: unknown key "deny"'],
  ])("%j makes no child", (wanted, message) => {
    expect(() => childScope(ROOT_SCOPE, wanted)).toThrow(message);
  });

  test("to ask for more than the whole chain allows is an error", () => {
    const grandparent = childScope(ROOT_SCOPE, { policy: { tools: ["a", "b"] } });
    const parent = childScope(grandparent, { policy: { side_effect_level: "read_only" } });
    expect(() => childScope(parent, { policy: { tools: ["c"] } })).toThrow("requested tools exceed host ceiling: c");
  });
});

describe("depth", () => {
  test("a worker is one deeper, an agent loop is not", () => {
    const a = worker();
    expect([a.depth, childScope(a, { session: "s" }).depth, worker(a).depth]).toEqual([1, 1, 2]);
  });

  test("a limit counts the levels below the scope that it was given to", () => {
    const a = worker(ROOT_SCOPE, { recursion_limit: 1 });
    const b = worker(a);
    expect(b.depth).toBe(2);
    try {
      worker(b);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ category: "tool_rejected" });
      expect((error as Failure).message).toBe(
        "delegating once more exceeds the recursion limit: the policy of worker w1 allows 1 level of delegated work",
      );
    }
    expect(() => worker(worker(ROOT_SCOPE, { recursion_limit: 0 }))).toThrow("allows 0 levels");
  });

  test("a child does not lift its parent's limit", () => {
    const a = worker(ROOT_SCOPE, { recursion_limit: 1 });
    expect(() => worker(worker(a, { recursion_limit: 9 }))).toThrow("recursion limit");
  });
});

test("along any chain of requests, a tool that is allowed at the end was allowed at every step", () => {
  const tools = fc.option(fc.subarray(["a", "b", "c"]), { nil: undefined });
  fc.assert(
    fc.property(fc.array(tools, { maxLength: 5 }), (requests) => {
      let scope = ROOT_SCOPE;
      const seen = [scope];
      for (const request of requests) {
        try {
          scope = childScope(scope, { policy: request === undefined ? {} : { tools: request } });
          seen.push(scope);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }
      for (const tool of ["a", "b", "c", "d"]) {
        if (!permits(effectivePolicy(scope).tools, tool)) continue;
        for (const step of seen) expect(permits(effectivePolicy(step).tools, tool)).toBe(true);
      }
    }),
  );
});

test("policies come from values of a program", () => {
  const value = HDict.of({ tools: new HList(["b", "a", "b"]), side_effect_level: null });
  expect(policyFromValue(value, "policy")).toEqual({ tools: ["b", "a"] });
  expect(policyFromValue(null, "policy")).toBeNull();
  expect(() => policyFromValue("read", "spawn_agent: policy parse error: policy")).toThrow(
    expect.objectContaining({
      error: expect.objectContaining({ message: "spawn_agent: policy parse error: policy must be a dict, got string" }),
    }),
  );
});
