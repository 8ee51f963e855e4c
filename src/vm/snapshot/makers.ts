/** Freezers and thawers of runs. */
import type { Run } from "../run.ts";
import { Freezer } from "./freeze.ts";
import { type RowSource, Thawer } from "./thaw.ts";

export function newFreezer(run: Run): Freezer {
  return new Freezer(run);
}

export function newThawer(run: Run, freezer: Freezer, rows: RowSource): Thawer {
  return new Thawer(run, freezer, rows);
}
