/** `harn cancel`: asks whichever process has the run to cancel it. */
import { Failure } from "../../base/failure.ts";
import type { StoreFlags } from "../command-line.ts";
import { findRun, withRuntime } from "../command-runtime.ts";
import { print } from "./runs.ts";

export async function cancelRun(name: string, flags: StoreFlags): Promise<number> {
  return withRuntime(flags.stateRoot, async (runtime) => {
    const run = await findRun(runtime, name);
    if (["completed", "failed", "cancelled"].includes(run.status)) {
      throw new Failure(`run ${run.id} has ${run.status}: there is nothing to cancel`);
    }
    await runtime.requestCancel(run.id);
    return print(
      run.pid === null
        ? `run ${run.id} is interrupted; it is cancelled as soon as \`harn resume ${run.id}\` goes on with it\n`
        : `run ${run.id} is being cancelled by process ${run.pid}\n`,
    );
  });
}
