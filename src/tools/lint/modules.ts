/** The modules that linted files import, each read once. */
import { findModulePath } from "../../check/find-module.ts";
import { type ModuleInterface, readModuleInterface } from "../../check/module-interface.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import { stdModules } from "../../stdlib/modules/index.ts";
import type { Expr, SourceFile, Stmt } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";
import type { ImportedModule } from "./context.ts";

interface Module {
  readonly key: string;
  readonly file: SourceFile;
  readonly interface: ModuleInterface;
}

export class LintModules {
  readonly #files: FilesPort;
  readonly #modules = new Map<string, Module | null>();
  readonly #inert = new Map<string, boolean>();

  constructor(files: FilesPort) {
    this.#files = files;
  }

  /** What `path` means in the file `importer` (an absolute path, or `std/…`); null when it cannot be had. */
  imported(importer: string, path: string): ImportedModule | null {
    const module = this.#resolve(importer, path);
    return module === null ? null : { interface: module.interface, isInert: this.#isInert(module) };
  }

  /** All names that the files, or modules that they reach, import one by one. */
  importedNames(files: readonly { readonly path: string; readonly file: SourceFile }[]): ReadonlySet<string> {
    const names = new Set<string>();
    const seen = new Set<string>();
    const visit = (key: string, file: SourceFile): void => {
      if (seen.has(key)) return;
      seen.add(key);
      for (const item of file.items) {
        if (item.kind !== "import") continue;
        for (const { name } of item.names ?? []) names.add(name);
        const module = this.#resolve(key, item.path);
        if (module !== null) visit(module.key, module.file);
      }
    };
    for (const { path, file } of files) visit(path, file);
    return names;
  }

  #resolve(importer: string, path: string): Module | null {
    if (path.startsWith("std/")) return this.#load(path, () => stdModules.get(path) ?? null);
    const key = findModulePath(importer, path, this.#files);
    return key === null ? null : this.#load(key, () => this.#read(key));
  }

  #load(key: string, read: () => string | null): Module | null {
    const known = this.#modules.get(key);
    if (known !== undefined) return known;
    const text = read();
    const file = text === null ? null : parseSource(key, text).file;
    const module = file && { key, file, interface: readModuleInterface(key, file) };
    this.#modules.set(key, module);
    return module;
  }

  #read(path: string): string | null {
    if (this.#files.statSync(path)?.kind !== "file") return null;
    try {
      return this.#files.readTextSync(path);
    } catch (error) {
      if (error instanceof FileFailure) return null;
      throw error;
    }
  }

  /** Loading it only declares things. A module that is being looked at already counts as such: a cycle adds nothing. */
  #isInert(module: Module): boolean {
    const known = this.#inert.get(module.key);
    if (known !== undefined) return known;
    this.#inert.set(module.key, true);
    const isInert = module.file.items.every((item) => this.#isInertItem(module, item));
    this.#inert.set(module.key, isInert);
    return isInert;
  }

  #isInertItem(module: Module, item: Stmt): boolean {
    switch (item.kind) {
      case "fn":
      case "pipeline":
      case "struct":
      case "enum":
      case "interface":
      case "type-alias":
        return true;
      case "import": {
        const imported = this.#resolve(module.key, item.path);
        return imported !== null && this.#isInert(imported);
      }
      case "binding":
        return isLiteral(item.value);
      default:
        return false;
    }
  }
}

function isLiteral(expr: Expr): boolean {
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "bool":
    case "nil":
    case "duration":
    case "closure":
      return true;
    case "list":
      return expr.items.every(isLiteral);
    case "dict":
      return expr.entries.every(({ key, value }) => key?.kind === "key-name" && isLiteral(value));
    default:
      return false;
  }
}
