/**
 * Walks the instructions of a function and writes JavaScript with the same structure: labelled blocks, `for (;;)` loops, `try`.
 *
 * A version that is entered inside (at the head of a loop, or behind a call that waited) contains what follows the way in, and the loops around it. What
 * stands in front of the way in, inside the loops around it, is skipped in the first turn: `e` is true until the way in is reached.
 */
import { Op } from "../../bytecode/opcodes.ts";
import { emitBinary, emitCompare, emitEqual, emitNegate, truth } from "./arithmetic.ts";
import { emitCall } from "./call-sites.ts";
import { kindTest } from "./feedback.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import { emitOperation } from "./operations.ts";
import { isRangeCursor, T } from "./value-types.ts";

/** How far a loop over a range or list goes before it looks at what is left of its turns. */
const TURNS = 1_000;

/** Gets turns for a loop; true when there are none. Without the shift V8 would hold `q` as a value of any kind. */
const MORE = "(q = X.more(P) >> 0) < 0";

interface OpenBlock {
  readonly kind: "block" | "loop" | "try" | "catch";
  readonly pc: number;
  /** It is not part of this version. */
  readonly hidden: boolean;
  /** The guard of the way in was closed in front of it. */
  readonly onPath: boolean;
  /** Of a loop that counts its turns with its own index: it is two, and this is what the outer one does behind the inner one. */
  readonly refill: readonly string[] | null;
  /** Of a loop: the line in which it looks at its turns, how it does so when what it does may cost much, and the costs in front of it. */
  readonly head: { readonly line: number; readonly costly: string; readonly costs: number } | null;
}

/** `before`: nothing is written yet; `guarded`: only if this is not the way in; `inside`: everything. */
type Mode = "before" | "guarded" | "inside";

export class ControlFlow {
  private readonly s: FunctionSource;
  private readonly open: OpenBlock[] = [];
  /** Opening instructions around the way in, outermost first; and the head of a loop that is entered. */
  private readonly path: readonly number[];
  private readonly entry: number;
  private mode: Mode;

  /** `entry`: where it is entered, or −1 for the whole function. */
  constructor(s: FunctionSource, entry: number) {
    this.s = s;
    this.entry = entry;
    this.path = entry < 0 ? [] : pathTo(s.facts.instructions.list, entry);
    this.mode = entry < 0 ? "inside" : "before";
    if (this.path.some((pc) => pc !== entry && this.isLoop(pc))) s.variables.add("e");
  }

  write(): void {
    const { list } = this.s.facts.instructions;
    for (const instruction of list) this.writeOne(instruction);
  }

  private writeOne(instruction: Instruction): void {
    if (instruction.pc === this.entry && this.mode !== "inside" && instruction.op !== Op.LOOP) this.enterHere();
    switch (instruction.op) {
      case Op.BLOCK:
      case Op.LOOP:
      case Op.TRY:
        this.openBlock(instruction);
        return;
      case Op.CATCH:
        this.beginCatch(instruction);
        return;
      case Op.END:
        this.close(instruction);
        return;
    }
    if (this.mode === "before" || !this.s.facts.webs.reaches(instruction.index)) return;
    if (this.open.some(({ hidden }) => hidden)) return;
    const { s } = this;
    s.available.before(instruction, isPure(s, instruction));
    this.writeInstruction(instruction);
    s.settleAvailable(instruction);
  }

  /** The way in, behind a call. */
  private enterHere(): void {
    const { s } = this;
    s.available.forget();
    if (this.mode === "guarded") s.emit("} e = false;");
    this.mode = "inside";
  }

  private writeInstruction(instruction: Instruction): void {
    if (!this.writeBranch(instruction) && !emitCall(this.s, instruction) && !this.writeArithmetic(instruction)) {
      // What is left runs in tier 0: the activation goes on there.
      if (!emitOperation(this.s, instruction)) this.s.emit(this.s.exit(this.s.coldly(this.s.leaveAt(instruction))));
    }
  }

  private openBlock(instruction: Instruction): void {
    const { s } = this;
    const { op, pc, index } = instruction;
    const onPath = this.path.includes(pc);
    const isEntry = pc === this.entry;
    const kind = op === Op.LOOP ? "loop" : op === Op.TRY ? "try" : "block";
    const dead = !s.facts.webs.reaches(index);
    const hidden = dead || (this.mode === "before" && !onPath);
    const isWhole = kind === "loop" && !hidden && (!onPath || isEntry);
    this.open.push({ kind, pc, hidden, onPath, refill: isWhole ? [] : null, head: null });
    if (hidden) return;
    if (kind === "loop" || onPath) s.available.forget();
    const guarded = this.mode === "guarded";
    if (onPath && guarded) s.emit("}");
    switch (kind) {
      case "block":
        s.emit(`${s.prefix}B${pc}: {`);
        break;
      case "loop": {
        s.depth++;
        const entered = isEntry && this.path.some((outer) => outer !== pc && this.isLoop(outer)) ? "e = false;" : "";
        if (isWhole) this.openLoop(instruction, entered);
        else s.emit(`B${pc}: for (;;) { ${entered}`);
        if (isEntry) this.mode = "inside";
        else if (onPath) this.mode = "guarded";
        s.counts = true;
        s.loops = true;
        if (!isWhole) {
          const leave = `${MORE}) ${s.exit(s.coldly(s.leaveAt(instruction)))}`;
          this.emitHead(`if (!e && --q < 0 && ${leave}`, `if (!e && (--q < 0 || X.fuel < 0) && ${leave}`);
        }
        break;
      }
      case "try":
        s.emit(`${s.prefix}B${pc}: {`);
        if (!onPath || !this.entersHandler(instruction)) {
          s.emit("try {");
          s.regions++;
        }
        break;
    }
    if (onPath && !isEntry && this.mode === "guarded") {
      s.emit("if (!e) {");
      if (kind === "try" && this.entersHandler(instruction)) {
        s.emit("try {");
        s.regions++;
      }
    }
  }

  /** The head of the innermost loop; `costly`: in its place when the loop turns out to do something that may cost much. */
  private emitHead(head: string, costly: string): void {
    const { lines, costs } = this.s;
    this.open.push({ ...this.open.pop()!, head: { line: lines.length, costly, costs } });
    this.s.emit(head);
  }

  private isLoop(pc: number): boolean {
    const { list, at } = this.s.facts.instructions;
    return list[at.get(pc)!]!.op === Op.LOOP;
  }

  /** The loop begins with the next item of a range or list, so that its index says how many turns are left. */
  private countsItself(loop: Instruction): boolean {
    const { facts } = this.s;
    const first = facts.instructions.list[loop.index + 1]!;
    if (first.op !== Op.ITER_NEXT || !facts.webs.reaches(first.index)) return false;
    return isIndexed(facts.types.get(facts.webs.before(first.index, first.args[1]!)) ?? 0);
  }

  /** Two loops: the inner one goes on while it has turns, the outer one gets more of them, so that no call stands in the inner one. */
  private openLoop(loop: Instruction, entered: string): void {
    const { s } = this;
    s.emit(`O${loop.pc}: for (;;) { ${entered}`);
    s.emit(`if (q <= 0 && ${MORE}) ${s.exit(s.coldly(s.leaveAt(loop)))}`);
    if (this.countsItself(loop)) this.openCounted(loop);
    else this.emitTurns(loop, "q-- > 0");
  }

  private emitTurns({ pc }: Instruction, test: string): void {
    const head = `B${pc}: while (${test}) {`;
    this.emitHead(head, `${head} if (X.fuel < 0) { q = 0; break; }`);
  }

  /** V8 sees a plain loop with a fixed end. */
  private openCounted(loop: Instruction): void {
    const { s } = this;
    const next = s.facts.instructions.list[loop.index + 1]!;
    const web = s.facts.webs.before(next.index, next.args[1]!);
    const [i, e, l] = [s.extra("i", web), s.extra("e", web), s.extra("l", web)];
    const leave = this.branch(next.args[2]!);
    const block = this.open.pop()!;
    this.open.push({ ...block, refill: [`if (${i} >= ${e}) ${leave}`] });
    // A limit that does not depend on `q` is worth a factor of two: V8 knows more of the index then.
    const used = `q -= ${l} - ${i};`;
    const isRange = isRangeCursor(s.facts.types.get(web) ?? 0);
    s.emit(`${l} = Math.min(${e}, ${i} + ${TURNS}); ${isRange ? `if (${l} > ${i}) ${used}` : used}`);
    this.emitTurns(loop, `${i} < ${l}`);
  }

  /** The way in leads through the handler of this region, not through the region. */
  private entersHandler(instruction: Instruction): boolean {
    return this.path.includes(instruction.pc) && this.entry > instruction.args[0]!;
  }

  private beginCatch(instruction: Instruction): void {
    const { s } = this;
    const region = this.open.pop()!;
    this.open.push({ ...region, kind: "catch" });
    if (region.hidden) return;
    s.available.forget();
    if (this.mode === "before") return;
    const handler = s.facts.proto.handlers.find(({ end }) => end === instruction.pc)!;
    if (s.facts.webs.reaches(instruction.index)) s.emit(`break B${region.pc};`);
    s.regions--;
    const entry = s.facts.instructions.at.get(handler.target)!;
    const isLive = s.facts.liveness.isLiveBefore(entry, handler.register);
    const caught = `X.caught(P, x, ${handler.kind === "finally"})`;
    const target = isLive ? `${s.variable(s.facts.webs.before(entry, handler.register))} = ` : "";
    s.emit(`} catch (x) { ${target}${caught}; }`);
  }

  private close(instruction: Instruction): void {
    const { s } = this;
    const block = this.open.pop()!;
    if (block.hidden) return;
    s.available.forget();
    if (block.head !== null && s.costs > block.head.costs) s.lines[block.head.line] = block.head.costly;
    if (block.kind === "loop") s.depth--;
    if (block.kind === "loop" && this.fallsInto(instruction)) s.emit(`break ${this.label(block)};`);
    s.emit("}");
    if (block.refill === null) return;
    for (const line of block.refill) s.emit(line);
    s.emit("}");
  }

  /** Control reaches the end of a loop without a branch. */
  private fallsInto(instruction: Instruction): boolean {
    const previous = this.s.facts.instructions.list[instruction.index - 1]!;
    return this.s.facts.webs.reaches(previous.index) && previous.op !== Op.BR;
  }

  private branch(target: number): string {
    const { at, list } = this.s.facts.instructions;
    const instruction = list[at.get(target)!]!;
    if (instruction.op === Op.LOOP) return `continue ${this.s.prefix}B${target};`;
    for (let i = this.open.length - 1; i >= 0; i--) {
      const block = this.open[i]!;
      if (this.endOf(block) === target) return `break ${this.label(block)};`;
    }
    throw new Error(`no block ends at ${target}`);
  }

  private label(block: OpenBlock): string {
    return `${this.s.prefix}${block.refill === null ? "B" : "O"}${block.pc}`;
  }

  private endOf(block: OpenBlock): number {
    const { code } = this.s.facts.proto;
    const first = code[block.pc + 1]!;
    return block.kind === "try" || block.kind === "catch" ? code[first + 1]! : first;
  }

  private writeBranch(instruction: Instruction): boolean {
    const { s } = this;
    const { op, args, pc } = instruction;
    switch (op) {
      case Op.BR:
        s.emit(this.branch(args[0]!));
        return true;
      case Op.BR_IF:
        s.emit(`if (${truth(s.operand(instruction, 0))}) ${this.branch(args[1]!)}`);
        return true;
      case Op.BR_UNLESS:
        s.emit(`if (!${truth(s.operand(instruction, 0))}) ${this.branch(args[1]!)}`);
        return true;
      case Op.BR_NIL:
      case Op.BR_NOT_NIL:
        s.emit(`if (${s.value(instruction, 0)} ${op === Op.BR_NIL ? "===" : "!=="} null) ${this.branch(args[1]!)}`);
        return true;
      case Op.RET:
        s.giveBack(instruction);
        return true;
      case Op.RET_NIL:
        s.giveBack(null);
        return true;
      case Op.THROW:
        s.emit(`X.k = ${pc}; throw thrown(${s.value(instruction, 0)});`);
        return true;
      case Op.RETHROW:
        s.emit(`X.k = ${pc}; rethrow(${s.value(instruction, 0)});`);
        return true;
      case Op.RAISE:
        s.emit(`X.k = ${pc}; throw raised(${s.constantString(args[0]!)}, ${s.constantString(args[1]!)});`);
        return true;
      case Op.ITER:
        this.openCursor(instruction);
        return true;
      case Op.ITER_NEXT:
        this.advance(instruction);
        return true;
      case Op.ITER_CLOSE:
        this.closeCursor(instruction);
        return true;
      default:
        return false;
    }
  }

  private writeArithmetic(instruction: Instruction): boolean {
    switch (instruction.op) {
      case Op.ADD:
      case Op.SUB:
      case Op.MUL:
      case Op.DIV:
      case Op.MOD:
      case Op.POW:
        emitBinary(this.s, instruction);
        return true;
      case Op.NEG:
        emitNegate(this.s, instruction);
        return true;
      case Op.EQ:
      case Op.NE:
        emitEqual(this.s, instruction);
        return true;
      case Op.LT:
      case Op.GT:
      case Op.LE:
      case Op.GE:
        emitCompare(this.s, instruction);
        return true;
      default:
        return false;
    }
  }

  private openCursor(instruction: Instruction): void {
    const { s } = this;
    const web = s.facts.webs.writtenBy(instruction.index, 0);
    const source = s.operand(instruction, 1);
    const cursor = s.variable(web);
    const type = s.facts.types.get(web) ?? 0;
    const given = s.facts.given.get(instruction.index)!;
    const kinds = s.facts.kinds.get(instruction.index)!;
    if (kinds === 0 && given !== 0) {
      s.emit(s.exit(notIterated(s, instruction, source)));
      return;
    }
    if (isRangeCursor(type)) {
      if (given !== kinds) {
        const tests: string[] = [];
        if ((given & T.CURSOR_RANGE) === 0) tests.push(`${source.code} instanceof HRange`);
        if ((kinds & T.WIDE) === 0) tests.push(`isSmallRange(${source.code})`);
        s.emit(`if (!(${tests.join(" && ")})) ${s.exit(notIterated(s, instruction, source))}`);
      }
      const [i, e] = [s.extra("i", web), s.extra("e", web)];
      s.emit(
        `${cursor} = ${source.code}; ${i} = ${cursor}.start; ${e} = ${cursor}.exclusive ? ${cursor}.end : ${cursor}.end + 1;`,
      );
      s.probe(instruction, () => `openCursor(${cursor}, X.c)`);
      return;
    }
    if (type === T.CURSOR_LIST && given !== kinds) {
      const test = kindTest(source.code, source.type, T.LIST);
      const isPlain = `(${source.code}.state === null || ${source.code}.floats === null)`;
      s.emit(`if (!(${test === "" ? "" : `${test} && `}${isPlain})) ${s.exit(notIterated(s, instruction, source))}`);
    }
    const items = s.extra("a", web);
    if (type === T.CURSOR_LIST) {
      s.emit(`${cursor} = ${source.code}; ${cursor}.shared = true; ${s.extra("i", web)} = 0;`);
      s.emit(`${items} = ${cursor}.parts; ${s.extra("e", web)} = ${items}.length;`);
      s.probe(instruction, () => `openCursor(${cursor}, X.c)`);
      return;
    }
    s.emit(`${cursor} = openCursor(${s.tagged(source)}, ${s.meter}); ${s.extra("i", web)} = 0;`);
    s.emit(`${items} = ${cursor}.source instanceof HList ? ${cursor}.source.values() : null;`);
    s.probe(instruction, () => cursor);
  }

  private advance(instruction: Instruction): void {
    const { s } = this;
    const { args, pc } = instruction;
    const web = s.facts.webs.before(instruction.index, args[1]!);
    const leave = this.branch(args[2]!);
    const index = s.extra("i", web);
    const type = s.facts.types.get(web) ?? 0;
    if (isIndexed(type)) {
      const around = this.open[this.open.length - 1]!;
      const loop = s.facts.instructions.list[instruction.index - 1]!;
      const isCounted = loop.op === Op.LOOP && around.pc === loop.pc && around.refill !== null;
      if (!isCounted) s.emit(`if (${index} >= ${s.extra("e", web)}) ${leave}`);
      if (isRangeCursor(type)) {
        s.assign(instruction, `${index}++`);
        return;
      }
      s.variables.add("v");
      s.emit(`v = ${s.extra("a", web)}[${index}++];`);
      s.assignShared(instruction, "v");
      return;
    }
    const items = s.extra("a", web);
    s.variables.add("v");
    const next = `if (${index} >= ${items}.length) ${leave} v = ${items}[${index}++];`;
    s.emit(`if (${items} !== null) { ${next} }`);
    s.emit(
      `else { v = X.next(m, ${s.variable(web)}, ${pc}, ${args[0]}, ${args[2]}); if (v === S) ${s.exit(s.coldly(s.leaveAfter(instruction, args[0]!)))} if (v === undefined) ${leave} }`,
    );
    s.assignShared(instruction, "v");
  }

  private closeCursor(instruction: Instruction): void {
    const { s } = this;
    const web = s.facts.webs.before(instruction.index, instruction.args[0]!);
    const type = s.facts.types.get(web) ?? 0;
    if (isRangeCursor(type) || type === T.CURSOR_LIST) return;
    // Only a generator has something to end; tier 0 does that.
    s.emit(`if (mustClose(${s.variable(web)})) ${s.exit(s.coldly(s.leaveAt(instruction)))}`);
  }
}

/** A call that only looks at its arguments. */
function isPure(s: FunctionSource, { op, args }: Instruction): boolean {
  // Changing places sees to that itself.
  if (op !== Op.BUILTIN) return op === Op.SET_PATH || op === Op.TAKE_PATH;
  const builtin = s.linked.builtins[args[1]!];
  return builtin?.borrows === true && builtin.needs === "nothing" && !builtin.suspends;
}

/** Leaves in front of an ITER whose source is not of the expected kind. */
function notIterated(s: FunctionSource, instruction: Instruction, source: Operand): string {
  return s.coldly(
    `X.k = ${instruction.pc}; ${s.missBefore(instruction, `openCursor(${s.tagged(source)}, ${s.meter})`)}`,
  );
}

/** Its items have indexes and are known to be the same throughout. */
function isIndexed(type: number): boolean {
  return isRangeCursor(type) || type === T.CURSOR_LIST;
}

/** Where a version that goes on at an instruction begins: ends of blocks do nothing. −1: it cannot begin there. */
export function beginsAt(list: readonly Instruction[], index: number): number {
  if (list[index]!.op === Op.LOOP) return list[index]!.pc;
  const open: number[] = [];
  for (let i = 0; i < list.length; i++) {
    const { op, pc } = list[i]!;
    if (op === Op.END && open.pop() === Op.BLOCK) continue;
    const isPlain = op !== Op.BLOCK && op !== Op.LOOP && op !== Op.TRY && op !== Op.CATCH && op !== Op.END;
    if (i >= index) return isPlain ? pc : -1;
    if (!isPlain && op !== Op.CATCH && op !== Op.END) open.push(op);
  }
  return -1;
}

/** The blocks that are open at an instruction; and the instruction, if it is a LOOP. */
function pathTo(list: readonly Instruction[], entry: number): readonly number[] {
  const open: number[] = [];
  for (const { op, pc } of list) {
    if (pc === entry) return op === Op.LOOP ? [...open, pc] : open;
    if (op === Op.BLOCK || op === Op.LOOP || op === Op.TRY) open.push(pc);
    else if (op === Op.END) open.pop();
  }
  throw new Error(`no instruction at ${entry}`);
}
