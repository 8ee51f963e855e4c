/**
 * What each register holds at each instruction, so that code which the verifier accepts never finds another kind of thing in a register than its
 * instruction is made for. One walk over the code, since blocks nest: what the state was at a branch is found in the log of changes when the block ends to
 * which it leads, and the head of a loop knows beforehand what the loop will write.
 *
 * Invariants
 * 1. A register is read only where every way that leads there has written it, and never as another kind than it was written.
 * 2. A list or dict that is being built is seen by nobody else: once it was read as a value, it is built no further.
 * 3. A handler sees what any instruction of its region may leave behind.
 */
import type { Constant } from "./chunk.ts";
import { OPCODES, Op } from "./opcodes.ts";
import type { FunctionParts } from "./verify.ts";

/** Kinds of things in registers, as bits; a register has those that some way to the instruction leaves in it. */
const UNSET = 1;
const NIL = 2;
/** Any value of the language. */
const VALUE = 4;
/** Just made by LIST, DICT or CLOSURE. */
const LIST = 8;
const DICT = 16;
const CLOSURE = 32;
/** Of ITER, and of a handler: never visible to a program. */
const CURSOR = 64;
const CAUGHT = 128;

const READABLE = NIL | VALUE | LIST | DICT | CLOSURE;
const BUILT = LIST | DICT;

const KIND_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [UNSET, "nothing yet"],
  [NIL, "nil"],
  [VALUE, "a value"],
  [LIST, "a list being built"],
  [DICT, "a dict being built"],
  [CLOSURE, "a new closure"],
  [CURSOR, "the state of a loop"],
  [CAUGHT, "a caught failure"],
];

/** What an instruction needs in a register besides values, by the place of the operand. */
const NEEDS: { readonly [op: number]: readonly [operand: number, kind: number] } = {
  [Op.LIST_PUSH]: [1, LIST],
  [Op.LIST_EXTEND]: [1, LIST],
  [Op.DICT_SET]: [1, DICT],
  [Op.DICT_SPREAD]: [1, DICT],
  [Op.STRUCT]: [3, DICT],
  [Op.SET_CAPTURE]: [1, CLOSURE],
  [Op.ITER_NEXT]: [2, CURSOR],
  [Op.ITER_CLOSE]: [1, CURSOR],
  [Op.CAUGHT_VALUE]: [2, CAUGHT],
  [Op.CAUGHT_IS]: [2, CAUGHT],
  [Op.RETHROW]: [1, CAUGHT],
  [Op.CALL_SPREAD]: [3, LIST],
  [Op.METHOD_SPREAD]: [4, LIST],
};

/** What an instruction leaves in the register that it writes, when that is not any value. */
const RESULTS: { readonly [op: number]: number } = {
  [Op.NIL]: NIL,
  [Op.LIST]: LIST,
  [Op.DICT]: DICT,
  [Op.CLOSURE]: CLOSURE,
  [Op.ITER]: CURSOR,
};

/** How an instruction uses registers; places are words of the instruction, 0: none. */
interface Form {
  /** Registers that are read as values. */
  readonly reads: readonly number[];
  /** First register of a run of values, and its length; 0 there: the keys of the shape in front of it. */
  readonly run: number;
  readonly count: number;
  /** Register of a special kind, and that kind. */
  readonly special: number;
  readonly needs: number;
  readonly write: number;
  readonly result: number;
  readonly target: number;
}

function formOf(code: number): Form {
  const op = OPCODES[code]!;
  const [special, needs] = NEEDS[op.code] ?? [0, 0];
  const places = op.operands.map((kind, i) => ({ kind, place: i + 1 }));
  const placeOf = (wanted: string): number => places.find(({ kind }) => kind === wanted)?.place ?? 0;
  const run = placeOf("R");
  // The register of TRY is written when the handler is entered.
  const write = op.code === Op.TRY ? 0 : placeOf("d");
  return {
    reads: places.filter(({ kind, place }) => kind === "r" && place !== special).map(({ place }) => place),
    run,
    count: run > 0 && op.operands[run] === "n" ? run + 1 : 0,
    special,
    needs,
    write,
    result: RESULTS[op.code] ?? VALUE,
    target: op.code === Op.TRY ? 0 : placeOf("t"),
  };
}

/** An open block: its END is where branches to it lead. */
interface Region {
  end: number;
  /** Length of the log when it was opened. */
  readonly start: number;
  /** Index of the first branch to it among those that are under way; −1: none. */
  branches: number;
  /** Of a TRY: the register of its handler; else −1. */
  readonly caught: number;
  /** Control gets to its opening. */
  readonly live: boolean;
}

export type Problem = (pc: number, problem: string) => Error;

/** Room for what is known of registers, which the functions of a chunk use one after another. */
export class RegisterSpace {
  /** By register: what it may hold here. */
  kinds = new Uint8Array(0);
  /** While states are joined, by register: index of its last change that was looked at, else -1; and what it may hold, else 0. */
  seen = new Int32Array(0);
  joined = new Uint8Array(0);
  /** By opcode, of the instructions that were met: a small program has few of them. */
  private readonly forms: Form[] = [];

  form(op: number): Form {
    this.forms[op] ??= formOf(op);
    return this.forms[op];
  }

  /** For a function whose registers hold nothing yet. */
  prepare(registers: number): void {
    if (registers > this.kinds.length) {
      this.kinds = new Uint8Array(registers);
      this.seen = new Int32Array(registers).fill(-1);
      this.joined = new Uint8Array(registers);
    }
    this.kinds.fill(UNSET, 0, registers);
  }
}

/** Throws what `problem` makes when a register is not what an instruction needs. The operands and blocks of `fn` are known to be well-formed. */
export function verifyRegisters(
  fn: FunctionParts,
  constants: readonly Constant[],
  functions: readonly FunctionParts[],
  space: RegisterSpace,
  problem: Problem,
): void {
  space.prepare(fn.registers);
  new RegisterFlow(fn, constants, functions, space, problem).walk();
}

class RegisterFlow {
  readonly #fn: FunctionParts;
  readonly #constants: readonly Constant[];
  readonly #functions: readonly FunctionParts[];
  readonly #problem: Problem;
  readonly #space: RegisterSpace;
  readonly #kinds: Uint8Array;
  /** Changes since the outermost open block was opened: register, and what it held before. */
  readonly #changed: number[] = [];
  readonly #before: number[] = [];
  readonly #open: Region[] = [];
  /** Branches to the ends of open blocks: which block, and the length of the log there. */
  readonly #branchTo: number[] = [];
  readonly #branchAt: number[] = [];
  #live = true;
  readonly #seen: Int32Array;
  readonly #joined: Uint8Array;
  /** By register: how much the closure captures that was made there last. */
  readonly #captures = new Map<number, number>();

  constructor(
    fn: FunctionParts,
    constants: readonly Constant[],
    functions: readonly FunctionParts[],
    space: RegisterSpace,
    problem: Problem,
  ) {
    this.#fn = fn;
    this.#constants = constants;
    this.#functions = functions;
    this.#problem = problem;
    this.#space = space;
    this.#kinds = space.kinds;
    this.#seen = space.seen;
    this.#joined = space.joined;
    for (let i = 0; i < fn.params.length; i++) this.#kinds[i] = VALUE;
    for (let i = 0; i < fn.captures.length; i++) this.#kinds[fn.captureBase + i] = VALUE;
    if (fn.argcRegister >= 0) this.#kinds[fn.argcRegister] = VALUE;
  }

  walk(): void {
    const { code } = this.#fn;
    for (let pc = 0; pc < code.length; pc += OPCODES[code[pc]!]!.length) {
      switch (code[pc]) {
        case Op.BLOCK:
          this.#enter(code[pc + 1]!, -1);
          break;
        case Op.LOOP:
          this.#enter(code[pc + 1]!, -1);
          if (this.#live) this.#widen(pc, code[pc + 1]!);
          break;
        case Op.TRY:
          this.#enter(code[code[pc + 1]! + 1]!, code[pc + 2]!);
          break;
        case Op.CATCH:
          this.#handle();
          break;
        case Op.END:
          this.#leave();
          break;
        default:
          if (this.#live) this.#step(pc, code[pc]!);
      }
    }
  }

  #step(pc: number, op: number): void {
    const { code } = this.#fn;
    const form = this.#space.form(op);
    for (const place of form.reads) this.#read(pc, code[pc + place]!);
    if (form.run > 0) {
      const end = code[pc + form.run]! + this.#runLength(pc, form);
      for (let register = code[pc + form.run]!; register < end; register++) this.#read(pc, register);
    }
    // After the values: a list does not go into itself.
    this.#special(pc, op, form);
    if (form.target > 0) {
      // Where there is no item, generated code has none from before either.
      if (op === Op.ITER_NEXT) this.#set(code[pc + 1]!, UNSET);
      this.#branch(code[pc + form.target]!);
      if (op === Op.BR) this.#live = false;
      // Of what is not nil here, nil is no part.
      else if (op === Op.BR_NIL && this.#kinds[code[pc + 1]!] !== NIL)
        this.#set(code[pc + 1]!, this.#kinds[code[pc + 1]!]! & ~NIL);
    }
    if (form.write > 0) this.#set(code[pc + form.write]!, form.result);
    this.#also(pc, op);
  }

  /** Registers that hold no ordinary values, and what is done with them. */
  #special(pc: number, op: number, form: Form): void {
    const { code } = this.#fn;
    if (form.special > 0) {
      const register = code[pc + form.special]!;
      if (this.#kinds[register] !== form.needs) throw this.#unfit(pc, register, form.needs);
    }
    if (op === Op.CLOSURE) {
      for (const register of this.#functions[code[pc + 2]!]!.captures) this.#read(pc, register);
      this.#captures.set(code[pc + 1]!, this.#functions[code[pc + 2]!]!.captures.length);
    } else if (op === Op.SET_CAPTURE && code[pc + 2]! >= this.#captures.get(code[pc + 1]!)!)
      throw this.#problem(pc, `SET_CAPTURE: the closure has no capture ${code[pc + 2]}`);
  }

  /** What the operand kinds do not say. */
  #also(pc: number, op: number): void {
    const { code } = this.#fn;
    switch (op) {
      case Op.STRUCT:
      case Op.CALL_SPREAD:
      case Op.METHOD_SPREAD: {
        const register = code[pc + this.#space.form(op).special]!;
        if (register !== code[pc + 1]!) this.#set(register, VALUE);
        break;
      }
      case Op.SET_PATH:
        this.#set(code[pc + 1]!, VALUE);
        break;
      case Op.TAKE_PATH:
        this.#set(code[pc + 2]!, VALUE);
        break;
      case Op.SELECT:
        this.#set(code[pc + 1]! + 1, VALUE);
        break;
      case Op.RET:
      case Op.RET_NIL:
      case Op.THROW:
      case Op.RETHROW:
      case Op.RAISE:
        this.#live = false;
    }
  }

  #runLength(pc: number, form: Form): number {
    const { code } = this.#fn;
    if (form.count > 0) return code[pc + form.count]!;
    const shape = this.#constants[code[pc + form.run - 1]!];
    return shape?.kind === "shape" ? shape.keys.length : 0;
  }

  #read(pc: number, register: number): void {
    const kind = this.#kinds[register]!;
    if ((kind & ~READABLE) !== 0) {
      const { code } = this.#fn;
      // A `finally` asks whether there was a failure at all.
      if (code[pc] === Op.BR_NIL && (kind & ~(NIL | CAUGHT)) === 0) return;
      throw this.#unfit(pc, register, VALUE);
    }
    if ((kind & BUILT) !== 0) this.#set(register, (kind & ~BUILT) | VALUE);
  }

  #unfit(pc: number, register: number, needs: number): Error {
    const names = (kind: number): string =>
      KIND_NAMES.filter(([bit]) => (kind & bit) !== 0)
        .map(([, name]) => name)
        .join(" or ");
    const { name } = OPCODES[this.#fn.code[pc]!]!;
    return this.#problem(
      pc,
      `${name}: register ${register} holds ${names(this.#kinds[register]!)}, not ${names(needs)}`,
    );
  }

  #set(register: number, kind: number): void {
    const before = this.#kinds[register]!;
    if (before === kind && kind !== CLOSURE) return;
    this.#kinds[register] = kind;
    if (this.#open.length === 0) return;
    this.#changed.push(register);
    this.#before.push(before);
  }

  #enter(end: number, caught: number): void {
    this.#open.push({ end, start: this.#changed.length, branches: -1, caught, live: this.#live });
  }

  /** Control may go on at `target`. What it has changed by then shows in the log; the head of a loop is prepared for anything. */
  #branch(target: number): void {
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const region = this.#open[i]!;
      if (region.end !== target) continue;
      if (region.branches < 0) region.branches = this.#branchTo.length;
      this.#branchTo.push(i);
      this.#branchAt.push(this.#changed.length);
      return;
    }
  }

  /** The region of the innermost TRY is over: its handler begins. */
  #handle(): void {
    const region = this.#open[this.#open.length - 1]!;
    if (this.#live) this.#branch(region.end);
    this.#live = region.live;
    if (!this.#live) return;
    const registers: number[] = [];
    for (let i = region.start; i < this.#changed.length; i++) {
      const register = this.#changed[i]!;
      this.#note(registers, register, i, this.#before[i]!);
    }
    for (const register of registers) this.#joined[register]! |= this.#kinds[register]!;
    this.#adopt(registers);
    this.#set(region.caught, CAUGHT);
  }

  /** The innermost block ends: what all branches to it and what came before the END leave behind. */
  #leave(): void {
    const region = this.#open.pop()!;
    if (region.branches >= 0) {
      const arrivals = this.#takeBranches(this.#open.length, region.branches);
      this.#join(arrivals);
      this.#live = true;
    }
    if (this.#open.length > 0) return;
    this.#changed.length = 0;
    this.#before.length = 0;
  }

  /** Lengths of the log at the branches to one block, in order; those branches are no longer under way. */
  #takeBranches(block: number, from: number): readonly number[] {
    const arrivals: number[] = [];
    let kept = from;
    for (let i = from; i < this.#branchTo.length; i++) {
      if (this.#branchTo[i] === block) {
        arrivals.push(this.#branchAt[i]!);
        continue;
      }
      // Of a block outside: its first branch may have moved to the front.
      const outer = this.#open[this.#branchTo[i]!]!;
      if (outer.branches === i) outer.branches = kept;
      this.#branchTo[kept] = this.#branchTo[i]!;
      this.#branchAt[kept++] = this.#branchAt[i]!;
    }
    this.#branchTo.length = kept;
    this.#branchAt.length = kept;
    return arrivals;
  }

  #join(arrivals: readonly number[]): void {
    const registers: number[] = [];
    const last = arrivals[arrivals.length - 1]!;
    const end = this.#changed.length;
    let at = 0;
    for (let i = arrivals[0]!; i < end; i++) {
      const register = this.#changed[i]!;
      while (at + 1 < arrivals.length && arrivals[at + 1]! <= i) at++;
      // What it held before this change counts if a branch left since the last one.
      const counts = this.#seen[register]! < arrivals[at]!;
      this.#note(registers, register, i, counts ? this.#before[i]! : 0);
    }
    for (const register of registers) {
      if (this.#live || last > this.#seen[register]!) this.#joined[register]! |= this.#kinds[register]!;
    }
    this.#adopt(registers);
  }

  #note(registers: number[], register: number, i: number, kind: number): void {
    if (this.#seen[register]! < 0) registers.push(register);
    this.#seen[register] = i;
    this.#joined[register]! |= kind;
  }

  /** What was joined is the state from here on. */
  #adopt(registers: readonly number[]): void {
    for (const register of registers) {
      const kind = this.#joined[register]!;
      // It may have been made here or there.
      this.#set(register, kind & CLOSURE ? (kind & ~CLOSURE) | VALUE : kind);
      this.#joined[register] = 0;
      this.#seen[register] = -1;
    }
  }

  /** At the head of a loop a register may hold what it held before, or what the loop puts there. */
  #widen(head: number, end: number): void {
    const { code } = this.#fn;
    for (let pc = head; pc < end; pc += OPCODES[code[pc]!]!.length) {
      const op = code[pc]!;
      const form = this.#space.form(op);
      // What the loop has built it may also have read; which closure it is depends on the way.
      if (form.write > 0)
        this.#add(
          code[pc + form.write]!,
          form.result & (BUILT | CLOSURE) ? (form.result & BUILT) | VALUE : form.result,
        );
      switch (op) {
        case Op.ITER_NEXT:
          this.#add(code[pc + 1]!, UNSET);
          break;
        case Op.TRY:
          this.#add(code[pc + 2]!, CAUGHT);
          break;
        case Op.TAKE_PATH:
          this.#add(code[pc + 2]!, VALUE);
          break;
        case Op.SELECT:
          this.#add(code[pc + 1]! + 1, VALUE);
          break;
        case Op.CLOSURE:
          for (const register of this.#functions[code[pc + 2]!]!.captures) this.#spend(register);
          break;
      }
      for (const place of form.reads) this.#spend(code[pc + place]!);
      if (
        form.special > 0 &&
        op !== Op.LIST_PUSH &&
        op !== Op.LIST_EXTEND &&
        op !== Op.DICT_SET &&
        op !== Op.DICT_SPREAD
      )
        this.#spend(code[pc + form.special]!);
      if (form.run > 0) {
        const last = code[pc + form.run]! + this.#runLength(pc, form);
        for (let register = code[pc + form.run]!; register < last; register++) this.#spend(register);
      }
    }
  }

  #add(register: number, kind: number): void {
    this.#set(register, this.#kinds[register]! | kind);
  }

  /** Read as a value: built no further. */
  #spend(register: number): void {
    if ((this.#kinds[register]! & BUILT) !== 0) this.#add(register, VALUE);
  }
}
