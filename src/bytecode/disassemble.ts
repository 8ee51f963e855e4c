/**
 * Bytecode as text, for people and golden files. Everything but the wording of constants follows from the opcode table.
 *
 * A line: position, source line (where it changes), instruction, operands. Registers are `r0`…, a run of registers `[r2 r3]`, constants their value,
 * functions `fn 3 name`, module slots `slot 2 name`, branch targets `→12`.
 */
import { Failure } from "../base/failure.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Chunk, Constant, FunctionProto } from "./chunk.ts";
import { OPCODES, type OpInfo } from "./opcodes.ts";

/** All functions of a module, with a final line break. */
export function disassemble(chunk: Chunk): string {
  const head = [`module ${chunk.module}`];
  if (chunk.imports.length > 0) head.push(`imports ${chunk.imports.join(", ")}`);
  if (chunk.exports.length > 0) head.push(`exports ${chunk.exports.map(({ name }) => name).join(", ")}`);
  return `${head.join("\n")}\n${chunk.functions.map((fn) => `\n${disassembleFunction(fn, chunk)}`).join("")}`;
}

function disassembleFunction(fn: FunctionProto, chunk: Chunk): string {
  const params = fn.params.map((name, i) => {
    const rest = fn.hasRest && i === fn.params.length - 1;
    return `${rest ? "..." : ""}${name}${!rest && i >= fn.required ? "?" : ""}`;
  });
  const facts = [`${fn.registers} registers`];
  if (fn.kind !== "function") facts.push(fn.kind);
  if (fn.captureNames.length > 0)
    facts.push(`captures ${fn.captureNames.map((name, i) => `${name} r${fn.captureBase + i}`).join(", ")}`);
  const lines = [`fn ${fn.index} ${fn.name}(${params.join(", ")}): ${facts.join(", ")}`];
  let shownLine = 0;
  for (let pc = 0; pc < fn.code.length; ) {
    const op = OPCODES[fn.code[pc]!];
    if (op === undefined) throw new Failure(`malformed bytecode in function ${fn.name} at ${pc}: no such instruction`);
    const line = fn.lines.before(pc + 1)?.line ?? 0;
    const place = line === shownLine ? "" : String(line);
    shownLine = line;
    lines.push(
      `${String(pc).padStart(5)} ${place.padStart(5)}  ${op.name.padEnd(14)} ${operandsOf(op, fn, pc, chunk)}`.trimEnd(),
    );
    pc += op.length;
  }
  return `${lines.join("\n")}\n`;
}

function operandsOf(op: OpInfo, fn: FunctionProto, pc: number, chunk: Chunk): string {
  const word = (at: number) => fn.code[pc + 1 + at]!;
  const shown: string[] = [];
  op.operands.forEach((kind, at) => {
    const value = word(at);
    switch (kind) {
      case "d":
      case "r":
        shown.push(`r${value}`);
        break;
      case "R": {
        const count = op.operands.indexOf("n", at);
        // A shape's run is as long as the shape.
        const length = count === -1 ? shapeLength(op, fn, pc, chunk) : word(count);
        shown.push(`[${Array.from({ length }, (_, i) => `r${value + i}`).join(" ")}]`);
        break;
      }
      case "k":
        shown.push(constantText(chunk.constants[value]));
        break;
      case "f":
        shown.push(`fn ${value} ${chunk.functions[value]?.name ?? "?"}`);
        break;
      case "s":
        shown.push(`slot ${value} ${chunk.slots[value] ?? "?"}`);
        break;
      case "n":
        // Told by the run in front of it.
        if (op.operands.indexOf("n") !== at || !op.operands.includes("R")) shown.push(String(value));
        break;
      case "i":
        shown.push(String(value));
        break;
      case "t":
        shown.push(`→${value}`);
        break;
      default:
        unreachable(kind);
    }
  });
  return shown.join(" ");
}

function shapeLength(op: OpInfo, fn: FunctionProto, pc: number, chunk: Chunk): number {
  const constant = chunk.constants[fn.code[pc + 1 + op.operands.indexOf("k")]!];
  return constant?.kind === "shape" ? constant.keys.length : 0;
}

function constantText(constant: Constant | undefined): string {
  if (constant === undefined) return "?";
  switch (constant.kind) {
    case "int":
      return String(constant.value);
    case "float":
      return Number.isInteger(constant.value) ? constant.value.toFixed(1) : String(constant.value);
    case "string":
      return JSON.stringify(constant.value);
    case "duration":
      return `${constant.ms}ms`;
    case "shape":
      return `{${constant.keys.join(", ")}}`;
    case "type":
      return `type ${JSON.stringify(constant.type)}`;
    case "import":
      return `${constant.module}#${constant.name}`;
    default:
      return unreachable(constant);
  }
}
