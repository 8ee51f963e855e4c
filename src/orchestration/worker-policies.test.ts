/** The policies that `spawn_agent` and `sub_agent_run` are given. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { Raise } from "../builtin/raise.ts";
import { jsonToValue } from "../value/json.ts";
import type { HDict } from "../value/value.ts";
import { approvalOf, auditOf, bothPolicies, policyOf, readCarry } from "./worker-config.ts";

const dict = (json: JsonObject) => jsonToValue(json) as HDict;

/** The message of what `run` raises to the program. */
function raised(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Raise ? error.error.message : (error as Error).message;
  }
  return "nothing was raised";
}

test("a misspelt key names the builtin, the key and what was meant", () => {
  const policy = dict({ tool: ["read"] });
  expect(raised(() => policyOf(policy, "sub_agent_run: policy parse error: policy"))).toBe(
    'sub_agent_run: policy parse error: policy: unknown key "tool" (did you mean "tools"?)',
  );
  expect(raised(() => readCarry(dict({ policy: { tools: 1 } }), "spawn_agent"))).toBe(
    "spawn_agent: policy parse error: carry.policy.tools must be a list of strings, got int",
  );
});

describe("an explicit policy and the tools shorthand", () => {
  test("allow what both allow", () => {
    expect(
      bothPolicies({ tools: ["a", "b"], side_effect_level: "read_only" }, { tools: ["b"] }, "spawn_agent"),
    ).toEqual({
      tools: ["b"],
      side_effect_level: "read_only",
    });
    expect(bothPolicies(null, { tools: ["b"] }, "spawn_agent")).toEqual({ tools: ["b"] });
  });

  test("the shorthand does not widen the policy", () => {
    expect(raised(() => bothPolicies({ tools: ["a"] }, { tools: ["a", "b"] }, "spawn_agent"))).toBe(
      "spawn_agent: requested tools exceed host ceiling: b (allowed: a)",
    );
  });
});

describe("approval policies", () => {
  test("come from the options or from the mutation session, not from both", () => {
    const approval = { auto_deny: ["shell*"] };
    expect(approvalOf(dict({ approval_policy: approval }), "spawn_agent")).toEqual(approval);
    expect(approvalOf(dict({ audit: { approval_policy: approval } }), "spawn_agent")).toEqual(approval);
    expect(approvalOf(dict({}), "spawn_agent")).toBeNull();
    expect(
      raised(() =>
        approvalOf(dict({ approval_policy: approval, audit: { approval_policy: approval } }), "spawn_agent"),
      ),
    ).toBe("spawn_agent: give approval_policy or audit.approval_policy, not both");
  });

  test("a malformed one in the mutation session is refused", () => {
    expect(raised(() => auditOf(dict({ audit: { approval_policy: { denny: [] } } })))).toContain(
      'worker audit parse error: audit.approval_policy: unknown key "denny"',
    );
  });
});
