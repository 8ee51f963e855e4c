/**
 * A program that serves MCP clients: requests come as messages `{id, method, params}` to its fiber, answers leave as events `mcp_reply`
 * {id, result | error}; `mcp_ready` {offers} comes first. `{cancel: id}` gives one up, `{close: true}` ends the serving.
 *
 * Invariant: each request is answered on a task of its own, so that one that waits holds up no other.
 */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { displayValue } from "../value/display.ts";
import { valueToJson } from "../value/json.ts";
import { type RaisedError, share, type Value } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import { cancelFiber, spawnMachine } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { readRequest, type Shape, shapeAnswer } from "./mcp-requests.ts";
import { offerCell } from "./mcp-server-builtins.ts";

interface ServeState {
  /** Fibers of the requests under way, by id. */
  open: Readonly<Record<string, number>>;
}

const NEXT: Directive = { kind: "wait", sources: [{ kind: "inbox" }] };

export const mcpServeMachine: Machine = machine<ServeState>({
  kind: "mcp_serve",
  version: 1,
  step(state, input, call): Directive {
    if (input.kind === "start") {
      const { tools, resources, templates, prompts } = call.read(offerCell);
      const isEmpty = tools === null && resources.length + templates.length + prompts.length === 0;
      call.emit({ type: "mcp_ready", offers: !isEmpty });
      return NEXT;
    }
    if (input.kind !== "outcome" || input.outcome.kind !== "ready") return { kind: "done", value: null };
    const message = valueToJson(input.outcome.value);
    if (!isJsonObject(message)) return NEXT;
    if (message.close === true) return { kind: "done", value: null };
    if (message.cancel !== undefined) {
      const fiber = state.open[String(message.cancel)];
      if (fiber !== undefined) cancelFiber(call.run, fiber, "the client gave the request up");
      return NEXT;
    }
    answer(state, call, message);
    return NEXT;
  },
});

function answer(state: ServeState, call: VmCall, { id, method, params }: JsonObject): void {
  const found = readRequest(call.read(offerCell), String(method), isJsonObject(params) ? params : {});
  switch (found.kind) {
    case "result":
      reply(call, id, { result: found.result });
      break;
    case "error":
      reply(call, id, { error: { ...found.error } });
      break;
    case "call": {
      const request: RequestState = { id: id ?? null, fn: found.fn, args: share(found.args), shape: found.shape };
      const fiber = spawnMachine(call.run, call.fiber, "mcp_answer", request, { hold: false });
      const others = Object.entries(state.open).filter(([, other]) => call.run.fibers.has(other));
      state.open = Object.fromEntries([...others, [String(id), fiber.id]]);
    }
  }
}

function reply(call: VmCall, id: Json | undefined, body: JsonObject): void {
  call.emit({ type: "mcp_reply", id: id ?? null, ...body });
}

interface RequestState {
  readonly id: Json;
  readonly fn: Value;
  readonly args: Value;
  readonly shape: Shape;
}

/** One request that a function of the program answers. */
export const mcpAnswerMachine: Machine = machine<RequestState>({
  kind: "mcp_answer",
  version: 1,
  step(state, input, call): Directive {
    switch (input.kind) {
      case "start":
        return { kind: "call", fn: state.fn, args: [state.args] };
      case "returned":
        reply(call, state.id, { result: shapeAnswer(state.shape, input.value) });
        break;
      case "raised":
        reply(call, state.id, failure(state.shape, input.error));
        break;
      case "outcome":
      case "cancelled":
        break;
    }
    return { kind: "done", value: null };
  },
});

/** A tool that fails is a result that the model sees; anything else that fails is an error of the protocol. */
function failure(shape: Shape, error: RaisedError): JsonObject {
  const message = error.kind === "thrown" ? displayValue(error.value) : headline(error);
  return shape.kind === "tool"
    ? { result: { content: [{ type: "text", text: message }], isError: true } }
    : { error: { code: -32603, message } };
}
