/**
 * Reading parts of values, inlined for lists and for small dicts and structs.
 *
 * A place with a key that is known at compile time has met shapes: they are constants of its code, and the key is a slot of theirs. Only dicts and
 * structs have a `shape`. Fast code leaves the activation where a place meets something new: a call in its stead would make V8 forget what it knows of
 * the objects around. Places that go on to meet new things are given the call.
 */
import { Op } from "../../bytecode/opcodes.ts";
import { isRaw } from "./facts.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import { IN_MAP, type KnownShape, type ShapeCache } from "./shape-cache.ts";
import { isA, only, T } from "./value-types.ts";

export function literalKey({ constant }: Operand): string | null {
  return typeof constant === "object" && constant !== null && constant.kind === "string" ? constant.value : null;
}

/** The slot of a dict or struct that has the known shape. */
export function slotOf(code: string, { shape, at }: KnownShape): string {
  return at < shape.room ? `${code}.s${at}` : `${code}.more[${at - shape.room}]`;
}

/** The same as a value. */
function slotValue(code: string, known: KnownShape): string {
  return known.shape.floats ? `makeFloat(${slotOf(code, known)})` : slotOf(code, known);
}

/** GET_FIELD and GET_FIELD_OPT. */
export function emitField(s: FunctionSource, instruction: Instruction, miss: "readField" | "readFieldOptional"): void {
  emitKey(s, instruction, s.constantString(instruction.args[2]!), miss);
}

function emitKey(s: FunctionSource, instruction: Instruction, name: string, miss: string): void {
  const code = s.value(instruction, 1);
  const cache = s.unit.shapes.at(instruction.pc);
  emitKnown(s, instruction, cache, `${miss}(${code}, ${name}, ${s.external(cache)}, X.c)`, (known) =>
    known.at === IN_MAP ? `(${code}.more.map.get(${name}) ?? null)` : known.at < 0 ? "null" : slotValue(code, known),
  );
}

/** HAS_KEY. */
export function emitHasKey(s: FunctionSource, instruction: Instruction): void {
  const code = s.value(instruction, 1);
  const name = s.constantString(instruction.args[2]!);
  const cache = s.unit.shapes.at(instruction.pc);
  emitKnown(s, instruction, cache, `hasKey(${code}, ${name}, ${s.external(cache)})`, ({ at }) =>
    at === IN_MAP ? `${code}.more.map.has(${name})` : String(at >= 0),
  );
}

/** The result for each shape that the place met so far; anything else is looked up, and noted. */
function emitKnown(
  s: FunctionSource,
  instruction: Instruction,
  cache: ShapeCache,
  lookUp: string,
  result: (known: KnownShape) => string,
): void {
  const object = s.operand(instruction, 1);
  const code = s.tagged(object);
  const at = `X.k = ${instruction.pc}`;
  const slow = s.cold(`(${at}, ${lookUp})`);
  const { known } = cache;
  if (known.length === 0 || cache.many) {
    s.assign(instruction, slow);
    return;
  }
  const isNil = object.type & T.NIL ? `${code} === null` : "";
  const test = ({ shape }: KnownShape): string => `${code}.shape === ${s.external(shape)}`;
  if (s.mode !== "fast") {
    const cases = known.map((one) => `${test(one)} ? ${result(one)}`).join(" : ");
    s.assign(instruction, `${isNil === "" ? "" : `${isNil} ? ${slow} : `}${cases} : ${slow}`);
    return;
  }
  const leave = s.exit(s.coldly(`${at}; ${s.missBefore(instruction, lookUp)}`));
  if (known.length === 1) {
    const web = s.facts.webs.before(instruction.index, instruction.args[1]!);
    const { shape } = known[0]!;
    s.learn(() => s.available.addShape(web, shape));
    if (s.available.shape(web) !== shape)
      s.emit(`if (${isNil === "" ? "" : `${isNil} || `}!(${test(known[0]!)})) ${leave}`);
    const isBare = shape.floats && known[0]!.at >= 0 && instruction.op !== Op.HAS_KEY;
    if (isBare && (s.facts.kinds.get(instruction.index)! & T.FLOAT) !== 0) {
      s.assignRaw(instruction, slotOf(code, known[0]!));
    } else s.assign(instruction, result(known[0]!));
    return;
  }
  s.variables.add("v");
  if (isNil !== "") s.emit(`if (${isNil}) ${leave}`);
  s.emit(`${known.map((one) => `if (${test(one)}) v = ${result(one)};`).join(" else ")} else ${leave}`);
  s.assign(instruction, "v");
}

/** The item has just been read: true. */
function emitKnownItem(s: FunctionSource, instruction: Instruction): boolean {
  const { webs, kinds } = s.facts;
  const { index, args } = instruction;
  const [list, at, web] = [webs.before(index, args[1]!), webs.before(index, args[2]!), webs.writtenBy(index, 0)];
  const expected = kinds.get(index)!;
  const known = s.available.item(list, at);
  const shape = known === null ? null : s.available.shape(known.web);
  s.learn(() => {
    if (!isRaw(s.facts, web)) s.available.addItem({ list, index: at, web, kinds: expected });
    if (shape !== null) s.available.addShape(web, shape);
  });
  if (known === null || known.kinds !== expected || isRaw(s.facts, web)) return false;
  if (known.web !== web) s.emit(`${s.variable(web)} = ${s.variable(known.web)};`);
  return true;
}

/** An item of a list of floats. */
function emitFloatItem(s: FunctionSource, instruction: Instruction, list: string, at: string, cache: ShapeCache): void {
  const missing = s.missBefore(instruction, `readItem(${list}, ${at}, ${s.external(cache)}, X.c)`);
  const leave = s.coldly(`X.k = ${instruction.pc}; ${missing}`);
  s.emit(`if (${list}.state === null || (v = ${list}.state[${at}]) === undefined) ${s.exit(leave)}`);
  s.assignRaw(instruction, "+v");
}

export function emitIndex(s: FunctionSource, instruction: Instruction): void {
  const object = s.operand(instruction, 1);
  const index = s.operand(instruction, 2);
  const key = literalKey(index);
  if (key !== null) {
    emitKey(s, instruction, s.string(key), "readKey");
    return;
  }
  const list = s.tagged(object);
  const at = s.tagged(index);
  const k = `X.k = ${instruction.pc}`;
  if (only(object.type, T.DICT | T.STRUCT) && only(index.type, T.STRING)) {
    s.assign(instruction, `(${list}.get(${at}) ?? null)`);
    return;
  }
  if ((index.type & T.INT) === 0 || !(object.type & T.LIST)) {
    s.assign(instruction, `(${k}, getIndex(${list}, ${at}, ${s.meter}))`);
    return;
  }
  s.variables.add("v");
  const cache = s.unit.shapes.at(instruction.pc);
  if (s.mode === "fast" && only(object.type, T.LIST) && only(index.type, T.INT) && cache.isFast()) {
    if (emitKnownItem(s, instruction)) return;
    if (cache.floats && s.facts.kinds.get(instruction.index) === T.FLOAT) {
      emitFloatItem(s, instruction, list, at, cache);
      return;
    }
    const leave = s.coldly(`${k}; ${s.missBefore(instruction, `readItem(${list}, ${at}, ${s.external(cache)}, X.c)`)}`);
    s.emit(`v = ${list}.parts[${at}];`);
    s.assignUnless(instruction, "v", leave);
    return;
  }
  const slow = s.cold(
    s.mode === "probe"
      ? `(${k}, readItem(${list}, ${at}, ${s.external(cache)}, X.c))`
      : `(${k}, getIndex(${list}, ${at}, ${s.meter}))`,
  );
  const number = only(index.type, T.INT) ? "" : `typeof ${at} === "number" && `;
  const isList = only(object.type, T.LIST) ? "" : `${isA(list, object.type, "HList")} && `;
  const isItem = `${number}${isList}(v = ${list}.parts[${at}]) !== undefined`;
  if ((object.type & T.STRING) === 0) {
    s.assign(instruction, `${isItem} ? v : ${slow}`);
    return;
  }
  const flat = s.flatFlag(instruction, 1);
  const isText = `typeof ${list} === "string"`;
  const isCharacter = `${number}${flat} && (v = ${list}[${at}]) !== undefined`;
  const text = `${isText} ? (${isCharacter} ? v : (${flat} = isFlat(${list}, X.c), ${slow}))`;
  s.assign(instruction, only(object.type, T.STRING) ? `${text} : ${slow}` : `${isItem} ? v : ${text} : ${slow}`);
}
