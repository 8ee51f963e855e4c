/** Effects of builtins that need nothing but the ports; one set a runtime. */
import { createTurns } from "../base/turns.ts";
import type { Performer } from "../ports/effects.ts";
import { createStatePerformers } from "./agent-state/performers.ts";
import { httpPerformer } from "./http/performer.ts";
import { createKeptPerformers } from "./kept-change.ts";
import { createMetadataSave } from "./metadata/performer.ts";
import { projectPerformer } from "./project/performer.ts";
import { readLinePerformer } from "./prompt.ts";

export function createStdlibPerformers(): readonly Performer[] {
  const inTurn = createTurns();
  return [
    httpPerformer,
    ...createStatePerformers(inTurn),
    ...createKeptPerformers(inTurn),
    createMetadataSave(inTurn),
    projectPerformer,
    readLinePerformer,
  ];
}
