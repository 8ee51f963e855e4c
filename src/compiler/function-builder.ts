/**
 * Emits the code of one function: words, blocks with their branches, line entries and registers.
 *
 * Invariants
 * 1. Registers are a stack: locals and temporaries are taken from the top and given back in order; `registers` is the high-water mark.
 * 2. A branch to the end of a block is patched when the block closes, so every target is known when the function ends.
 */
import type { Span } from "../base/span.ts";
import { type LineIndex, positionAt } from "../base/text.ts";
import { LineTableWriter } from "../bytecode/line-table.ts";
import { OPCODES, Op, type OpName } from "../bytecode/opcodes.ts";
import type { Loan } from "./loans.ts";
import { WordList } from "./word-list.ts";

/** An open block; its end is a branch target. */
export interface CodeBlock {
  readonly kind: "block" | "loop" | "try";
  /** pc of the opening instruction: where a loop goes on. */
  readonly head: number;
  /** Positions in the code that wait for the pc of END. */
  readonly toEnd: number[];
  /** Position that waits for the pc of CATCH. */
  readonly toCatch: number;
}

export class FunctionBuilder {
  readonly code = new WordList();
  /** Where in the source the code stands. */
  readonly lines = new LineTableWriter();
  /** Instructions whose first read operand owns its value, or has it marked as shared, in order: see last-uses.ts. */
  readonly claims = new WordList();
  readonly loans: Loan[] = [];
  top = 0;
  registers = 0;
  /** Where the instructions that are emitted now stand in the source. */
  #offset = 0;
  /** Where the last entry of `lines` stands. */
  #noted = -1;
  readonly #source: LineIndex;

  constructor(source: LineIndex) {
    this.#source = source;
  }

  at(span: Span): void {
    this.#offset = span.start;
  }

  emit(name: OpName, ...operands: readonly number[]): number {
    const pc = this.code.length;
    if (this.#noted !== this.#offset) {
      this.#noted = this.#offset;
      const { line, column } = positionAt(this.#source, this.#offset);
      this.lines.add(pc, line, column);
    }
    const op = Op[name];
    if (operands.length !== OPCODES[op]!.operands.length)
      throw new Error(`${name} takes ${OPCODES[op]!.operands.length} operands`);
    this.code.push(op);
    for (const operand of operands) this.code.push(operand);
    return pc;
  }

  /** The same for an instruction that may take what its first read operand holds, where nobody reads it again. */
  emitClaim(name: "COPY" | "ADD" | "METHOD" | "METHOD_SPREAD", ...operands: readonly number[]): void {
    this.claims.push(this.emit(name, ...operands));
  }

  /** A register above all that are in use. */
  take(): number {
    return this.takeRun(1);
  }

  /** The first of `count` registers in a row. */
  takeRun(count: number): number {
    const first = this.top;
    this.top += count;
    if (this.top > this.registers) this.registers = this.top;
    return first;
  }

  openBlock(): CodeBlock {
    const head = this.emit("BLOCK", 0);
    return { kind: "block", head, toEnd: [head + 1], toCatch: -1 };
  }

  openLoop(): CodeBlock {
    const head = this.emit("LOOP", 0);
    return { kind: "loop", head, toEnd: [head + 1], toCatch: -1 };
  }

  openTry(register: number, isFinally: boolean): CodeBlock {
    const head = this.emit("TRY", 0, register, isFinally ? 1 : 0);
    return { kind: "try", head, toEnd: [], toCatch: head + 1 };
  }

  /** Ends the protected region; what follows is its handler. */
  beginCatch(region: CodeBlock): void {
    const pc = this.emit("CATCH", 0);
    this.code.set(region.toCatch, pc);
    region.toEnd.push(pc + 1);
  }

  close(block: CodeBlock): void {
    const pc = this.emit("END");
    for (const position of block.toEnd) this.code.set(position, pc);
  }

  branchToEnd(block: CodeBlock): void {
    block.toEnd.push(this.emit("BR", 0) + 1);
  }

  branchToHead(loop: CodeBlock): void {
    this.emit("BR", loop.head);
  }

  /** BR_IF, BR_UNLESS, BR_NIL or BR_NOT_NIL to the end of a block. */
  branchOn(name: "BR_IF" | "BR_UNLESS" | "BR_NIL" | "BR_NOT_NIL", register: number, block: CodeBlock): void {
    block.toEnd.push(this.emit(name, register, 0) + 2);
  }

  /** The same to the head of a loop. */
  branchOnToHead(name: "BR_IF" | "BR_UNLESS", register: number, loop: CodeBlock): void {
    this.emit(name, register, loop.head);
  }

  iterNext(item: number, cursor: number, loop: CodeBlock): void {
    loop.toEnd.push(this.emit("ITER_NEXT", item, cursor, 0) + 3);
  }
}
