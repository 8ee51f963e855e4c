/** The modules `std/NAME`, as what their texts say of themselves. */
import { stdModules } from "../../stdlib/modules/index.ts";
import { documentModule, type ModuleDoc } from "../doc/module-doc.ts";
import type { CatalogEntry } from "./catalog.ts";

export function libraryModules(): readonly ModuleDoc[] {
  return [...stdModules].map(([name, text]) => documentModule(name, text));
}

/** Their functions in the form of builtins. What they need is what they call. */
export function moduleEntries(): readonly CatalogEntry[] {
  return libraryModules().flatMap(({ module, entries }) =>
    entries.map(({ name, signature, doc }) => ({
      name: `${module}.${name}`,
      signature: signature.replace(/^pub fn /, ""),
      doc: `${doc}\n\nimport { ${name} } from "${module}"`,
      needs: [],
      topic: module,
      examples: [],
    })),
  );
}
