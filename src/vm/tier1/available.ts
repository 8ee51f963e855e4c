/**
 * What generated code knows at a point because it has just found it out: items of lists that it has read, and shapes that it has tested. Straight-line
 * code only: it is forgotten where control joins.
 *
 * Invariant: an entry holds as long as none of its webs is written, no list gets other items, and no object gets other keys.
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { Shape } from "../../value/shape.ts";
import type { Instruction } from "./instructions.ts";

/** Instructions that change no list and no keys of any object, apart from the web that they write. */
const HARMLESS: ReadonlySet<number> = new Set([
  Op.CONST,
  Op.INT,
  Op.NIL,
  Op.TRUE,
  Op.FALSE,
  Op.MOVE,
  Op.COPY,
  Op.SHARE,
  Op.ADD,
  Op.SUB,
  Op.MUL,
  Op.DIV,
  Op.MOD,
  Op.NEG,
  Op.NOT,
  Op.EQ,
  Op.NE,
  Op.LT,
  Op.GT,
  Op.LE,
  Op.GE,
  Op.GET_FIELD,
  Op.GET_INDEX,
  Op.BR_IF,
  Op.BR_UNLESS,
  Op.BR_NIL,
  Op.BR_NOT_NIL,
]);

export interface Item {
  readonly list: number;
  readonly index: number;
  /** The web that has it. */
  readonly web: number;
  /** What it was tested for. */
  readonly kinds: number;
}

export class Available {
  private items: Item[] = [];
  private readonly shapes = new Map<number, Shape>();
  /** Webs that have the value of another. */
  private readonly aliases = new Map<number, number>();

  forget(): void {
    this.items.length = 0;
    this.shapes.clear();
    this.aliases.clear();
  }

  /** In front of an instruction that is neither known to keep everything nor noted by itself. */
  before({ op }: Instruction, isPure: boolean): void {
    if (!isPure && !HARMLESS.has(op)) this.forget();
  }

  /** A web gets another value. */
  written(web: number): void {
    if (this.items.length > 0) {
      this.items = this.items.filter(({ list, index, web: held }) => list !== web && index !== web && held !== web);
    }
    this.shapes.delete(web);
    this.aliases.delete(web);
    for (const [alias, original] of this.aliases) if (original === web) this.aliases.delete(alias);
  }

  addAlias(web: number, of: number): void {
    const original = this.original(of);
    if (original !== web) this.aliases.set(web, original);
  }

  /** The web that has had the value of this one for longest. */
  original(web: number): number {
    return this.aliases.get(web) ?? web;
  }

  item(ofList: number, atIndex: number): Item | null {
    const [list, index] = [this.original(ofList), this.original(atIndex)];
    return this.items.find((item) => item.list === list && item.index === index) ?? null;
  }

  addItem(item: Item): void {
    if (item.web === item.list || item.web === item.index) return;
    this.items.push({ ...item, list: this.original(item.list), index: this.original(item.index) });
  }

  shape(web: number): Shape | null {
    return this.shapes.get(web) ?? this.shapes.get(this.original(web)) ?? null;
  }

  addShape(web: number, shape: Shape): void {
    this.shapes.set(web, shape);
  }
}
