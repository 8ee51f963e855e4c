/** `--llm-mock-record FILE`: every answer of a model, the mock's too, is noted, and written as fixtures that `--llm-mock` reads. */
import fs from "node:fs/promises";
import path from "node:path";
import { Failure } from "../base/failure.ts";
import { systemReason } from "../hosts/node/errno.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { renderFixtures } from "../llm/fixtures.ts";
import { type MockState, NO_MOCKS, recordAnswer } from "../llm/mock.ts";

export interface Recording {
  readonly onModelAnswer: (response: ModelResponse) => void;
  /** Writes what was noted, in the order in which the answers came. */
  save(): Promise<void>;
}

/** Throws a `Failure` when the file cannot be written, before anything runs. */
export async function recordAnswers(file: string): Promise<Recording> {
  const target = path.resolve(file);
  await write(target, file, "");
  let state: MockState = { ...NO_MOCKS, recorded: [] };
  return {
    onModelAnswer: (response) => {
      state = recordAnswer(state, response);
    },
    save: () => write(target, file, renderFixtures(state.recorded ?? [])),
  };
}

async function write(target: string, shown: string, text: string): Promise<void> {
  try {
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.writeFile(target, text);
  } catch (error) {
    throw new Failure(`cannot write ${shown}: ${systemReason(error)}`);
  }
}
