/**
 * Splits registers into webs: definitions that reach a common use belong together, everything else of the same register is a variable of its
 * own in the generated code. So a temporary's register can hold a float here and a list there, and each has its own type.
 *
 * Invariants
 * 1. Where control joins, the definitions of a register that is live there are one web.
 * 2. A definition inside a protected region is one with what its handler may see of the same register.
 */
import type { FunctionProto, Handler } from "../../bytecode/chunk.ts";
import { Op } from "../../bytecode/opcodes.ts";
import { branchTarget, endsFlow, type Instructions } from "./instructions.ts";
import type { Liveness } from "./liveness.ts";

/** Web of each register; −1: none. */
type State = Int32Array;

export class Webs {
  private readonly parent: number[] = [];
  private readonly states: (State | null)[] = [];
  private readonly written: number[][] = [];
  /** Register of each definition. */
  readonly registerOf: number[] = [];
  /** Webs of all registers when the function is entered. */
  readonly entry: State;

  constructor(proto: FunctionProto, instructions: Instructions, liveness: Liveness) {
    const { list, at } = instructions;
    this.entry = new Int32Array(proto.registers);
    for (let r = 0; r < proto.registers; r++) this.entry[r] = this.define(r);

    /** What reaches a label so far: ends of blocks, handlers. */
    const waiting = new Map<number, State>();
    const heads = new Map<number, State>();
    const join = (index: number, state: State): void => {
      const known = waiting.get(index);
      if (known === undefined) waiting.set(index, state.slice());
      else this.unite(known, state, index, liveness, proto.registers);
    };
    const open: { readonly handler: Handler; readonly entry: number; readonly state: State }[] = [];

    let state: State | null = this.entry.slice();
    for (let i = 0; i < list.length; i++) {
      const instruction = list[i]!;
      while (open.length > 0 && instruction.pc >= open[open.length - 1]!.handler.end) {
        const { handler, entry, state: seen } = open.pop()!;
        const caught = this.define(handler.register);
        seen[handler.register] = caught;
        for (const outer of open) {
          if (liveness.isLiveBefore(outer.entry, handler.register)) this.merge(outer.state[handler.register]!, caught);
        }
        waiting.set(entry, seen);
      }
      const arrived = waiting.get(i);
      if (arrived !== undefined) {
        if (state === null) state = arrived;
        else this.unite(state, arrived, i, liveness, proto.registers);
      }
      this.states.push(state === null ? null : state.slice());
      if (state === null) {
        this.written.push([]);
        continue;
      }
      if (instruction.op === Op.LOOP) heads.set(i, state.slice());
      if (instruction.op === Op.TRY) {
        const handler = proto.handlers.find(({ start }) => start === instruction.next)!;
        open.push({ handler, entry: at.get(handler.target)!, state: state.slice() });
      }
      const written: number[] = [];
      for (const register of instruction.writes) {
        const web = this.define(register);
        written.push(web);
        state[register] = web;
        for (const { entry, state: seen } of open) {
          if (liveness.isLiveBefore(entry, register)) this.merge(seen[register]!, web);
        }
      }
      this.written.push(written);
      const target = branchTarget(instruction);
      if (target >= 0) {
        const index = at.get(target)!;
        const head = heads.get(index);
        if (head !== undefined && index <= i) this.unite(head, state, index, liveness, proto.registers);
        else join(index, state);
      }
      if (endsFlow(instruction.op)) state = null;
    }
  }

  /** Control gets to this instruction. */
  reaches(index: number): boolean {
    return this.states[index] !== null;
  }

  /** The web that a register belongs to in front of an instruction. */
  before(index: number, register: number): number {
    return this.find(this.states[index]![register]!);
  }

  /** The web of the n-th register that an instruction writes. */
  writtenBy(index: number, n: number): number {
    return this.find(this.written[index]![n]!);
  }

  find(web: number): number {
    let root = web;
    while (this.parent[root] !== root) root = this.parent[root]!;
    while (this.parent[web] !== root) {
      const next = this.parent[web]!;
      this.parent[web] = root;
      web = next;
    }
    return root;
  }

  private define(register: number): number {
    this.registerOf.push(register);
    return this.parent.push(this.parent.length) - 1;
  }

  private merge(a: number, b: number): void {
    const x = this.find(a);
    const y = this.find(b);
    if (x !== y) this.parent[Math.max(x, y)] = Math.min(x, y);
  }

  private unite(into: State, from: State, index: number, liveness: Liveness, registers: number): void {
    for (let r = 0; r < registers; r++)
      if (into[r] !== from[r] && liveness.isLiveBefore(index, r)) this.merge(into[r]!, from[r]!);
  }
}
