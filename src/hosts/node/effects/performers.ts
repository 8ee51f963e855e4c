/** All effects that this host can carry out, by kind. */
import type { Performer } from "../../../ports/effects.ts";
import { createMcpPerformers } from "../mcp/performers.ts";
import { createFileEffects } from "./file-effects.ts";
import { gitCommit } from "./git-commit.ts";
import { gitDiff, gitStatus } from "./git-diff.ts";
import { gitMerge } from "./git-merge.ts";
import { worktreeAdd } from "./git-worktree.ts";
import { worktreeRemove } from "./git-worktree-remove.ts";
import { processRun } from "./process-effect.ts";

export function createNodePerformers(): ReadonlyMap<string, Performer> {
  const all = [
    ...createFileEffects(),
    processRun,
    worktreeAdd,
    worktreeRemove,
    gitCommit,
    gitMerge,
    gitDiff,
    gitStatus,
    ...createMcpPerformers(),
  ];
  return new Map(all.map((performer) => [performer.kind, performer]));
}
