/** What the analyses found out about one function, and how its webs are held in generated code. */
import type { Constant, FunctionProto } from "../../bytecode/chunk.ts";
import { Op } from "../../bytecode/opcodes.ts";
import type { Feedback } from "./feedback.ts";
import { type Instructions, readInstructions } from "./instructions.ts";
import { Liveness } from "./liveness.ts";
import { inferTypes } from "./types.ts";
import { T } from "./value-types.ts";
import { Webs } from "./webs.ts";

/** Above this the analyses would cost more than they bring: words of code times registers. */
const LARGEST_ANALYSIS = 4_000_000;
const LARGEST_CODE = 40_000;

export interface Facts {
  readonly proto: FunctionProto;
  readonly instructions: Instructions;
  readonly liveness: Liveness;
  readonly webs: Webs;
  readonly types: ReadonlyMap<number, number>;
  /** By instruction: what its first result may be before anything is taken for granted. */
  readonly given: ReadonlyMap<number, number>;
  /** By instruction: what its first result is taken for; what is not is tested. */
  readonly kinds: ReadonlyMap<number, number>;
  /** What was seen, when the code takes it for granted. */
  readonly feedback: Feedback | null;
  /** The constant that a web always holds. */
  readonly constants: ReadonlyMap<number, Constant | boolean | null>;
  /** Webs that always hold what is in a module slot. */
  readonly slots: ReadonlyMap<number, number>;
  /** Webs that are indexed by something computed. */
  readonly indexed: ReadonlySet<number>;
  /** Webs of loop states. */
  readonly cursors: ReadonlySet<number>;
}

/** Null: too large, or a register holds now the state of a loop and now something else. */
export function analyse(proto: FunctionProto, feedback: Feedback | null, loop: number): Facts | null {
  if (proto.code.length > LARGEST_CODE || proto.code.length * proto.registers > LARGEST_ANALYSIS) return null;
  const instructions = readInstructions(proto);
  const liveness = new Liveness(proto, instructions);
  const webs = new Webs(proto, instructions, liveness);
  const found = definitions(proto, instructions, webs);
  if (found === null) return null;
  const inferred = inferTypes({ proto, instructions, webs, liveness, feedback, loop });
  return { proto, instructions, liveness, webs, feedback, ...inferred, ...found };
}

function definitions(
  proto: FunctionProto,
  instructions: Instructions,
  webs: Webs,
): Pick<Facts, "constants" | "slots" | "indexed" | "cursors"> | null {
  const counts = new Map<number, number>();
  const constants = new Map<number, Constant | boolean | null>();
  const cursors = new Map<number, number>();
  const slots = new Map<number, number>();
  const indexed = new Set<number>();
  const count = (web: number): void => void counts.set(web, (counts.get(web) ?? 0) + 1);
  for (const web of webs.entry) count(webs.find(web));
  for (const { target, register } of proto.handlers) {
    const index = instructions.at.get(target)!;
    if (webs.reaches(index)) count(webs.before(index, register));
  }
  for (const { index, op, args, writes } of instructions.list) {
    if (!webs.reaches(index)) continue;
    for (let n = 0; n < writes.length; n++) count(webs.writtenBy(index, n));
    if (op === Op.ITER) cursors.set(webs.writtenBy(index, 0), (cursors.get(webs.writtenBy(index, 0)) ?? 0) + 1);
    if (op === Op.GET_SLOT) slots.set(webs.writtenBy(index, 0), args[1]!);
    if (op === Op.GET_INDEX) indexed.add(webs.before(index, args[1]!));
    const value = constantOf(proto, op, args);
    if (value !== undefined) constants.set(webs.writtenBy(index, 0), value);
  }
  for (const web of [...constants.keys()]) if (counts.get(web) !== 1) constants.delete(web);
  for (const web of [...slots.keys()]) if (counts.get(web) !== 1) slots.delete(web);
  for (const { index, op, args } of instructions.list) {
    const uses = (op === Op.ITER_NEXT || op === Op.ITER_CLOSE) && webs.reaches(index);
    if (uses && !cursors.has(webs.before(index, args[op === Op.ITER_NEXT ? 1 : 0]!))) return null;
  }
  for (const [web, count] of cursors) if (counts.get(web) !== count) return null;
  return { constants, slots, indexed, cursors: new Set(cursors.keys()) };
}

function constantOf(proto: FunctionProto, op: number, args: readonly number[]): Constant | boolean | null | undefined {
  switch (op) {
    case Op.INT:
      return { kind: "int", value: args[1]! };
    case Op.NIL:
      return null;
    case Op.TRUE:
      return true;
    case Op.FALSE:
      return false;
    case Op.CONST: {
      const constant = proto.chunk.constants[args[1]!]!;
      return constant.kind === "int" || constant.kind === "float" || constant.kind === "string" ? constant : undefined;
    }
    default:
      return undefined;
  }
}

/** The web is a bare double in generated code, whatever its value. */
export function isRaw(facts: Facts, web: number): boolean {
  return facts.types.get(web) === T.FLOAT;
}
