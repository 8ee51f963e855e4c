/**
 * `npm run bench:limits -- builtins`: which builtins take longer than they say. Each that completes at once is called with large values of all kinds, and
 * its time is held against the fuel that it takes: what takes more than `MOST_NS` a unit lets a loop over it run on too long.
 */

import type { Builtin } from "../../src/builtin/declaration.ts";
import { rootScope } from "../../src/builtin/scope.ts";
import { createNodePorts } from "../../src/hosts/node/ports.ts";
import { createMemoryPorts } from "../../src/ports/memory/ports.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { setOf } from "../../src/stdlib/sets.ts";
import { UNMETERED } from "../../src/value/cost.ts";
import { displayValue } from "../../src/value/display.ts";
import { stringifyJson } from "../../src/value/json.ts";
import { typeName } from "../../src/value/type-name.ts";
import { HDict, HList, HRange, type Value } from "../../src/value/value.ts";
import { Run } from "../../src/vm/run.ts";
import { VmCall } from "../../src/vm/vm-call.ts";

/** A slice of 100,000 units takes 25 ms at most then. */
const MOST_NS = 250;
/** Calls that take less do not matter: a thousand of them end in time. */
const LEAST_MS = 1;
const TIMES = 2;
const CHARACTERS = 100_000;
const ITEMS = 20_000;

const numbers = (): HList => new HList(Array.from({ length: ITEMS }, (_, i) => (i * 7919) % ITEMS));
const texts = (): HList => new HList(Array.from({ length: ITEMS }, (_, i) => `item ${(i * 7919) % ITEMS}`));
const dict = (): HDict =>
  HDict.from(Array.from({ length: ITEMS }, (_, i) => [`key ${(i * 7919) % ITEMS}`, i] as const));
const rows = (): HList =>
  new HList(
    Array.from({ length: ITEMS / 4 }, (_, i) => HDict.of({ id: i, name: `row ${i}`, tags: new HList([i, "a"]) })),
  );

const LARGE: Readonly<Record<string, () => Value>> = {
  words: () => "The worker reads a file, then. ".repeat(CHARACTERS / 31),
  "words beyond the basic plane": () => "Naïve 🙂 wörk, ".repeat(CHARACTERS / 15),
  lines: () => "key: value\n".repeat(CHARACTERS / 11),
  digits: () => `${"1".repeat(CHARACTERS)}x`,
  blanks: () => `x${" ".repeat(CHARACTERS)}x`,
  signs: () => `${"=".repeat(CHARACTERS)}x`,
  slashes: () => "../".repeat(CHARACTERS / 3),
  braces: () => "{{".repeat(CHARACTERS / 2),
  brackets: () => "[".repeat(CHARACTERS),
  quotes: () => `"\\`.repeat(CHARACTERS / 2),
  json: () => stringifyJson(rows()),
  numbers,
  texts,
  floats: () => new HList(Array.from({ length: ITEMS }, (_, i) => i + 0.5)),
  lists: () => new HList(Array.from({ length: ITEMS / 4 }, (_, i) => new HList([i, [i].length, "a"]))),
  "a list in a list": () => new HList([numbers()]),
  rows,
  dict,
  "a dict in a dict": () => HDict.of({ inner: dict() }),
  set: () => setOf(texts().items, UNMETERED),
  range: () => new HRange(0, ITEMS, false),
};

/** Each made once: nothing changes a receiver that is not its own. */
const made = new Map<string, Value>();
function large(kind: string): Value {
  let value = made.get(kind);
  if (value === undefined) {
    value = LARGE[kind]!();
    made.set(kind, value);
  }
  return value;
}

const SMALL: readonly (readonly Value[])[] = [
  [],
  ["a"],
  [2],
  ["a", "b"],
  [" ", ""],
  ["", "b"],
  [new HList([])],
  [HDict.empty()],
];

const ports = { ...createMemoryPorts(), heap: createNodePorts().heap };
const host = createVmHost({ ports, tools: [], graceMs: 20, tiering: "off" });

function newCall(): VmCall {
  const run = new Run("limits", host);
  return new VmCall(run, run.newFiber(rootScope({ cwd: "/project" }), null, null, false));
}

interface Measured {
  readonly ms: number;
  readonly fuel: number;
}

/** The shortest of some calls. */
function measure(builtin: Builtin, args: readonly Value[]): Measured {
  let least: Measured = { ms: Number.POSITIVE_INFINITY, fuel: 0 };
  for (let i = 0; i < TIMES; i++) {
    const call = newCall();
    const began = process.cpuUsage();
    try {
      builtin.run(call, args, false);
    } catch {
      // What it has done until then is what matters.
    }
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    if (ms < least.ms) least = { ms, fuel: call.settle() };
    if (ms < LEAST_MS) return least;
  }
  return least;
}

const nameOf = ({ receiver, name }: Builtin): string => (receiver === null ? name : `${receiver}.${name}`);

function* attempts(builtin: Builtin): Generator<{ readonly shown: string; readonly args: readonly Value[] }> {
  for (const kind of Object.keys(LARGE)) {
    if (builtin.receiver !== null && builtin.receiver !== typeName(large(kind))) continue;
    for (const rest of SMALL) {
      if (1 + rest.length < builtin.min || 1 + rest.length > builtin.max) continue;
      yield {
        shown: [
          kind,
          ...rest.map((value) => (typeof value === "string" ? JSON.stringify(value) : displayValue(value))),
        ].join(", "),
        args: [large(kind), ...rest],
      };
    }
    if (builtin.max < 2) continue;
    for (const other of Object.keys(LARGE)) {
      if (builtin.receiver === null && other !== kind) continue;
      yield { shown: `${kind}, ${other}`, args: [large(kind), large(other)] };
    }
    yield { shown: `"a", ${kind}`, args: ["a", large(kind)] };
    if (builtin.max > 2) yield { shown: `"[a-z]+", "b", ${kind}`, args: ["[a-z]+", "b", large(kind)] };
  }
}

/** Prints those that take too long, of all or those whose name begins so; answers how many. */
export function measureBuiltins(names: readonly string[]): number {
  const { builtins, methods } = host.table;
  const all = [...builtins.values(), ...[...methods.values()].flatMap((of) => [...of.values()])];
  let found = 0;
  for (const builtin of all) {
    if (builtin.suspends || builtin.prelude !== null || builtin.needs !== "nothing") continue;
    if (names.length > 0 && !names.some((name) => nameOf(builtin).startsWith(name))) continue;
    let worst: (Measured & { readonly shown: string }) | null = null;
    for (const { shown, args } of attempts(builtin)) {
      const { ms, fuel } = measure(builtin, args);
      if (ms < LEAST_MS || (ms * 1e6) / Math.max(fuel, 1) < MOST_NS) continue;
      if (worst === null || ms / (fuel + 1) > worst.ms / (worst.fuel + 1)) worst = { ms, fuel, shown };
    }
    if (worst === null) continue;
    found++;
    console.log(
      `${nameOf(builtin).padEnd(28)}${worst.ms.toFixed(0).padStart(8)} ms${String(worst.fuel).padStart(10)}  ${worst.shown}`,
    );
  }
  return found;
}
