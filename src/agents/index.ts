/** What this layer adds to the language. */
import type { Builtin } from "../builtin/declaration.ts";
import type { Performer } from "../ports/effects.ts";
import type { Machine } from "../vm/machine.ts";
import { approvalMachine } from "./approval-machine.ts";
import { llmBuiltins } from "./llm-builtins.ts";
import { loopMachine } from "./loop-machine.ts";
import { agentLoopMachine } from "./loop-scope.ts";
import { mockBuiltins, mockPerformer } from "./mock-cell.ts";
import { sessionBuiltins } from "./session-builtins.ts";
import { toolBuiltins } from "./tool-registry.ts";

export const agentBuiltins: readonly Builtin[] = [...llmBuiltins, ...mockBuiltins, ...toolBuiltins, ...sessionBuiltins];
export const agentMachines: readonly Machine[] = [loopMachine, agentLoopMachine, approvalMachine];
export const agentPerformers: readonly Performer[] = [mockPerformer];
