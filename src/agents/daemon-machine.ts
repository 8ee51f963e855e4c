/** The fiber of a daemon: its loop, and what becomes of its record when that ends. */
import { displayValue } from "../value/display.ts";
import { share } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import type { Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import { changeDaemon, DAEMON_MACHINE } from "./daemon-registry.ts";
import { startLoop } from "./loop-start.ts";
import type { LoopState } from "./loop-state.ts";

interface DaemonBody {
  readonly daemon: string;
  readonly start: number;
}

/** What the fiber of a daemon runs. */
export const daemonMachine: Machine = machine<DaemonBody>({
  kind: DAEMON_MACHINE,
  version: 1,
  objects: (body) => [body.daemon],
  step(body, input, call) {
    const record = changeDaemon(call, body.daemon);
    const isOld = record.start !== body.start || record.status !== "running";
    switch (input.kind) {
      case "start": {
        const loop: LoopState = startLoop(call, {
          prompt: record.prompt,
          system: record.system,
          options: record.options,
          session: record.session,
        });
        return { kind: "push", machine: "agent_loop", state: { ...loop, reports: body.daemon } };
      }
      case "returned":
        if (!isOld) {
          record.status = "stopped";
          record.result = share(input.value);
        }
        break;
      case "raised":
        if (!isOld) {
          record.status = "failed";
          record.error = input.error.kind === "thrown" ? displayValue(input.error.value) : headline(input.error);
        }
        break;
      case "outcome":
      case "cancelled":
        if (!isOld) record.status = "stopped";
        break;
    }
    return { kind: "done", value: null };
  },
});
