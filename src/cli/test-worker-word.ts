/** The word that makes the command a process that runs tests for another (test-processes.ts). By itself, so that a start need not load more. */
export const TEST_WORKER = "__test-worker";
