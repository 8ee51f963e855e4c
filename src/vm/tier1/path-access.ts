/**
 * Changing parts of values in place, inlined for paths through lists and small dicts and structs that nobody else has. Everything else (copies, dicts in
 * Maps, lists that are stored in pieces) is a call; where it did not happen so far, fast code leaves the activation for it (see access.ts).
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { Shape } from "../../value/shape.ts";
import { literalKey, slotOf } from "./access.ts";
import type { Item } from "./available.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import type { PathCache, ShapeCache } from "./shape-cache.ts";
import { ANY, only, T } from "./value-types.ts";

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
  shape: Shape | null,
  floats: boolean,
): Level {
  const p = `p${depth}`;
  s.variables.add(p);
  const isObject = type & T.NIL ? `(${p} = ${holder}) !== null` : `(${p} = ${holder}, true)`;
  if (cache !== null) {
    const known = cache.only();
    if (known !== null) {
      const isShape = shape === known.shape;
      const part = slotOf(isShape ? holder : p, known);
      const test = isShape
        ? `${holder}.shared === false`
        : `${isObject} && ${p}.shape === ${s.external(known.shape)} && ${p}.shared === false`;
      return { test, part, set: (value) => `${part} = ${value}` };
    }
    const c = s.external(cache);
    return {
      test: `${isObject} && ${p}.shape === ${c}.shape && ${c}.at >= 0 && ${p}.shared === false`,
      part: `slotAt(${p}, ${c}.at)`,
      set: (value) => `setSlotAt(${p}, ${c}.at, ${value})`,
    };
  }
  const k = s.tagged(key);
  const index = only(key.type, T.INT) ? `${k} >= 0` : `typeof ${k} === "number" && (${k} >>> 0) === ${k}`;
  const isList = only(type, T.LIST) ? isObject : `${isObject} && ${p}.constructor === HList`;
  if (floats) {
    return {
      test: `${isList} && ${p}.shared === false && ${p}.state !== null && ${p}.state.constructor === Array && ${index} && ${k} < ${p}.state.length`,
      part: `${p}.state[${k}]`,
      set: (value) => `${p}.state[${k}] = ${value}`,
    };
  }
  return {
    test: `${isList} && ${p}.shared === false && ${p}.state === null && ${index} && ${k} < ${p}.parts.length`,
    part: `${p}.parts[${k}]`,
    set: (value) => `${p}.parts[${k}] = ${value}`,
  };
}

interface Path {
  readonly test: string;
  readonly part: string;
  set(value: string): string;
  /** Anything else has been rare, or is to be noted first. */
  readonly leaves: boolean;
  readonly keys: string;
  readonly cache: PathCache;
  /** What is there, and set there, is a bare double. */
  readonly raw: boolean;
}

/** `value`: what is put there; null: the path is read. */
function path(
  s: FunctionSource,
  instruction: Instruction,
  root: Operand,
  base: number,
  count: number,
  value: Operand | null,
): Path | null {
  const keys = Array.from({ length: count }, (_, i) => s.register(instruction, base + i));
  const literal = keys.map((key) => literalKey(key) !== null);
  // A key that is no literal and no number is a dict's: those are found by name.
  if (keys.some((key, i) => !literal[i] && (key.type & T.INT) === 0)) return null;
  const cache = s.unit.shapes.path(instruction.pc, literal);
  // Where floats alone are held, they go in as doubles and come out as values.
  const inList = cache.floats && !literal[count - 1];
  const floats = inList || cache.keys[count - 1]?.only()?.shape.floats === true;
  if (floats && value !== null && !value.raw) return null;
  let holder = s.tagged(root);
  const tests: string[] = [];
  let set: Level["set"] = () => "";
  let type = root.type;
  let shape: Shape | null = null;
  keys.forEach((key, i) => {
    const item = i === 0 && keys.length > 1 && !literal[0] ? knownItem(s, instruction, base) : null;
    if (item !== null && only(root.type, T.LIST)) {
      // The item has just been read: it is there, and of that kind.
      tests.push(`${holder}.shared === false && ${holder}.state === null`);
      holder = s.variable(item.web);
      type = item.kinds;
      shape = s.available.shape(item.web);
      return;
    }
    const next = level(s, holder, type, key, i, cache.keys[i]!, shape, inList && i === keys.length - 1);
    tests.push(next.test);
    holder = next.part;
    set = next.set;
    type = ANY;
    shape = null;
  });
  const leaves = s.mode === "fast" && cache.isFast();
  return {
    test: tests.join(" && "),
    part: holder,
    set,
    leaves,
    keys: `[${keys.map((key) => s.tagged(key)).join(", ")}]`,
    cache,
    raw: floats,
  };
}

function knownItem(s: FunctionSource, { op, index, args }: Instruction, base: number): Item | null {
  const { webs } = s.facts;
  return s.available.item(webs.before(index, args[op === Op.TAKE_PATH ? 1 : 0]!), webs.before(index, base));
}

/** Leaves the activation unless the path is as it was. */
function emitLeave(s: FunctionSource, instruction: Instruction, root: string, { test, keys, cache }: Path): void {
  const noted = `notePath(${root}, ${keys}, ${s.external(cache)})`;
  s.emit(`if (!(${test})) ${s.exit(s.coldly(`X.k = ${instruction.pc}; ${s.missBefore(instruction, noted)}`))}`);
}

export function emitSetPath(s: FunctionSource, instruction: Instruction): void {
  const [, base, count] = instruction.args;
  const place = s.operand(instruction, 0);
  const root = s.tagged(place);
  const given = s.operand(instruction, 3);
  const value = s.tagged(given);
  const found = path(s, instruction, place, base!, count!, given);
  const at = `X.k = ${instruction.pc}`;
  if (found === null) {
    const keys = s.run(instruction, base!, count!);
    const call =
      count === 1
        ? `setKey(${root}, ${keys[0]}, ${value}, ${s.meter})`
        : `setPath(${root}, [${keys.join(", ")}], ${value}, ${s.meter})`;
    s.assign(instruction, `(${at}, ${call})`);
  } else if (found.leaves) {
    emitLeave(s, instruction, root, found);
    s.emit(`${found.set(found.raw ? given.code : value)};`);
    // A part of an item is changed, no list and no keys.
    if (count! > 1) s.learnAlias(instruction, 0, 0);
    else s.available.forget();
    s.assign(instruction, root);
    return;
  } else {
    const cache = s.external(found.cache);
    const change =
      count === 1
        ? `changeItem(${root}, ${s.run(instruction, base!, 1)[0]}, ${value}, ${cache}, ${s.meter})`
        : `changePath(${root}, ${found.keys}, ${value}, ${cache}, ${s.meter})`;
    const slow = s.cold(`(${at}, ${change})`);
    s.assign(instruction, `${found.test} ? (${found.set(found.raw ? given.code : value)}, ${root}) : ${slow}`);
  }
  s.available.forget();
}

export function emitTakePath(s: FunctionSource, instruction: Instruction): void {
  const [, , base, count] = instruction.args;
  const place = s.operand(instruction, 1);
  const root = s.tagged(place);
  const found = path(s, instruction, place, base!, count!, null);
  const inPlace = ({ part, raw }: Path): void => {
    s.assign(instruction, root, 1);
    if (!raw) s.assign(instruction, part, 0);
    else if ((s.facts.kinds.get(instruction.index)! & T.FLOAT) !== 0) s.assignRaw(instruction, part);
    else s.assign(instruction, `makeFloat(${part})`, 0);
  };
  if (found?.leaves) {
    emitLeave(s, instruction, root, found);
    inPlace(found);
    s.learnAlias(instruction, 1, 1);
    return;
  }
  s.available.forget();
  if (found === null && count === 1) {
    for (const name of ["c", "v"]) s.variables.add(name);
    s.emit(
      `X.k = ${instruction.pc}; c = own(${root}, ${s.meter}); v = takeKey(c, ${s.run(instruction, base!, 1)[0]}, X.c);`,
    );
    s.assign(instruction, "c", 1);
    s.assign(instruction, "v", 0);
    return;
  }
  s.variables.add("v");
  if (found !== null) {
    s.emit(`if (${found.test}) {`);
    inPlace(found);
    s.emit("} else {");
  }
  const keys = `[${s.run(instruction, base!, count!).join(", ")}]`;
  const call =
    found === null
      ? `takePath(${root}, ${keys}, ${s.meter})`
      : `takeFrom(${root}, ${keys}, ${s.external(found.cache)}, ${s.meter})`;
  s.emit(`v = ${s.cold(`(X.k = ${instruction.pc}, ${call})`)};`);
  s.assign(instruction, "v.root", 1);
  s.assign(instruction, "v.value", 0);
  if (found !== null) s.emit("}");
}
