/**
 * One declaration per builtin: the call gate, the interpreter, name checks, `harn builtins` and the documentation read the same object.
 *
 * Invariants
 * 1. `needs` is always stated. What has an effect outside the process suspends; what completes at once only reads.
 * 2. What a builtin takes out of an argument and returns, or keeps, it marks with `share` (value/value.ts), unless `owned` says that the
 *    receiver is its own.
 * 3. What it costs grows with what it looks at and makes: that is counted here, by `pace` and `deep`. Only what else it does it counts itself.
 */
import { deepCost, SHORT_TEXT, valueCost } from "../value/cost.ts";
import type { Value } from "../value/value.ts";
import type { Args } from "./arguments.ts";
import { argumentReader, parseParameters } from "./arguments.ts";
import type { Call, Outcome, Suspension } from "./call.ts";

export type SideEffect = "read_only" | "workspace_write" | "process_exec" | "network";

/** `grant` (capability.operation) and `effect` are both checked by the policy before `run`; `over` words the rejection. */
export type Need =
  | "nothing"
  | {
      readonly grant?: `${string}.${string}`;
      readonly effect?: SideEffect;
      readonly over: string;
      /** Paths it reads or writes, resolved; checked against workspace roots. */
      readonly paths?: readonly { readonly path: string; readonly write: boolean }[];
    };

export interface Example {
  readonly code: string;
  readonly prints: string;
}

export interface Facts {
  /** Parameters and result in Harn's type syntax: `(path: string, mode?: int) -> string`. */
  readonly sig: string;
  readonly doc: string;
  readonly needs: Need | ((call: Call, args: readonly Value[]) => Need);
  /** Arguments are only looked at: the compiler need not mark them shared. */
  readonly borrows?: boolean;
  readonly examples?: readonly Example[];
  /**
   * What it costs for each part of its arguments and its result, as a multiple of looking at it: 1 unless stated. 0: no more for large values than for
   * small ones, or it counts itself.
   */
  readonly pace?: number;
  /** The same for its result alone; `pace` unless stated. */
  readonly made?: number;
  /** It goes through the parts of the parts, too. */
  readonly deep?: boolean;
  /**
   * The same for arguments of the usual kinds (a method's receiver first), without looking at anything else: generated code calls it directly. Undefined:
   * `run` is to decide. Arguments that were not given are undefined; the receiver is not changed. What it does is not counted: it leaves large values to `run`.
   */
  readonly quick?: (...values: Value[]) => Value | undefined;
}

export interface Builtin extends Facts {
  readonly name: string;
  /** Kind of the receiver for methods (`list`, `string`, …). */
  readonly receiver: string | null;
  readonly params: readonly string[];
  /** Arguments without which it raises. */
  readonly min: number;
  readonly max: number;
  readonly suspends: boolean;
  /** `owned`: the receiver may be changed in place. */
  readonly run: (call: Call, args: readonly Value[], owned: boolean) => Value | Suspension;
  /** The same as `run` of a builtin that takes its arguments as they are: generated code calls it directly. */
  readonly direct: ((call: Call, first: Value, second: Value) => Value | Suspension) | null;
  /** Turns the outcome of a wait into the value. Default: JSON to value, failures raised. */
  readonly finish: ((call: Call, outcome: Outcome, data: Value) => Value | Suspension) | null;
  /** Written in Harn: name of the prelude function. */
  readonly prelude: string | null;
}

type Trim<S extends string> = S extends ` ${infer R}` ? Trim<R> : S extends `${infer R} ` ? Trim<R> : S;
type NameOf<P extends string> =
  Trim<P> extends `...${infer N}: ${string}`
    ? N
    : Trim<P> extends `${infer N}?: ${string}`
      ? N
      : Trim<P> extends `${infer N}: ${string}`
        ? N
        : never;
type NamesIn<P extends string> = P extends `${infer A}, ${infer R}` ? NameOf<A> | NamesIn<R> : NameOf<P>;
/** The parameter names of a signature, so that a mistyped name does not compile. */
export type Names<S extends string> = S extends `(${infer P}) -> ${string}` ? NamesIn<P> : never;

type Spec<S extends string> = Facts & { readonly sig: S };

/** Read when it is first asked for: a program uses few of all the builtins that there are. */
class Signature {
  private readonly sig: string;
  private parsed: ReturnType<typeof parseParameters> | null = null;
  constructor(sig: string) {
    this.sig = sig;
  }
  get names(): readonly string[] {
    return this.parameters.names;
  }
  get parameters(): ReturnType<typeof parseParameters> {
    return (this.parsed ??= parseParameters(this.sig));
  }
}

function build(
  name: string,
  receiver: string | null,
  spec: Facts,
  signature: Signature,
  rest: Pick<Builtin, "suspends" | "run" | "finish" | "prelude">,
  direct: Builtin["direct"] = null,
): Builtin {
  const { sig, doc, needs, borrows, examples, quick } = spec;
  const { suspends, run, finish, prelude } = rest;
  return {
    name,
    receiver,
    sig,
    doc,
    needs,
    borrows,
    examples,
    quick,
    get params() {
      return signature.names;
    },
    get min() {
      return signature.parameters.min;
    },
    get max() {
      return signature.parameters.max;
    },
    suspends,
    run,
    direct,
    finish,
    prelude,
  };
}

/** Of one declaration, as all of them hold it. */
interface Cost {
  readonly pace: number;
  readonly made: number;
  readonly deep: boolean;
}

const costOf = ({ pace = 1, made = pace, deep = false }: Facts): Cost => ({ pace, made, deep });

/** What the arguments from `first` on cost to look at. */
function givenCost(args: readonly Value[], first: number, { pace, deep }: Cost): number {
  let cost = 0;
  for (let i = first; i < args.length; i++) {
    const value = args[i];
    // The commonest kinds cost nothing.
    if (typeof value === "object" || (typeof value === "string" && value.length > SHORT_TEXT)) {
      cost += deep ? deepCost(value) : valueCost(value);
    }
  }
  return cost * pace;
}

/** The result, with fuel taken for making it. */
function counted(call: Call, { made }: Cost, result: Value): Value {
  const cost = typeof result === "object" || typeof result === "string" ? valueCost(result) : 0;
  if (cost > 0) call.spend(cost * made);
  return result;
}

/** A builtin that completes at once. */
export function builtin<const S extends string>(
  name: string,
  spec: Spec<S> & { run(call: Call, args: Args<Names<S>>): Value },
): Builtin {
  const signature = new Signature(spec.sig);
  const { run } = spec;
  const costs = costOf(spec);
  return build(name, null, spec, signature, {
    suspends: false,
    run(call, args) {
      if (costs.made === 0) return run(call, argumentReader(signature.names, args, call));
      const cost = givenCost(args, 0, costs);
      if (cost > 0) call.spend(cost);
      return counted(call, costs, run(call, argumentReader(signature.names, args, call)));
    },
    finish: null,
    prelude: null,
  });
}

/** A builtin that may wait. */
export function suspending<const S extends string>(
  name: string,
  spec: Spec<S> & {
    run(call: Call, args: Args<Names<S>>): Value | Suspension;
    finish?(call: Call, outcome: Outcome, data: Value): Value | Suspension;
  },
): Builtin {
  const signature = new Signature(spec.sig);
  const { run } = spec;
  const costs = costOf(spec);
  return build(name, null, spec, signature, {
    suspends: true,
    run(call, args) {
      const cost = costs.pace === 0 ? 0 : givenCost(args, 0, costs);
      if (cost > 0) call.spend(cost);
      return run(call, argumentReader(signature.names, args, call));
    },
    finish: spec.finish ? (call, outcome, data) => spec.finish!(call, outcome, data) : null,
    prelude: null,
  });
}

/** One that may wait, and is called so often that its arguments come as they are: nil for those that are missing. */
export function positional<const S extends string>(
  name: string,
  spec: Spec<S> & {
    run(call: Call, first: Value, second: Value): Value | Suspension;
    finish?(call: Call, outcome: Outcome, data: Value): Value | Suspension;
  },
): Builtin {
  const { run } = spec;
  const rest = {
    suspends: true,
    run: (call: Call, args: readonly Value[]) => run(call, args[0] ?? null, args[1] ?? null),
    finish: spec.finish ?? null,
    prelude: null,
  };
  return build(name, null, spec, new Signature(spec.sig), rest, run);
}

/** A method: `self` is the receiver, `owned` says whether it may be changed in place. */
export function method<const S extends string, Self extends Value>(
  receiver: string,
  name: string,
  spec: Spec<S> & { run(self: Self, args: Args<Names<S>>, owned: boolean, call: Call): Value },
): Builtin {
  const signature = new Signature(spec.sig);
  const { run } = spec;
  const costs = costOf(spec);
  return build(name, receiver, spec, signature, {
    suspends: false,
    run(call, args, owned) {
      const self = args[0] as Self;
      if (costs.made === 0) return run(self, argumentReader(signature.names, args, call, 1), owned, call);
      // A receiver that may be changed in place is not looked at as a whole.
      const cost = givenCost(args, owned ? 1 : 0, costs);
      if (cost > 0) call.spend(cost);
      const result = run(self, argumentReader(signature.names, args, call, 1), owned, call);
      return result === self ? result : counted(call, costs, result);
    },
    finish: null,
    prelude: null,
  });
}

/** A method that takes callbacks: written in Harn (stdlib/prelude), so that a callback may wait. The function gets the receiver first. */
export function preludeMethod(receiver: string, name: string, spec: Facts & { readonly prelude: string }): Builtin {
  return build(name, receiver, spec, new Signature(spec.sig), {
    suspends: true,
    run: () => {
      throw new Error(`${receiver}.${name} is written in Harn`);
    },
    finish: null,
    prelude: spec.prelude,
  });
}

/** The same declarations, those named with an example: for what a loop or a function declares. */
export function withExamples(
  declarations: readonly Builtin[],
  examples: Readonly<Record<string, Example>>,
): readonly Builtin[] {
  return declarations.map((entry) => {
    const example = examples[entry.name];
    return example === undefined ? entry : { ...entry, examples: [example] };
  });
}

/** The table: builtins by name, methods by kind of receiver and name. Duplicates are refused. */
export class BuiltinTable {
  readonly builtins: ReadonlyMap<string, Builtin>;
  readonly methods: ReadonlyMap<string, ReadonlyMap<string, Builtin>>;
  constructor(lists: readonly (readonly Builtin[])[]) {
    const builtins = new Map<string, Builtin>();
    const methods = new Map<string, Map<string, Builtin>>();
    for (const entry of lists.flat()) {
      let target: Map<string, Builtin> = builtins;
      if (entry.receiver !== null) {
        target = methods.get(entry.receiver) ?? new Map();
        methods.set(entry.receiver, target);
      }
      if (target.has(entry.name)) throw new Error(`builtin declared twice: ${entry.receiver ?? ""} ${entry.name}`);
      target.set(entry.name, entry);
    }
    this.builtins = builtins;
    this.methods = methods;
  }
}
