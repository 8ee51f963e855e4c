/** What the run's model calls have used and cost, and the ceiling that it set itself. Every answer of a provider is counted in the turn that takes it. */
import type { Call } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { addCost, budgetFailure, type CostTotal, callCost, NO_COST } from "../llm/cost.ts";
import { asDouble } from "../stdlib/number-reading.ts";
import { recordSpan } from "../stdlib/tracing.ts";
import { makeFloat } from "../value/numbers.ts";
import { HDict } from "../value/value.ts";

interface Spending {
  input: number;
  output: number;
  calls: number;
  durationMs: number;
  cost: CostTotal;
  /** US dollars; null: none. */
  budget: number | null;
}

const spending = declareCell<Spending>("llm.spending", () => ({
  input: 0,
  output: 0,
  calls: 0,
  durationMs: 0,
  cost: NO_COST,
  budget: null,
}));

/** Counts an answer to a question of `askedMs` (epoch; null: not known). Raises when the run has then spent more than it may. */
export function countAnswer(call: Call, response: ModelResponse, askedMs: number | null = null): void {
  const now = call.ports.clock.nowMs();
  recordSpan(call, {
    kind: "llm_call",
    name: response.model,
    startedMs: askedMs ?? now,
    metadata: HDict.of({
      provider: response.provider,
      input_tokens: response.usage.inputTokens,
      output_tokens: response.usage.outputTokens,
    }),
  });
  const state = call.change(spending);
  state.durationMs += Math.max(0, Math.floor(now - (askedMs ?? now)));
  state.input += response.usage.inputTokens ?? 0;
  state.output += response.usage.outputTokens ?? 0;
  state.calls++;
  state.cost = addCost(state.cost, response.costUsd);
  const failure = budgetFailure(state.cost, state.budget);
  if (failure !== null) throw thrownError(failure);
}

/** The same for a call outside of an agent loop, told to observers. */
export function reportAnswer(call: Call, response: ModelResponse, askedMs: number | null = null): void {
  call.emit({
    type: "llm_usage",
    model: response.model,
    provider: response.provider,
    input_tokens: response.usage.inputTokens ?? 0,
    output_tokens: response.usage.outputTokens ?? 0,
    cost_usd: response.costUsd,
    session_id: call.scope.session,
    worker_id: call.scope.worker,
  });
  countAnswer(call, response, askedMs);
}

export const spendingBuiltins: readonly Builtin[] = [
  builtin("llm_cost", {
    sig: "(model: any, input_tokens?: any, output_tokens?: any) -> float",
    doc: "What a call of a model costs, in US dollars; 0.0 when its price is not known.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(llm_cost("gpt-4o-mini", 1000000, 0))', prints: "0.15" }],
    run(_call, args) {
      const usage = { inputTokens: args.int("input_tokens", 0), outputTokens: args.int("output_tokens", 0) };
      return makeFloat(callCost(args.text("model"), usage) ?? 0);
    },
  }),
  builtin("llm_session_cost", {
    sig: "() -> dict",
    doc: "What this run's calls cost so far: {total_cost, input_tokens, output_tokens, call_count, unknown_calls}.",
    needs: "nothing",
    examples: [{ code: "println(llm_session_cost().total_cost)", prints: "0.0" }],
    run(call) {
      const { cost, input, output, calls } = call.read(spending);
      return HDict.of({
        total_cost: makeFloat(cost.usd),
        input_tokens: input,
        output_tokens: output,
        call_count: calls,
        unknown_calls: cost.unknownCalls,
      });
    },
  }),
  builtin("llm_usage", {
    sig: "() -> dict",
    doc: "What this run's calls used so far: {input_tokens, output_tokens, total_duration_ms, call_count, total_calls}.",
    needs: "nothing",
    examples: [{ code: "println(llm_usage().call_count)", prints: "0" }],
    run(call) {
      const { input, output, calls, durationMs } = call.read(spending);
      return HDict.of({
        input_tokens: input,
        output_tokens: output,
        total_duration_ms: durationMs,
        call_count: calls,
        total_calls: calls,
      });
    },
  }),
  builtin("llm_budget", {
    sig: "(usd: any) -> nil",
    doc: "The most that this run's model calls may cost; the call that goes beyond throws.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "llm_budget(2)\nprintln(llm_budget_remaining())", prints: "2.0" }],
    run(call, args) {
      const usd = asDouble(args.raw("usd"));
      if (usd === null || Number.isNaN(usd)) throw thrownError("llm_budget: requires a numeric argument");
      call.change(spending).budget = usd;
      return null;
    },
  }),
  builtin("llm_budget_remaining", {
    sig: "() -> float | nil",
    doc: "What is left of the budget; nil without one.",
    needs: "nothing",
    examples: [{ code: "println(llm_budget_remaining())", prints: "nil" }],
    run(call) {
      const { budget, cost } = call.read(spending);
      return budget === null ? null : makeFloat(budget - cost.usd);
    },
  }),
];
