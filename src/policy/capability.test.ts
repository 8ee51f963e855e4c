import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import {
  allowsEffect,
  allowsGrant,
  type CapabilityPolicy,
  NO_OPINION,
  narrowPolicy,
  readPolicy,
  writePolicy,
  writePolicyRecord,
} from "./capability.ts";
import { namesOf, permits } from "./permitted-set.ts";
import { SIDE_EFFECT_LEVELS } from "./tool-annotations.ts";
import { liesUnder } from "./workspace-roots.ts";

const read = (json: Json) => readPolicy(json, "policy");

describe("reading", () => {
  test.each<[Json, string]>([
    [{ tolls: ["a"] }, 'policy: unknown key "tolls" (did you mean "tools"?)'],
    [{ tool_annotation: {} }, 'policy: unknown key "tool_annotation" (did you mean "tool_annotations"?)'],
    [{ permissions: {} }, 'policy: unknown key "permissions" (expected one of: tools, capabilities, '],
    [{ tools: "read" }, "policy.tools must be a list of strings, got string"],
    [{ tools: null }, "policy.tools must be a list of strings, got nil"],
    [{ tools: [1] }, "policy.tools must hold strings only, got int"],
    [{ tools: ["a", " "] }, "policy.tools must not hold a blank string"],
    [{ capabilities: ["workspace"] }, "policy.capabilities must be a dict, got list"],
    [
      { capabilities: { "workspace.read_text": [] } },
      'policy.capabilities: "workspace.read_text" is no capability name',
    ],
    [{ capabilities: { workspace: "read" } }, "policy.capabilities.workspace must be a list of strings, got string"],
    [
      { side_effect_level: "readonly" },
      'policy.side_effect_level: unknown value "readonly" (did you mean "read_only"?)',
    ],
    [{ recursion_limit: 1.5 }, "policy.recursion_limit must be a whole number, got float"],
    [{ recursion_limit: -1 }, "policy.recursion_limit must not be negative, got -1"],
    [{ tool_arg_constraints: [{ tool: "t" }] }, "policy.tool_arg_constraints[0]: arg_patterns is missing"],
    [
      { tool_arg_constraints: [{ tool: "t", arg_patern: [] }] },
      'policy.tool_arg_constraints[0]: unknown key "arg_patern" (did you mean "arg_patterns"?)',
    ],
    [{ tool_annotations: { t: { kind: "edti" } } }, 'policy.tool_annotations.t.kind: unknown value "edti"'],
    [
      { tool_annotations: { t: { arg_schema: { path_param: [] } } } },
      'policy.tool_annotations.t.arg_schema: unknown key "path_param" (did you mean "path_params"?)',
    ],
    ["all", "policy must be a dict, got string"],
  ])("%j is refused", (json, message) => {
    expect(() => read(json)).toThrow(message);
  });

  test("an empty list allows nothing, an absent key has no opinion", () => {
    const policy = read({ tools: [], capabilities: { workspace: [] } });
    expect(permits(policy.tools, "read_file")).toBe(false);
    expect(allowsGrant(policy, "workspace", "read_text")).toBe(false);
    expect(allowsGrant(policy, "process", "exec")).toBe(false);
    expect(allowsEffect(policy, "network")).toBe(true);
    expect(permits(policy.roots, "/anywhere")).toBe(true);
  });

  test("in a record of the reference an empty list has no opinion, and what allows nothing is spelt out", () => {
    const record = { tools: [], capabilities: {}, workspace_roots: [], side_effect_level: null };
    expect(readPolicy(record, "policy", "all")).toEqual(NO_OPINION);
    const nothing = read({ tools: [], capabilities: {}, workspace_roots: [] });
    const written = writePolicyRecord(nothing);
    expect(written).toMatchObject({ tools: "none", capabilities: "none", workspace_roots: "none" });
    expect(readPolicy(written, "policy", "all")).toEqual(nothing);
  });
});

describe("narrowing", () => {
  const parent = read({
    tools: ["read", "edit"],
    capabilities: { workspace: ["read_text", "write_text"] },
    workspace_roots: ["/repo/src"],
    side_effect_level: "workspace_write",
    recursion_limit: 2,
  });

  test.each<[JsonObject, string]>([
    [{ tools: ["edit", "run", "push"] }, "requested tools exceed host ceiling: run, push (allowed: read, edit)"],
    [
      { capabilities: { workspace: ["read_text", "delete", "list"] } },
      "requested capability operations exceed host ceiling: workspace.delete,list",
    ],
    [{ capabilities: { process: ["exec"] } }, "requested capability exceeds host ceiling: process"],
    [{ workspace_roots: ["/repo/docs"] }, "requested workspace roots exceed host ceiling: /repo/docs"],
    [{ workspace_roots: ["/repo/src2"] }, "requested workspace roots exceed host ceiling: /repo/src2"],
  ])("%j asks for too much", (child, message) => {
    expect(() => narrowPolicy(parent, read(child))).toThrow(message);
  });

  test("what is not asked for is inherited, levels and limits are cut", () => {
    const left = narrowPolicy(parent, read({ side_effect_level: "network", recursion_limit: 5 }));
    expect(writePolicy(left)).toEqual(writePolicy(parent));
  });

  test("a wider root is cut to the parent's, a deeper one stays", () => {
    const left = narrowPolicy(parent, read({ workspace_roots: ["/repo", "/repo/src/lib"] }));
    expect(writePolicy(left).workspace_roots).toEqual(["/repo/src", "/repo/src/lib"]);
  });

  test("disjoint requests under an empty parent stay empty", () => {
    const nothing = read({ tools: [], capabilities: {} });
    expect(() => narrowPolicy(nothing, read({ tools: ["a"] }))).toThrow("exceed host ceiling: a (allowed: none)");
    const left = narrowPolicy(nothing, NO_OPINION);
    expect(permits(left.tools, "a")).toBe(false);
    expect(allowsGrant(left, "workspace", "list")).toBe(false);
  });

  test("the child does not redefine what the parent says about a tool", () => {
    const outer = read({ tool_annotations: { run: { kind: "execute" } } });
    const left = narrowPolicy(outer, read({ tool_annotations: { run: { kind: "read" }, look: { kind: "read" } } }));
    expect(left.annotations.get("run")?.kind).toBe("execute");
    expect(left.annotations.get("look")?.kind).toBe("read");
  });
});

/** Small alphabets, so that overlaps are common. */
const names = (...all: string[]) => fc.uniqueArray(fc.constantFrom(...all), { maxLength: 3 });
const anyPolicy: fc.Arbitrary<JsonObject> = fc.record(
  {
    tools: names("a", "b", "c"),
    capabilities: fc.dictionary(fc.constantFrom("workspace", "process"), names("read_text", "write_text", "exec"), {
      maxKeys: 2,
    }),
    workspace_roots: names("/r", "/r/a", "/r/a/b", "/s", "/rx"),
    side_effect_level: fc.constantFrom(...SIDE_EFFECT_LEVELS, null),
    recursion_limit: fc.option(fc.nat(3)),
    tool_arg_constraints: fc.array(
      fc.record({ tool: fc.constantFrom("a", "*"), arg_key: fc.constant("k"), arg_patterns: names("x", "y*") }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

function narrowed(parent: CapabilityPolicy, child: CapabilityPolicy): CapabilityPolicy | null {
  try {
    return narrowPolicy(parent, child);
  } catch {
    return null;
  }
}

describe("laws", () => {
  test("narrowing never widens, on either side", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (p, c) => {
        const parent = read(p);
        const child = read(c);
        const left = narrowed(parent, child);
        if (left === null) return;
        for (const side of [parent, child]) {
          for (const tool of ["a", "b", "c", "d"]) {
            if (permits(left.tools, tool)) expect(permits(side.tools, tool)).toBe(true);
          }
          for (const capability of ["workspace", "process", "net"]) {
            for (const op of ["read_text", "write_text", "exec", "other"]) {
              if (allowsGrant(left, capability, op)) expect(allowsGrant(side, capability, op)).toBe(true);
            }
          }
          for (const level of SIDE_EFFECT_LEVELS) {
            if (allowsEffect(left, level)) expect(allowsEffect(side, level)).toBe(true);
          }
          for (const path of ["/", "/r", "/r/a", "/r/a/b", "/r/a/b/c", "/rx/f", "/s/f", "/t"]) {
            if (underRoots(left, path)) expect(underRoots(side, path)).toBe(true);
          }
          expect(left.recursionLimit ?? Infinity).toBeLessThanOrEqual(side.recursionLimit ?? Infinity);
          for (const constraint of side.constraints) expect(left.constraints).toContainEqual(constraint);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("narrowing to oneself changes nothing that is allowed, and no opinion is neutral", () => {
    fc.assert(
      fc.property(anyPolicy, (p) => {
        const policy = read(p);
        const again = narrowPolicy(policy, policy);
        expect({ ...again, constraints: policy.constraints, roots: policy.roots }).toEqual(policy);
        expect([...namesOf(again.roots)].sort()).toEqual([...namesOf(policy.roots)].sort());
        expect(narrowPolicy(NO_OPINION, policy)).toEqual(policy);
        expect(narrowPolicy(policy, NO_OPINION)).toEqual(policy);
      }),
    );
  });

  test("both written forms are read back", () => {
    fc.assert(
      fc.property(anyPolicy, (p) => {
        const policy = read(p);
        expect(read(writePolicy(policy))).toEqual(policy);
        expect(readPolicy(writePolicyRecord(policy), "policy", "all")).toEqual(policy);
      }),
    );
  });
});

function underRoots(policy: CapabilityPolicy, path: string): boolean {
  if (policy.roots.kind === "all") return true;
  return policy.roots.kind === "listed" && policy.roots.names.some((root) => liesUnder(path, root));
}
