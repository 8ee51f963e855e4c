/**
 * Compiles one module: what it declares becomes slots, what it does becomes its initialiser, each pipeline a function in a hidden slot.
 *
 * Invariants
 * 1. Declarations of the top level are visible in the whole module; `let` and `var` from their statement on.
 * 2. The entry of a program that has a pipeline runs only what the others need: bindings and declarations. A script runs all its statements.
 * 3. With any error diagnostic there is no chunk.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import { type Span, spanOf } from "../base/span.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import type { ChunkParts } from "../bytecode/link.ts";
import { linkChunk } from "../bytecode/link.ts";
import type { ModuleInterface } from "../check/module-interface.ts";
import { isFunctionLike, patternNames } from "../check/module-interface.ts";
import { closestName } from "../check/suggestion.ts";
import { declarationsOf } from "../check/walk.ts";
import type { ImportDecl, PipelineDecl, SourceFile, Stmt } from "../syntax/ast.ts";
import { compileBlock } from "./blocks.ts";
import { checkSize, compileFunction, noteLoans, untypedParam } from "./closures.ts";
import { hoistDeclarations } from "./declarations.ts";
import { FunctionContext } from "./function-context.ts";
import { moveLastUses } from "./last-uses.ts";
import type { ModuleEnv } from "./module-context.ts";
import { ModuleContext } from "./module-context.ts";
import { emitFinally } from "./protected.ts";
import { scriptLocals } from "./script-locals.ts";
import { compileStatement } from "./statements.ts";

export type { ModuleEnv } from "./module-context.ts";

export interface CompiledModule {
  readonly chunk: Chunk | null;
  readonly diagnostics: readonly Diagnostic[];
}

const NOWHERE: Span = { start: 0, end: 0 };

export function compileModule(file: SourceFile, env: ModuleEnv): CompiledModule {
  const module = new ModuleContext(env, file.text);
  declareTypes(module, file);
  const imports = declareImports(module, file);
  declareSlots(module, file);

  const f = new FunctionContext(module, "init", null);
  f.code.at(NOWHERE);
  hoistDeclarations(f, file.items);
  const pipelines = file.items.filter((item) => item.kind === "pipeline");
  const slots = pipelines.map((pipeline) => compilePipeline(f, pipeline, pipelines));
  const isScript = env.entry === true && pipelines.length === 0;
  if (isScript) module.scriptLocals = scriptLocals(file);
  const result = isScript ? f.code.take() : null;
  if (result !== null) f.code.emit("NIL", result);
  compileItems(
    f,
    file.items.filter((item) => isScript || initialises(item)),
    result,
  );
  f.code.at(NOWHERE);
  if (result === null) f.code.emit("RET_NIL");
  else f.code.emit("RET", result);
  const code = f.code.code.take();
  moveLastUses(code, f.code.claims.take(), module);
  checkSize(f, code, "the top level of the module", NOWHERE);
  const init = initialiser(f, code);
  module.functions[0] = init;
  noteLoans(f, 0, code, null, 0);

  if (module.diagnostics.some(({ severity }) => severity === "error"))
    return { chunk: null, diagnostics: module.diagnostics };
  const chunk = linkChunk({
    module: env.key,
    file: env.file ?? file.path,
    constants: module.pool.constants,
    functions: module.finish(),
    slots: module.slots.map((slot) => slot.name),
    exports: exportsOf(module),
    imports,
    pipelines: pipelines.map((pipeline, i) => ({ name: pipeline.name.name, slot: slots[i]! })),
    methods: module.methods,
  });
  return { chunk, diagnostics: module.diagnostics };
}

/** The top level in order; what stands behind a `defer` is protected by it. */
function compileItems(f: FunctionContext, items: readonly Stmt[], result: number | null): void {
  const { module } = f;
  for (const [i, item] of items.entries()) {
    module.position = item.start;
    if (item.kind === "defer") {
      emitFinally(
        f,
        result,
        () => compileItems(f, items.slice(i + 1), result),
        () => compileBlock(f, item.body, null),
      );
      return;
    }
    compileStatement(f, item, i === items.length - 1 ? result : null);
  }
}

function initialiser(f: FunctionContext, code: Int32Array): ChunkParts["functions"][number] {
  return {
    name: "<module>",
    params: [],
    required: 0,
    hasRest: false,
    argcRegister: -1,
    captures: [],
    captureNames: [],
    captureBase: 0,
    registers: f.code.registers,
    code,
    lines: f.code.lines.finish(),
    kind: "init",
    internal: f.module.env.internal ?? false,
    borrows: 0,
  };
}

/** What a module that is imported, or whose pipeline is started, runs of its top level. */
function initialises(item: Stmt): boolean {
  switch (item.kind) {
    case "binding":
    case "fn":
    case "struct":
    case "tool":
    case "skill":
      return true;
    default:
      return false;
  }
}

function exportsOf(module: ModuleContext): readonly { readonly name: string; readonly slot: number }[] {
  return [...module.slotsByName.values()].map(({ name, index }) => ({ name, slot: index }));
}

/** Types of the file, wherever they stand. */
function declareTypes(module: ModuleContext, file: SourceFile): void {
  for (const decl of declarationsOf(file, "enum")) {
    module.enums.set(
      decl.name.name,
      decl.variants.map((variant) => variant.name.name),
    );
  }
  for (const decl of declarationsOf(file, "interface")) module.interfaces.add(decl.name.name);
  for (const decl of declarationsOf(file, "type-alias")) {
    if (decl.typeParams.length === 0) module.typeAliases.set(decl.name.name, decl.type);
  }
}

/** Answers the keys of the imported modules, in order. */
function declareImports(module: ModuleContext, file: SourceFile): readonly string[] {
  const keys: string[] = [];
  const origin = new Map<string, string>();
  for (const item of file.items) {
    if (item.kind !== "import") continue;
    const target = module.env.resolveImport(item.path);
    if (typeof target === "string") {
      module.diagnostics.push({
        severity: "error",
        code: "import",
        message: target,
        labels: [{ span: item.pathSpan }],
      });
      continue;
    }
    if (!keys.includes(target.key)) keys.push(target.key);
    for (const name of importedNames(module, item, target)) importName(module, item, target, name, origin);
  }
  return keys;
}

function importedNames(module: ModuleContext, item: ImportDecl, target: ModuleInterface): readonly string[] {
  if (item.names === null) return target.wildcard;
  return item.names.flatMap((ident) => {
    if (target.exports.has(ident.name)) return [ident.name];
    const near = closestName(ident.name, target.exports.keys());
    module.diagnostics.push({
      severity: "error",
      code: "import",
      message: `Import error: '${ident.name}' is not defined in ${item.path}`,
      labels: [{ span: spanOf(ident) }],
      ...(near === null
        ? {}
        : { help: `did you mean \`${near}\`?`, edits: [{ span: spanOf(ident), replacement: near }] }),
    });
    return [];
  });
}

function importName(
  module: ModuleContext,
  item: ImportDecl,
  target: ModuleInterface,
  name: string,
  origin: Map<string, string>,
): void {
  const info = target.exports.get(name)!;
  const taken = origin.get(name);
  if (taken !== undefined && isFunctionLike(info.kind)) {
    module.diagnostics.push({
      severity: "error",
      code: "import-collision",
      message: `Import collision: '${name}' is already defined when importing ${item.path}`,
      labels: [{ span: item.pathSpan }],
      help: `import selectively: import { ${name} } from "${item.path}"`,
    });
    return;
  }
  origin.set(name, target.key);
  if (info.kind === "enum") module.enums.set(name, info.variants);
  if (info.kind === "interface" || info.kind === "type" || info.kind === "enum") return;
  module.imported.set(name, { module: target.key, name });
}

function declareSlots(module: ModuleContext, file: SourceFile): void {
  for (const item of file.items) {
    switch (item.kind) {
      case "fn":
      case "struct":
        module.addSlot(item.name.name, "declaration", false);
        break;
      case "tool":
      case "skill":
        module.addSlot(item.name.name, "binding", false, item.end);
        break;
      case "binding":
        for (const name of patternNames(item.pattern)) {
          module.addSlot(name, "binding", item.mutable, item.end);
        }
        break;
      default:
        break;
    }
  }
}

/** A pipeline that extends another runs that one's statements first, in the same scope. */
function compilePipeline(f: FunctionContext, decl: PipelineDecl, all: readonly PipelineDecl[]): number {
  const { code, module } = f;
  const slot = module.addHiddenSlot(decl.name.name).index;
  module.position = decl.start;
  const stmts = ancestors(module, decl, all).flatMap((pipeline) => pipeline.body.stmts);
  const compiled = compileFunction(module, null, {
    name: decl.name.name,
    params: decl.params.map(untypedParam),
    body: { ...decl.body, stmts },
    result: "nil",
    span: decl,
  });
  const register = code.take();
  code.at(decl);
  code.emit("CLOSURE", register, compiled.index);
  code.emit("SET_SLOT", slot, register);
  code.top = register;
  return slot;
}

/** From the furthest ancestor to the pipeline itself. */
function ancestors(module: ModuleContext, decl: PipelineDecl, all: readonly PipelineDecl[]): readonly PipelineDecl[] {
  const line = [decl];
  for (let at = decl; at.extends !== null; ) {
    const span = at.extends;
    const { name } = span;
    const parent = all.find((other) => other.name.name === name);
    if (parent === undefined) {
      module.error(`pipeline '${at.name.name}' extends '${name}', which is not a pipeline of this file`, span);
      break;
    }
    if (line.includes(parent)) {
      module.error(`pipeline '${at.name.name}' extends itself`, span);
      break;
    }
    line.unshift(parent);
    at = parent;
  }
  return line;
}
