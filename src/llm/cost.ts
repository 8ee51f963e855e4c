/** What calls cost. A model that is not in the table has no known price: null, never 0, so that a budget is not fooled. */
import type { ModelUsage } from "./contract.ts";

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** The first row all of whose words stand in the model's name counts: narrower names come first. */
const PRICES: readonly (readonly [words: readonly string[], price: Price])[] = [
  [["claude-3-5-haiku"], { input: 0.8, output: 4 }],
  [["claude-haiku-4"], { input: 0.8, output: 4 }],
  [["claude-3-5-sonnet"], { input: 3, output: 15 }],
  [["claude-sonnet-4"], { input: 3, output: 15 }],
  [["claude-3-opus"], { input: 15, output: 75 }],
  [["claude-opus-4"], { input: 15, output: 75 }],
  [["gpt-4o-mini"], { input: 0.15, output: 0.6 }],
  [["gpt-4o"], { input: 2.5, output: 10 }],
  [["gpt-4-turbo"], { input: 10, output: 30 }],
  [["o1-mini"], { input: 3, output: 12 }],
  [["o1"], { input: 15, output: 60 }],
  [["o3"], { input: 15, output: 60 }],
  [["llama", "70b"], { input: 0.59, output: 0.79 }],
  [["llama", "8b"], { input: 0.05, output: 0.08 }],
  [["mistral-large"], { input: 2, output: 6 }],
  [["mistral-small"], { input: 0.2, output: 0.6 }],
  [["gemini-2", "flash"], { input: 0.1, output: 0.4 }],
  [["gemini-2", "pro"], { input: 1.25, output: 5 }],
];

/** Null for a model whose price is not known. */
export function modelPrice(model: string): Price | null {
  return PRICES.find(([words]) => words.every((word) => model.includes(word)))?.[1] ?? null;
}

/** US dollars; null when the price or a count is not known. Cached tokens count as fresh ones. */
export function callCost(model: string, usage: Pick<ModelUsage, "inputTokens" | "outputTokens">): number | null {
  const price = modelPrice(model);
  if (price === null || usage.inputTokens === null || usage.outputTokens === null) return null;
  return (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
}

/** What a run's calls cost together. Calls of unknown price are counted, so that a total that is too low can say so. */
export interface CostTotal {
  readonly usd: number;
  readonly unknownCalls: number;
}

export const NO_COST: CostTotal = { usd: 0, unknownCalls: 0 };

export function addCost(total: CostTotal, costUsd: number | null): CostTotal {
  if (costUsd === null) return { ...total, unknownCalls: total.unknownCalls + 1 };
  return { ...total, usd: total.usd + costUsd };
}

/** The text of the failure of a run that has spent more than it may; null while it has not. */
export function budgetFailure(total: CostTotal, budgetUsd: number | null): string | null {
  if (budgetUsd === null || total.usd <= budgetUsd) return null;
  return `LLM budget exceeded: spent $${total.usd.toFixed(4)} of $${budgetUsd.toFixed(4)} budget`;
}
