/**
 * Changing parts of values in place, inlined for paths through lists and small dicts and structs that nobody else has. Everything else (copies, dicts in
 * Maps, lists that are stored in pieces) is a call; where it did not happen so far, fast code leaves the activation for it (see access.ts).
 */
import { literalKey, slotOf } from "./access.ts";
import type { FunctionSource, Operand } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
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
): Level {
  const p = `p${depth}`;
  s.variables.add(p);
  const isObject = type & T.NIL ? `(${p} = ${holder}) !== null` : `(${p} = ${holder}, true)`;
  if (cache !== null) {
    const known = cache.only();
    if (known !== null) {
      const part = slotOf(p, known);
      const test = `${isObject} && ${p}.shape === ${s.external(known.shape)} && !${p}.shared`;
      return { test, part, set: (value) => `${part} = ${value}` };
    }
    const c = s.external(cache);
    return {
      test: `${isObject} && ${p}.shape === ${c}.shape && ${c}.at >= 0 && !${p}.shared`,
      part: `slotAt(${p}, ${c}.at)`,
      set: (value) => `setSlotAt(${p}, ${c}.at, ${value})`,
    };
  }
  const k = s.tagged(key);
  const index = only(key.type, T.INT) ? `${k} >= 0` : `typeof ${k} === "number" && (${k} >>> 0) === ${k}`;
  const isList = only(type, T.LIST) ? isObject : `${isObject} && ${p}.constructor === HList`;
  return {
    test: `${isList} && !${p}.shared && ${p}.stored === null && ${index} && ${k} < ${p}.items.length`,
    part: `${p}.items[${k}]`,
    set: (value) => `${p}.items[${k}] = ${value}`,
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
}

function path(s: FunctionSource, instruction: Instruction, root: Operand, base: number, count: number): Path | null {
  const keys = Array.from({ length: count }, (_, i) => s.register(instruction, base + i));
  const literal = keys.map((key) => literalKey(key) !== null);
  // A key that is no literal and no number is a dict's: those are found by name.
  if (keys.some((key, i) => !literal[i] && (key.type & T.INT) === 0)) return null;
  const cache = s.unit.shapes.path(instruction.pc, literal);
  let holder = s.tagged(root);
  const tests: string[] = [];
  let set: Level["set"] = () => "";
  keys.forEach((key, i) => {
    const next = level(s, holder, i === 0 ? root.type : ANY, key, i, cache.keys[i]!);
    tests.push(next.test);
    holder = next.part;
    set = next.set;
  });
  const leaves = s.mode === "fast" && cache.isFast();
  return {
    test: tests.join(" && "),
    part: holder,
    set,
    leaves,
    keys: `[${keys.map((key) => s.tagged(key)).join(", ")}]`,
    cache,
  };
}

/** Leaves the activation unless the path is as it was. */
function emitLeave(s: FunctionSource, instruction: Instruction, root: string, { test, keys, cache }: Path): void {
  const noted = `notePath(${root}, ${keys}, ${s.external(cache)})`;
  s.emit(`if (!(${test})) return ${s.coldly(`X.k = ${instruction.pc}; ${s.missBefore(instruction, noted)}`)};`);
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
  } else if (found.leaves) {
    emitLeave(s, instruction, root, found);
    s.emit(`${found.set(value)};`);
    s.assign(instruction, root);
  } else {
    const slow = s.cold(`(${at}, changePath(${root}, ${found.keys}, ${value}, ${s.external(found.cache)}))`);
    s.assign(instruction, `${found.test} ? (${found.set(value)}, ${root}) : ${slow}`);
  }
}

export function emitTakePath(s: FunctionSource, instruction: Instruction): void {
  const [, , base, count] = instruction.args;
  const place = s.operand(instruction, 1);
  const root = s.tagged(place);
  const found = path(s, instruction, place, base!, count!);
  const inPlace = ({ part }: Path): void => {
    s.assign(instruction, part, 0);
    s.assign(instruction, root, 1);
  };
  if (found?.leaves) {
    emitLeave(s, instruction, root, found);
    inPlace(found);
    return;
  }
  s.variables.add("v");
  if (found !== null) {
    s.emit(`if (${found.test}) {`);
    inPlace(found);
    s.emit("} else {");
  }
  const keys = `[${s.run(instruction, base!, count!).join(", ")}]`;
  const call = found === null ? `takePath(${root}, ${keys})` : `takeFrom(${root}, ${keys}, ${s.external(found.cache)})`;
  s.emit(`v = ${s.cold(`(X.k = ${instruction.pc}, ${call})`)};`);
  s.assign(instruction, "v.root", 1);
  s.assign(instruction, "v.value", 0);
  if (found !== null) s.emit("}");
}
