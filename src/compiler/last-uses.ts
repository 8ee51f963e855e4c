/**
 * Last uses, found in the finished code of a function: where a register that owns its value is read for the last time, the value moves. COPY becomes
 * MOVE, a method may change its receiver and a sum its first operand, so that a list that is built up is not copied each time, whatever it passes
 * through on its way.
 *
 * Invariants
 * 1. Only instructions change that were claimed when they were emitted: their first read operand is a register that owns its value, or whose value is
 *    marked as shared.
 * 2. What a handler reads is live at every instruction of its region, since each of them may fail.
 * 3. The work is bounded: of a function that is too large fewer registers are looked at, or none, and what they hold is shared as if it went on being used.
 */
import { OPCODES, Op } from "../bytecode/opcodes.ts";
import { branchTarget, type EffectContext, endsFlow, visitRegisters } from "../bytecode/register-effects.ts";
import { GIVEN_UP, IN_PLACE } from "./calls.ts";

/** Words of live registers that are kept for one function. */
const MOST_WORDS = 1 << 22;

/**
 * Changes `code`. `claims`: positions of COPY, ADD, METHOD and METHOD_SPREAD instructions, in order. Answers those that take what their register holds; null: not all were
 * looked at.
 */
export function moveLastUses(code: Int32Array, claims: Int32Array, context: EffectContext): readonly number[] | null {
  if (claims.length === 0) return [];
  const bits = claimedRegisters(code, claims);
  if (bits.size === 0) return null;
  const dying = new LastUses(code, bits, context).dyingAt(claims);
  for (const pc of dying) give(code, pc);
  return claims.every((pc) => bits.has(code[pc + 2]!)) ? dying : null;
}

/** A number for each register that is read at a claim, as many as there is room for. */
function claimedRegisters(code: Int32Array, claims: Int32Array): ReadonlyMap<number, number> {
  const most = Math.floor(MOST_WORDS / code.length) * 32;
  const bits = new Map<number, number>();
  for (const pc of claims) {
    const register = code[pc + 2]!;
    if (!bits.has(register) && bits.size < most) bits.set(register, bits.size);
  }
  return bits;
}

function give(code: Int32Array, pc: number): void {
  switch (code[pc]) {
    case Op.COPY:
      code[pc] = Op.MOVE;
      return;
    case Op.ADD:
      code[pc] = Op.ADD_TO;
      return;
    case Op.METHOD:
      code[pc + 6]! |= IN_PLACE | GIVEN_UP;
      return;
    case Op.METHOD_SPREAD:
      code[pc + 5]! |= IN_PLACE | GIVEN_UP;
      return;
  }
}

/** What is live, walking backwards; states are kept only where control comes together. */
class LastUses {
  private readonly code: Int32Array;
  private readonly bits: ReadonlyMap<number, number>;
  private readonly context: EffectContext;
  private readonly words: number;
  private readonly starts: Int32Array;
  /** In front of the ends of blocks, the heads of loops and handlers, by pc; those where nothing is live are left out. */
  private readonly states = new Map<number, Int32Array>();
  private readonly live: Int32Array;
  /** What the handlers of the regions around the instruction need, innermost last; each with what those around it need. */
  private readonly handlers: Int32Array[] = [];

  constructor(code: Int32Array, bits: ReadonlyMap<number, number>, context: EffectContext) {
    this.code = code;
    this.bits = bits;
    this.context = context;
    this.words = (bits.size + 31) >> 5;
    this.live = new Int32Array(this.words);
    let count = 0;
    for (let pc = 0; pc < code.length; pc += OPCODES[code[pc]!]!.length) count++;
    this.starts = new Int32Array(count);
    for (let pc = 0, i = 0; pc < code.length; pc += OPCODES[code[pc]!]!.length) this.starts[i++] = pc;
  }

  /** The claims whose register is not read again. */
  dyingAt(claims: Int32Array): readonly number[] {
    while (this.walk(() => {}));
    let left = claims.length;
    const dying: number[] = [];
    this.walk((pc) => {
      if (claims[left - 1] !== pc) return;
      left--;
      if (this.isLast(this.code[pc + 2]!)) dying.push(pc);
    });
    return dying;
  }

  /**
   * `needed` is called when `live` is what is read after the instruction at `pc`. True when the head of a loop has changed, which what branches to it does
   * not know yet.
   */
  private walk(needed: (pc: number) => void): boolean {
    const { code, live, starts } = this;
    let changed = false;
    live.fill(0);
    for (let i = starts.length - 1; i >= 0; i--) {
      const pc = starts[i]!;
      const op = code[pc]!;
      if (endsFlow(op)) live.fill(0);
      const target = branchTarget(code, pc);
      if (target >= 0) this.add(this.states.get(target));
      if (op === Op.CATCH) this.enterRegion(pc);
      else if (op === Op.TRY) this.handlers.pop();
      visitRegisters(code, pc, this.context, this.writes);
      this.add(this.handlers[this.handlers.length - 1]);
      needed(pc);
      visitRegisters(code, pc, this.context, this.reads);
      const isHandler = i > 0 && code[starts[i - 1]!] === Op.CATCH;
      if (op === Op.LOOP || op === Op.END || isHandler) changed = (this.keep(pc) && op === Op.LOOP) || changed;
    }
    return changed;
  }

  private readonly writes = { read: () => {}, write: (register: number) => this.set(register, false) };
  private readonly reads = { read: (register: number) => this.set(register, true), write: () => {} };

  private set(register: number, isLive: boolean): void {
    const bit = this.bits.get(register);
    if (bit === undefined) return;
    if (isLive) this.live[bit >> 5]! |= 1 << (bit & 31);
    else this.live[bit >> 5]! &= ~(1 << (bit & 31));
  }

  private isLast(register: number): boolean {
    const bit = this.bits.get(register);
    return bit !== undefined && (this.live[bit >> 5]! & (1 << (bit & 31))) === 0;
  }

  private add(state: Int32Array | undefined): void {
    if (state === undefined) return;
    for (let w = 0; w < this.words; w++) this.live[w]! |= state[w]!;
  }

  /** The handler of a region begins behind its CATCH; the register that it receives what was caught in may count as read, too. */
  private enterRegion(pc: number): void {
    const around = this.handlers[this.handlers.length - 1];
    const state = this.states.get(pc + 2)?.slice() ?? new Int32Array(this.words);
    if (around !== undefined) for (let w = 0; w < this.words; w++) state[w]! |= around[w]!;
    this.handlers.push(state);
  }

  /** True when it is another state than before. */
  private keep(pc: number): boolean {
    const known = this.states.get(pc);
    if (known === undefined) {
      if (this.live.every((word) => word === 0)) return false;
      this.states.set(pc, this.live.slice());
      return true;
    }
    let changed = false;
    for (let w = 0; w < this.words; w++) {
      if (known[w] === this.live[w]) continue;
      known[w] = this.live[w]!;
      changed = true;
    }
    return changed;
  }
}
