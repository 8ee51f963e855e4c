/** Generated code for everything that is neither arithmetic nor control flow nor a call. */
import { Op } from "../../bytecode/opcodes.ts";
import { bareShape, type Shape, structShape } from "../../value/value.ts";
import { emitField, emitHasKey, emitIndex } from "./access.ts";
import { isRaw } from "./facts.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import { IntTexts } from "./int-text.ts";
import { isOwned, sharing } from "./operand.ts";
import { emitSetPath, emitTakePath } from "./path-access.ts";
import { ANY, isA, isPlain, only, T } from "./value-types.ts";

/** True when the instruction was one of these. */
export function emitOperation(s: FunctionSource, instruction: Instruction): boolean {
  const { op, args, pc } = instruction;
  const at = `X.k = ${pc}`;
  const value = (n: number): string => s.value(instruction, n);
  const list = (base: number, count: number): string => `[${s.run(instruction, base, count).join(", ")}]`;
  const constant = (n: number): string => s.constantString(args[n]!);
  /** For operations that may fail. */
  const checked = (code: string): void => s.assign(instruction, `(${at}, ${code})`);
  switch (op) {
    case Op.CONST:
      if (typeof s.linked.constants[args[1]!] === "string") s.assign(instruction, constant(1));
      else if (s.linked.chunk.constants[args[1]!]!.kind === "float") emitFloatConstant(s, instruction);
      else s.assign(instruction, s.external(s.linked.constants[args[1]!]));
      return true;
    case Op.INT:
      s.assign(instruction, String(args[1]));
      return true;
    case Op.NIL:
      s.assign(instruction, "null");
      return true;
    case Op.TRUE:
      s.assign(instruction, "true");
      return true;
    case Op.FALSE:
      s.assign(instruction, "false");
      return true;
    case Op.MOVE:
      s.assignOperand(instruction, s.operand(instruction, 1));
      s.learnAlias(instruction, 0, 1);
      return true;
    case Op.COPY: {
      const operand = s.operand(instruction, 1);
      s.learnAlias(instruction, 0, 1);
      // A register that is not read again gives up what it owns.
      const moves = !s.facts.liveness.isLiveAfter(instruction.index, args[1]!);
      if (moves || isPlain(operand.type)) s.assignOperand(instruction, operand);
      else if (only(operand.type, T.LIST | T.DICT | T.STRUCT)) {
        s.emit(`${operand.code}.shared = true;`);
        s.assignOperand(instruction, operand);
      } else s.assign(instruction, shared(operand.code, operand.type));
      return true;
    }
    case Op.SHARE: {
      const operand = s.operand(instruction, 0);
      if (!isPlain(operand.type)) s.emit(sharing(operand.code, operand.type));
      return true;
    }
    case Op.DEFINED:
      s.emit(
        `if (${value(0)} === null) { ${at}; throw raised("plain", ${JSON.stringify(`Undefined variable: ${s.linked.constants[args[1]!]}`)}); }`,
      );
      return true;
    case Op.GET_SLOT: {
      const known = s.knownSlot(args[1]!);
      if (known !== undefined) {
        s.emit(`${s.variable(s.facts.webs.writtenBy(instruction.index, 0))} = ${s.external(known)};`);
        if (s.mode === "probe") s.emit(`F[${pc}] |= ${T.CLOSURE};`);
        return true;
      }
      const name = JSON.stringify(`Undefined variable: ${s.linked.chunk.slots[args[1]!]}`);
      s.variables.add("v");
      const slot = `${s.external(s.linked.instance.slots)}[${args[1]}]`;
      s.emit(`if ((v = ${slot}) === undefined) { ${at}; throw raised("plain", ${name}); }`);
      s.assign(instruction, "v");
      return true;
    }
    case Op.SET_SLOT:
      s.emit(
        `${s.external(s.linked.instance.slots)}[${args[0]}] = ${value(1)}; slotChanged(X.run, ${s.external(s.linked.instance)});`,
      );
      return true;
    case Op.GET_IMPORT: {
      const binding = s.linked.chunk.constants[args[1]!]!;
      if (binding.kind !== "import") throw new Error("GET_IMPORT names no import");
      checked(`importedValue(X.run, ${s.string(binding.module)}, ${s.string(binding.name)})`);
      return true;
    }
    case Op.GET_BUILTIN:
      s.assign(instruction, `new HBuiltin(${constant(1)})`);
      return true;
    case Op.GET_GLOBAL:
      checked(`globalValue(X.run, ${constant(1)})`);
      return true;
    case Op.NOT: {
      s.assign(instruction, `!${truthOf(s, instruction)}`);
      return true;
    }
    case Op.IN:
      checked(`contains(${value(2)}, ${value(1)}, ${s.meter})`);
      return true;
    case Op.CONCAT:
      // The text may become too long.
      s.emit(`${at};`);
      s.assign(instruction, concatenation(s, instruction));
      return true;
    case Op.LIST:
      emitList(s, instruction);
      return true;
    case Op.LIST_PUSH:
      s.emit(`pushItem(${value(0)}, ${value(1)});`);
      return true;
    case Op.LIST_EXTEND:
      s.emit(`${at}; extendList(${value(0)}, ${value(1)}, ${s.meter});`);
      return true;
    case Op.DICT: {
      const shape = s.linked.shapes[args[1]!]!;
      const values = s.run(instruction, args[2]!, shape.keys.length);
      const struct = structOver(s, instruction);
      if (struct !== null) emitStruct(s, instruction, struct, values);
      else if (values.length > shape.room)
        s.assign(instruction, `dictOf(${s.external(shape)}, [${values.join(", ")}])`);
      else s.assign(instruction, `new Dict${shape.room}(${[s.external(shape), ...values].join(", ")})`);
      return true;
    }
    case Op.DICT_SET: {
      const key = s.operand(instruction, 1);
      const text = only(key.type, T.STRING)
        ? key.code
        : `typeof ${s.tagged(key)} === "string" ? ${s.tagged(key)} : displayValue(${s.tagged(key)})`;
      s.emit(`${value(0)}.set(${text}, ${value(2)});`);
      return true;
    }
    case Op.DICT_SPREAD:
      s.emit(`${at}; ${value(0)} = spreadDict(${value(0)}, ${value(1)}, ${s.meter});`);
      return true;
    case Op.STRUCT:
      if (isFused(s, instruction)) return true;
      s.assign(instruction, `structOf(${constant(1)}, ${value(2)})`);
      return true;
    case Op.ENUM:
      s.assign(instruction, `new HEnum(${constant(1)}, ${constant(2)}, ${list(args[3]!, args[4]!)})`);
      return true;
    case Op.RANGE: {
      const from = s.operand(instruction, 1);
      const to = s.operand(instruction, 2);
      const exclusive = args[3] === 1;
      if (only(from.type, T.INT) && only(to.type, T.INT))
        s.assign(instruction, `new HRange(${from.code}, ${to.code}, ${exclusive})`);
      else checked(`makeRange(${s.tagged(from)}, ${s.tagged(to)}, ${exclusive})`);
      return true;
    }
    case Op.CLOSURE: {
      const target = s.linked.chunk.functions[args[1]!]!;
      const captures = target.captures.map((register) => {
        const operand = s.register(instruction, register);
        return isPlain(operand.type) ? s.tagged(operand) : shared(operand.code, operand.type);
      });
      s.assign(instruction, `${s.external(s.tier.units.of(target))}.closure([${captures.join(", ")}])`);
      return true;
    }
    case Op.SET_CAPTURE:
      s.emit(`${value(0)}.captures[${args[1]}] = share(${value(2)});`);
      return true;
    case Op.GET_FIELD:
      emitField(s, instruction, "readField");
      return true;
    case Op.GET_FIELD_OPT:
      emitField(s, instruction, "readFieldOptional");
      return true;
    case Op.GET_INDEX:
      emitIndex(s, instruction);
      return true;
    case Op.SPAWN:
      s.assign(instruction, `(X.p = P, X.spawn(${value(1)}, ${pc}))`);
      return true;
    case Op.GET_INDEX_OPT:
      checked(`${value(1)} === null ? null : getIndex(${value(1)}, ${value(2)}, ${s.meter})`);
      return true;
    case Op.SLICE:
      checked(`slice(${value(1)}, ${value(2)}, ${value(3)}, ${s.meter})`);
      return true;
    case Op.SET_PATH:
      emitSetPath(s, instruction);
      return true;
    case Op.TAKE_PATH:
      emitTakePath(s, instruction);
      return true;
    case Op.IS_VARIANT: {
      const name = s.linked.constants[args[2]!] as string;
      const test = name === "" ? "" : ` && ${value(1)}.enumName === ${s.string(name)}`;
      s.assign(
        instruction,
        `${isA(value(1), s.operand(instruction, 1).type, "HEnum")}${test} && ${value(1)}.variant === ${constant(3)}`,
      );
      return true;
    }
    case Op.VARIANT_FIELD:
      s.assign(instruction, `${value(1)} instanceof HEnum ? share(${value(1)}.fields[${args[2]}] ?? null) : null`);
      return true;
    case Op.IS_KIND:
      s.assign(instruction, `typeName(${value(1)}) === ${constant(2)}`);
      return true;
    case Op.HAS_KEY:
      emitHasKey(s, instruction);
      return true;
    case Op.LEN_AT_LEAST:
      s.assign(instruction, `${value(1)} instanceof HList && ${value(1)}.length >= ${args[2]}`);
      return true;
    case Op.DESTRUCTURE:
      if (!fitsPattern(s.operand(instruction, 0).type, s.linked.constants[args[1]!] as string))
        s.emit(`${at}; destructure(${value(0)}, ${constant(1)});`);
      return true;
    case Op.REST_DICT:
      s.emit(`${at};`);
      s.assign(instruction, `restDict(${value(1)}, ${s.external(s.linked.shapes[args[2]!]!.keys)}, ${s.meter})`);
      return true;
    case Op.REST_LIST:
      s.emit(`${at};`);
      s.assign(instruction, `restList(${value(1)}, ${args[2]}, ${s.meter})`);
      return true;
    case Op.CHECK_PARAM:
      emitCheck(s, instruction);
      return true;
    case Op.EXPECT_RESULT:
      s.emit(`${at}; expectResult(${value(0)});`);
      return true;
    case Op.CAUGHT_VALUE:
      s.assign(instruction, `caughtValue(${value(1)}.error)`);
      return true;
    case Op.CAUGHT_IS:
      s.assign(instruction, `caughtIs(${value(1)}, ${constant(2)})`);
      return true;
    default:
      return false;
  }
}

/** LIST: of floats alone when all of its items are. */
function emitList(s: FunctionSource, instruction: Instruction): void {
  const [, base, count] = instruction.args;
  const items = Array.from({ length: count! }, (_, i) => s.register(instruction, base! + i));
  const values = `[${items.map((item) => s.tagged(item)).join(", ")}]`;
  if (count! > 0 && items.every(({ raw }) => raw)) {
    s.assign(instruction, `floatList([${items.map(({ code }) => code).join(", ")}])`);
  } else if (count! > 0 && items.every(({ type }) => (type & T.FLOAT) !== 0))
    s.assign(instruction, `listOf(${values})`);
  else s.assign(instruction, `new HList(${values})`);
}

/** Whatever it is, it can be taken apart. */
function fitsPattern(type: number, pattern: string): boolean {
  return only(type, pattern.startsWith("{") ? T.DICT | T.STRUCT : T.LIST);
}

/** The struct that the next instruction makes of the dict that this one makes, when nothing else sees the dict. */
function structOver(s: FunctionSource, dict: Instruction): Instruction | null {
  const next = s.facts.instructions.list[dict.index + 1];
  if (next === undefined || next.op !== Op.STRUCT || next.args[2] !== dict.args[0]) return null;
  const gone = next.args[0] === dict.args[0] || !s.facts.liveness.isLiveAfter(next.index, dict.args[0]!);
  const shape = s.linked.shapes[dict.args[1]!]!;
  return gone && shape.keys.length <= shape.room ? next : null;
}

/** The struct that is made of the values of a dict. */
function emitStruct(s: FunctionSource, dict: Instruction, struct: Instruction, values: readonly string[]): void {
  const shape = s.linked.shapes[dict.args[1]!]!;
  const name = s.linked.constants[struct.args[1]!] as string;
  const named = structShape(shape, name);
  const fields = values.map((_, i) => s.register(dict, dict.args[2]! + i));
  const make = (kind: string, given: Shape, slots: readonly string[]): string =>
    `new ${kind}${shape.room}(${[s.external(given), ...slots].join(", ")})`;
  if (fields.length === 0 || fields.some(({ type }) => (type & T.FLOAT) === 0)) {
    s.assign(struct, make("Struct", named, values));
  } else if (fields.every(({ raw }) => raw)) {
    const slots = fields.map(({ code }) => code);
    s.assign(struct, make("FloatStruct", bareShape(named), slots));
  } else s.assign(struct, `structOf(${s.string(name)}, ${make("Dict", shape, values)})`);
}

function isFused(s: FunctionSource, struct: Instruction): boolean {
  const before = s.facts.instructions.list[struct.index - 1];
  return before !== undefined && before.op === Op.DICT && structOver(s, before) === struct;
}

function emitFloatConstant(s: FunctionSource, instruction: Instruction): void {
  const index = instruction.args[1]!;
  const constant = s.linked.chunk.constants[index]!;
  const isPlain = constant.kind === "float" && Number.isFinite(constant.value);
  if (isPlain && isRaw(s.facts, s.facts.webs.writtenBy(instruction.index, 0))) {
    s.assignRaw(instruction, Object.is(constant.value, -0) ? "-0" : `${constant.value}`);
  } else s.assign(instruction, s.external(s.linked.constants[index]!));
}

/** The value, marked as shared. */
function shared(code: string, type: number): string {
  return `${isOwned(code, type)} ? (${code}.shared = true, ${code}) : ${code}`;
}

function truthOf(s: FunctionSource, instruction: Instruction): string {
  const operand = s.operand(instruction, 1);
  if (operand.raw) return `(!(${operand.code} === 0))`;
  if (only(operand.type, T.BOOL)) return operand.code;
  return `isTruthy(${operand.code})`;
}

function concatenation(s: FunctionSource, instruction: Instruction): string {
  const [, base, count] = instruction.args;
  const parts = Array.from({ length: count! }, (_, i) => {
    const operand = s.register(instruction, base! + i);
    if (only(operand.type, T.INT)) {
      s.tier.units.intTexts ??= new IntTexts();
      return `${s.external(s.tier.units.intTexts)}.of(${operand.code})`;
    }
    // JavaScript shows these as Harn does.
    if (only(operand.type, T.STRING | T.BOOL)) return operand.code;
    const code = s.tagged(operand);
    s.costs++;
    const small = operand.type & T.INT ? ` || (typeof ${code} === "number" && (${code} | 0) === ${code})` : "";
    return operand.raw ? `X.text(${code})` : `(typeof ${code} === "string"${small} ? ${code} : X.text(${code}))`;
  });
  const isText = (n: number): boolean => n < count! && only(s.register(instruction, base! + n).type, T.STRING);
  if (!isText(0)) return `"" + ${parts.join(" + ") || '""'}`;
  if (count! < 3) return parts.join(" + ");
  // What comes first may be long (see `joined` in texts.ts).
  return `${parts[0]} + (${isText(1) ? "" : '"" + '}${parts.slice(1).join(" + ")})`;
}

function emitCheck(s: FunctionSource, instruction: Instruction): void {
  const { args, pc } = instruction;
  const operand = s.operand(instruction, 0);
  const type = s.linked.types[args[1]!]!;
  const call = `{ X.k = ${pc}; checkParameter(${s.tagged(operand)}, ${s.external(type)}, ${s.constantString(args[2]!)}, ${s.meter}); }`;
  const test = quickTest(type.kind === "name" ? type.name : "", operand.code);
  s.emit(operand.raw || test === null ? call : `if (!(${test})) ${call}`);
  s.assignOperand(instruction, operand);
}

/** True only for values that pass. */
function quickTest(name: string, code: string): string | null {
  switch (name) {
    case "int":
    case "float":
    case "number":
      return `typeof ${code} === "number"`;
    case "string":
      return `typeof ${code} === "string"`;
    case "bool":
      return `typeof ${code} === "boolean"`;
    case "list":
      return isA(code, ANY, "HList");
    case "dict":
      return isA(code, ANY, "HDict");
    default:
      return null;
  }
}
