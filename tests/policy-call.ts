/** A call for tests of src/policy: a scope over real files in a folder, no VM behind it. */
import type { Call } from "../src/builtin/call.ts";
import type { Scope } from "../src/builtin/scope.ts";
import { createNodePorts } from "../src/hosts/node/ports.ts";

export const ROOT_SCOPE: Scope = {
  cwd: "/project",
  env: {},
  policies: [],
  approvals: [],
  approvers: [],
  audit: null,
  worker: null,
  session: null,
  tools: null,
  repeatable: false,
  depth: 0,
};

export function callIn(scope: Scope): Call {
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  return {
    scope,
    ports: createNodePorts(),
    write: unused,
    emit: unused,
    read: unused,
    change: unused,
    site: () => ({ file: "test.harn", line: 1 }),
  };
}
