/** The check of programs on disk, and of those that are being edited: see check/workspace.ts. */
import type { BuiltinTable } from "../builtin/declaration.ts";
import { Workspace, type WorkspaceDoors } from "../check/workspace.ts";
import type { FilesPort } from "../ports/files.ts";
import { compile, findImport, readModule } from "./compile-program.ts";

export interface WorkspaceSetting {
  readonly files: FilesPort;
  readonly table: BuiltinTable;
  /** Names that the host defines beside the builtins, in the module at an absolute path. */
  globals(key: string): ReadonlySet<string>;
  /** How messages name a module; as it stands: its key. */
  shown?(key: string): string;
  readonly worked?: WorkspaceDoors["worked"];
}

/** Keys are absolute paths, and `std/…`. The library is ours, and not checked. */
export function openWorkspace({ files, table, globals, shown, worked }: WorkspaceSetting): Workspace {
  return new Workspace({
    table,
    globals,
    find: (importer, path) => findImport(importer, path, files),
    read: (key) => {
      const found = readModule(key, files);
      return "problem" in found || shown === undefined ? found : { ...found, path: shown(key) };
    },
    further: (module, modules) =>
      compile(module, { modules }, { table, globals: globals(module.key) }, true).diagnostics,
    ...(worked === undefined ? {} : { worked }),
  });
}
