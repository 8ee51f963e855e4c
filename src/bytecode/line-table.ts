/**
 * Where the code of a function stands in its file, a few characters an entry: each says by how much it differs from the one before it. Dense code has an entry for
 * each instruction, and as objects they took more room than the code.
 *
 * Invariant: an entry covers the code from its pc up to the pc of the next one. That they rise is looked at by the verifier.
 */

/** From `pc` on, `line`:`column` of the module's file. */
export interface LineEntry {
  readonly pc: number;
  readonly line: number;
  readonly column: number;
}

/** A number is written in digits of six bits, the lowest first; all but the last have a bit more. */
const DIGIT = 64;
const START: LineEntry = { pc: -1, line: 0, column: 0 };
/** From so many entries to the next, one is kept whole: from there a place is looked for. */
const STRIDE = 64;
const MOST_CODES = 4096;

interface Mark extends LineEntry {
  /** Where the next entry is in the text. */
  readonly at: number;
}

const NO_MARKS: readonly Mark[] = Object.freeze([]);

export class LineTable {
  readonly length: number;
  readonly #text: string;
  readonly #marks: readonly Mark[];

  constructor(length: number, text: string, marks: readonly Mark[]) {
    this.length = length;
    this.#text = text;
    this.#marks = marks;
  }

  *[Symbol.iterator](): Generator<LineEntry> {
    const reader = new Reader(this.#text, START, 0);
    while (reader.next()) yield reader.entry();
  }

  /** The last entry in front of `pc`; null: there is none. */
  before(pc: number): LineEntry | null {
    const marks = this.#marks;
    let low = 0;
    for (let high = marks.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (marks[middle]!.pc < pc) low = middle + 1;
      else high = middle;
    }
    const mark = low === 0 ? null : marks[low - 1]!;
    const reader = new Reader(this.#text, mark ?? START, mark?.at ?? 0);
    let found: LineEntry | null = mark;
    while (reader.next() && reader.pc < pc) found = reader.entry();
    return found;
  }
}

class Reader {
  readonly #text: string;
  #at: number;
  pc: number;
  #line: number;
  #column: number;

  constructor(text: string, { pc, line, column }: LineEntry, at: number) {
    this.#text = text;
    this.#at = at;
    this.pc = pc;
    this.#line = line;
    this.#column = column;
  }

  /** False: there is no other entry. */
  next(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.pc += this.#read();
    const line = this.#read();
    // Columns start anew on each line.
    this.#column = line === 0 ? this.#column + this.#read() : this.#read();
    this.#line += line;
    return true;
  }

  entry(): LineEntry {
    return { pc: this.pc, line: this.#line, column: this.#column };
  }

  #read(): number {
    let value = 0;
    let place = 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at++);
      value += (code % DIGIT) * place;
      if (code < DIGIT) break;
      place *= DIGIT;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

export class LineTableWriter {
  readonly #texts: string[] = [];
  readonly #codes: number[] = [];
  readonly #marks: Mark[] = [];
  #length = 0;
  #written = 0;
  #last = START;

  add(pc: number, line: number, column: number): void {
    const last = this.#last;
    this.#write(pc - last.pc);
    this.#write(line - last.line);
    this.#write(line === last.line ? column - last.column : column);
    this.#last = { pc, line, column };
    if (++this.#length % STRIDE === 0) this.#marks.push({ pc, line, column, at: this.#written + this.#codes.length });
    if (this.#codes.length > MOST_CODES) this.#flush();
  }

  finish(): LineTable {
    this.#flush();
    return new LineTable(this.#length, this.#texts.join(""), this.#marks.length === 0 ? NO_MARKS : this.#marks);
  }

  #write(value: number): void {
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    for (; rest >= DIGIT; rest = Math.floor(rest / DIGIT)) this.#codes.push((rest % DIGIT) + DIGIT);
    this.#codes.push(rest);
  }

  #flush(): void {
    this.#written += this.#codes.length;
    this.#texts.push(String.fromCharCode(...this.#codes));
    this.#codes.length = 0;
  }
}
