/** The modules `std/NAME` by the name that a program imports. Each is a text in Harn, compiled when it is first imported. */
import { agentStateModule } from "./agent-state.ts";
import { agentsModule } from "./agents/index.ts";
import { contextModule } from "./context.ts";
import { collectionsModule, jsonModule, schemaModule } from "./data.ts";
import { acpModule, runtimeModule, testingModule } from "./host.ts";
import { mathModule } from "./math.ts";
import { pathModule, worktreeModule } from "./places.ts";
import { projectModule } from "./project.ts";
import { textModule } from "./text.ts";
import { asyncModule, checkpointModule } from "./waiting.ts";

export const stdModules: ReadonlyMap<string, string> = new Map([
  ["std/acp", acpModule],
  ["std/agent_state", agentStateModule],
  ["std/agents", agentsModule],
  ["std/async", asyncModule],
  ["std/checkpoint", checkpointModule],
  ["std/collections", collectionsModule],
  ["std/context", contextModule],
  ["std/json", jsonModule],
  ["std/math", mathModule],
  ["std/path", pathModule],
  ["std/project", projectModule],
  ["std/runtime", runtimeModule],
  ["std/schema", schemaModule],
  ["std/testing", testingModule],
  ["std/text", textModule],
  ["std/worktree", worktreeModule],
]);
