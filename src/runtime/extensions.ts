/**
 * What a project gives to a run beside the program: hooks from manifests, skills from its folders, MCP servers. Modules of hooks belong to the run like those of the program, so they are
 * part of what is stored.
 */

import { hookPatternProblem } from "../agents/hook-patterns.ts";
import { type HookEvent, type HookState, hookCell } from "../agents/hooks.ts";
import type { DeclaredServer } from "../agents/mcp-clients.ts";
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { joinPath } from "../base/path.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import { explainMissing, findModulePath } from "../check/find-module.ts";
import type { Program } from "../vm/run.ts";
import { loadProgram } from "./program.ts";

/** One of `[[hooks]]`. */
export interface ManifestHook {
  readonly event: HookEvent;
  readonly pattern: string;
  /** `module::function`. */
  readonly handler: string;
  /** Absolute path of the manifest, and the name of its package. */
  readonly manifest: string;
  readonly package: string | null;
}

export interface RunExtensions {
  readonly hooks: readonly ManifestHook[];
  /** Entries of the global `skills`. */
  readonly skills: readonly JsonObject[];
  /** MCP servers of the global `mcp`. */
  readonly mcp: readonly DeclaredServer[];
}

type Doors = Parameters<typeof loadProgram>[1];

export interface ExtendedProgram {
  readonly program: Program;
  /** State that cells of a run start with, by name: made anew for each run. */
  cells(): Readonly<Record<string, unknown>>;
}

/** `policies`: how many the program starts with. Throws a `Failure` for a handler that is not there. */
export async function extendProgram(
  program: Program,
  { hooks }: RunExtensions,
  doors: Doors,
  policies: number,
): Promise<ExtendedProgram> {
  if (hooks.length === 0) return { program, cells: () => ({}) };
  const chunks = new Map<string, Chunk>();
  const found: HookState["hooks"][number][] = [];
  for (const hook of hooks) {
    const problem = hookPatternProblem(hook.pattern);
    if (problem !== null) throw new Failure(`${hook.manifest}: hook pattern '${hook.pattern}': ${problem}`);
    const [module, name] = splitHandler(hook);
    const key = moduleOf(hook, module, doors);
    if (!chunks.has(key)) {
      const loaded = await loadProgram({ entry: key, name: key }, doors);
      for (const chunk of loaded.chunks) if (!chunks.has(chunk.module)) chunks.set(chunk.module, chunk);
    }
    if (!chunks.get(key)!.exports.some((entry) => entry.name === name)) {
      throw new Failure(`${hook.manifest}: hook handler '${name}' is not exported by module '${module}'`);
    }
    found.push({ kind: "call", event: hook.event, pattern: hook.pattern, handler: hook.handler, module: key, name });
  }
  for (const chunk of program.chunks) if (!chunks.has(chunk.module)) chunks.set(chunk.module, chunk);
  return {
    program: { entry: program.entry, chunks: [...chunks.values()] },
    cells: () => ({ [hookCell.name]: { hooks: found, policies } satisfies HookState }),
  };
}

function splitHandler({ handler, manifest }: ManifestHook): readonly [string, string] {
  const at = handler.lastIndexOf("::");
  if (at > 0 && at + 2 < handler.length) return [handler.slice(0, at), handler.slice(at + 2)];
  throw new Failure(`${manifest}: invalid hook handler '${handler}': expected <module>::<function>`);
}

/** A package's own name means its `lib.harn`; anything else is looked up as an import of a file beside the manifest. */
function moduleOf(hook: ManifestHook, module: string, { files }: Doors): string {
  const own = joinPath(hook.manifest, "../lib.harn");
  if (module === hook.package && files.statSync(own)?.kind === "file") return own;
  const found = findModulePath(hook.manifest, module, files);
  if (found !== null) return found;
  throw new Failure(
    `${hook.manifest}: hook handler '${hook.handler}': ${explainMissing(hook.manifest, module, files)}`,
  );
}
