/** A new run of a program: its root fiber stands before the first module's first instruction. */
import { Failure } from "../base/failure.ts";
import { isAbsolute } from "../base/path.ts";
import { rootScope, type Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import { pushMachine } from "../vm/calls.ts";
import type { VmHost } from "../vm/host.ts";
import type { Program } from "../vm/run.ts";
import { Run } from "../vm/run.ts";
import type { ProgramState } from "./program-machine.ts";
import { PROGRAM_MACHINE } from "./program-machine.ts";

/** `root`: what of the root's scope is not empty; `after`: a builtin that is called when the program has ended well. */
export function startRun(
  id: string,
  host: VmHost,
  program: Program,
  globals: Map<string, Value>,
  root: Pick<Scope, "cwd" | "env" | "policies">,
  after: string | null = null,
): Run {
  if (!isAbsolute(root.cwd)) throw new Failure(`run: cwd ${root.cwd} is not absolute`);
  const run = new Run(id, host);
  run.entry = program.entry;
  run.globals = globals;
  for (const chunk of program.chunks) run.addChunk(chunk);
  const fiber = run.newFiber(rootScope(root), null, null, false);
  run.root = fiber.id;
  const state: ProgramState = { modules: program.chunks.map((chunk) => chunk.module), phase: "init", after };
  pushMachine(run, fiber, PROGRAM_MACHINE, state, -1);
  return run;
}
