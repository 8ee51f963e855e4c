/**
 * The check of files that are being edited: what an edit does not concern is not looked at again. `harn check --watch` and the language server stand
 * on it.
 *
 * Invariants
 * 1. A module is parsed once for each text that it has, and checked again only when its own text has changed, what its imports mean, or the
 *    declarations that it sees of them (interface-print.ts). Edits in bodies stay where they are.
 * 2. Nothing is checked before somebody asks for it.
 * 3. The answers are those of a check from scratch.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { BuiltinTable } from "../builtin/declaration.ts";
import type { ImportDecl, SourceFile } from "../syntax/ast.ts";
import { parseSource } from "../syntax/parser.ts";
import { TokenTable } from "../syntax/token-table.ts";
import { BuiltinSignatures } from "./builtin-signatures.ts";
import { checkModule } from "./check-program.ts";
import { type InterfacePrint, printInterface } from "./interface-print.ts";
import { circularImport, type GraphModule, importProblem, type ModuleText } from "./module-graph.ts";
import { readModuleInterface } from "./module-interface.ts";
import { CheckSession } from "./typing/session.ts";

export interface WorkspaceDoors {
  readonly table: BuiltinTable;
  /** Names that the host defines beside the builtins, in a module. */
  globals(key: string): ReadonlySet<string>;
  /** The key of the module that an import means. */
  find(importer: string, path: string): { readonly key: string } | { readonly problem: string };
  /** Its path for people and its text, or why it cannot be read. */
  read(key: string): ModuleText | { readonly problem: string };
  /** What is found only beyond the check; asked when the check has been done again. */
  further?(module: GraphModule, modules: ReadonlyMap<string, GraphModule>): readonly Diagnostic[];
  /** Told what is done, for tests and measurements. */
  worked?(what: "parsed" | "checked", key: string): void;
}

interface Loaded {
  readonly module: GraphModule;
  readonly print: InterfacePrint;
  /** An editor has it: its text is not on the disk. */
  readonly isOpen: boolean;
}

interface Checked {
  readonly module: GraphModule;
  /** What it was checked against; see `#dependencies`. */
  readonly dependencies: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export class Workspace {
  readonly #doors: WorkspaceDoors;
  readonly #loaded = new Map<string, Loaded>();
  /** The same modules as the session sees them. */
  readonly #modules = new Map<string, GraphModule>();
  readonly #checked = new Map<string, Checked>();
  /** Texts that were read to see whether they are there, and not parsed yet. */
  readonly #pending = new Map<string, ModuleText>();
  readonly #session: CheckSession;
  /** Those of which all that they reach is loaded. */
  readonly #complete = new Set<string>();
  /** Whether there is a circle of imports among them. */
  #hasCircle = false;

  constructor(doors: WorkspaceDoors) {
    this.#doors = doors;
    this.#session = new CheckSession({ modules: this.#modules, order: [] }, new BuiltinSignatures(doors.table), (key) =>
      doors.globals(key),
    );
  }

  /** An editor's text of a module counts from now on, whatever is on the disk. */
  update(key: string, path: string, text: string): void {
    const known = this.#loaded.get(key);
    if (known !== undefined && known.module.text === text && known.module.path === path) {
      this.#loaded.set(key, { ...known, isOpen: true });
    } else this.#put({ key, path, text }, true);
  }

  /** What is on the disk counts again. */
  close(key: string): void {
    const known = this.#loaded.get(key);
    if (known === undefined) return;
    this.#loaded.set(key, { ...known, isOpen: false });
    this.#reread(key);
  }

  /** Files were written, made or removed, whichever. */
  filesChanged(): void {
    this.#pending.clear();
    for (const key of [...this.#loaded.keys()]) this.#reread(key);
    for (const { module, isOpen } of [...this.#loaded.values()]) {
      const imports = this.#findImports(module.key, module.file).found;
      if (!sameMap(imports, module.imports)) this.#put(module, isOpen);
    }
  }

  /** Everything that is wrong or odd in a module, in the order of the text; null: there is none, or it cannot be read. */
  diagnostics(key: string): readonly Diagnostic[] | null {
    const module = this.#reach(key);
    if (module === null) return null;
    const found = [...module.diagnostics, ...this.#circles(module)];
    if (!found.some(({ severity }) => severity === "error")) found.push(...this.#check(module).diagnostics);
    return found.sort((a, b) => startOf(a) - startOf(b));
  }

  /** A module and all that it reaches: what is imported first. */
  reached(key: string): readonly GraphModule[] {
    this.#reach(key);
    const order: GraphModule[] = [];
    const seen = new Set<string>();
    const visit = (at: string): void => {
      const module = this.#modules.get(at);
      if (module === undefined || seen.has(at)) return;
      seen.add(at);
      for (const target of module.imports.values()) visit(target);
      order.push(module);
    };
    visit(key);
    return order;
  }

  // -------------------------------------------------------------- loading

  /** Loads a module, and everything that it imports, as far as that has not been done. */
  #reach(key: string): GraphModule | null {
    const fresh = new Map<string, GraphModule>();
    const waiting = [key];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (this.#complete.has(at) || fresh.has(at)) continue;
      const module = this.#modules.get(at) ?? this.#load(at);
      if (module === null) continue;
      fresh.set(at, module);
      waiting.push(...module.imports.values());
    }
    for (const at of fresh.keys()) this.#complete.add(at);
    // What was complete reaches nothing that is new: a new circle lies in what is.
    this.#hasCircle ||= hasCircle(fresh);
    return this.#modules.get(key) ?? null;
  }

  #load(key: string): GraphModule | null {
    const source = this.#pending.get(key) ?? this.#doors.read(key);
    this.#pending.delete(key);
    return "problem" in source ? null : this.#put(source, false);
  }

  #reread(key: string): void {
    const known = this.#loaded.get(key);
    if (known === undefined || known.isOpen) return;
    const source = this.#doors.read(key);
    if ("problem" in source) this.#drop(key);
    else if (source.text !== known.module.text) this.#put(source, false);
  }

  #put(source: ModuleText, isOpen: boolean): GraphModule {
    const { key, path, text } = source;
    const known = this.#loaded.get(key);
    const isSame = known?.module.text === text && known.module.path === path;
    const parsed = isSame ? null : parseSource(path, text);
    if (parsed !== null) this.#doors.worked?.("parsed", key);
    const file: SourceFile = parsed === null ? known!.module.file : { ...parsed.file, tokens: new TokenTable("") };
    const { found, problems } = this.#findImports(key, file);
    const syntax = parsed?.diagnostics ?? known!.module.diagnostics.filter(({ code }) => code !== "import");
    const module: GraphModule = {
      key,
      path,
      text,
      file,
      interface: readModuleInterface(key, file),
      imports: found,
      diagnostics: [...syntax, ...problems],
    };
    this.#drop(key);
    this.#loaded.set(key, { module, print: parsed === null ? known!.print : printInterface(parsed.file), isOpen });
    this.#modules.set(key, module);
    return module;
  }

  /** Forgets a module, and what was read of it by those that reach it. What they were found to be stays until it is asked for again. */
  #drop(key: string): void {
    // Of what was not there nobody has read anything.
    if (!this.#loaded.has(key)) return;
    this.#complete.clear();
    this.#hasCircle = false;
    this.#session.forget(this.#importersOf(key));
    this.#loaded.delete(key);
    this.#modules.delete(key);
  }

  #importersOf(key: string): ReadonlySet<string> {
    const importers = new Map<string, string[]>();
    for (const { key: importer, imports } of this.#modules.values()) {
      for (const target of imports.values()) addTo(importers, target, importer);
    }
    const reaching = new Set([key]);
    for (const at of reaching) for (const importer of importers.get(at) ?? []) reaching.add(importer);
    return reaching;
  }

  #findImports(
    key: string,
    file: SourceFile,
  ): { readonly found: ReadonlyMap<string, string>; readonly problems: readonly Diagnostic[] } {
    const found = new Map<string, string>();
    const problems: Diagnostic[] = [];
    for (const item of file.items) {
      if (item.kind !== "import") continue;
      const target = this.#doors.find(key, item.path);
      const why = "problem" in target ? target.problem : this.#unreadable(target.key);
      if (why !== null) problems.push(importProblem(why, item));
      else if ("key" in target) found.set(item.path, target.key);
    }
    return { found, problems };
  }

  #unreadable(key: string): string | null {
    if (this.#modules.has(key)) return null;
    const source = this.#doors.read(key);
    if ("problem" in source) return source.problem;
    this.#pending.set(key, source);
    return null;
  }

  // -------------------------------------------------------------- circles

  #circles(module: GraphModule): readonly Diagnostic[] {
    if (!this.#hasCircle) return [];
    const items = module.file.items.filter((item): item is ImportDecl => item.kind === "import");
    return items.flatMap((item) => {
      const target = module.imports.get(item.path);
      const way = target === undefined ? null : this.#way(target, module.key);
      return way === null ? [] : [circularImport([module.key, ...way], this.#modules, item)];
    });
  }

  /** The shortest chain of imports between two modules, both included. */
  #way(from: string, to: string): readonly string[] | null {
    const before = new Map<string, string | null>([[from, null]]);
    for (const at of before.keys()) {
      if (at === to) {
        const way: string[] = [];
        for (let step: string | null = to; step !== null; step = before.get(step) ?? null) way.unshift(step);
        return way;
      }
      for (const target of this.#modules.get(at)?.imports.values() ?? []) {
        if (!before.has(target)) before.set(target, at);
      }
    }
    return null;
  }

  // -------------------------------------------------------------- checking

  #check(module: GraphModule): Checked {
    const known = this.#checked.get(module.key);
    const dependencies = this.#dependencies(module);
    if (known !== undefined && known.module.text === module.text && sameList(known.dependencies, dependencies)) {
      return known;
    }
    this.#doors.worked?.("checked", module.key);
    if (this.#session.isUsedUp(module.key)) this.#session.forget(this.#importersOf(module.key));
    const diagnostics = checkModule(this.#session, module.key);
    const further = this.#doors.further?.(module, this.#modules) ?? [];
    const checked = { module, dependencies, diagnostics: [...diagnostics, ...further] };
    this.#checked.set(module.key, checked);
    return checked;
  }

  /** All that the answer depends on beside the module's own text, as texts in a fixed order. */
  #dependencies(module: GraphModule): readonly string[] {
    const out: string[] = [module.path, [...this.#doors.globals(module.key)].join(" ")];
    for (const item of module.file.items) {
      if (item.kind !== "import") continue;
      const key = module.imports.get(item.path) ?? "";
      const target = this.#loaded.get(key);
      out.push(key);
      if (target === undefined) continue;
      for (const name of item.names?.map((ident) => ident.name) ?? target.module.interface.wildcard) {
        out.push(`${name} ${this.#given(target, name, new Set())}`);
      }
    }
    for (const key of this.#typeSources(module)) out.push(key, this.#loaded.get(key)!.print.types);
    return out;
  }

  /** What a module is found to give under a name: what it declares, else what it imports itself. */
  #given({ module, print }: Loaded, name: string, seen: Set<string>): string {
    const kind = module.interface.exports.get(name)?.kind;
    if (kind !== undefined || seen.has(module.key)) return `${kind ?? "missing"} ${print.values.get(name) ?? ""}`;
    seen.add(module.key);
    const found: string[] = ["missing"];
    for (const item of module.file.items) {
      if (item.kind !== "import") continue;
      const target = this.#loaded.get(module.imports.get(item.path) ?? "");
      if (target === undefined) continue;
      const names = item.names?.map((ident) => ident.name) ?? target.module.interface.wildcard;
      for (const other of names) if (other === name) found.push(this.#given(target, name, seen));
    }
    return found.join(" ");
  }

  /** The modules that types seen here may come from: the imported ones, and those that the declarations of these mention, or this module itself. */
  #typeSources(module: GraphModule): ReadonlySet<string> {
    const sources = new Set([...module.imports.values()].filter((key) => this.#loaded.has(key)));
    for (const key of sources) {
      const { module: source, print } = this.#loaded.get(key)!;
      for (const item of source.file.items) {
        if (item.kind !== "import") continue;
        const target = source.imports.get(item.path) ?? "";
        const loaded = this.#loaded.get(target);
        if (loaded === undefined || sources.has(target)) continue;
        const names = item.names?.map(({ name }) => name) ?? loaded.module.interface.wildcard;
        if (names.some((name) => print.mentions.has(name) || module.text.includes(name))) sources.add(target);
      }
    }
    return sources;
  }
}

function hasCircle(modules: ReadonlyMap<string, GraphModule>): boolean {
  // Takes away what imports nothing that is left, until nothing can be taken.
  const left = new Map<string, number>();
  const importers = new Map<string, string[]>();
  for (const { key, imports } of modules.values()) {
    const targets = new Set([...imports.values()].filter((target) => modules.has(target)));
    left.set(key, targets.size);
    for (const target of targets) addTo(importers, target, key);
  }
  const free = [...left].filter(([, count]) => count === 0).map(([key]) => key);
  for (const key of free) {
    for (const importer of importers.get(key) ?? []) {
      const count = left.get(importer)! - 1;
      left.set(importer, count);
      if (count === 0) free.push(importer);
    }
  }
  return free.length < left.size;
}

function addTo(lists: Map<string, string[]>, key: string, item: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function startOf(diagnostic: Diagnostic): number {
  return diagnostic.labels[0]?.span.start ?? 0;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function sameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
