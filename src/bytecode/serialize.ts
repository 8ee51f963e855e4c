/**
 * A chunk as text and back. The text is canonical: equal chunks have equal text, so its hash names the chunk.
 *
 * Invariants
 * 1. `decodeChunk` answers a verified chunk or throws a `Failure`; nothing else, whatever the text.
 * 2. The text starts with its format's number; a newer one is refused by name.
 */
import { Failure } from "../base/failure.ts";
import type { Chunk, Constant, FunctionProto } from "./chunk.ts";
import { type LineTable, LineTableWriter } from "./line-table.ts";
import { linkChunk } from "./link.ts";
import {
  damaged,
  readExact,
  readFlag,
  readInt,
  readIntConstant,
  readInts,
  readList,
  readShape,
  readText,
  readTexts,
  readTypeTest,
} from "./stored-fields.ts";
import type { FunctionParts } from "./verify.ts";

const FORMAT = 2;

/** What JSON cannot say of a number. */
type Exact = number | string;

export function encodeChunk(chunk: Chunk): string {
  const parts = [
    FORMAT,
    JSON.stringify(chunk.module),
    JSON.stringify(chunk.file),
    listText(chunk.constants, (constant) => JSON.stringify(encodeConstant(constant))),
    listText(chunk.functions, encodeFunction),
    JSON.stringify(chunk.slots),
    listText(chunk.exports, ({ name, slot }) => JSON.stringify([name, slot])),
    JSON.stringify(chunk.imports),
    JSON.stringify(chunk.pipelines.map(({ name, slot }) => [name, slot])),
    JSON.stringify(chunk.methods.map(({ type, method, slot }) => [type, method, slot])),
  ];
  return `[${parts.join(",")}]`;
}

/** As JSON, an item after the other: a list of lists of numbers of a whole program would take several times as much as its text. */
function listText<T>(items: readonly T[], encode: (item: T) => string): string {
  return `[${items.map(encode).join(",")}]`;
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
  if (data.length !== 10) throw damaged("a chunk has ten parts");
  const [, module, file, constants, functions, slots, exported, imports, pipelines, methods] = data;
  const named = (entry: unknown) => {
    const [name, slot] = readList(entry, "an entry");
    return { name: readText(name, "a name"), slot: readInt(slot, "a slot") };
  };
  return linkChunk({
    module: readText(module, "the module"),
    file: readText(file, "the file"),
    constants: readList(constants, "the constants").map(decodeConstant),
    functions: readList(functions, "the functions").map(decodeFunction),
    slots: readTexts(slots, "the slots"),
    exports: readList(exported, "the exports").map(named),
    imports: readTexts(imports, "the imports"),
    pipelines: readList(pipelines, "the pipelines").map(named),
    methods: readList(methods, "the methods").map((entry) => {
      const [type, method, slot] = readList(entry, "a method");
      return { type: readText(type, "a type"), method: readText(method, "a method"), slot: readInt(slot, "a slot") };
    }),
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

function decodeConstant(data: unknown): Constant {
  const [tag, value, more] = readList(data, "a constant");
  switch (tag) {
    case "i":
      return { kind: "int", value: readIntConstant(value) };
    case "f":
      return { kind: "float", value: readExact(value) };
    case "s":
      return { kind: "string", value: readText(value, "a string") };
    case "d":
      return { kind: "duration", ms: readExact(value) };
    case "k":
      return { kind: "shape", keys: readShape(value) };
    case "t":
      return { kind: "type", type: readTypeTest(value) };
    case "m":
      return { kind: "import", module: readText(value, "a module"), name: readText(more, "a name") };
    default:
      throw damaged(`no constant has the tag ${String(tag)}`);
  }
}

function encodeFunction(fn: FunctionProto): string {
  const parts = [
    JSON.stringify(fn.name),
    JSON.stringify(fn.params),
    fn.required,
    fn.hasRest ? 1 : 0,
    fn.argcRegister,
    JSON.stringify(fn.captures),
    JSON.stringify(fn.captureNames),
    fn.captureBase,
    fn.registers,
    `[${fn.code.join(",")}]`,
    `[${encodeLines(fn.lines).join(",")}]`,
    JSON.stringify(fn.kind),
    fn.internal ? 1 : 0,
    fn.borrows,
  ];
  return `[${parts.join(",")}]`;
}

function encodeLines(lines: LineTable): readonly number[] {
  const numbers: number[] = [];
  for (const { pc, line, column } of lines) numbers.push(pc, line, column);
  return numbers;
}

function decodeFunction(data: unknown): FunctionParts {
  const fields = readList(data, "a function");
  // The last came later.
  if (fields.length !== 13 && fields.length !== 14) throw damaged("a function has fourteen parts");
  const [name, params, required, hasRest, argcRegister, captures, captureNames, captureBase, ...rest] = fields;
  const [registers, code, lines, kind, internal, borrows = 0] = rest;
  const numbers = readInts(lines, "the lines");
  if (numbers.length % 3 !== 0) throw damaged("the lines are not in threes");
  const table = new LineTableWriter();
  for (let i = 0; i < numbers.length; i += 3) table.add(numbers[i]!, numbers[i + 1]!, numbers[i + 2]!);
  if (kind !== "function" && kind !== "generator" && kind !== "init")
    throw damaged(`no function is of kind ${String(kind)}`);
  return {
    name: readText(name, "a function's name"),
    params: readTexts(params, "the parameters"),
    required: readInt(required, "the required parameters"),
    hasRest: readFlag(hasRest),
    argcRegister: readInt(argcRegister, "a register"),
    captures: readInts(captures, "the captures"),
    captureNames: readTexts(captureNames, "the captures"),
    captureBase: readInt(captureBase, "a register"),
    registers: readInt(registers, "the registers"),
    code: Int32Array.from(readInts(code, "the code")),
    lines: table.finish(),
    kind,
    internal: readFlag(internal),
    borrows: readInt(borrows, "the borrowed parameters"),
  };
}
