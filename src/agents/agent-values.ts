/** Agents as values: a dict with a name and the options that its loop is to have. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { copyDict, HDict, share } from "../value/value.ts";

/** What `agent_config` hands on to a loop. */
const LOOP_OPTIONS = [
  "provider",
  "model",
  "tools",
  "max_iterations",
  "tool_format",
  "context_callback",
  "context_filter",
  "tool_retries",
  "tool_backoff_ms",
];

export const agentValueBuiltins: readonly Builtin[] = [
  builtin("agent", {
    sig: "(name: string, config?: dict) -> dict",
    doc: "An agent: its config with `_type` and `name`.",
    needs: "nothing",
    examples: [{ code: 'println(agent("scout", {model: "small"}).name)', prints: "scout" }],
    run(_call, args) {
      const config = args.raw("config");
      if (config !== null && !(config instanceof HDict))
        throw thrownError("agent: second argument must be a config dict");
      const made = config === null ? HDict.empty() : copyDict(config);
      made.set("_type", "agent");
      made.set("name", args.text("name"));
      return made;
    },
  }),
  builtin("agent_config", {
    sig: "(agent: dict, prompt: any) -> dict",
    doc: "What `agent_loop` is to be called with for this agent: {prompt, system, options}.",
    needs: "nothing",
    examples: [
      { code: 'println(agent_config(agent("scout", {model: "small"}), "look").options.model)', prints: "small" },
    ],
    run(_call, args) {
      const agent = args.raw("agent");
      if (!(agent instanceof HDict) || agent.get("_type") !== "agent") {
        throw thrownError("agent_config: first argument must be an agent (created with agent())");
      }
      const options = HDict.empty();
      for (const key of LOOP_OPTIONS) {
        const value = agent.get(key);
        if (value !== undefined) options.set(key, share(value));
      }
      return HDict.of({ prompt: share(args.raw("prompt")), system: share(agent.get("system") ?? null), options });
    },
  }),
  builtin("agent_name", {
    sig: "(agent: dict) -> string | nil",
    doc: "The agent's name.",
    needs: "nothing",
    examples: [{ code: 'println(agent_name(agent("reviewer", {})))', prints: "reviewer" }],
    run(_call, args) {
      const agent = args.raw("agent");
      if (!(agent instanceof HDict))
        throw thrownError(`agent_name: argument must be an agent, got ${displayValue(agent)}`);
      return agent.get("name") ?? null;
    },
  }),
];
