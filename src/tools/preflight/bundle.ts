/**
 * What belongs to programs when they are packed for another place: their modules, templates, folders, and the operations of the host that they want.
 * `harn contracts bundle` prints it.
 */
import type { JsonObject } from "../../base/json.ts";
import { findModulePath } from "../../check/find-module.ts";
import type { FilesPort } from "../../ports/files.ts";
import { parseSource } from "../../syntax/parser.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { capabilitiesJson } from "./host-capabilities.ts";
import { candidatePaths } from "./preflight.ts";
import { type OutsideCall, outsideCalls, type TemplateVia } from "./program-calls.ts";

interface Asset {
  readonly declared_in: string;
  readonly via: TemplateVia;
  readonly kind: "prompt_asset" | "template_asset";
  readonly target: string;
  /** Where it is, or else would be. */
  readonly resolved: string;
  readonly candidates: readonly string[];
  readonly exists: boolean;
}

class Bundle {
  readonly modules = new Map<string, "entry" | "import">();
  readonly assets = new Map<string, Asset>();
  readonly operations = new Map<string, Set<string>>();
  readonly executionDirs = new Set<string>();
  readonly worktreeRepos = new Set<string>();
  /** `from`, a zero, `to`. */
  readonly edges = new Set<string>();
  private readonly files: FilesPort;
  private readonly bundleRoot: string | null;
  private readonly seen = new Set<string>();

  constructor(files: FilesPort, bundleRoot: string | null) {
    this.files = files;
    this.bundleRoot = bundleRoot;
  }

  addModule(path: string, role: "entry" | "import"): void {
    if (!this.modules.has(path)) this.modules.set(path, role);
    if (this.seen.has(path)) return;
    this.seen.add(path);
    const { file } = parseSource(path, this.files.readTextSync(path));
    for (const call of outsideCalls(file)) this.addCall(path, call);
    for (const item of file.items) {
      if (item.kind !== "import" || item.path.startsWith("std/")) continue;
      const found = findModulePath(path, item.path, this.files);
      if (found === null) continue;
      const real = this.files.realpathSync(found);
      this.edges.add(`${path}\0${real}`);
      this.addModule(real, "import");
    }
  }

  private addCall(module: string, call: OutsideCall): void {
    if (call.kind === "template") this.addAsset(module, call.via, call.target);
    else if (call.kind === "host") {
      const known = this.operations.get(call.capability) ?? new Set();
      this.operations.set(call.capability, known.add(call.operation));
    } else if (call.kind === "folder") {
      const [folder] = candidatePaths(module, call.target, null);
      (call.via === "worktree repo" ? this.worktreeRepos : this.executionDirs).add(folder!);
    }
  }

  private addAsset(module: string, via: TemplateVia, target: string): void {
    const candidates = candidatePaths(module, target, this.bundleRoot);
    const found = candidates.find((path) => this.files.existsSync(path));
    const resolved = found ?? candidates[0]!;
    const kind = via === "render_prompt" || target.endsWith(".prompt") ? "prompt_asset" : "template_asset";
    const asset: Asset = { declared_in: module, via, kind, target, resolved, candidates, exists: found !== undefined };
    const key = `${module}\0${via}\0${resolved}`;
    if (!this.assets.has(key)) this.assets.set(key, asset);
  }
}

/** `targets`: paths as they were named, and the real ones. Throws a `FileFailure` when one cannot be read. */
export function bundleManifest(
  targets: readonly { readonly name: string; readonly path: string }[],
  bundleRoot: string | null,
  files: FilesPort,
): JsonObject {
  const bundle = new Bundle(files, bundleRoot);
  for (const { path } of targets) bundle.addModule(path, "entry");
  const modules = [...bundle.modules].sort(([a], [b]) => compareUtf8(a, b));
  const assets = sortedBy(bundle.assets).map(([, asset]) => ({ ...asset, candidates: [...asset.candidates] }));
  const pathsOf = (role: "entry" | "import") => modules.flatMap(([path, own]) => (own === role ? [path] : []));
  const resolvedOf = (kind: Asset["kind"]) => assets.flatMap((asset) => (asset.kind === kind ? [asset.resolved] : []));
  const edges = [...bundle.edges].sort(compareUtf8).map((edge) => {
    const [from, to] = edge.split("\0") as [string, string];
    return { from, to };
  });
  const [entries, imports] = [pathsOf("entry"), pathsOf("import")];
  const [prompts, templates] = [resolvedOf("prompt_asset"), resolvedOf("template_asset")];
  return {
    version: 1,
    targets: targets.map(({ name }) => name),
    bundle_root: bundleRoot,
    entry_modules: entries,
    import_modules: imports,
    modules: modules.map(([path, role]) => ({ path, role })),
    module_dependencies: edges,
    prompt_assets: prompts,
    template_assets: templates,
    assets,
    required_host_capabilities: capabilitiesJson(bundle.operations) as JsonObject,
    execution_dirs: [...bundle.executionDirs].sort(compareUtf8),
    worktree_repos: [...bundle.worktreeRepos].sort(compareUtf8),
    summary: {
      entry_module_count: entries.length,
      import_module_count: imports.length,
      module_dependency_count: edges.length,
      prompt_asset_count: prompts.length,
      template_asset_count: templates.length,
      host_capability_count: bundle.operations.size,
      execution_dir_count: bundle.executionDirs.size,
      worktree_repo_count: bundle.worktreeRepos.size,
    },
  };
}

function sortedBy<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => compareUtf8(a, b));
}
