/** What this layer adds to the language. */
import type { Builtin } from "../builtin/declaration.ts";
import type { Machine } from "../vm/machine.ts";
import { agentTraceBuiltins } from "./agent-trace.ts";
import { agentValueBuiltins } from "./agent-values.ts";
import { approvalMachine } from "./approval-machine.ts";
import { asideCallMachine, asideMachine } from "./aside-machine.ts";
import { capabilityBuiltins } from "./capability-builtins.ts";
import { catalogBuiltins } from "./catalog-builtins.ts";
import { compactCallMachine, compactionBuiltins } from "./compaction-builtins.ts";
import { compactionMachine } from "./compaction-machine.ts";
import { completionBuiltins } from "./completion.ts";
import { daemonBuiltins, daemonStartMachine } from "./daemon-builtins.ts";
import { daemonMachine } from "./daemon-machine.ts";
import { hookBuiltins } from "./hooks.ts";
import { llmBuiltins } from "./llm-builtins.ts";
import { loopMachine } from "./loop-machine.ts";
import { agentLoopMachine } from "./loop-scope.ts";
import { mcpCardBuiltins } from "./mcp-cards.ts";
import { mcpClientBuiltins } from "./mcp-client-builtins.ts";
import { mcpAnswerMachine, mcpServeMachine } from "./mcp-serve-machine.ts";
import { mcpServerBuiltins } from "./mcp-server-builtins.ts";
import { messageListBuiltins } from "./message-lists.ts";
import { mockBuiltins } from "./mock-cell.ts";
import { modelStreamBuiltins, modelStreamMachine } from "./model-stream.ts";
import { projectEnrichBuiltins, projectEnrichMachine } from "./project-enrich.ts";
import { rateLimitBuiltins, rateLimitMachine } from "./rate-limits.ts";
import { sessionBuiltins } from "./session-builtins.ts";
import { skillBuiltins } from "./skill-registry.ts";
import { spendingBuiltins } from "./spending.ts";
import { toolHookMachine } from "./tool-hooks.ts";
import { toolBuiltins } from "./tool-registry.ts";
import { toolTextBuiltins } from "./tool-text.ts";
import { transcriptBuiltins } from "./transcript-builtins.ts";
import { watchBuiltins } from "./watching.ts";

export const agentBuiltins: readonly Builtin[] = [
  ...llmBuiltins,
  ...completionBuiltins,
  ...mockBuiltins,
  ...toolBuiltins,
  ...toolTextBuiltins,
  ...sessionBuiltins,
  ...transcriptBuiltins,
  ...compactionBuiltins,
  ...agentValueBuiltins,
  ...projectEnrichBuiltins,
  ...capabilityBuiltins,
  ...catalogBuiltins,
  ...rateLimitBuiltins,
  ...spendingBuiltins,
  ...modelStreamBuiltins,
  ...messageListBuiltins,
  ...skillBuiltins,
  ...agentTraceBuiltins,
  ...hookBuiltins,
  ...mcpClientBuiltins,
  ...mcpCardBuiltins,
  ...mcpServerBuiltins,
  ...daemonBuiltins,
  ...watchBuiltins,
];
export const agentMachines: readonly Machine[] = [
  loopMachine,
  compactionMachine,
  compactCallMachine,
  agentLoopMachine,
  approvalMachine,
  projectEnrichMachine,
  rateLimitMachine,
  modelStreamMachine,
  asideMachine,
  asideCallMachine,
  toolHookMachine,
  daemonMachine,
  daemonStartMachine,
  mcpServeMachine,
  mcpAnswerMachine,
];
