/** What this layer adds to the language. */
import type { Builtin } from "../builtin/declaration.ts";
import type { Performer } from "../ports/effects.ts";
import type { Machine } from "../vm/machine.ts";
import { agentValueBuiltins } from "./agent-values.ts";
import { approvalMachine } from "./approval-machine.ts";
import { completionBuiltins } from "./completion.ts";
import { llmBuiltins } from "./llm-builtins.ts";
import { loopMachine } from "./loop-machine.ts";
import { agentLoopMachine } from "./loop-scope.ts";
import { mockBuiltins, mockPerformer } from "./mock-cell.ts";
import { projectEnrichBuiltins, projectEnrichMachine } from "./project-enrich.ts";
import { sessionBuiltins } from "./session-builtins.ts";
import { toolBuiltins } from "./tool-registry.ts";
import { toolTextBuiltins } from "./tool-text.ts";
import { transcriptBuiltins } from "./transcript-builtins.ts";

export const agentBuiltins: readonly Builtin[] = [
  ...llmBuiltins,
  ...completionBuiltins,
  ...mockBuiltins,
  ...toolBuiltins,
  ...toolTextBuiltins,
  ...sessionBuiltins,
  ...transcriptBuiltins,
  ...agentValueBuiltins,
  ...projectEnrichBuiltins,
];
export const agentMachines: readonly Machine[] = [loopMachine, agentLoopMachine, approvalMachine, projectEnrichMachine];
export const agentPerformers: readonly Performer[] = [mockPerformer];
