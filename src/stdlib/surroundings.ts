/** What builtins of several topics ask about where a run stands: its variables, its folders. */
import { isAbsolute, joinPath, parentPath } from "../base/path.ts";
import type { Call } from "../builtin/call.ts";
import { secretName } from "../policy/secrets.ts";

/** The scope's overlay first: nil there hides a variable, a secret is looked up where it lives. */
export function readVariable(call: Call, name: string): string | null {
  const own = Object.hasOwn(call.scope.env, name) ? call.scope.env[name] : undefined;
  if (typeof own === "string" || own === null) return own;
  const secret = secretName(own);
  return call.ports.environment.get(secret ?? name) ?? null;
}

/** Folder of the source file that is running; the working folder when there is none. */
export function sourceDir(call: Call): string {
  const { file } = call.site();
  if (file === "" || file.startsWith("std/")) return call.scope.cwd;
  return joinPath(call.ports.environment.cwd(), parentPath(file));
}

/** The nearest folder from `start` up that holds a `harn.toml`. */
export function findProjectRoot(call: Call, start: string): string | null {
  for (let folder = joinPath(start); ; folder = parentPath(folder)) {
    if (call.ports.files.existsSync(joinPath(folder, "harn.toml"))) return folder;
    if (parentPath(folder) === folder || !isAbsolute(folder)) return null;
  }
}

export function rooted(call: Call, variable: string, base: string, otherwise: string): string {
  const override = call.ports.environment.get(variable)?.trim() ?? "";
  return joinPath(base, override === "" ? otherwise : override);
}

/** Where a project keeps its state: `.harn`, or what HARN_STATE_DIR says. */
export const stateRootOf = (call: Call, base: string): string => rooted(call, "HARN_STATE_DIR", base, ".harn");
