/** The prelude's chunk. The build puts the compiled text in the place of this module, so that a started program need not load the compiler. */
import type { BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import { preludeSource } from "../stdlib/prelude/source.ts";
import { compilePrelude } from "./compile-program.ts";

export function preludeChunk(table: BuiltinTable): Chunk {
  return compilePrelude(preludeSource, table);
}
