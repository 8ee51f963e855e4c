/**
 * The mock provider inside a run: its queue, the fixtures of `--llm-mock` and the log of calls are a cell, so an answer is decided in the turn that asks
 * and is what it is after any restart.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Call, PendingEffect } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { ModelRequest } from "../llm/contract.ts";
import type { MockAnswer, MockState } from "../llm/mock.ts";
import { addMock, answerMock, answerMockCompletion, clearMocks, mockAnswersFor, NO_MOCKS } from "../llm/mock.ts";
import { type MockRule, readMockRule } from "../llm/mock-rule.ts";
import type { Performer } from "../ports/effects.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { own, pushItem } from "../vm/places.ts";

/** The provider's state, with the log of calls as a list that is stored in pieces: of each `[what was asked as JSON text, tools]`, read when asked for. */
export interface MockCellState {
  /** Its queue holds the rules with a pattern; the others wait in `next`. */
  mock: MockState;
  /** Answers without a pattern, as `llm_mock` was given them; those before `at` have been handed out. */
  next: HList;
  at: number;
  calls: HList;
  /** Tools of the last call in the log: most calls offer the same ones, which are then kept once. */
  tools: { readonly text: string; readonly value: Value } | null;
}

export const mockCell = declareCell<MockCellState>("llm.mock", () => ({
  mock: NO_MOCKS,
  next: new HList([]),
  at: 0,
  calls: new HList([]),
  tools: null,
}));

export const LLM_MOCK = "llm.mock";

/** A run that starts with fixtures gives its cell this state. */
export function mockFixtures(fixtures: MockState["fixtures"]): MockCellState {
  return { ...mockCell.initial(), mock: { ...NO_MOCKS, fixtures } };
}

/** The effect that answers this request, when the mock does; else null. */
export function mockEffect(call: Call, request: Omit<ModelRequest, "idempotencyKey">): PendingEffect | null {
  if (!mockAnswersFor(call.read(mockCell).mock, request.provider)) return null;
  return decided(call, (state) => answerMock(state, request));
}

/** The same for a completion. */
export function mockCompletionEffect(
  call: Call,
  provider: string,
  prefix: string,
  suffix: string,
): PendingEffect | null {
  if (!mockAnswersFor(call.read(mockCell).mock, provider)) return null;
  return decided(call, (state) => answerMockCompletion(state, prefix, suffix));
}

const ruleOf = (answer: Value): MockRule => readMockRule(valueToJson(answer));

/** The first of those that wait has been handed out. What is in front of them goes when it is the larger part. */
function takeNext(cell: MockCellState): void {
  cell.at++;
  if (cell.at * 2 < cell.next.length) return;
  cell.next = new HList(cell.next.items.slice(cell.at));
  cell.at = 0;
}

function decided(call: Call, answer: (state: MockState) => MockAnswer): PendingEffect {
  const cell = call.change(mockCell);
  // One of these goes before those with a pattern, whatever they are.
  const next = cell.next.at(cell.at);
  const queue = next === undefined ? cell.mock.queue : [ruleOf(next)];
  const { state, outcome } = answer({ ...cell.mock, queue, calls: [] });
  cell.calls = own(cell.calls, call) as HList;
  for (const seen of state.calls) pushItem(cell.calls, logged(cell, seen));
  if (next === undefined) cell.mock = { ...state, calls: [] };
  else {
    cell.mock = { ...state, queue: cell.mock.queue, calls: [] };
    if (state.queue.length === 0) takeNext(cell);
  }
  const args: JsonObject =
    outcome.kind === "response"
      ? { response: outcome.response as unknown as JsonObject }
      : { error: { message: outcome.message, category: outcome.category } };
  return { kind: LLM_MOCK, version: 1, args, repeat: "safe", place: "any" };
}

function logged(cell: MockCellState, seen: MockState["calls"][number]): HList {
  const { tools, ...rest } = seen;
  const asked = JSON.stringify(rest);
  if (tools === null) return new HList([asked, null]);
  const text = JSON.stringify(tools);
  if (cell.tools?.text !== text) cell.tools = { text, value: share(jsonToValue(tools as unknown as Json)) };
  return new HList([asked, cell.tools.value]);
}

function readLogged(entry: Value): HDict {
  const [asked, tools] = (entry as HList).items;
  const dict = jsonToValue(JSON.parse(asked as string) as Json) as HDict;
  dict.set("tools", tools!);
  return dict;
}

/** Hands out what was decided when the call was made. */
export const mockPerformer: Performer = {
  kind: LLM_MOCK,
  version: 1,
  repeat: "safe",
  place: "any",
  perform: async (args) => {
    const error = args.error as { readonly message: string; readonly category: Failure["category"] } | undefined;
    if (error !== undefined) throw new Failure(error.message, error.category);
    return args.response as Json;
  },
};

export const mockBuiltins: readonly Builtin[] = [
  builtin("llm_mock", {
    sig: "(answer: dict) -> nil",
    doc: "Queues an answer of the mock provider: text, tool_calls, match (a pattern on the prompt), consume_match, token counts, thinking, error.",
    needs: "nothing",
    deep: true,
    examples: [{ code: 'llm_mock({text: "hi"})\nprintln(llm_call("x", nil, {provider: "mock"}).text)', prints: "hi" }],
    run(call, args) {
      const given = args.raw("answer");
      if (!(given instanceof HDict)) throw runtimeError("llm_mock: expected a dict");
      const cell = call.change(mockCell);
      try {
        const rule = ruleOf(given);
        if (rule.match !== null) cell.mock = addMock(cell.mock, rule);
        else {
          cell.next = own(cell.next, call) as HList;
          pushItem(cell.next, share(given));
        }
      } catch (error) {
        if (error instanceof Failure) throw runtimeError(`llm_mock: ${error.message}`);
        throw error;
      }
      return null;
    },
  }),
  builtin("llm_mock_calls", {
    sig: "() -> list",
    doc: "The calls that the mock provider has seen: {messages, system, tools}.",
    needs: "nothing",
    examples: [
      {
        code: 'llm_mock({text: "yes"})\nllm_call("Ready?", nil, {provider: "mock"})\nprintln(llm_mock_calls().count)',
        prints: "1",
      },
    ],
    run: (call) => new HList(call.read(mockCell).calls.items.map(readLogged)),
  }),
  builtin("llm_mock_clear", {
    sig: "() -> nil",
    doc: "Forgets queued answers and the log of calls. Fixtures of the command line stay.",
    needs: "nothing",
    examples: [
      {
        code: 'llm_mock({text: "yes"})\nllm_call("Ready?", nil, {provider: "mock"})\nllm_mock_clear()\nprintln(llm_mock_calls())',
        prints: "[]",
      },
    ],
    run(call) {
      const cell = call.change(mockCell);
      cell.mock = clearMocks(cell.mock);
      cell.next = new HList([]);
      cell.at = 0;
      cell.calls = new HList([]);
      return null;
    },
  }),
];
