/**
 * Builtins that a run may not call at all (`--deny`, `--allow`): each is replaced by one that raises category `tool_rejected`. Names are kept with
 * the run, so a resumed run is denied the same.
 */
import { Failure } from "../base/failure.ts";
import { type Builtin, BuiltinTable } from "../builtin/declaration.ts";
import { categoryError } from "../builtin/raise.ts";
import { closestName } from "../check/suggestion.ts";
import type { VmHost } from "../vm/host.ts";

/** Allowed whatever the list says: what a program needs to print, measure and test. */
const BASIC = [
  "println",
  "print",
  "log",
  "type_of",
  "to_string",
  "to_int",
  "to_float",
  "len",
  "assert",
  "assert_eq",
  "assert_ne",
  "json_parse",
  "json_stringify",
];

/** The names that are denied. A name that no builtin has is a `Failure`: it would silently forbid nothing. */
export function deniedNames(
  table: BuiltinTable,
  options: { readonly deny?: readonly string[]; readonly allow?: readonly string[] },
): readonly string[] {
  const { deny, allow } = options;
  if (deny !== undefined && allow !== undefined) throw new Failure("run: expected either deny or allow, not both");
  for (const name of deny ?? allow ?? []) {
    if (table.builtins.has(name)) continue;
    const near = closestName(name, table.builtins.keys());
    throw new Failure(
      `cannot ${deny ? "deny" : "allow"} ${name}: there is no such builtin${near ? ` (did you mean ${near}?)` : ""}`,
    );
  }
  if (deny !== undefined) return [...new Set(deny)];
  if (allow === undefined) return [];
  const kept = new Set([...BASIC, ...allow]);
  return [...table.builtins.values()]
    .filter(({ name }) => !kept.has(name) && !name.startsWith("__"))
    .map(({ name }) => name);
}

/** The same host where these builtins refuse to run. */
export function denyBuiltins(host: VmHost, names: readonly string[]): VmHost {
  if (names.length === 0) return host;
  const denied = new Set(names);
  const builtins = [...host.table.builtins.values()].map((entry) => (denied.has(entry.name) ? refusing(entry) : entry));
  const methods = [...host.table.methods.values()].flatMap((entries) => [...entries.values()]);
  return { ...host, table: new BuiltinTable([builtins, methods]) };
}

function refusing(entry: Builtin): Builtin {
  return {
    ...entry,
    needs: "nothing",
    suspends: false,
    prelude: null,
    finish: null,
    min: 0,
    run: () => {
      throw categoryError("tool_rejected", `Tool '${entry.name}' is not permitted.`);
    },
  };
}
