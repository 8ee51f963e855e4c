/** Builtins that watch and steer a session's agent from outside: subscribers to its events, feedback for its next turn. */
import type { Builtin } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HClosure, share } from "../value/value.ts";
import { afterLoading } from "../vm/load-machine.ts";
import { vmCall } from "../vm/vm-call.ts";
import { changeWatch, watchObject } from "./session-watch.ts";

function textOf(value: Value, what: string): string {
  if (typeof value === "string") return value;
  throw runtimeError(`${what} must be a string`);
}

export const watchBuiltins: readonly Builtin[] = [
  suspending("agent_subscribe", {
    sig: "(session_id: string, callback: any) -> nil",
    doc: "Calls a function with each event of a session's agent: {type, session_id, …}. The agent waits for it; what it raises does not reach the agent.",
    needs: "nothing",
    examples: [
      {
        code: 'agent_subscribe("chat", { event -> if event.type == "turn_end" { println("turn ${event.iteration}") } })\nagent_loop("Hi", nil, {provider: "mock", session_id: "chat"})',
        prints: "turn 0",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const who = "agent_subscribe(session_id, callback)";
      const session = textOf(args.raw("session_id"), `${who}: session_id`);
      const closure = args.raw("callback");
      if (!(closure instanceof HClosure)) throw runtimeError(`${who}: callback must be a closure`);
      const object = watchObject(session);
      if (vm.run.mayBeUnloaded(object)) return afterLoading([object], "agent_subscribe", [session, closure]);
      changeWatch(vm, session).subscribers.push({ closure: share(closure), scope: Object.freeze({ ...vm.scope }) });
      return null;
    },
  }),
  suspending("agent_inject_feedback", {
    sig: "(session_id: string, kind: string, content: string) -> nil",
    doc: "Queues something that a session's agent is told at the beginning of its next turn.",
    needs: "nothing",
    examples: [
      {
        code: 'agent_inject_feedback("chat", "lint", "line 3 is too long")\nagent_loop("Hi", nil, {provider: "mock", session_id: "chat"})\nprintln(agent_session_snapshot("chat").messages[1].content.contains("line 3"))',
        prints: "true",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const who = "agent_inject_feedback(session_id, kind, content)";
      const session = textOf(args.raw("session_id"), `${who}: session_id`);
      const kind = textOf(args.raw("kind"), `${who}: kind`);
      const content = textOf(args.raw("content"), `${who}: content`);
      const object = watchObject(session);
      if (vm.run.mayBeUnloaded(object))
        return afterLoading([object], "agent_inject_feedback", [session, kind, content]);
      changeWatch(vm, session).feedback.push({ kind, content });
      return null;
    },
  }),
];
