/** Circuit breakers: they count failures by name and say when to stop trying. */
import type { Args } from "../builtin/arguments.ts";
import type { Call } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin, Example } from "../builtin/declaration.ts";
import { builtin, withExamples } from "../builtin/declaration.ts";
import { asWhole } from "./number-reading.ts";

interface Circuit {
  readonly name: string;
  failures: number;
  readonly threshold: number;
  readonly resetMs: number;
  /** Epoch milliseconds; null: closed. */
  openedMs: number | null;
}

const circuits = declareCell<{ all: Circuit[] }>("circuits", () => ({ all: [] }));

type NameOnly = Args<"name">;

const nameOf = (args: NameOnly) => (args.has("name") ? args.text("name") : "default");

/** The named circuit, to look at. */
function look(call: Call, args: NameOnly): Circuit | undefined {
  return call.read(circuits).all.find((circuit) => circuit.name === nameOf(args));
}

/** The same, to change. */
function change(call: Call, args: NameOnly): Circuit | undefined {
  return call.change(circuits).all.find((circuit) => circuit.name === nameOf(args));
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  circuit_record_success: {
    code: 'circuit_breaker("api", 1, 60000)\ncircuit_record_failure("api")\ncircuit_record_success("api")\nprintln(circuit_check("api"))',
    prints: "closed",
  },
  circuit_reset: {
    code: 'circuit_breaker("api", 1, 60000)\ncircuit_record_failure("api")\ncircuit_reset("api")\nprintln(circuit_check("api"))',
    prints: "closed",
  },
};

export const circuitBuiltins: readonly Builtin[] = withExamples(
  [
    builtin("circuit_breaker", {
      sig: "(name?: any, threshold?: any, reset_ms?: any) -> string",
      doc: "A breaker that opens after `threshold` failures (5) and may be tried again `reset_ms` (30000) later. Gives its name.",
      needs: "nothing",
      borrows: true,
      examples: [{ code: 'println(circuit_breaker("api", 2))', prints: "api" }],
      run(call, args) {
        const name = args.has("name") ? args.text("name") : "default";
        const state = call.change(circuits);
        state.all = state.all.filter((circuit) => circuit.name !== name);
        state.all.push({
          name,
          failures: 0,
          threshold: asWhole(args.raw("threshold")) ?? 5,
          resetMs: asWhole(args.raw("reset_ms")) ?? 30_000,
          openedMs: null,
        });
        return name;
      },
    }),
    builtin("circuit_check", {
      sig: "(name?: any) -> string",
      doc: "`closed`, `open`, or `half_open` when it may be tried again. Unknown names are closed.",
      needs: "nothing",
      borrows: true,
      examples: [{ code: 'println(circuit_check("api"))', prints: "closed" }],
      run(call, args) {
        const circuit = look(call, args);
        if (circuit === undefined || circuit.openedMs === null) return "closed";
        return call.ports.clock.nowMs() - circuit.openedMs >= circuit.resetMs ? "half_open" : "open";
      },
    }),
    builtin("circuit_record_failure", {
      sig: "(name?: any) -> bool",
      doc: "Counts a failure; true when this one opens the breaker.",
      needs: "nothing",
      borrows: true,
      examples: [{ code: 'circuit_breaker("api", 1)\nprintln(circuit_record_failure("api"))', prints: "true" }],
      run(call, args) {
        const circuit = change(call, args);
        if (circuit === undefined) return false;
        circuit.failures++;
        if (circuit.failures < circuit.threshold || circuit.openedMs !== null) return false;
        circuit.openedMs = call.ports.clock.nowMs();
        return true;
      },
    }),
    ...["circuit_record_success", "circuit_reset"].map((name) =>
      builtin(name, {
        sig: "(name?: any) -> nil",
        doc: "Forgets the failures and closes the breaker.",
        needs: "nothing",
        borrows: true,
        run(call, args) {
          const circuit = change(call, args);
          if (circuit !== undefined) {
            circuit.failures = 0;
            circuit.openedMs = null;
          }
          return null;
        },
      }),
    ),
  ],
  EXAMPLES,
);
