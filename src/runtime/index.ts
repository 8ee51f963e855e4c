/** What embedding programs import. */
export { Failure } from "../base/failure.ts";
export type { RunEvent } from "./events.ts";
export type { ManifestHook, RunExtensions } from "./extensions.ts";
export type { ApprovalAnswer, ApprovalHandler } from "./host-approval.ts";
export type { HostTool, HostToolContext } from "./host-tools.ts";
export { ProgramFailure } from "./program.ts";
export type { RunOutcome } from "./run-handle.ts";
export { RunHandle } from "./run-handle.ts";
export type { RunOptions, RuntimeOptions } from "./runtime.ts";
export { createRuntime, Runtime } from "./runtime.ts";
export type { RunInfo, WorkerInfo } from "./stored-runs.ts";
