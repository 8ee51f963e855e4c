/** Files of scripted answers: `--llm-mock PATH` reads one, `--llm-mock-record PATH` writes one. One JSON object a line, in the order of the calls. */
import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { type MockRule, readMockRule, writeMockRule } from "./mock-rule.ts";

/** `path` is for error texts. Empty lines are skipped. Throws a `Failure` that names file and line. */
export function parseFixtures(text: string, path: string): readonly MockRule[] {
  const rules: MockRule[] = [];
  text.split("\n").forEach((line, index) => {
    const trimmed = line.trim();
    if (trimmed === "") return;
    const place = `${path}:${index + 1}`;
    let value: Json;
    try {
      value = JSON.parse(trimmed) as Json;
    } catch (error) {
      throw new Failure(`invalid JSON in ${place}: ${(error as Error).message}`);
    }
    try {
      rules.push(readMockRule(value));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(`invalid --llm-mock fixture in ${place}: ${error.message}`);
    }
  });
  return rules;
}

export function renderFixtures(rules: readonly MockRule[]): string {
  return rules.map((rule) => `${JSON.stringify(writeMockRule(rule))}\n`).join("");
}
