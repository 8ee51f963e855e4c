/**
 * `llm_stream`: a model's answer as a channel of pieces. A fiber of its own asks the model and hands the pieces on as the channel has room; a failure
 * arrives as an item that begins with `error: `.
 */
import type { PendingEffect } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { asRaise } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { displayValue } from "../value/display.ts";
import { HDict, type HHandle, HList } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import { spawnMachine } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import { newChannel } from "../vm/objects.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { closeChannel } from "../vm/waits.ts";
import { NEEDS_MODEL, optionsOf } from "./llm-builtins.ts";
import { modelEffect, modelRequest } from "./model-request.ts";
import { reportAnswer } from "./spending.ts";

const STREAM_MACHINE = "llm_stream";
const CAPACITY = 64;

interface StreamState {
  readonly channel: number;
  readonly effect: PendingEffect;
  /** Null: the model has not answered yet. */
  pieces: string[] | null;
}

export const modelStreamMachine: Machine = machine<StreamState>({
  kind: STREAM_MACHINE,
  version: 1,
  objects: (state) => [state.channel],
  step(state, input, call) {
    switch (input.kind) {
      case "start":
        return { kind: "wait", sources: [{ kind: "effect", effect: state.effect }] };
      case "outcome": {
        const { outcome } = input;
        if (state.pieces === null) {
          state.pieces =
            outcome.kind === "failed"
              ? [`error: ${outcome.message}`]
              : outcome.kind === "result"
                ? answerPieces(call, outcome.result as unknown as ModelResponse)
                : [];
        }
        // The last outcome was a send that found the channel closed: nobody listens.
        else if (outcome.kind === "ready" && outcome.value === false) return end(state, call);
        return next(state, call);
      }
      case "returned":
      case "raised":
      case "cancelled":
        return end(state, call);
    }
  },
});

/** Words with the blanks behind them. */
function answerPieces(call: VmCall, response: ModelResponse): string[] {
  try {
    reportAnswer(call, response);
  } catch (thrown) {
    return [`error: ${headline(asRaise(thrown).error)}`];
  }
  return response.text.match(/\S+\s*|\s+/g) ?? [];
}

function next(state: StreamState, call: VmCall): Directive {
  const piece = state.pieces!.shift();
  if (piece === undefined) return end(state, call);
  return { kind: "wait", sources: [{ kind: "send", channel: state.channel, value: piece }] };
}

function end(state: StreamState, call: VmCall): Directive {
  closeChannel(call.run, call.run.object("channel", state.channel));
  return { kind: "done", value: null };
}

export const modelStreamBuiltins: readonly Builtin[] = [
  builtin("llm_stream", {
    sig: "(prompt: string, system?: string, options?: dict) -> channel",
    doc: "Asks a model and gives its answer as a channel of pieces, closed at the end. A failure is an item `error: …`.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: 'llm_mock({text: "one two"})\nvar all = ""\nfor piece in llm_stream("x", nil, {provider: "mock"}) { all += piece }\nprintln(all)',
        prints: "one two",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const options = optionsOf(args, "llm_stream");
      const system = args.raw("system") === null ? null : displayValue(args.raw("system"));
      const messages = new HList([HDict.of({ role: "user", content: args.text("prompt") })]);
      const effect = modelEffect(call, modelRequest(call, { messages, system, options, tools: [] }));
      const channel = vm.run.newHandle("channel", (id) => newChannel(id, "llm_stream", CAPACITY)) as HHandle;
      const state: StreamState = { channel: channel.id, effect, pieces: null };
      spawnMachine(vm.run, vm.fiber, STREAM_MACHINE, state, { hold: false });
      return channel;
    },
  }),
];
