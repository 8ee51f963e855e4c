/**
 * What a runtime has of the language. The build puts another module in the place of this one: it knows all names, and loads what they stand for when
 * the first of them is used (builtin/late-table.ts).
 */
import type { Builtin } from "../builtin/declaration.ts";
import { BuiltinTable } from "../builtin/declaration.ts";
import { allBuiltins, allMachines } from "./declared-all.ts";

export { allPerformers as declaredPerformers } from "./performers.ts";
export { allBuiltins, allMachines };

/** `added`: builtins of the host. */
export function declaredTable(added: readonly Builtin[]): BuiltinTable {
  return new BuiltinTable([allBuiltins(), added]);
}
