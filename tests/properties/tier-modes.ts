/** One program in each way of running it: what it prints and how it ends must be the same. */
import { createNodePorts, createRuntime, type Runtime } from "../../src/hosts/node/index.ts";
import { createEagerClock } from "./eager-clock.ts";

interface Mode {
  readonly name: string;
  readonly tiering: "off" | "hot" | "forced";
  readonly snapshotMode: boolean;
}

const REFERENCE: Mode = { name: "interpreted", tiering: "off", snapshotMode: false };
const OTHERS: readonly Mode[] = [
  { name: "generated code for all", tiering: "forced", snapshotMode: false },
  { name: "generated code for what is hot", tiering: "hot", snapshotMode: false },
  { name: "interpreted, rebuilt at each wait", tiering: "off", snapshotMode: true },
  { name: "generated code for all, rebuilt at each wait", tiering: "forced", snapshotMode: true },
];

/** A program that takes longer says nothing. */
const MOST_MS = 10_000;
const CUT_OFF = "took too long";

export interface Difference {
  readonly mode: string;
  readonly expected: string;
  readonly actual: string;
}

export type Verdict =
  | { readonly kind: "agrees"; readonly output: string }
  /** Has mistakes that the checker sees, or takes too long. */
  | { readonly kind: "says-nothing"; readonly why: string }
  | ({ readonly kind: "differs" } & Difference);

export class TierModes {
  readonly #reference: Runtime = open(REFERENCE);
  readonly #others = OTHERS.map((mode) => ({ name: mode.name, runtime: open(mode) }));

  async compare(code: string): Promise<Verdict> {
    const expected = await outcomeOf(this.#reference, code);
    if (expected.kind !== "ran") return { kind: "says-nothing", why: expected.text };
    for (const { name, runtime } of this.#others) {
      const { kind, text } = await outcomeOf(runtime, code);
      if (kind === "cut-off") return { kind: "says-nothing", why: text };
      if (text !== expected.text) return { kind: "differs", mode: name, expected: expected.text, actual: text };
    }
    return { kind: "agrees", output: expected.text };
  }
}

function open(mode: Mode): Runtime {
  const ports = createNodePorts();
  const clock = createEagerClock(ports.clock);
  return createRuntime({ ports: { ...ports, clock }, performers: new Map(), volatile: true, graceMs: 100, ...mode });
}

interface RunText {
  readonly kind: "ran" | "refused" | "cut-off";
  readonly text: string;
}

/** All that it prints, and how it ends. An exception of the host's is an outcome like others: it differs from that of the interpreter. */
async function outcomeOf(runtime: Runtime, code: string): Promise<RunText> {
  const handle = runtime.run({ code, cwd: "/project" });
  const output: string[] = [];
  handle.onEvent((event) => {
    if (event.type === "output") output.push(String(event.text));
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    handle.cancel();
  }, MOST_MS);
  try {
    const outcome = await handle.result;
    if (late) return { kind: "cut-off", text: CUT_OFF };
    if (outcome.kind === "failed" && outcome.problems.length > 0) return { kind: "refused", text: outcome.message };
    return { kind: "ran", text: `${output.join("")}\n${outcome.kind === "failed" ? outcome.message : outcome.kind}` };
  } catch (thrown) {
    if (late) return { kind: "cut-off", text: CUT_OFF };
    return { kind: "ran", text: `${output.join("")}\nhost: ${String(thrown)}` };
  } finally {
    clearTimeout(timer);
  }
}

/** The lines around the first that differs. */
export function firstDifference({ expected, actual }: Difference): string {
  const [left, right] = [expected.split("\n"), actual.split("\n")];
  const at = left.findIndex((line, i) => line !== right[i]);
  const line = at < 0 ? left.length : at;
  return `line ${line + 1}\n  expected: ${left[line] ?? "(nothing)"}\n  actual:   ${right[line] ?? "(nothing)"}`;
}
