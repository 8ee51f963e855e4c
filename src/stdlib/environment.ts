/** What surrounds the run: variables, the machine, and the folders that paths start from. */
import { joinPath } from "../base/path.ts";
import type { Call } from "../builtin/call.ts";
import type { Builtin, Example } from "../builtin/declaration.ts";
import { builtin, withExamples } from "../builtin/declaration.ts";
import { HDict, type Value } from "../value/value.ts";
import { findProjectRoot, readVariable, rooted, sourceDir, stateRootOf } from "./surroundings.ts";

function runtimePaths(call: Call): HDict {
  const base = findProjectRoot(call, call.scope.cwd) ?? findProjectRoot(call, sourceDir(call)) ?? sourceDir(call);
  const state = stateRootOf(call, base);
  return HDict.of({
    execution_root: call.scope.cwd,
    asset_root: sourceDir(call),
    state_root: state,
    run_root: rooted(call, "HARN_RUN_DIR", base, ".harn-runs"),
    worktree_root: rooted(call, "HARN_WORKTREE_DIR", base, joinPath(state, "worktrees")),
  });
}

const fact = (name: string, result: string, doc: string, read: (call: Call) => Value): Builtin =>
  builtin(name, { sig: `() -> ${result}` as "() -> any", doc, needs: "nothing", run: read });

const EXAMPLES: Readonly<Record<string, Example>> = {
  username: { code: "println(type_of(username()))", prints: "string" },
  hostname: { code: "println(len(hostname()) > 0)", prints: "true" },
  platform: { code: 'println(["linux", "darwin", "windows"].contains(platform()))', prints: "true" },
  arch: { code: "println(len(arch()) > 0)", prints: "true" },
  home_dir: { code: "println(type_of(home_dir()))", prints: "string" },
  pid: { code: "println(pid() > 0)", prints: "true" },
  cwd: { code: 'write_file("here.txt", "")\nprintln(file_exists(path_join(cwd(), "here.txt")))', prints: "true" },
  execution_root: { code: "println(execution_root() == cwd())", prints: "true" },
  asset_root: { code: "println(asset_root() == source_dir())", prints: "true" },
  source_dir: { code: "println(type_of(source_dir()))", prints: "string" },
  project_root: { code: 'println(project_root() ?? "in no project")', prints: "in no project" },
  runtime_paths: { code: "println(runtime_paths().execution_root == cwd())", prints: "true" },
};

export const environmentBuiltins: readonly Builtin[] = withExamples(
  [
    builtin("env", {
      sig: "(name: any) -> any",
      doc: "The value of an environment variable; nil when it is not set.",
      needs: "nothing",
      borrows: true,
      examples: [{ code: 'println(env("HARN_NO_SUCH_VARIABLE"))', prints: "nil" }],
      run: (call, args) => readVariable(call, args.text("name")),
    }),
    builtin("env_or", {
      sig: "(name: any, otherwise: any) -> any",
      doc: "The value of an environment variable, or the second argument when it is not set.",
      needs: "nothing",
      examples: [{ code: 'println(env_or("HARN_NO_SUCH_VARIABLE", 5))', prints: "5" }],
      run: (call, args) => readVariable(call, args.text("name")) ?? args.raw("otherwise"),
    }),
    fact("username", "string", "Who runs the process.", (call) => call.ports.environment.user),
    fact("hostname", "string", "The machine's name.", (call) => call.ports.environment.hostName),
    fact(
      "platform",
      "string",
      "darwin, linux, windows, or the system's own name.",
      (call) => call.ports.environment.platform,
    ),
    fact("arch", "string", "The processor: x86_64, aarch64, …", (call) => call.ports.environment.arch),
    fact("home_dir", "string", "The user's folder.", (call) => call.ports.environment.home),
    fact("pid", "int", "The process's id.", (call) => call.ports.environment.pid),
    fact("cwd", "string", "The working folder, where relative paths start.", (call) => call.scope.cwd),
    fact("execution_root", "string", "The working folder, where relative paths start.", (call) => call.scope.cwd),
    fact("asset_root", "string", "The folder of the source file: where templates are looked for.", sourceDir),
    fact("source_dir", "string", "The folder of the source file.", sourceDir),
    fact(
      "project_root",
      "string",
      "The nearest folder from the working folder up that holds a harn.toml; nil: none.",
      (call) => findProjectRoot(call, call.scope.cwd),
    ),
    fact("runtime_paths", "dict", "{execution_root, asset_root, state_root, run_root, worktree_root}.", runtimePaths),
  ],
  EXAMPLES,
);
