/**
 * Functions that a program finds only where it is embedded: what a Node program gives to `createRuntime` as tools, and `host_tools`. Nothing here
 * can see that program, so `harn.toml` names them:
 *
 * ```toml
 * [check]
 * host_functions = ["host_tools", "lookup_issue"]
 * ```
 */
import { Failure } from "../base/failure.ts";
import { type Manifest, ManifestTable } from "./manifest.ts";

/** Throws a `Failure` for what is no name. */
export function readHostFunctions(manifest: Manifest | null): ReadonlySet<string> {
  const names = new ManifestTable(manifest, "check").texts("host_functions") ?? [];
  const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined) {
    const got = JSON.stringify(wrong);
    throw new Failure(`${manifest?.path}: [check] host_functions must be a list of names of functions, got ${got}`);
  }
  return new Set(names);
}
