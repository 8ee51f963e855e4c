/** What a program prints in a tier, for tests of generated code. */
import { createNodePerformers } from "../src/hosts/node/effects/performers.ts";
import { createNodePorts } from "../src/hosts/node/ports.ts";
import { createRuntime } from "../src/runtime/index.ts";
import type { Tiering } from "../src/vm/host.ts";

export interface Mode {
  readonly tiering: Tiering;
  /** A snapshot at each wait. */
  readonly snapshotMode?: boolean;
  readonly graceMs?: number;
}

/** The output of a text that is run as a program; behind it the message, when it fails. */
export async function modeOutput(code: string, mode: Mode): Promise<string> {
  const runtime = createRuntime({
    ports: createNodePorts(),
    performers: createNodePerformers(),
    volatile: true,
    ...mode,
  });
  const handle = runtime.run({ code });
  let text = "";
  handle.onEvent((event) => {
    if (event.type === "output") text += String(event.text);
  });
  const outcome = await handle.result;
  return outcome.kind === "failed" ? `${text}${outcome.message}` : text;
}

export function tierOutput(code: string, tiering: Tiering): Promise<string> {
  return modeOutput(code, { tiering });
}
