/**
 * The text of one generated function while it grows: variables, operands, suspension sites, constants from outside.
 *
 * Invariants
 * 1. A web is one variable `w<n>`, or a literal. Webs that are floats throughout hold bare doubles; `tagged` gives them as Harn values.
 * 2. Before anything that may throw, `X.k` is the pc of its instruction.
 * 3. Nothing of the program's text gets into the source except names and strings through `JSON.stringify`.
 */
import type { BuiltinTable } from "../../builtin/declaration.ts";
import type { Constant, FunctionProto } from "../../bytecode/chunk.ts";
import { makeFloat } from "../../value/numbers.ts";
import { HClosure } from "../../value/value.ts";
import type { Linked } from "../link.ts";
import { Available } from "./available.ts";
import { type Callee, type DirectShape, directShape, MOST_HEIGHT } from "./direct.ts";
import { type Facts, isRaw } from "./facts.ts";
import { isSource, kindTest } from "./feedback.ts";
import type { Instruction } from "./instructions.ts";
import { boxed, type Operand, sharing } from "./operand.ts";
import type { OpenSum } from "./texts.ts";
import type { Tier } from "./tier.ts";
import type { Mode, Site, Unit } from "./unit.ts";
import { ANY, isPlain, isRangeCursor, T } from "./value-types.ts";

/** What the direct form of a function, and the one for all callers, are called in their own code. */
export const DIRECT_NAME = "direct";
export const FULL_NAME = "full";

/** Where the code of a function goes that becomes part of a caller's. */
export interface Within {
  readonly outer: FunctionSource;
  readonly prefix: string;
}

/** In code that becomes part of a caller's: leaving it, which is to leave the caller in front of the call; and what it cannot do there. */
export const EXIT = "@exit;";
export const COLD = "@cold";

/** What is no variable of the program but of the generated function. */
const OUTER: ReadonlySet<string> = new Set(["self", "m", "room"]);

const LONGEST_LITERAL = 60;

export class FunctionSource {
  readonly facts: Facts;
  readonly linked: Linked;
  readonly lines: string[] = [];
  readonly sites: Site[] = [];
  readonly pool: unknown[] = [];
  readonly variables = new Set<string>();
  /** Protected regions that are open. */
  regions = 0;
  /** Loops that are open. */
  depth = 0;
  /** Ways out of loops: what is done behind the body of the function. */
  private readonly ways: string[] = [];
  /** Direct forms that it calls without a look at the depth, one on the other. */
  height = 0;
  /** Whether the code counts fuel, and leaves the activation anywhere. */
  counts = false;
  loops = false;
  /** Places whose cost depends on how large something is. */
  costs = 0;
  length = 0;
  /** Functions beside the generated one, by their text. */
  readonly beside = new Set<string>();
  private colds = 0;
  private inlined = 0;
  /** What the code knows at this point. */
  readonly available = new Available();
  private learned: (() => void)[] = [];
  private unchanged = -1;
  readonly unit: Unit;
  readonly mode: Mode;
  /** Code of a whole function, which knows its closure as `self`. */
  readonly whole: boolean;
  /** Of a function that has a direct form; the code that is written is that. */
  readonly direct: DirectShape | null;
  readonly tier: Tier;
  /** The code becomes part of that of a caller; null: it stands for itself. */
  readonly within: Within | null;
  /** By instruction: sums of texts that it goes on with. */
  readonly openSums = new Map<number, OpenSum>();
  private readonly pooled = new Map<unknown, string>();

  constructor(facts: Facts, linked: Linked, tier: Tier, unit: Unit, whole: boolean, within: Within | null = null) {
    this.facts = facts;
    this.linked = linked;
    this.tier = tier;
    this.unit = unit;
    this.mode = unit.mode;
    this.whole = whole;
    this.direct = whole || within !== null ? directShape(facts, unit) : null;
    this.within = within;
  }

  /** Of its own names. */
  get prefix(): string {
    return this.within === null ? "" : this.within.prefix;
  }

  get table(): BuiltinTable {
    return this.tier.run.host.table;
  }

  /** Some `impl` block that is known now has a method of that name. */
  isDeclaredMethod(name: string): boolean {
    for (const methods of this.tier.run.methods.values()) if (methods.has(name)) return true;
    return false;
  }

  /** The function in a module slot that never changes any more. */
  knownSlot(slot: number): HClosure | undefined {
    const { instance, fixed } = this.linked;
    if (!fixed.has(slot)) return undefined;
    const value = instance.slots[slot];
    return value instanceof HClosure ? value : undefined;
  }

  /** The function that a register holds for certain. */
  knownClosure(instruction: Instruction, n: number): HClosure | null {
    const web = this.facts.webs.before(instruction.index, instruction.args[n]!);
    const slot = this.facts.slots.get(web);
    return (slot === undefined ? undefined : this.knownSlot(slot)) ?? null;
  }

  /** For the names of a function that becomes part of the code. */
  nextPrefix(): string {
    return this.within === null ? `y${this.inlined++}` : this.within.outer.nextPrefix();
  }

  /** Something that will be known behind the instruction at work. */
  learn(fact: () => void): void {
    this.learned.push(fact);
  }

  /** The n-th written register gets what the n-th operand has. */
  learnAlias({ index, args }: Instruction, written: number, operand: number): void {
    const { webs } = this.facts;
    const [web, of] = [webs.writtenBy(index, written), webs.before(index, args[operand]!)];
    // It is the same variable: nothing is written.
    if (web === of) this.unchanged = web;
    else this.learn(() => this.available.addAlias(web, of));
  }

  settleAvailable(instruction: Instruction): void {
    instruction.writes.forEach((_, n) => {
      const web = this.facts.webs.writtenBy(instruction.index, n);
      if (web !== this.unchanged) this.available.written(web);
    });
    for (const fact of this.learned) fact();
    this.learned = [];
    this.unchanged = -1;
  }

  /** Code of a known function to call directly. */
  callee(proto: FunctionProto): Callee | null {
    if (this.within !== null && proto === this.facts.proto) return null;
    // Its own code is called by its name.
    if (proto === this.facts.proto && this.direct !== null) {
      const direct = { ...this.direct, name: DIRECT_NAME };
      return { unit: this.unit, name: FULL_NAME, direct, counts: true, height: MOST_HEIGHT };
    }
    const unit = this.tier.units.direct(proto, this.unit);
    if (unit === null) return null;
    for (let { within } = this; within !== null; within = within.outer.within) unit.callers.add(within.outer.unit);
    const { direct } = unit;
    const form = direct === null ? null : { ...direct, name: this.external(direct.code) };
    return { unit, name: this.external(unit.code), direct: form, counts: unit.counts, height: unit.height };
  }

  /** RET, or RET_NIL. */
  giveBack(instruction: Instruction | null): void {
    let code = "null";
    if (instruction !== null) {
      const operand = this.operand(instruction, 0);
      code = this.direct?.givesFloats === true ? operand.code : this.tagged(operand);
    }
    this.emit(this.within === null ? `return ${code};` : `${this.prefix}r = ${code}; break ${this.prefix}END;`);
  }

  /**
   * Leaves the generated function in another way than with its result; `code` says how. Where a double is expected, that is put aside.
   * A call that was never made is for V8 an exit without a name, and it takes what does not change out of no loop that has one (it peels them to do so).
   * So such calls stand behind the loops.
   */
  exit(code: string): string {
    if (this.within !== null) return EXIT;
    const call = this.depth > 0 && this.regions === 0 ? /^(x\d+)\(([^()]*)\)$/.exec(code) : null;
    if (call === null) return this.end(code);
    const given = call[2] === "" ? [] : call[2]!.split(", ");
    const held = given.map((_, i) => `z${i}`);
    this.ways.push(`case ${this.ways.length}: ${this.end(`${call[1]}(${held.join(", ")})`)}`);
    for (const name of ["z", ...held]) this.variables.add(name);
    const kept = given.map((name, i) => `z${i} = ${name}; `).join("");
    return `{ z = ${this.ways.length - 1}; ${kept}break OUT; }`;
  }

  private end(code: string): string {
    return this.direct?.givesFloats === true ? `return X.goAway(${code});` : `return ${code};`;
  }

  /** The body of the function, and behind it the ways out of its loops. */
  body(): readonly string[] {
    return this.ways.length === 0 ? this.lines : ["OUT: {", ...this.lines, "}", "switch (z) {", ...this.ways, "}"];
  }

  emit(line: string): void {
    this.lines.push(line);
    this.length += line.length;
  }

  /** A value from outside, as a constant of the generated code. */
  external(value: unknown): string {
    if (this.within !== null) return this.within.outer.external(value);
    let name = this.pooled.get(value);
    if (name === undefined) {
      name = `K${this.pool.push(value) - 1}`;
      this.pooled.set(value, name);
    }
    return name;
  }

  string(value: string): string {
    return value.length <= LONGEST_LITERAL ? JSON.stringify(value) : this.external(value);
  }

  constantString(index: number): string {
    return this.string(this.linked.constants[index] as string);
  }

  variable(web: number): string {
    const name = `${this.prefix}w${web}`;
    this.variables.add(name);
    return name;
  }

  /** The n-th operand, a register that is read. */
  operand(instruction: Instruction, n: number): Operand {
    return this.webOperand(this.facts.webs.before(instruction.index, instruction.args[n]!));
  }

  /** A register in a run of operands. */
  register(instruction: Instruction, register: number): Operand {
    return this.webOperand(this.facts.webs.before(instruction.index, register));
  }

  webOperand(web: number): Operand {
    const { types, constants } = this.facts;
    const type = types.get(web) || ANY;
    const constant = constants.get(web);
    const raw = isRaw(this.facts, web);
    return { code: constant === undefined ? this.variable(web) : this.literal(constant), type, raw, constant };
  }

  private literal(constant: Constant | boolean | null): string {
    if (constant === null || typeof constant === "boolean") return String(constant);
    switch (constant.kind) {
      case "int":
        if (typeof constant.value === "bigint") return this.external(constant.value);
        return constant.value < 0 ? `(${constant.value})` : String(constant.value);
      case "float":
        if (!Number.isFinite(constant.value)) return this.external(constant.value);
        return Object.is(constant.value, -0) ? "(-0)" : `(${constant.value})`;
      case "string":
        return this.string(constant.value);
      default:
        throw new Error(`no literal of kind ${constant.kind}`);
    }
  }

  /** As a Harn value. */
  tagged(operand: Operand): string {
    const { constant } = operand;
    // A bare number cannot be followed by a dot.
    if (!operand.raw) return /^\d/.test(operand.code) ? `(${operand.code})` : operand.code;
    if (typeof constant === "object" && constant?.kind === "float") return this.external(makeFloat(constant.value));
    return boxed(operand.code);
  }

  value(instruction: Instruction, n: number): string {
    return this.tagged(this.operand(instruction, n));
  }

  /** A run of registers, as Harn values. */
  run(instruction: Instruction, base: number, count: number): string[] {
    return Array.from({ length: count }, (_, i) => this.tagged(this.register(instruction, base + i)));
  }

  /** Sets the n-th written register to a Harn value. */
  assign(instruction: Instruction, code: string, n = 0): void {
    const web = this.facts.webs.writtenBy(instruction.index, n);
    if (this.facts.constants.has(web)) return;
    if (n === 0 && this.isTested(instruction)) this.assignTested(instruction, code, web, "");
    else this.emit(`${this.variable(web)} = ${isRaw(this.facts, web) ? `toDouble(${code})` : code};`);
    this.assigned(instruction, web, n);
  }

  /** Sets the written register to a value that stays where it came from, too. */
  assignShared(instruction: Instruction, variable: string): void {
    const web = this.facts.webs.writtenBy(instruction.index, 0);
    if (this.isTested(instruction)) this.assignTested(instruction, variable, web, sharing(variable, ANY));
    else this.emit(`${sharing(variable, ANY)} ${this.variable(web)} = ${variable};`);
    this.assigned(instruction, web, 0);
  }

  /**
   * Sets the written register to what a call gave, which may be SUSPEND: `leave` is done then. Where a kind is expected, its test comes first, so that
   * V8 does not have to keep the result in a form in which it can be compared with SUSPEND.
   */
  assignCall(instruction: Instruction, variable: string, suspended: string): void {
    const web = this.facts.webs.writtenBy(instruction.index, 0);
    if (this.isTested(instruction)) this.assignTested(instruction, variable, web, suspended);
    else {
      const other = this.coldly(`${suspended} return ${variable};`);
      this.emit(`if (${variable} === S && (${variable} = ${other}) === S) ${this.exit("S")}`);
      this.emit(`${this.variable(web)} = ${variable};`);
    }
    this.assigned(instruction, web, 0);
  }

  /** Sets the written register to a value that may be undefined: `leave` leaves the activation then. A test for some kind is a test for that, too. */
  assignUnless(instruction: Instruction, variable: string, leave: string): void {
    const web = this.facts.webs.writtenBy(instruction.index, 0);
    const kinds = this.facts.kinds.get(instruction.index)!;
    if (this.isTested(instruction) && (kinds & T.NIL) === 0) {
      this.assignTested(instruction, variable, web, `if (${variable} === undefined) return ${leave};`, true);
      this.assigned(instruction, web, 0);
      return;
    }
    this.emit(`if (${variable} === undefined) ${this.exit(leave)}`);
    this.assign(instruction, variable);
  }

  /** Sets the written register to the double that a call of a direct form gave, if nothing was put aside. */
  assignFloat(instruction: Instruction, call: string, suspended: string): void {
    const web = this.facts.webs.writtenBy(instruction.index, 0);
    this.variables.add("v");
    if (!isRaw(this.facts, web)) {
      // Something else is expected: it becomes a value again.
      this.emit(`v = ${call}; v = X.away === undefined ? makeFloat(v) : X.takeAway();`);
      this.assignCall(instruction, "v", suspended);
      return;
    }
    const target = this.variable(web);
    const miss = this.missAfter(instruction, instruction.args[0]!, "v");
    const isFloat = "if (doubleOf(v) !== undefined) return doubleOf(v);";
    const other = this.coldly(`let v = X.takeAway(); ${suspended} ${isFloat} ${miss}`);
    this.emit(`${target} = ${call};`);
    this.emit(`if (X.away !== undefined) { v = ${other}; if (v === S) ${this.exit("S")} ${target} = +v; }`);
    this.assigned(instruction, web, 0);
  }

  private isTested(instruction: Instruction): boolean {
    const given = this.facts.given.get(instruction.index)!;
    return this.facts.kinds.get(instruction.index)! !== given;
  }

  private assigned(instruction: Instruction, web: number, n: number): void {
    if (this.facts.indexed.has(web)) this.emit(`${this.extra("g", web)} = false;`);
    if (n === 0) this.probe(instruction, () => this.tagged(this.webOperand(web)));
  }

  /** Sets a register where only some kinds are expected. What is of another kind: `first` is done, then it leaves the activation. */
  private assignTested(instruction: Instruction, code: string, web: number, first: string, leaves = false): void {
    const given = this.facts.given.get(instruction.index)!;
    const kinds = this.facts.kinds.get(instruction.index)!;
    const target = this.variable(web);
    const simple = code === "v";
    if (!simple) {
      this.variables.add("u");
      this.emit(`u = ${code};`);
    }
    const value = simple ? code : "u";
    const miss = this.missAfter(instruction, instruction.args[0]!, value);
    if (kinds === 0) {
      this.emit(this.exit(this.coldly(`${first} ${miss}`)));
      return;
    }
    if (kinds === T.FLOAT) {
      const isBoxed = `${value}?.constructor === HFloat`;
      const isBare = `typeof ${value} === "number" && floor(${value}) !== ${value}`;
      const again = first === "" ? "" : `if (${isBare}) return ${value};`;
      const unboxed = isRaw(this.facts, web) ? `${value}.value` : value;
      const other = this.coldly(`${first} ${again} if (${isBoxed}) return ${unboxed}; ${miss}`);
      // What comes of the other way is made a number there, so that V8 need not box the usual ones for its sake.
      const number = isRaw(this.facts, web) ? `+${value}` : value;
      this.emit(`if (${isBare}) ${target} = ${value};`);
      this.emit(`else if ((${value} = ${other}) === S) ${this.exit("S")} else ${target} = ${number};`);
      return;
    }
    const test = kindTest(value, given, kinds);
    const isSharing = first.endsWith(".shared = true;");
    if (first === "" || isSharing || leaves) this.emit(`if (!(${test})) ${this.exit(this.coldly(`${first} ${miss}`))}`);
    else {
      const other = this.coldly(`${first} if (${test}) return ${value}; ${miss}`);
      const number = kinds === T.SMALL ? `${value} >> 0` : value;
      this.emit(`if (${test}) ${target} = ${value};`);
      this.emit(`else if ((${value} = ${other}) === S) ${this.exit("S")} else ${target} = ${number};`);
      return;
    }
    // Values of some kinds are never shared; of the others, all are.
    if (isSharing && !isPlain(kinds)) this.emit(sharing(value, kinds));
    this.emit(`${target} = ${value};`);
  }

  /** Notes what an instruction gave. */
  probe(instruction: Instruction, value: () => string): void {
    if (this.mode !== "probe" || !isSource(instruction.op)) return;
    this.emit(`F[${instruction.pc}] |= kindOf(${value()});`);
  }

  /** Leaves the activation behind an instruction that gave what was not expected. */
  missAfter(instruction: Instruction, dst: number, value: string): string {
    const { liveness } = this.facts;
    const live = (register: number): boolean => register === dst || liveness.isLiveAfter(instruction.index, register);
    return this.miss(instruction, instruction.next, live, value, dst);
  }

  /** Leaves it in front of an instruction whose result would be of an unexpected kind. */
  missBefore(instruction: Instruction, value: string): string {
    const live = (register: number): boolean => this.facts.liveness.isLiveBefore(instruction.index, register);
    return this.miss(instruction, instruction.pc, live, value, -1);
  }

  private miss(
    instruction: Instruction,
    pc: number,
    live: (register: number) => boolean,
    value: string,
    dst: number,
  ): string {
    const registers: number[] = [];
    const values: string[] = [];
    for (let r = 0; r < this.facts.proto.registers; r++) {
      if (!live(r)) continue;
      registers.push(r);
      if (r === dst) values.push(value);
      else {
        // What the instruction has written besides its result.
        const n = pc === instruction.next ? instruction.writes.indexOf(r) : -1;
        const { webs } = this.facts;
        values.push(this.saved(n > 0 ? webs.writtenBy(instruction.index, n) : webs.before(instruction.index, r)));
      }
    }
    const site = this.sites.push({ pc, at: instruction.pc, dst: -1, registers }) - 1;
    const self = this.whole ? ", self" : "";
    return `return X.miss(P, ${site}, [${values.join(", ")}], ${value}${self});`;
  }

  /** What takes fuel for the work of an operation. The loops around it look at what is left in each turn. */
  get meter(): string {
    this.costs++;
    return "X.c";
  }

  /** Sets the written register to a bare double. */
  assignRaw(instruction: Instruction, code: string): void {
    const web = this.facts.webs.writtenBy(instruction.index, 0);
    if (this.facts.kinds.get(instruction.index) === 0) {
      this.variables.add("u");
      this.emit(
        `u = makeFloat(${code}); ${this.exit(this.coldly(this.missAfter(instruction, instruction.args[0]!, "u")))}`,
      );
      return;
    }
    this.emit(`${this.variable(web)} = ${isRaw(this.facts, web) ? code : `makeFloat(${code})`};`);
    this.probe(instruction, () => this.tagged(this.webOperand(web)));
  }

  assignOperand(instruction: Instruction, operand: Operand): void {
    if (operand.raw) this.assignRaw(instruction, operand.code);
    else this.assign(instruction, operand.code);
  }

  /** The type of the written register's web. */
  resultType(instruction: Instruction): number {
    return this.facts.types.get(this.facts.webs.writtenBy(instruction.index, 0)) || ANY;
  }

  /** Leaves the activation so that it goes on behind the instruction, where `dst` has received a value. */
  leaveAfter(instruction: Instruction, dst: number): string {
    const { liveness } = this.facts;
    // A handler sees what `dst` held before, when the call fails in the end.
    return this.leave(instruction, instruction.next, dst, (register) =>
      register === dst
        ? this.regions > 0 && liveness.isLiveBefore(instruction.index, register)
        : liveness.isLiveAfter(instruction.index, register),
    );
  }

  /** The same where the function that was called is not the one that was expected. */
  leaveRefuted(instruction: Instruction): string {
    const self = this.whole ? ", self" : "";
    return this.leaveAt(instruction).replace("X.out(", "X.refuted(").replace(/\);$/, `${self});`);
  }

  /** Leaves it so that the instruction is (or begins) again. */
  leaveAt(instruction: Instruction): string {
    return this.leave(instruction, instruction.pc, -1, (register) =>
      this.facts.liveness.isLiveBefore(instruction.index, register),
    );
  }

  /** Leaves it behind an instruction, when what that has cost was too much. */
  pause(instruction: Instruction): void {
    const { liveness, proto, webs } = this.facts;
    const registers: number[] = [];
    const values: string[] = [];
    for (let r = 0; r < proto.registers; r++) {
      if (!liveness.isLiveAfter(instruction.index, r)) continue;
      const n = instruction.writes.indexOf(r);
      registers.push(r);
      values.push(this.saved(n >= 0 ? webs.writtenBy(instruction.index, n) : webs.before(instruction.index, r)));
    }
    const site = this.sites.push({ pc: instruction.next, at: instruction.pc, dst: -1, registers }) - 1;
    const leave = this.coldly(`return X.${this.regions > 0 ? "outHere" : "out"}(P, ${site}, [${values.join(", ")}]);`);
    this.emit(`if (X.fuel < 0 && !X.refill()) ${this.exit(leave)}`);
  }

  private leave(instruction: Instruction, pc: number, dst: number, live: (register: number) => boolean): string {
    const registers: number[] = [];
    const values: string[] = [];
    for (let r = 0; r < this.facts.proto.registers; r++) {
      if (!live(r)) continue;
      registers.push(r);
      values.push(this.saved(this.facts.webs.before(instruction.index, r)));
    }
    const site = this.sites.push({ pc, at: instruction.pc, dst, registers }) - 1;
    return `return X.${this.regions > 0 ? "outHere" : "out"}(P, ${site}, [${values.join(", ")}]);`;
  }

  /** A web as a frame holds it. */
  private saved(web: number): string {
    const { types, cursors } = this.facts;
    if (!cursors.has(web)) return this.tagged(this.webOperand(web));
    if (isRangeCursor(types.get(web) ?? 0)) {
      return `new HCursor(${this.variable(web)}, ${this.extra("i", web)} - ${this.variable(web)}.start)`;
    }
    if (types.get(web) === T.CURSOR_LIST) return `new HCursor(${this.variable(web)}, ${this.extra("i", web)})`;
    return `saveCursor(${this.variable(web)}, ${this.extra("a", web)}, ${this.extra("i", web)})`;
  }

  /** Whether the text in a register is known to have no surrogates, so that its units are its characters. */
  flatFlag(instruction: Instruction, n: number): string {
    return this.extra("g", this.facts.webs.before(instruction.index, instruction.args[n]!));
  }

  /**
   * What seldom happens goes into a function beside the generated one: V8 takes a function into its callers only when it is short.
   * `body` gives a value with `return`; the answer is a call. What it declares with `let` is its own: a variable that is handed over though nobody reads it
   * is alive for V8, which then keeps a double in it as an object, in each turn of a loop.
   */
  coldly(body: string): string {
    if (this.within !== null) return COLD;
    const words = body.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?<![.\w])[a-z]\w*/g) ?? [];
    const own = /^let (\w+)/.exec(body)?.[1];
    const names = [...new Set(words)].filter((word) => word !== own && (this.variables.has(word) || OUTER.has(word)));
    const name = `x${this.colds++}`;
    this.beside.add(`function ${name}(${names.join(", ")}) { ${body} }`);
    return `${name}(${names.join(", ")})`;
  }

  /** The functions beside it that the generated one calls, and those that these call. */
  besides(body: string): string {
    let text = "";
    for (const beside of [...this.beside].reverse()) {
      const name = /function (\w+)/.exec(beside)![1]!;
      if (body.includes(`${name}(`) || text.includes(`${name}(`)) text = `${beside}\n${text}`;
    }
    return text;
  }

  /** The same for an expression. */
  cold(expression: string): string {
    return this.coldly(`return ${expression};`);
  }

  /** Calls a function that stands beside the generated one. */
  rest(text: string, args: readonly string[], pc: number): string {
    if (this.within !== null) return COLD;
    this.beside.add(text);
    return `${/function (\w+)/.exec(text)![1]}(${args.join(", ")}, ${pc})`;
  }

  /** A further variable of a loop state or a text. */
  extra(kind: "a" | "i" | "e" | "g" | "l", web: number): string {
    const name = `${this.prefix}${kind}${web}`;
    this.variables.add(name);
    return name;
  }
}
