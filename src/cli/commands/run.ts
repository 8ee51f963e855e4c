/** `harn run`: a file or a text, with fixtures for its model calls and with what it may not call. */
import fs from "node:fs/promises";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { systemReason } from "../../hosts/node/errno.ts";
import type { RunFlags } from "../command-line.ts";
import { openWatched } from "../command-runtime.ts";
import { TraceSummary } from "../display/trace-summary.ts";
import { chooseView, standardScreen } from "../display/view.ts";
import { UsageFailure } from "../exit-codes.ts";
import { followRun } from "../follow-run.ts";
import type { Recording } from "../model-recording.ts";
import { projectExtensions, warnOf } from "../run-extensions.ts";

export async function runProgram(
  file: string | undefined,
  args: readonly string[],
  flags: RunFlags,
  onWrite: () => void = () => {},
): Promise<number> {
  if ((file === undefined) === (flags.eval === undefined)) {
    throw new UsageFailure(
      file === undefined
        ? "expected a program: a file, or a text after -e"
        : "expected either a file or a text after -e, not both",
    );
  }
  const cells = flags.llmMock === undefined ? {} : await fixtureCells(flags.llmMock);
  const recording = flags.llmMockRecord === undefined ? null : await recordedTo(flags.llmMockRecord);
  const screen = standardScreen(onWrite);
  const view = chooseView(screen, flags.json ?? false);
  const runtime = openWatched(flags.stateRoot, view, screen, {
    ...(recording === null ? {} : { onModelAnswer: recording.onModelAnswer }),
    ...(flags.memoryLimit === undefined ? {} : { memoryLimit: megabytes(flags.memoryLimit) }),
    ...(flags.jitless ? { tiering: "off" } : {}),
  });
  const extensions = await projectExtensions(file, flags.skillDir);
  warnOf(extensions, (text) => screen.writeError(text));
  const trace = flags.trace ? new TraceSummary() : null;
  try {
    const handle = runtime.run({
      ...(file === undefined ? { code: flags.eval! } : { file }),
      args,
      cells,
      ...(extensions === undefined ? {} : { extensions }),
      ...(flags.durable ? { durable: true } : {}),
      ...denials(flags),
    });
    if (trace !== null) handle.onEvent((event) => trace.apply(event));
    const code = await followRun(handle, {
      view,
      screen,
      ...(flags.eval === undefined ? {} : { code: flags.eval }),
      resumeCommand: (run) => resumeCommand(run, flags.stateRoot),
    });
    if (trace !== null) screen.writeError(trace.render());
    await recording?.save();
    return code;
  } finally {
    await runtime.close();
  }
}

function megabytes(text: string): number {
  const mb = Number(text);
  if (!Number.isInteger(mb) || mb < 16)
    throw new UsageFailure(`--memory-limit expects a whole number of megabytes from 16 on, got ${text}`);
  return mb * 1024 * 1024;
}

export function resumeCommand(run: string, stateRoot: string | undefined): string {
  return `harn resume${stateRoot === undefined ? "" : ` --state-root ${stateRoot}`} ${run}`;
}

/** Names are checked by the runtime, which knows all builtins. */
export function denials(flags: RunFlags): { readonly deny?: readonly string[]; readonly allow?: readonly string[] } {
  const names = (list: string) =>
    list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
  if (flags.deny !== undefined) return { deny: names(flags.deny) };
  return flags.allow === undefined ? {} : { allow: names(flags.allow) };
}

async function recordedTo(file: string): Promise<Recording> {
  const { recordAnswers } = await import("../model-recording.ts");
  return recordAnswers(file);
}

async function fixtureCells(file: string): Promise<Readonly<Record<string, unknown>>> {
  const [{ parseFixtures }, { mockFixtures, mockCell }] = await Promise.all([
    import("../../llm/fixtures.ts"),
    import("../../agents/mock-cell.ts"),
  ]);
  return { [mockCell.name]: mockFixtures(parseFixtures(await readText(file), file)) };
}

async function readText(file: string): Promise<string> {
  try {
    return await fs.readFile(path.resolve(file), "utf8");
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${systemReason(error)}`);
  }
}
