/** A chunk made ready for one run: constants as values, builtins looked up. */
import type { Builtin, BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk, TypeTest } from "../bytecode/chunk.ts";
import { makeFloat } from "../value/numbers.ts";
import type { Shape, Value } from "../value/value.ts";
import { HDuration } from "../value/value.ts";
import type { ModuleInstance } from "./run.ts";

export interface Linked {
  readonly chunk: Chunk;
  readonly instance: ModuleInstance;
  readonly constants: readonly Value[];
  readonly shapes: readonly (Shape | null)[];
  readonly types: readonly (TypeTest | null)[];
  /** The builtin that a string constant names, for BUILTIN. */
  readonly builtins: readonly (Builtin | null)[];
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
        shape = constant.keys;
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
  return { chunk, instance, constants, shapes, types, builtins };
}
