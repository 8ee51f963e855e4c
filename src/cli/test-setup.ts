/** What running tests needs beside the tests: doors, folders, fixtures. The same in the command's own process and in those that help it. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createNodePerformers } from "../hosts/node/effects/performers.ts";
import { createNodePorts } from "../hosts/node/ports.ts";
import { readExtensions } from "../tools/run-extensions.ts";
import type { LineCounts } from "../tools/test/instrument.ts";
import { ProgramHost } from "../tools/test/program-host.ts";
import type { RunTestsOptions } from "../tools/test/run-tests.ts";
import type { TestFlags } from "./command-line.ts";
import { snapshotMode, tiering } from "./command-runtime.ts";
import { readFilter } from "./conformance/cases.ts";

const FIXTURES = ".harn-fixtures";

export function testOptions(
  flags: TestFlags,
  counts: LineCounts | null,
  more: Pick<RunTestsOptions, "atOnce" | "onProgress" | "signal">,
): RunTestsOptions {
  const ports = createNodePorts();
  const fits = flags.filter === undefined ? () => true : readFilter(flags.filter);
  const kind = flags.record ? "record" : flags.replay ? "replay" : "none";
  return {
    host: new ProgramHost({
      ports,
      performers: createNodePerformers(),
      tiering: flags.jitless ? "off" : tiering(),
      snapshotMode: snapshotMode(),
      counts,
      // A test calls no model that it does not ask for.
      provider: "mock",
    }),
    files: ports.files,
    extensionsOf: (file) =>
      readExtensions({
        folder: path.dirname(file),
        files: ports.files,
        environment: ports.environment,
        skillFolders: (flags.skillDir ?? []).map((name) => path.resolve(name)),
      }),
    clock: ports.clock,
    wanted: (file, test) => fits(test) || fits(`${file}::${test}`),
    timeoutMs: flags.timeout,
    counts,
    makeFolder: () => fs.mkdtemp(path.join(os.tmpdir(), "harn-test-")),
    fixtures: kind === "none" ? { kind } : { kind, folder: path.resolve(FIXTURES) },
    ...more,
  };
}

export const wantsCoverage = (flags: TestFlags): boolean =>
  (flags.coverage ?? false) || flags.coverageLcov !== undefined;
