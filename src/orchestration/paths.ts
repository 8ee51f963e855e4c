/** Where a program keeps what it keeps (worker-runtime.md 2.3). Blank overrides count as unset; relative ones resolve against the base. */
import { joinPath, lastComponent } from "../base/path.ts";
import type { Scope } from "../builtin/scope.ts";
import type { EnvironmentPort } from "../ports/environment.ts";

function rooted(environment: EnvironmentPort, variable: string, base: string, otherwise: string): string {
  const override = environment.get(variable)?.trim();
  return joinPath(base, override === undefined || override === "" ? otherwise : override);
}

export function stateRoot(environment: EnvironmentPort, base: string): string {
  return rooted(environment, "HARN_STATE_DIR", base, ".harn");
}

export function worktreeRoot(environment: EnvironmentPort, base: string): string {
  return rooted(environment, "HARN_WORKTREE_DIR", base, joinPath(stateRoot(environment, base), "worktrees"));
}

export function workerStateDir(environment: EnvironmentPort, base: string): string {
  return rooted(environment, "HARN_WORKER_STATE_DIR", base, joinPath(stateRoot(environment, base), "workers"));
}

/** Default place of a worker's worktree. */
export function defaultWorktree(environment: EnvironmentPort, scope: Scope, repo: string, worker: string): string {
  return joinPath(worktreeRoot(environment, scope.cwd), lastComponent(repo) || "repo", worker);
}

/** Where run records go. */
export function runRoot(environment: EnvironmentPort, base: string): string {
  return rooted(environment, "HARN_RUN_DIR", base, ".harn-runs");
}
