/** What is known of artifacts by their kind and freshness (worker-runtime.md 3.1). */

const ALIASES: Readonly<Record<string, string>> = {
  file: "workspace_file",
  transcript: "transcript_summary",
  verification: "verification_result",
  test: "test_result",
};

/** Every kind is kept as it is but for a few short names; blank is `artifact`. */
export function artifactKind(given: string): string {
  if (given.trim() === "") return "artifact";
  return Object.hasOwn(ALIASES, given) ? ALIASES[given]! : given;
}

const PRIORITY: Readonly<Record<string, number>> = {
  verification_result: 100,
  test_result: 100,
  verification_bundle: 95,
  diff: 90,
  git_diff: 90,
  patch: 90,
  patch_set: 90,
  patch_proposal: 90,
  diff_review: 90,
  review_decision: 90,
  apply_intent: 90,
  plan: 80,
  workspace_file: 70,
  workspace_snapshot: 70,
  editor_selection: 70,
  resource: 70,
  summary: 60,
  transcript_summary: 60,
  command_result: 50,
};

export function kindPriority(kind: string): number {
  return Object.hasOwn(PRIORITY, kind) ? PRIORITY[kind]! : 40;
}

const FRESHNESS: Readonly<Record<string, number>> = { fresh: 3, live: 3, recent: 2, stale: 0 };

/** 3 is the freshest; what says nothing lies between stale and recent. */
export function freshnessRank(freshness: unknown): number {
  return typeof freshness === "string" && Object.hasOwn(FRESHNESS, freshness) ? FRESHNESS[freshness]! : 1;
}

const encoder = new TextEncoder();

/** A fourth of the bytes in UTF-8, rounded up. */
export function estimateTextTokens(text: string): number {
  return Math.ceil(encoder.encode(text).length / 4);
}
