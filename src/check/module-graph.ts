/**
 * The modules that a program reaches, in the order in which they are initialised: what a module imports comes before it.
 *
 * Invariants
 * 1. A key names one module: `std/NAME`, or an absolute normalised path.
 * 2. Whatever is wrong (a missing file, a cycle, a syntax error) is a problem of the module that shows it; the graph is made all the same.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { ImportDecl, SourceFile } from "../syntax/ast.ts";
import { parseSource } from "../syntax/parser.ts";
import { TokenTable } from "../syntax/token-table.ts";
import type { ModuleInterface } from "./module-interface.ts";
import { readModuleInterface } from "./module-interface.ts";

/** A module's text, and the path that messages show. */
export interface ModuleText {
  readonly key: string;
  readonly path: string;
  readonly text: string;
}

/** Finds what an import means; text: why it cannot be had. */
export type ResolveModule = (importer: string, path: string) => ModuleText | string;

export interface GraphModule {
  readonly key: string;
  readonly path: string;
  readonly text: string;
  readonly file: SourceFile;
  readonly interface: ModuleInterface;
  /** Import path as written → key; missing when it cannot be had. */
  readonly imports: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ModuleGraph {
  readonly modules: ReadonlyMap<string, GraphModule>;
  /** Keys, the entry last. */
  readonly order: readonly string[];
}

export function loadGraph(entry: ModuleText, resolve: ResolveModule): ModuleGraph {
  const modules = new Map<string, GraphModule>();
  const order: string[] = [];
  const path: string[] = [];

  const visit = (source: ModuleText): void => {
    const { file: parsed, diagnostics } = parseSource(source.path, source.text);
    // Half of what a tree takes in memory, and nobody behind this point looks at them.
    const file: SourceFile = { ...parsed, tokens: new TokenTable("") };
    const problems: Diagnostic[] = [...diagnostics];
    const imports = new Map<string, string>();
    const module: GraphModule = {
      ...source,
      file,
      interface: readModuleInterface(source.key, file),
      imports,
      diagnostics: problems,
    };
    modules.set(source.key, module);
    path.push(source.key);
    for (const item of file.items) {
      if (item.kind !== "import") continue;
      const found = resolve(source.key, item.path);
      if (typeof found === "string") {
        problems.push(importProblem(found, item));
        continue;
      }
      imports.set(item.path, found.key);
      const at = path.indexOf(found.key);
      if (at >= 0) problems.push(circularImport([...path.slice(at), found.key], modules, item));
      else if (!modules.has(found.key)) visit(found);
    }
    path.pop();
    order.push(source.key);
  };

  visit(entry);
  return { modules, order };
}

export function importProblem(message: string, item: ImportDecl): Diagnostic {
  return { severity: "error", code: "import", message, labels: [{ span: item.pathSpan }] };
}

export function circularImport(
  keys: readonly string[],
  modules: ReadonlyMap<string, GraphModule>,
  item: ImportDecl,
): Diagnostic {
  const names = keys.map((key) => modules.get(key)?.path ?? key);
  return {
    severity: "error",
    code: "import-cycle",
    message: `Import error: circular import: ${names.join(" -> ")}`,
    labels: [{ span: item.pathSpan }],
    help: "move what both need into a module of its own",
  };
}
