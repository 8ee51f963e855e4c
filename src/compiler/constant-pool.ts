/** The constants of a chunk, each once. */
import type { Constant, TypeTest } from "../bytecode/chunk.ts";

export class ConstantPool {
  readonly constants: Constant[] = [];
  private readonly indexes = new Map<string, number>();
  /** Of strings, by themselves: there may be as many as the text has names. */
  private readonly strings = new Map<string, number>();

  string(value: string): number {
    let index = this.strings.get(value);
    if (index === undefined) {
      index = this.constants.push({ kind: "string", value }) - 1;
      this.strings.set(value, index);
    }
    return index;
  }

  int(value: number | bigint): number {
    return this.add(`i${value}`, { kind: "int", value });
  }

  float(value: number): number {
    return this.add(`f${Object.is(value, -0) ? "-0" : value}`, { kind: "float", value });
  }

  duration(ms: number): number {
    return this.add(`d${ms}`, { kind: "duration", ms });
  }

  /** Keys must be sorted. */
  shape(keys: readonly string[]): number {
    return this.add(`k${JSON.stringify(keys)}`, { kind: "shape", keys });
  }

  type(type: TypeTest): number {
    return this.add(`t${JSON.stringify(type)}`, { kind: "type", type });
  }

  import(module: string, name: string): number {
    return this.add(`m${JSON.stringify([module, name])}`, { kind: "import", module, name });
  }

  private add(identity: string, constant: Constant): number {
    const known = this.indexes.get(identity);
    if (known !== undefined) return known;
    const index = this.constants.length;
    this.constants.push(constant);
    this.indexes.set(identity, index);
    return index;
  }
}
