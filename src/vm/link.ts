/** A chunk made ready for one run: constants as values, builtins looked up. */
import type { Builtin, BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk, TypeTest } from "../bytecode/chunk.ts";
import { OPCODES, Op } from "../bytecode/opcodes.ts";
import { makeFloat } from "../value/numbers.ts";
import type { Value } from "../value/value.ts";
import { HDuration, Shape, SMALL_DICT, shapeOf } from "../value/value.ts";
import type { MethodSite } from "./methods.ts";
import type { ModuleInstance } from "./run.ts";

export interface Linked {
  readonly chunk: Chunk;
  readonly instance: ModuleInstance;
  readonly constants: readonly Value[];
  readonly shapes: readonly (Shape | null)[];
  readonly types: readonly (TypeTest | null)[];
  /** The builtin that a string constant names, for BUILTIN. */
  readonly builtins: readonly (Builtin | null)[];
  /** Of each function: what its METHOD instructions have learned, by pc; null: none has run. */
  readonly sites: ((MethodSite | null)[] | null)[];
  /** Slots that do not change once they are set. */
  readonly fixed: ReadonlySet<number>;
}

export function linkChunk(chunk: Chunk, instance: ModuleInstance, table: BuiltinTable): Linked {
  const constants: Value[] = [];
  const shapes: (Shape | null)[] = [];
  const types: (TypeTest | null)[] = [];
  const builtins: (Builtin | null)[] = [];
  for (const constant of chunk.constants) {
    let value: Value = null;
    let shape: Shape | null = null;
    let type: TypeTest | null = null;
    let builtin: Builtin | null = null;
    switch (constant.kind) {
      case "int":
      case "string":
        value = constant.value;
        break;
      case "float":
        value = makeFloat(constant.value);
        break;
      case "duration":
        value = new HDuration(constant.ms);
        break;
      case "shape":
        shape = linkedShape(constant.keys);
        break;
      case "type":
        type = constant.type;
        break;
      case "import":
        value = constant.name;
        break;
    }
    if (constant.kind === "string") builtin = table.builtins.get(constant.value) ?? null;
    constants.push(value);
    shapes.push(shape);
    types.push(type);
    builtins.push(builtin);
  }
  return {
    chunk,
    instance,
    constants,
    shapes,
    types,
    builtins,
    sites: chunk.functions.map(() => null),
    fixed: fixedSlots(chunk),
  };
}

/** Of more keys than a small dict has, a mere list of them, in order. */
function linkedShape(keys: readonly string[]): Shape {
  return keys.length <= SMALL_DICT ? shapeOf(keys) : new Shape(keys, 8, null, null);
}

/** Slots that one instruction of the initialiser sets, at most once. */
function fixedSlots(chunk: Chunk): ReadonlySet<number> {
  const writes = new Map<number, number>();
  const note = (slot: number, times: number): void => void writes.set(slot, (writes.get(slot) ?? 0) + times);
  for (const { index, code } of chunk.functions) {
    const open: number[] = [];
    for (let pc = 0; pc < code.length; pc += OPCODES[code[pc]!]!.length) {
      const op = code[pc]!;
      if (op === Op.BLOCK || op === Op.LOOP || op === Op.TRY) open.push(op);
      else if (op === Op.END) open.pop();
      else if (op === Op.SET_SLOT) note(code[pc + 1]!, index === chunk.entry && !open.includes(Op.LOOP) ? 1 : 2);
    }
  }
  return new Set([...writes].filter(([, times]) => times === 1).map(([slot]) => slot));
}
