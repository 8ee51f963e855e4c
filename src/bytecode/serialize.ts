/**
 * A chunk as text and back. The text is canonical: equal chunks have equal text, so its hash names the chunk.
 *
 * Invariants
 * 1. `decodeChunk` answers a verified chunk or throws a `Failure`; nothing else, whatever the text.
 * 2. The text starts with its format's number; a newer one is refused by name.
 */
import { Failure } from "../base/failure.ts";
import type { Chunk, Constant, FunctionProto, LineEntry } from "./chunk.ts";
import { linkChunk } from "./link.ts";
import type { FunctionParts } from "./verify.ts";

const FORMAT = 1;

/** What JSON cannot say of a number. */
type Exact = number | string;

export function encodeChunk(chunk: Chunk): string {
  return JSON.stringify([
    FORMAT,
    chunk.module,
    chunk.file,
    chunk.constants.map(encodeConstant),
    chunk.functions.map(encodeFunction),
    chunk.slots,
    chunk.exports.map(({ name, slot }) => [name, slot]),
    chunk.imports,
    chunk.pipelines.map(({ name, slot }) => [name, slot]),
    chunk.methods.map(({ type, method, slot }) => [type, method, slot]),
  ]);
}

export function decodeChunk(text: string): Chunk {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Failure("stored bytecode is damaged: it is not JSON");
  }
  if (!Array.isArray(data)) throw new Failure("stored bytecode is damaged: it is not a list");
  if (data[0] !== FORMAT)
    throw new Failure(`stored bytecode has format ${String(data[0])}, this build knows ${FORMAT}`);
  try {
    return link(data);
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw new Failure(`stored bytecode is damaged: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function link(data: readonly unknown[]): Chunk {
  const [, module, file, constants, functions, slots, exported, imports, pipelines, methods] = data as [
    number,
    string,
    string,
    unknown[][],
    unknown[][],
    string[],
    [string, number][],
    string[],
    [string, number][],
    [string, string, number][],
  ];
  return linkChunk({
    module,
    file,
    constants: constants.map(decodeConstant),
    functions: functions.map(decodeFunction),
    slots,
    exports: exported.map(([name, slot]) => ({ name, slot })),
    imports,
    pipelines: pipelines.map(([name, slot]) => ({ name, slot })),
    methods: methods.map(([type, method, slot]) => ({ type, method, slot })),
  });
}

function exact(value: number): Exact {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value);
}

function encodeConstant(constant: Constant): unknown[] {
  switch (constant.kind) {
    case "int":
      return ["i", typeof constant.value === "bigint" ? constant.value.toString() : constant.value];
    case "float":
      return ["f", exact(constant.value)];
    case "string":
      return ["s", constant.value];
    case "duration":
      return ["d", exact(constant.ms)];
    case "shape":
      return ["k", constant.keys];
    case "type":
      return ["t", constant.type];
    case "import":
      return ["m", constant.module, constant.name];
  }
}

function decodeConstant(data: unknown[]): Constant {
  const [tag, value, more] = data;
  switch (tag) {
    case "i":
      return { kind: "int", value: typeof value === "string" ? BigInt(value) : (value as number) };
    case "f":
      return { kind: "float", value: Number(value) };
    case "s":
      return { kind: "string", value: value as string };
    case "d":
      return { kind: "duration", ms: Number(value) };
    case "k":
      return { kind: "shape", keys: value as string[] };
    case "t":
      return { kind: "type", type: value as (Constant & { kind: "type" })["type"] };
    case "m":
      return { kind: "import", module: value as string, name: more as string };
    default:
      throw new Failure(`stored bytecode is damaged: no constant has the tag ${String(tag)}`);
  }
}

function encodeFunction(fn: FunctionProto): unknown[] {
  return [
    fn.name,
    fn.params,
    fn.required,
    fn.hasRest ? 1 : 0,
    fn.argcRegister,
    fn.captures,
    fn.captureNames,
    fn.captureBase,
    fn.registers,
    [...fn.code],
    fn.lines.flatMap(({ pc, line, column }) => [pc, line, column]),
    fn.kind,
    fn.internal ? 1 : 0,
  ];
}

function decodeFunction(data: unknown[]): FunctionParts {
  const [
    name,
    params,
    required,
    hasRest,
    argcRegister,
    captures,
    captureNames,
    captureBase,
    registers,
    code,
    lines,
    kind,
    internal,
  ] = data as [
    string,
    string[],
    number,
    number,
    number,
    number[],
    string[],
    number,
    number,
    number[],
    number[],
    FunctionProto["kind"],
    number,
  ];
  const table: LineEntry[] = [];
  for (let i = 0; i < lines.length; i += 3) table.push({ pc: lines[i]!, line: lines[i + 1]!, column: lines[i + 2]! });
  return {
    name,
    params,
    required,
    hasRest: hasRest === 1,
    argcRegister,
    captures,
    captureNames,
    captureBase,
    registers,
    code: Int32Array.from(code),
    lines: table,
    kind,
    internal: internal === 1,
  };
}
