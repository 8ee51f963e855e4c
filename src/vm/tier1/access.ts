/**
 * Reading and changing parts of values, inlined for lists and for small dicts and structs.
 *
 * A place with a key that is known at compile time has met shapes: they are constants of its code, and the key is a slot of theirs. Only dicts and
 * structs have a `shape`.
 */
import type { FunctionSource, Operand } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { KnownShape, ShapeCache } from "./shape-cache.ts";
import { ANY, isA, only, T } from "./value-types.ts";

function literalKey({ constant }: Operand): string | null {
  return typeof constant === "object" && constant !== null && constant.kind === "string" ? constant.value : null;
}

/** GET_FIELD and GET_FIELD_OPT. */
export function emitField(s: FunctionSource, instruction: Instruction, miss: "readField" | "readFieldOptional"): void {
  const object = s.operand(instruction, 1);
  emitKey(s, instruction, object, s.constantString(instruction.args[2]!), miss);
}

function emitKey(s: FunctionSource, instruction: Instruction, object: Operand, name: string, miss: string): void {
  const code = s.tagged(object);
  const cache = s.unit.shapes.at(instruction.pc);
  const slow = `(X.k = ${instruction.pc}, ${miss}(${code}, ${name}, ${s.external(cache)}))`;
  const found = lookedUp(s, code, cache, (known) => (known.at < 0 ? "null" : slot(code, known)));
  if (found === null) s.assign(instruction, slow);
  else s.assign(instruction, object.type & T.NIL ? `${code} !== null && ${found} : ${slow}` : `${found} : ${slow}`);
}

/** The slot of a dict or struct that has the known shape. */
function slot(code: string, { shape, at }: KnownShape): string {
  return at < shape.room ? `${code}.s${at}` : `${code}.more[${at - shape.room}]`;
}

/** `a ? x : b ? y` for the shapes that a place met so far; null: there are none, or too many. `code` is not nil. */
function lookedUp(
  s: FunctionSource,
  code: string,
  cache: ShapeCache,
  result: (known: KnownShape) => string,
): string | null {
  if (cache.known.length === 0 || cache.many) return null;
  const cases = cache.known.map((known) => `${code}.shape === ${s.external(known.shape)} ? ${result(known)}`);
  return cases.join(" : ");
}

/** HAS_KEY. */
export function emitHasKey(s: FunctionSource, instruction: Instruction): void {
  const object = s.operand(instruction, 1);
  const code = s.tagged(object);
  const cache = s.unit.shapes.at(instruction.pc);
  const slow = `hasKey(${code}, ${s.constantString(instruction.args[2]!)}, ${s.external(cache)})`;
  const found = lookedUp(s, code, cache, ({ at }) => String(at >= 0));
  if (found === null) s.assign(instruction, slow);
  else s.assign(instruction, object.type & T.NIL ? `${code} !== null && ${found} : ${slow}` : `${found} : ${slow}`);
}

export function emitIndex(s: FunctionSource, instruction: Instruction): void {
  const object = s.operand(instruction, 1);
  const index = s.operand(instruction, 2);
  const key = literalKey(index);
  if (key !== null) {
    emitKey(s, instruction, object, s.string(key), "readKey");
    return;
  }
  const list = s.tagged(object);
  const at = s.tagged(index);
  const slow = `(X.k = ${instruction.pc}, getIndex(${list}, ${at}))`;
  if ((index.type & T.INT) === 0 || !(object.type & T.LIST)) {
    s.assign(instruction, slow);
    return;
  }
  s.variables.add("v");
  const number = only(index.type, T.INT) ? "" : `typeof ${at} === "number" && `;
  const isList = only(object.type, T.LIST) ? "" : `${isA(list, object.type, "HList")} && `;
  const isItem = `${number}${isList}(v = ${list}.items[${at}]) !== undefined`;
  if ((object.type & T.STRING) === 0) {
    s.assign(instruction, `${isItem} ? v : ${slow}`);
    return;
  }
  const flat = s.flatFlag(instruction, 1);
  const isText = `typeof ${list} === "string"`;
  const isCharacter = `${number}${flat} && (v = ${list}[${at}]) !== undefined`;
  const text = `${isText} ? (${isCharacter} ? v : (${flat} = isFlat(${list}), ${slow.slice(1)})`;
  s.assign(instruction, only(object.type, T.STRING) ? `${text} : ${slow}` : `${isItem} ? v : ${text} : ${slow}`);
}

interface Level {
  /** Holds when the level may be changed in place and has the key. */
  readonly test: string;
  /** The part at the key. */
  readonly part: string;
  set(value: string): string;
}

/** `holder` is evaluated once, into variables numbered `depth`. */
function level(
  s: FunctionSource,
  holder: string,
  type: number,
  key: Operand,
  depth: number,
  cache: ShapeCache | null,
): Level {
  const p = `p${depth}`;
  s.variables.add(p);
  if (cache !== null) {
    const own = `!${p}.shared`;
    const isObject = type & T.NIL ? `(${p} = ${holder}) !== null` : `(${p} = ${holder}, true)`;
    const [only] = cache.known;
    if (cache.known.length === 1 && only!.at >= 0) {
      const part = slot(p, only!);
      const test = `${isObject} && ${p}.shape === ${s.external(only!.shape)} && ${own}`;
      return { test, part, set: (value) => `${part} = ${value}` };
    }
    const c = s.external(cache);
    return {
      test: `${isObject} && ${p}.shape === ${c}.shape && ${c}.at >= 0 && ${own}`,
      part: `slotAt(${p}, ${c}.at)`,
      set: (value) => `setSlotAt(${p}, ${c}.at, ${value})`,
    };
  }
  const k = s.tagged(key);
  const index = only(key.type, T.INT) ? `${k} >= 0` : `typeof ${k} === "number" && (${k} >>> 0) === ${k}`;
  return {
    test: `${only(type, T.LIST) ? `(${p} = ${holder}, true)` : `(${p} = ${holder}) !== null && ${p}.constructor === HList`} && !${p}.shared && ${p}.stored === null && ${index} && ${k} < ${p}.items.length`,
    part: `${p}.items[${k}]`,
    set: (value) => `${p}.items[${k}] = ${value}`,
  };
}

interface Path {
  readonly test: string;
  readonly part: string;
  set(value: string): string;
  readonly keys: string;
  readonly caches: string;
}

function path(s: FunctionSource, instruction: Instruction, root: Operand, base: number, count: number): Path | null {
  const keys = Array.from({ length: count }, (_, i) => s.register(instruction, base + i));
  const caches = keys.map((key, i) => (literalKey(key) === null ? null : s.unit.shapes.at(instruction.pc, i)));
  const list = { keys: `[${keys.map((key) => s.tagged(key)).join(", ")}]`, caches: s.external(caches) };
  // A key that is no literal and no number is a dict's: those are found by name.
  if (keys.some((key, i) => caches[i] === null && (key.type & T.INT) === 0)) return null;
  let holder = s.tagged(root);
  const tests: string[] = [];
  let last: Level | null = null as Level | null;
  keys.forEach((key, i) => {
    last = level(s, holder, i === 0 ? root.type : ANY, key, i, caches[i]!);
    tests.push(last.test);
    holder = last.part;
  });
  return { test: tests.join(" && "), part: holder, set: last!.set, ...list };
}

export function emitSetPath(s: FunctionSource, instruction: Instruction): void {
  const [, base, count] = instruction.args;
  const place = s.operand(instruction, 0);
  const root = s.tagged(place);
  const value = s.value(instruction, 3);
  const found = path(s, instruction, place, base!, count!);
  const at = `X.k = ${instruction.pc}`;
  if (found === null) {
    const keys = s.run(instruction, base!, count!);
    const call =
      count === 1 ? `setKey(${root}, ${keys[0]}, ${value})` : `setPath(${root}, [${keys.join(", ")}], ${value})`;
    s.assign(instruction, `(${at}, ${call})`);
    return;
  }
  const slow = `(${at}, changePath(${root}, ${found.keys}, ${value}, ${found.caches}))`;
  s.assign(instruction, `${found.test} ? (${found.set(value)}, ${root}) : ${slow}`);
}

export function emitTakePath(s: FunctionSource, instruction: Instruction): void {
  const [, , base, count] = instruction.args;
  const place = s.operand(instruction, 1);
  const root = s.tagged(place);
  const found = path(s, instruction, place, base!, count!);
  s.variables.add("v");
  if (found !== null) {
    s.emit(`if (${found.test}) {`);
    s.assign(instruction, found.part, 0);
    s.assign(instruction, root, 1);
    s.emit("} else {");
  }
  const keys = `[${s.run(instruction, base!, count!).join(", ")}]`;
  const call = found === null ? `takePath(${root}, ${keys})` : `takeFrom(${root}, ${keys}, ${found.caches})`;
  s.emit(`X.k = ${instruction.pc}; v = ${call};`);
  s.assign(instruction, "v.root", 1);
  s.assign(instruction, "v.value", 0);
  if (found !== null) s.emit("}");
}
