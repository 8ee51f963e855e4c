import { defineConfig } from "vitest/config";

/** Tests start real processes: on a busy machine one takes many times as long as on an idle one, and is as right. */
export default defineConfig({
  test: { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: "tests/build-in-tests.ts" },
});
