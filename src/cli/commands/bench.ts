/**
 * `harn bench FILE`: how long a program takes, compiled once and run several times. What it prints is dropped; its models are the real ones.
 *
 * `--json` prints `{file, compile_ms, runs: [{ms, model_calls, input_tokens, output_tokens, cost_usd}], summary: {least, median, …}}`.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createNodePerformers } from "../../hosts/node/effects/performers.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import type { ModelResponse } from "../../llm/contract.ts";
import { ProgramFailure } from "../../runtime/program.ts";
import type { RunOutcome } from "../../runtime/run-handle.ts";
import { type RunFigures, summarize } from "../../tools/bench/measure.ts";
import { ProgramHost } from "../../tools/test/program-host.ts";
import { loadTestProgram } from "../../tools/test/test-program.ts";
import type { Program } from "../../vm/run.ts";
import { tiering } from "../command-runtime.ts";
import { chooseView, standardScreen } from "../display/view.ts";
import { EXIT } from "../exit-codes.ts";
import { reportOutcome } from "../follow-run.ts";

export interface BenchFlags {
  readonly iterations: number;
  readonly warmup: number;
  readonly jitless?: boolean;
  readonly json?: boolean;
}

/** Ends with 1 at the first run that fails. */
export async function benchProgram(file: string, flags: BenchFlags): Promise<number> {
  const ports = createNodePorts();
  const host = new ProgramHost({
    ports,
    performers: createNodePerformers(),
    tiering: flags.jitless ? "off" : tiering(),
    snapshotMode: false,
    counts: null,
    provider: null,
  });
  const started = performance.now();
  let program: Program;
  try {
    program = await loadTestProgram({ path: path.resolve(file), name: file }, host.doors, null);
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    return fail({ kind: "failed", message: error.message, problems: error.problems });
  }
  const compileMs = performance.now() - started;
  const runs: RunFigures[] = [];
  for (let i = -flags.warmup; i < flags.iterations; i++) {
    const result = await runOnce(host, program);
    if ("kind" in result) return fail(result, `run ${i < 0 ? `${i + flags.warmup + 1} to warm up` : i + 1} failed`);
    if (i >= 0) runs.push(result);
  }
  process.stdout.write(flags.json ? asJson(file, compileMs, runs) : asText(file, compileMs, runs));
  return EXIT.ok;
}

async function runOnce(host: ProgramHost, program: Program): Promise<RunFigures | RunOutcome> {
  const stateRoot = await fs.mkdtemp(path.join(os.tmpdir(), "harn-bench-"));
  const answers: ModelResponse[] = [];
  const started = performance.now();
  const run = host.start({
    program,
    pipeline: null,
    cwd: process.cwd(),
    stateRoot,
    cells: {},
    onModelAnswer: (answer) => answers.push(answer),
  });
  try {
    const outcome = await run.handle.result;
    const ms = performance.now() - started;
    if (outcome.kind !== "value" && !(outcome.kind === "exited" && outcome.code === 0)) return outcome;
    const sum = (read: (answer: ModelResponse) => number | null) =>
      answers.reduce((total, answer) => total + (read(answer) ?? 0), 0);
    return {
      ms,
      modelCalls: answers.length,
      inputTokens: sum(({ usage }) => usage.inputTokens),
      outputTokens: sum(({ usage }) => usage.outputTokens),
      costUsd: sum(({ costUsd }) => costUsd),
    };
  } finally {
    await run.close();
    await fs.rm(stateRoot, { recursive: true, force: true });
  }
}

function fail(outcome: RunOutcome, where?: string): number {
  const screen = standardScreen();
  const view = chooseView(screen, false);
  reportOutcome(outcome, { view, screen, resumeCommand: () => "" });
  view.close();
  if (outcome.kind === "exited") process.stderr.write(`error: the program ended with exit code ${outcome.code}\n`);
  if (where !== undefined) process.stderr.write(`${where}\n`);
  return EXIT.failed;
}

function asJson(file: string, compileMs: number, runs: readonly RunFigures[]): string {
  const { runs: _, ...summary } = summarize(runs);
  const report = {
    file,
    compile_ms: compileMs,
    runs: runs.map(({ ms, modelCalls, inputTokens, outputTokens, costUsd }) => ({
      ms,
      model_calls: modelCalls,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cost_usd: costUsd,
    })),
    summary,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function asText(file: string, compileMs: number, runs: readonly RunFigures[]): string {
  const { least, median, mean, ninth, most, spread, total } = summarize(runs);
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const sum = (read: (run: RunFigures) => number) => runs.reduce((all, run) => all + read(run), 0);
  const calls = sum((run) => run.modelCalls);
  const lines = [
    `${file}: ${runs.length} run${runs.length === 1 ? "" : "s"}, compiled once in ${ms(compileMs)}`,
    `  least ${ms(least)}   median ${ms(median)}   mean ${ms(mean)} ± ${ms(spread)}`,
    `  nine of ten within ${ms(ninth)}   most ${ms(most)}   all ${ms(total)}`,
  ];
  if (calls > 0) {
    const cost = sum((run) => run.costUsd);
    lines.push(
      `  model calls ${calls}   tokens in ${sum((run) => run.inputTokens)}, out ${sum((run) => run.outputTokens)}   cost $${cost.toFixed(4)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
