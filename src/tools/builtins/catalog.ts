/** The facts of a declaration in the form in which people and other programs get them: `harn builtins`, its JSON, the pages. */
import type { Call } from "../../builtin/call.ts";
import type { Builtin, Example, Need } from "../../builtin/declaration.ts";
import { rootScope } from "../../builtin/scope.ts";
import { createMemoryPorts } from "../../ports/memory/ports.ts";
import { TOPICS } from "./topics.ts";

export interface CatalogEntry {
  /** Methods: `list.map`. */
  readonly name: string;
  /** With the name: `len(value: any) -> int`. */
  readonly signature: string;
  readonly doc: string;
  /** What a policy must allow: a capability (`workspace.read_text`), a side effect (`process_exec`), or both; empty: nothing. */
  readonly needs: readonly string[];
  readonly topic: string;
  readonly examples: readonly Example[];
}

export function nameOf({ receiver, name }: Builtin): string {
  return receiver === null ? name : `${receiver}.${name}`;
}

/** By topic, in the order of the declarations. */
export function libraryCatalog(): readonly CatalogEntry[] {
  const call = probe();
  return TOPICS.flatMap(({ id, builtins }) =>
    builtins.map((builtin) => ({
      name: nameOf(builtin),
      signature: `${nameOf(builtin)}${builtin.sig}`,
      doc: builtin.doc,
      needs: needsOf(builtin, call),
      topic: id,
      examples: builtin.examples ?? [],
    })),
  );
}

export const DEPENDS = "what the operation needs";

function needsOf(builtin: Builtin, call: Call): readonly string[] {
  if (typeof builtin.needs !== "function") return words(builtin.needs);
  try {
    return words(builtin.needs(call, []));
  } catch {
    // Without arguments it cannot be said (`host_call`).
    return [DEPENDS];
  }
}

function words(need: Need): readonly string[] {
  if (need === "nothing") return [];
  return [need.grant, need.effect].filter((word): word is NonNullable<typeof word> => word !== undefined);
}

/** A call from nowhere, for needs that name the paths they are about. */
function probe(): Call {
  return {
    scope: rootScope({ cwd: "/" }),
    ports: createMemoryPorts(),
    write: () => undefined,
    emit: () => undefined,
    spend: () => undefined,
    hold: () => undefined,
    read: (cell) => cell.initial(),
    change: (cell) => cell.initial(),
    site: () => ({ file: "<builtins>", line: 1 }),
  };
}
