/** `llm_completion`: text that goes on from a prefix, up to a suffix. Chat models are asked for it; the mock provider has an answer of its own. */

import { awaitEffect } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { raiseFailure } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { displayValue } from "../value/display.ts";
import { HDict, HList } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { NEEDS_MODEL, optionsOf } from "./llm-builtins.ts";
import { mockCompletionEffect } from "./mock-cell.ts";
import { modelEffect, modelRequest } from "./model-request.ts";
import { responseDict } from "./response-dict.ts";
import { reportAnswer } from "./spending.ts";

const TASK =
  "Continue the text. Answer with the continuation alone: no comment, no quotes, nothing of what is there already.";

function questionOf(prefix: string, suffix: string): string {
  return suffix === ""
    ? prefix
    : `Before the gap:\n${prefix}\n\nAfter the gap:\n${suffix}\n\nWrite what belongs into the gap.`;
}

export const completionBuiltins: readonly Builtin[] = [
  suspending("llm_completion", {
    sig: "(prefix: string, suffix?: string, system?: string, options?: dict) -> dict",
    doc: "Lets a model continue a text, up to the suffix when there is one: a result as of `llm_call`, without transcript.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: 'llm_mock({text: "3"})\nprintln(llm_completion("1, 2, ", nil, nil, {provider: "mock"}).text)',
        prints: "3",
      },
    ],
    run(call, args) {
      const prefix = args.text("prefix");
      const suffix = args.raw("suffix") === null ? "" : args.text("suffix");
      const system = args.raw("system") === null ? null : displayValue(args.raw("system"));
      const messages = new HList([HDict.of({ role: "user", content: questionOf(prefix, suffix) })]);
      const options = optionsOf(args, "llm_completion");
      const request = modelRequest(call, { messages, system: system ?? TASK, options, tools: [] });
      return awaitEffect(mockCompletionEffect(call, request.provider, prefix, suffix) ?? modelEffect(call, request));
    },
    finish(call, outcome) {
      if (outcome.kind === "failed") throw raiseFailure(outcome);
      if (outcome.kind !== "result") return null;
      const response = outcome.result as unknown as ModelResponse;
      reportAnswer(call, response);
      return responseDict(vmCall(call), response, null);
    },
  }),
];
