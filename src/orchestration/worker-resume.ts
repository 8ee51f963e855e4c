/** `resume_agent` (worker-runtime.md 5.5): a worker of this run as it is, or one of another run or of an exported file, brought into this one. */
import { isJsonObject } from "../base/json.ts";
import { isAbsolute, joinPath, lastComponent } from "../base/path.ts";
import type { Call, Outcome } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import { suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { afterLoading } from "../vm/load-machine.ts";
import { vmCall } from "../vm/vm-call.ts";
import { adoptWorker, WORKER_READ } from "./worker-record.ts";
import { WORKER_TYPE, workerHandle, workerId, workerOf } from "./worker-state.ts";

/** The reference's rule: what ends in `.json` or has a slash is a path. */
function isPath(text: string): boolean {
  return text.endsWith(".json") || text.includes("/");
}

function pathOf(call: Call, text: string): string {
  return isAbsolute(text) ? joinPath(text) : joinPath(call.scope.cwd, text);
}

export const resumeAgent = suspending("resume_agent", {
  sig: "(worker: any) -> dict",
  doc: "The handle of a worker by its id, handle or record file. One of another run, or of a file, comes into this run; it goes on with `send_input`.",
  needs: (call, args) => {
    const target = args[0] ?? null;
    const path = typeof target === "string" && isPath(target) ? pathOf(call, target) : null;
    return {
      grant: "worker.spawn",
      over: "worker.spawn",
      ...(path === null ? {} : { paths: [{ path, write: false }] }),
    };
  },
  run(call, args) {
    const vm = vmCall(call);
    const target = args.raw("worker");
    if (target === null) throw runtimeError("resume_agent: missing worker id or snapshot path");
    const text = workerId(target);
    const path = isPath(text) ? pathOf(call, text) : null;
    // The file of a worker that this run has is its export: the worker itself knows more.
    const id = path === null ? text : lastComponent(path).replace(/\.json$/, "");
    if (vm.run.mayBeUnloaded(id)) return afterLoading([id], "resume_agent", [target]);
    const known = vm.run.objects.get(id);
    if (known?.kind === "record" && known.type === WORKER_TYPE) return workerHandle(workerOf(vm, id));
    return awaitEffect({
      kind: WORKER_READ,
      version: 1,
      args: { id, path },
      repeat: "safe",
      place: path === null ? "any" : "host",
    });
  },
  finish(call: Call, outcome: Outcome): Value {
    const vm = vmCall(call);
    if (outcome.kind !== "result" || !isJsonObject(outcome.result)) {
      throw runtimeError(`resume_agent: ${outcome.kind === "failed" ? outcome.message : "no record"}`);
    }
    const { record, path } = outcome.result;
    const id = adoptWorker(vm, record!, typeof path === "string" ? path : null);
    return workerHandle(workerOf(vm, id));
  },
});
