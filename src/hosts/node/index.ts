/** The runtime on Node: ports and performers of this machine are the default. This is what the package exports. */
import type { Performer } from "../../ports/effects.ts";
import type { Ports } from "../../ports/ports.ts";
import type { RuntimeOptions } from "../../runtime/runtime.ts";
import { Runtime } from "../../runtime/runtime.ts";
import { createNodePerformers } from "./own-performers.ts";
import { createNodePorts } from "./ports.ts";

export * from "../../runtime/index.ts";
export { createNodePorts } from "./ports.ts";

export type NodeRuntimeOptions = Omit<RuntimeOptions, "ports" | "performers"> & {
  readonly ports?: Ports;
  readonly performers?: ReadonlyMap<string, Performer>;
};

export function createRuntime(options: NodeRuntimeOptions = {}): Runtime {
  return new Runtime({
    ...options,
    ports: options.ports ?? createNodePorts(),
    performers: options.performers ?? createNodePerformers(),
  });
}
