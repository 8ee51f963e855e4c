/** Turns the parts of a module's code into a chunk that may be run: verified, handlers derived, functions tied to their chunk. */
import { Failure } from "../base/failure.ts";
import type { Chunk, FunctionProto } from "./chunk.ts";
import { RegisterSpace } from "./register-flow.ts";
import { type FunctionParts, verifyFunction } from "./verify.ts";

export interface ChunkParts extends Omit<Chunk, "hash" | "functions" | "entry"> {
  /** Each is replaced by what is made of it. */
  readonly functions: FunctionParts[];
}

/** Throws a `Failure` when the parts are malformed. The hash stays empty until somebody serialises the chunk. */
export function linkChunk(parts: ChunkParts): Chunk {
  const { constants } = parts;
  const limits = { constants, functions: parts.functions, slots: parts.slots.length, space: new RegisterSpace() };
  const entry = parts.functions[0];
  if (entry === undefined || entry.kind !== "init" || entry.params.length > 0 || entry.captures.length > 0) {
    throw new Failure(
      `malformed bytecode of ${parts.module}: function 0 must be the initialiser, without parameters and captures`,
    );
  }
  for (const { name, slot } of [...parts.exports, ...parts.pipelines]) checkSlot(parts, name, slot);
  for (const { type, method, slot } of parts.methods) checkSlot(parts, `${type}.${method}`, slot);

  const functions: FunctionProto[] = [];
  const chunk: Chunk = { ...parts, hash: "", entry: 0, functions };
  parts.functions.forEach((fn, index) => {
    const linked = { ...fn, index, chunk, handlers: verifyFunction(fn, limits) };
    functions.push(linked);
    parts.functions[index] = linked;
  });
  return chunk;
}

function checkSlot(parts: ChunkParts, name: string, slot: number): void {
  if (!Number.isInteger(slot) || slot < 0 || slot >= parts.slots.length) {
    throw new Failure(`malformed bytecode of ${parts.module}: ${name} names slot ${slot} of ${parts.slots.length}`);
  }
}
