/** Damages a stored chunk: its text, its fields, and above all the words of its code. */
import { OPCODES } from "../../src/bytecode/opcodes.ts";
import type { Random } from "./random.ts";

type Data = unknown[];

/** Places of a chunk's text: see serialize.ts. */
const CONSTANTS = 3;
const FUNCTIONS = 4;
const CODE = 9;
const LINES = 10;

const ODD_NUMBERS = [
  -1,
  0,
  1,
  2,
  3,
  7,
  8,
  255,
  256,
  65_535,
  65_536,
  2 ** 24,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  2 ** 53,
  0.5,
  1e300,
];
const ODD_VALUES: readonly unknown[] = [null, true, "", "x", "init", "9223372036854775808", [], {}, [[]], -1, 1e9];

/** A new one each time: it may be changed later. */
function oddValue(random: Random): unknown {
  return structuredClone(random.pick([...ODD_VALUES, ...ODD_NUMBERS]));
}

export function mutateChunk(random: Random, text: string): string {
  if (random.chance(0.05)) return mutateText(random, text);
  const chunk = JSON.parse(text) as Data;
  const rounds = 1 + random.skewed(4);
  for (let i = 0; i < rounds; i++) mutateOnce(random, chunk);
  return JSON.stringify(chunk);
}

/** Changes mostly instructions, and few of them, so that much of it is still code. */
export function mutateCodeOf(random: Random, text: string): string {
  const chunk = JSON.parse(text) as Data;
  const functions = chunk[FUNCTIONS] as Data[];
  const rounds = 1 + random.below(3);
  for (let i = 0; i < rounds; i++) {
    if (random.chance(0.1)) mutateOnce(random, chunk);
    else if (Array.isArray(chunk[FUNCTIONS]) && functions.length > 0) {
      const fn = random.pick(functions);
      if (Array.isArray(fn) && Array.isArray(fn[CODE])) mutateCode(random, fn[CODE]);
    }
  }
  return JSON.stringify(chunk);
}

function mutateText(random: Random, text: string): string {
  const at = random.below(text.length);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return (
        text.slice(0, at) + random.pick(["9", "-", "[", "]", ",", '"', "{", "null", "1e9", "\\"]) + text.slice(at + 1)
      );
    default:
      return text.slice(0, at) + text.slice(at + 1 + random.skewed(30));
  }
}

function mutateOnce(random: Random, chunk: Data): void {
  const functions = chunk[FUNCTIONS] as Data[];
  const fn = Array.isArray(functions) && functions.length > 0 ? random.pick(functions) : undefined;
  const kind = random.below(20);
  if (fn !== undefined && Array.isArray(fn) && Array.isArray(fn[CODE]) && kind < 14) mutateCode(random, fn[CODE]);
  else if (fn !== undefined && Array.isArray(fn) && kind < 17) mutateFunction(random, fn);
  else if (kind < 18 && Array.isArray(chunk[CONSTANTS])) mutateList(random, chunk[CONSTANTS]);
  else mutateAnywhere(random, chunk);
}

/** Where the instructions start, as far as the code can be read. */
function startsOf(code: readonly unknown[]): readonly number[] {
  const starts: number[] = [];
  for (let pc = 0; pc < code.length; ) {
    starts.push(pc);
    pc += OPCODES[code[pc] as number]?.length ?? 1;
  }
  return starts;
}

function mutateCode(random: Random, code: Data): void {
  const starts = startsOf(code);
  if (starts.length === 0) return;
  const pc = random.pick(starts);
  const op = OPCODES[code[pc] as number];
  const length = op?.length ?? 1;
  switch (random.below(8)) {
    case 0: {
      // Another instruction over operands of the same number.
      const alike = OPCODES.filter((other) => other.length === length);
      code[pc] = random.pick(alike.length > 0 ? alike : OPCODES).code;
      break;
    }
    case 1:
    case 2:
      if (length > 1) code[pc + 1 + random.below(length - 1)] = random.skewed(40);
      break;
    case 3: {
      // The same operand kind from another place of the function.
      const [from, at] = [random.pick(starts), 1 + random.below(Math.max(1, length - 1))];
      const value = code[from + at];
      if (at < length && value !== undefined) code[pc + at] = value;
      break;
    }
    case 4:
      code.splice(pc, length);
      break;
    case 5: {
      const from = random.pick(starts);
      const copied = code.slice(from, from + (OPCODES[code[from] as number]?.length ?? 1));
      code.splice(pc, random.chance(0.5) ? length : 0, ...copied);
      break;
    }
    case 6: {
      const made = random.pick(OPCODES);
      const operands = made.operands.map(() => random.skewed(30));
      code.splice(pc, random.chance(0.7) ? length : 0, made.code, ...operands);
      break;
    }
    default:
      code[random.below(code.length)] = random.pick(ODD_NUMBERS);
  }
}

function mutateFunction(random: Random, fn: Data): void {
  const at = random.below(fn.length);
  if (at === CODE) return;
  const value = fn[at];
  if (Array.isArray(value) && random.chance(0.8)) mutateList(random, value);
  else if (typeof value === "number")
    fn[at] = random.chance(0.7) ? value + random.between(-2, 2) : random.pick(ODD_NUMBERS);
  else fn[at] = random.pick(["function", "generator", "init", oddValue(random)]);
  if (at === LINES && random.chance(0.5)) fn[at] = [];
}

function mutateList(random: Random, list: Data): void {
  const at = random.below(list.length + 1);
  switch (random.below(5)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      if (list.length > 0) list.splice(at, 0, structuredClone(random.pick(list)));
      break;
    case 2:
      if (list.length > 0) list[random.below(list.length)] = structuredClone(random.pick(list));
      break;
    default: {
      const inner = list[at];
      if (Array.isArray(inner) && inner.length > 0) mutateList(random, inner);
      else if (typeof inner === "number") list[at] = inner + random.between(-2, 2);
      else list[at] = oddValue(random);
    }
  }
}

/** Any part of it becomes any other thing. */
function mutateAnywhere(random: Random, chunk: Data): void {
  let place: Data = chunk;
  for (;;) {
    const at = random.below(place.length);
    const inner = place[at];
    if (Array.isArray(inner) && inner.length > 0 && random.chance(0.8)) place = inner;
    else {
      place[at] = oddValue(random);
      return;
    }
  }
}
