/** What this layer adds to the language. */
import type { Builtin } from "../builtin/declaration.ts";
import type { Machine } from "../vm/machine.ts";
import { artifactBuiltins } from "./artifact-builtins.ts";
import { runBuiltins } from "./run-builtins.ts";
import { calledWorkerMachine, waitWorkersMachine } from "./wait-machine.ts";
import { workerBuiltins } from "./worker-builtins.ts";
import { workerMachine } from "./worker-machine.ts";
import { workflowBuiltins } from "./workflow-builtins.ts";
import { workflowEditBuiltins } from "./workflow-edits.ts";
import { workflowMachine } from "./workflow-machine.ts";
import { workflowMapMachine } from "./workflow-map.ts";
import { workflowStageMachine } from "./workflow-stage.ts";

export const orchestrationBuiltins: readonly Builtin[] = [
  ...workerBuiltins,
  ...artifactBuiltins,
  ...workflowBuiltins,
  ...workflowEditBuiltins,
  ...runBuiltins,
];
export const orchestrationMachines: readonly Machine[] = [
  workerMachine,
  waitWorkersMachine,
  calledWorkerMachine,
  workflowMachine,
  workflowStageMachine,
  workflowMapMachine,
];
