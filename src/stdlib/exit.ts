/** `exit`: the program ends with a code of its own, tidied up as when it is cancelled. */
import { runMachine } from "../builtin/call.ts";
import { type Builtin, suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";

/** Says so and waits: the driver cancels the program from its root, this fiber with it. */
export const exitMachine: Machine = machine<{ readonly code: number }>({
  kind: "exit",
  version: 1,
  step(state, input, call) {
    if (input.kind === "cancelled") return { kind: "done", value: null };
    call.run.exitCode ??= state.code;
    call.run.dirty.program = true;
    return { kind: "wait", sources: [{ kind: "inbox" }] };
  },
});

export const exitBuiltins: readonly Builtin[] = [
  suspending("exit", {
    sig: "(code?: int) -> never",
    doc: "Ends the program with this exit code (0 to 255, default 0). Its workers are cancelled, `defer` and `finally` run. Only the program itself may, no worker.",
    needs: "nothing",
    examples: [{ code: 'println("before")\nexit(0)\nprintln("never")', prints: "before" }],
    run(call, args) {
      const code = args.raw("code") ?? 0;
      if (typeof code !== "number" || !Number.isInteger(code) || code < 0 || code > 255)
        throw runtimeError("exit: code must be an int from 0 to 255");
      if (call.scope.worker !== null) throw runtimeError("exit: a worker cannot end the program that started it");
      return runMachine("exit", { code });
    },
  }),
];
