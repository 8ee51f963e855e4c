/** All builtins and all machines of this build. */
import { agentBuiltins, agentMachines } from "../agents/index.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { orchestrationBuiltins, orchestrationMachines } from "../orchestration/index.ts";
import { exitMachine, stdlibBuiltins } from "../stdlib/index.ts";
import { parallelMachine } from "../vm/concurrency.ts";
import { loadMachine } from "../vm/load-machine.ts";
import type { Machine } from "../vm/machine.ts";
import { programMachine } from "./program-machine.ts";

export function allBuiltins(): readonly Builtin[] {
  return [...stdlibBuiltins, ...agentBuiltins, ...orchestrationBuiltins];
}

export function allMachines(): ReadonlyMap<string, Machine> {
  const machines = [
    programMachine,
    loadMachine,
    ...orchestrationMachines,
    parallelMachine,
    exitMachine,
    ...agentMachines,
  ];
  return new Map(machines.map((machine) => [machine.kind, machine]));
}
