/** A call for tests of src/policy: a scope over real files in a folder, no VM behind it. */
import type { Call } from "../src/builtin/call.ts";
import { rootScope, type Scope } from "../src/builtin/scope.ts";
import { createNodePorts } from "../src/hosts/node/ports.ts";

export const ROOT_SCOPE = rootScope({ cwd: "/project" });

export function callIn(scope: Scope): Call {
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  return {
    scope,
    ports: createNodePorts(),
    write: unused,
    emit: unused,
    spend: () => {},
    hold: () => {},
    read: unused,
    change: unused,
    site: () => ({ file: "test.harn", line: 1 }),
  };
}
