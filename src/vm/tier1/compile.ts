/**
 * From verified chunks to JavaScript functions.
 *
 * Invariant: V8 does not optimise functions past 60 KB of its bytecode; what would come near stays in tier 0.
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { CompiledFunction } from "../../value/value.ts";
import { beginsAt, ControlFlow } from "./control-flow.ts";
import type { DirectShape } from "./direct.ts";
import { analyse, type Facts, isRaw } from "./facts.ts";
import { kindTest } from "./feedback.ts";
import { DIRECT_NAME, FULL_NAME, FunctionSource } from "./function-source.ts";
import { boxed } from "./operand.ts";
import { FRAME } from "./room.ts";
import { SUPPORT_NAMES, SUPPORT_VALUES } from "./support.ts";
import type { Tier } from "./tier.ts";
import { entryType } from "./types.ts";
import type { InsideEntry, Unit, WayIn } from "./unit.ts";
import { ANY, isRangeCursor, T } from "./value-types.ts";

/** Characters of source; about 0.4 bytes of V8's bytecode each. */
const LARGEST_SOURCE = 120_000;

/** Units of host stack. */
const LARGEST_ACTIVATION = 4_000;
/** As many of these as there may be frames always have room on the host's stack; only larger ones are counted. */
const SMALL_ACTIVATION = 70;

/** Null: the function stays in tier 0. */
export function compileFunction(tier: Tier, unit: Unit): CompiledFunction | null {
  const { proto } = unit;
  if (proto.kind === "generator") return null;
  const facts = analyse(proto, unit.mode === "fast" ? unit.feedback : null, -1);
  if (facts === null) return null;
  const s = new FunctionSource(facts, tier.run.link(proto.chunk), tier, unit, true);
  const { webs } = facts;

  const params = proto.params.map((_, r) => s.variable(webs.find(webs.entry[r]!)));
  const prologue: string[] = [];
  const plain = proto.hasRest ? params.length - 1 : params.length;
  if (proto.argcRegister >= 0) {
    const given = params
      .slice(0, plain)
      .reduceRight((more, name, i) => `${name} === undefined ? ${i} : ${more}`, String(plain));
    prologue.push(`${s.variable(webs.find(webs.entry[proto.argcRegister]!))} = ${given};`);
  }
  // Where no nil is expected, a missing argument is not either.
  const missing = params
    .slice(0, plain)
    .filter((_, i) => (entryType(proto, i, facts.feedback) & T.NIL) !== 0)
    .map((name) => `if (${name} === undefined) ${name} = null;`);
  const given = proto.hasRest ? [...params.slice(0, plain), `...${params[plain]}`] : params;
  const { direct } = s;
  const leave = (code: string): string => s.exit(code);
  // What does not fit goes on as it was given: how many arguments there were decides about defaults.
  const tests = params
    .slice(0, plain)
    .map((name, i) => entered(s, name, i, given, direct === null ? leave : valueExit));
  // As the function would have been called with values.
  const values = direct === null ? given : params.map((name, i) => (direct.params[i]!.raw ? boxed(name) : name));
  const captures = proto.captures.flatMap((_, i) => {
    const register = proto.captureBase + i;
    const name = s.variable(webs.find(webs.entry[register]!));
    return [`${name} = self.captures[${i}];`, entered(s, name, register, values, leave), unboxed(s, register)];
  });
  const rest = proto.hasRest ? [`${params[plain]} = new HList(${params[plain]});`] : [];
  // Nothing may miss behind these.
  const entry =
    s.mode === "probe"
      ? [...missing, ...tests, ...captures, ...rest]
      : [...tests, ...captures, ...missing, ...rest, ...params.slice(0, plain).map((_, i) => unboxed(s, i))];

  new ControlFlow(s, -1).write();
  if (s.length > LARGEST_SOURCE) return null;

  const units = stackUnits(facts, s);
  if (units > LARGEST_ACTIVATION) return null;
  const stack = units > SMALL_ACTIVATION ? [`(room & ${FRAME - 1}) < ${units}`] : [];
  // What neither loops nor calls is paid for by whoever does.
  unit.counts = s.counts || s.costs > 0;
  const fuel = unit.counts ? ["(--X.fuel < 0 && !X.refill())"] : [];
  const deep = (list: readonly string[]): string => aside(s, `X.deep(room, self, [${list.join(", ")}])`);
  const when = (tests: readonly string[], exit: string): string =>
    tests.length === 0 ? "" : `if (${tests.join(" || ")}) ${exit}`;
  const isShallow = `room < ${FRAME * (1 + s.height)}`;
  unit.height = s.height;
  const parameters = ["room", "self", ...given].join(", ");
  const main = [
    `const m = (room - ${FRAME + (stack.length > 0 ? units : 0)}) >> 0;`,
    declarations(s, new Set(params)),
    ...prologue,
    ...(direct === null ? entry : captures),
    s.loops ? "let q = 100;" : "",
    "try {",
    ...s.body(),
    `} catch (x) { ${s.exit("X.raise(P, x)")} }`,
    "}",
  ];
  const name = nameOf(proto.name);
  if (direct === null) {
    const body = [
      `return function ${name}(${parameters}) {`,
      when([isShallow, ...stack, ...fuel], s.exit(deep(given))),
      unit.mode === "probe" ? `if (--U.probes < 0) return X.settled(U, room, self, [${given.join(", ")}]);` : "",
      ...main,
    ];
    return instantiate(tier, s, body.join("\n")) as CompiledFunction;
  }
  const passed = ["room", "self", ...params.map((name, i) => (direct.params[i]!.raw ? `toDouble(${name})` : name))];
  const body = [
    `const ${DIRECT_NAME} = function ${name}_direct(${parameters}) {`,
    when([...stack, ...fuel], s.exit(deep(values))),
    ...main,
    `const ${FULL_NAME} = function ${name}(${parameters}) {`,
    when([isShallow], `return ${deep(given)};`),
    ...tests,
    ...missing,
    ...resultFor(direct, `${DIRECT_NAME}(${passed.join(", ")})`),
    "};",
    `return [${DIRECT_NAME}, ${FULL_NAME}];`,
  ];
  const [code, full] = instantiate(tier, s, body.join("\n")) as readonly [CompiledFunction, CompiledFunction];
  unit.direct = { ...direct, code };
  return full;
}

function valueExit(code: string): string {
  return `return ${code};`;
}

/** What the form for all callers does with what the direct form gave. */
function resultFor({ givesFloats }: DirectShape, call: string): readonly string[] {
  if (!givesFloats) return [`return ${call};`];
  return [`const r = ${call};`, "return X.away === undefined ? makeFloat(r) : X.takeAway();"];
}

/** A call that the beginning of a function makes in rare cases. A rest parameter is an array there. */
function aside(s: FunctionSource, call: string): string {
  return s.facts.proto.hasRest ? call : s.cold(call);
}

/** What is done with a parameter or capture at the beginning: noting its kind, or testing it. */
function entered(
  s: FunctionSource,
  name: string,
  register: number,
  given: readonly string[],
  exit: (code: string) => string,
): string {
  const { proto, feedback } = s.facts;
  if (s.mode === "probe") return `E[${register}] |= kindOf(${name});`;
  const kinds = entryType(proto, register, feedback);
  const miss = exit(aside(s, `X.missEntry(P, self, [${given.join(", ")}])`));
  const test = kindTest(name, ANY, kinds);
  if (test === "") return "";
  const mayMiss = register < proto.params.length && (kinds & T.NIL) !== 0;
  return mayMiss ? `if (${name} !== undefined && !(${test})) ${miss}` : `if (!(${test})) ${miss}`;
}

/** A parameter or capture that is held as a bare double. */
function unboxed(s: FunctionSource, register: number): string {
  const { proto, webs, feedback } = s.facts;
  const web = webs.find(webs.entry[register]!);
  if (s.mode === "probe" || entryType(proto, register, feedback) !== T.FLOAT || !isRaw(s.facts, web)) return "";
  const name = s.variable(web);
  return `if (typeof ${name} !== "number") ${name} = ${name}.value;`;
}

/** A version that starts at the head of a loop, or behind a call that waited. */
export function compileInside(tier: Tier, unit: Unit, pc: number): Pick<WayIn, "run" | "room" | "kinds" | "received"> {
  const none = { run: null, room: 0, kinds: [], received: null };
  const { proto } = unit;
  const facts = analyse(proto, unit.mode === "fast" ? unit.feedback : null, pc);
  if (facts === null) return none;
  const s = new FunctionSource(facts, tier.run.link(proto.chunk), tier, unit, false);
  const { webs, liveness, instructions } = facts;
  const index = instructions.at.get(pc)!;
  const start = beginsAt(instructions.list, index);
  if (start < 0 || !webs.reaches(index)) return none;

  const prologue: string[] = [];
  const kinds: { register: number; kinds: number }[] = [];
  for (let r = 0; r < proto.registers; r++) {
    if (!liveness.isLiveBefore(index, r)) continue;
    const web = webs.before(index, r);
    if (!facts.constants.has(web)) prologue.push(...loaded(s, web, r));
    const type = facts.types.get(web) || ANY;
    const isTested = facts.cursors.has(web) ? isRangeCursor(type) || type === T.CURSOR_LIST : type !== ANY;
    if (unit.mode === "fast" && isTested) kinds.push({ register: r, kinds: type });
  }
  new ControlFlow(s, start).write();
  if (s.length > LARGEST_SOURCE) return none;
  const body = [
    `return function ${nameOf(proto.name)}_loop(m, regs) {`,
    declarations(s, new Set()),
    s.variables.has("e") ? "e = true;" : "",
    "let q = 100;",
    "m = m >> 0;",
    ...prologue,
    "try {",
    ...s.body(),
    "} catch (x) { return X.raise(P, x); }",
    "}",
  ].join("\n");
  return {
    run: instantiate(tier, s, body) as InsideEntry,
    room: FRAME * s.height,
    kinds,
    received: receivedAt(facts, index, kinds),
  };
}

const CALLS: ReadonlySet<number> = new Set([Op.CALL, Op.CALL_SPREAD, Op.BUILTIN, Op.METHOD, Op.METHOD_SPREAD]);

/** Where the result of the call in front of an instruction comes. */
function receivedAt({ instructions, feedback }: Facts, index: number, kinds: WayIn["kinds"]): WayIn["received"] {
  const call = instructions.list[index - 1];
  if (feedback === null || call === undefined || !CALLS.has(call.op)) return null;
  const register = call.args[0]!;
  return { register, kinds: kinds.find((one) => one.register === register)?.kinds ?? ANY };
}

/** A web from the register of a frame. */
function loaded(s: FunctionSource, web: number, register: number): string[] {
  const { facts } = s;
  const name = s.variable(web);
  const index = `regs[${register}]`;
  if (!facts.cursors.has(web)) {
    if (isRaw(facts, web)) return [`${name} = toDouble(${index});`];
    // A small int is tested before the code is entered; the shift tells V8.
    return [`${name} = ${facts.types.get(web) === T.SMALL ? `${index} >> 0` : index};`];
  }
  if (isRangeCursor(facts.types.get(web) ?? 0)) {
    return [
      `${name} = ${index}.source;`,
      `${s.extra("i", web)} = ${name}.start + ${index}.index;`,
      `${s.extra("e", web)} = ${name}.exclusive ? ${name}.end : ${name}.end + 1;`,
    ];
  }
  if (facts.types.get(web) === T.CURSOR_LIST) {
    return [
      `${name} = ${index}.source;`,
      `${s.extra("i", web)} = ${index}.index;`,
      `${s.extra("a", web)} = ${name}.parts; ${s.extra("e", web)} = ${s.extra("a", web)}.length;`,
    ];
  }
  return [
    `${name} = ${index};`,
    `${s.extra("i", web)} = ${name}.index;`,
    `${s.extra("a", web)} = ${name}.source instanceof HList ? ${name}.source.values() : null;`,
  ];
}

function declarations(s: FunctionSource, params: ReadonlySet<string>): string {
  const names = [...s.variables].filter((name) => !params.has(name));
  // `let` would set each to undefined, which V8 counts.
  return names.length === 0 ? "" : `var ${names.join(", ")};`;
}

/** What an activation may take of the host's stack, in units of 16 bytes, before V8 optimises it. */
function stackUnits(facts: Facts, s: FunctionSource): number {
  return Math.ceil((240 + 8 * (s.variables.size + facts.proto.params.length + 16)) / 16);
}

function nameOf(name: string): string {
  return `harn_${name.replace(/[^A-Za-z0-9_]/g, "_")}`;
}

/**
 * What the code refers to comes in as parameters of a function around it, which are never assigned: V8 tests constants for having a value at each use, and
 * these not.
 */
function instantiate(tier: Tier, s: FunctionSource, body: string): unknown {
  const version = s.unit.version(s.sites, !s.whole);
  const { results, entry } = s.unit.feedback;
  const pooled = s.pool.map((_, i) => `K${i}`);
  const names = ["X", "P", "U", "F", "E", ...SUPPORT_NAMES, ...pooled];
  // V8 keeps one set of notes for equal texts; this code is to have its own.
  const source = `"use strict"; // ${tier.units.nextCode()}\n${s.besides(body)}\n${body}`;
  const values = [tier, version, s.unit, results, entry, ...SUPPORT_VALUES, ...s.pool];
  return new Function(...names, source)(...values);
}
