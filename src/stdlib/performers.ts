/** Effects of builtins that need nothing but the ports; one set a runtime. */
import type { Performer } from "../ports/effects.ts";
import { createStateWrite, stateDelete } from "./agent-state/performers.ts";
import { httpPerformer } from "./http/performer.ts";
import { createKeptPerformers } from "./kept-change.ts";
import { projectPerformer } from "./project/performer.ts";
import { readLinePerformer } from "./prompt.ts";

export function createStdlibPerformers(): readonly Performer[] {
  return [
    httpPerformer,
    createStateWrite(),
    stateDelete,
    ...createKeptPerformers(),
    projectPerformer,
    readLinePerformer,
  ];
}
