/**
 * Tier 0: runs the top Harn frames of a fiber until it waits, ends, meets a machine frame or has spent its fuel. One flat synchronous switch over
 * the table of bytecode/opcodes.ts.
 */
import { asRaise, plainError } from "../builtin/raise.ts";
import { Op } from "../bytecode/opcodes.ts";
import { contains } from "../value/contains.ts";
import { displayValue } from "../value/display.ts";
import { compareValues, valuesEqual } from "../value/equality.ts";
import { add, div, mod, mul, negate, pow, sub } from "../value/numbers.ts";
import { isTruthy } from "../value/truthiness.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import {
  dictOf,
  HBuiltin,
  HCaught,
  HClosure,
  type HDict,
  HDuration,
  HEnum,
  HFloat,
  HList,
  HRecord,
  HStruct,
  share,
  structOf,
} from "../value/value.ts";
import { callBuiltin, callValue, newFrame, pushFrame, SUSPEND, type Suspended } from "./calls.ts";
import { enterMutex, leaveMutex, selectChannel, startParallel, startTask } from "./concurrency.ts";
import { caughtValue, withTrace } from "./errors.ts";
import type { Fiber, HarnFrame } from "./fiber.ts";
import { finishFiber } from "./fiber-life.ts";
import { closeCursor, nextItem, openCursor, yieldValue } from "./iteration.ts";
import { callMethod } from "./methods.ts";
import {
  destructure,
  expectResult,
  extendList,
  globalValue,
  importedValue,
  makeRange,
  raised,
  restDict,
  spreadDict,
  thrown,
} from "./operations.ts";
import { getField, getFieldOptional, getIndex, pushItem, setPath, slice, takePath } from "./places.ts";
import { Rethrow } from "./rethrow.ts";
import type { Run } from "./run.ts";
import type { Tier } from "./tier1/tier.ts";
import type { LoopState } from "./tier1/unit.ts";
import { checkParameter } from "./type-test.ts";
import { dropDeadlines, unwind } from "./unwinding.ts";
import type { VmCall } from "./vm-call.ts";

/** Answers the fuel that is left; 0: stopped by fuel. */
export function interpret(run: Run, fiber: Fiber, call: VmCall, first: HarnFrame, fuel: number): number {
  let frame = first;
  let proto = frame.proto;
  let code = proto.code;
  let regs = frame.regs;
  let linked = run.link(proto.chunk);
  let constants = linked.constants;
  let pc = frame.pc;
  let begun = pc !== 0;
  const { tier } = run;

  // Goes on with the frame on top; false when that is not a Harn frame, or the fiber no longer runs.
  const load = (): boolean => {
    if (fiber.status !== "ready") return false;
    const top = fiber.frames[fiber.frames.length - 1];
    if (top === undefined || top.kind !== "harn") return false;
    frame = top;
    if (frame.proto !== proto) {
      const chunk = proto.chunk;
      proto = frame.proto;
      code = proto.code;
      if (proto.chunk !== chunk) {
        linked = run.link(proto.chunk);
        constants = linked.constants;
      }
    }
    regs = frame.regs;
    pc = frame.pc;
    return true;
  };

  // The same; a frame that has not begun yet runs in tier 1 if it can.
  const reload = (): boolean => {
    while (load()) {
      if (pc !== 0 || tier === null || frame.generator !== null || fuel <= 0) return true;
      const unit = tier.entry(proto);
      if (unit === null) return true;
      // Failures of it are not in reach of handlers of this frame.
      pc = -1;
      const value = tier.enterFrame(call, fuel, frame, unit);
      fuel = tier.fuel;
      if (value !== SUSPEND && !pop(value)) return false;
    }
    return false;
  };

  const enterLoop = (tier: Tier, way: LoopState): Value | Suspended => {
    try {
      return tier.enterLoop(call, fuel, frame, way);
    } catch (failure) {
      pc = tier.failurePc(proto);
      throw failure;
    } finally {
      fuel = tier.fuel;
    }
  };

  // Goes on after an activation of tier 1 in the place of the top frame.
  const settle = (value: Value | Suspended): boolean => {
    if (value !== SUSPEND) return leave(value);
    return reload() && fuel > 0;
  };

  // Leaves the top frame with a value; false when the interpreter has to stop.
  const leave = (value: Value): boolean => pop(value) && reload();

  // The same without loading the frame below.
  const pop = (value: Value): boolean => {
    fiber.frames.pop();
    if (fiber.deadlines.length > 0) dropDeadlines(fiber);
    const below = fiber.frames[fiber.frames.length - 1];
    const link = frame.generator;
    if (link !== null) {
      const generator = run.object("generator", link.object);
      generator.ended = true;
      generator.frames = null;
      run.changed(generator);
      if (below?.kind === "harn" && link.exit >= 0) below.pc = link.exit;
      else if (below?.kind === "harn" && link.dst >= 0) below.regs[link.dst] = null;
      return true;
    }
    if (below === undefined) {
      finishFiber(run, fiber, { kind: "value", value });
      return false;
    }
    if (below.kind === "machine") {
      below.input = { kind: "returned", value };
      return false;
    }
    if (frame.dst >= 0) below.regs[frame.dst] = value;
    return true;
  };

  const take = (base: number, count: number): Value[] => {
    const values: Value[] = new Array(count);
    for (let i = 0; i < count; i++) values[i] = regs[base + i] as Value;
    return values;
  };

  for (;;) {
    try {
      if (!begun) {
        begun = true;
        if (!reload()) return fuel;
      }
      for (;;) {
        switch (code[pc]) {
          case Op.CONST:
            regs[code[pc + 1]!] = constants[code[pc + 2]!]!;
            pc += 3;
            break;
          case Op.INT:
            regs[code[pc + 1]!] = code[pc + 2]!;
            pc += 3;
            break;
          case Op.NIL:
            regs[code[pc + 1]!] = null;
            pc += 2;
            break;
          case Op.TRUE:
            regs[code[pc + 1]!] = true;
            pc += 2;
            break;
          case Op.FALSE:
            regs[code[pc + 1]!] = false;
            pc += 2;
            break;
          case Op.MOVE:
            regs[code[pc + 1]!] = regs[code[pc + 2]!];
            pc += 3;
            break;
          case Op.COPY:
            regs[code[pc + 1]!] = share(regs[code[pc + 2]!]);
            pc += 3;
            break;
          case Op.SHARE:
            share(regs[code[pc + 1]!]);
            pc += 2;
            break;
          case Op.DEFINED:
            if (regs[code[pc + 1]!] === undefined) throw plainError(`Undefined variable: ${constants[code[pc + 2]!]}`);
            pc += 3;
            break;
          case Op.GET_SLOT: {
            const value = linked.instance.slots[code[pc + 2]!];
            if (value === undefined) throw plainError(`Undefined variable: ${linked.chunk.slots[code[pc + 2]!]}`);
            regs[code[pc + 1]!] = value;
            pc += 3;
            break;
          }
          case Op.SET_SLOT:
            linked.instance.slots[code[pc + 1]!] = regs[code[pc + 2]!];
            run.dirty.modules.add(linked.instance.key);
            pc += 3;
            break;
          case Op.GET_IMPORT:
            regs[code[pc + 1]!] = importedFrom(run, linked.chunk, code[pc + 2]!);
            pc += 3;
            break;
          case Op.GET_BUILTIN:
            regs[code[pc + 1]!] = new HBuiltin(constants[code[pc + 2]!] as string);
            pc += 3;
            break;
          case Op.GET_GLOBAL:
            regs[code[pc + 1]!] = globalValue(run, constants[code[pc + 2]!] as string);
            pc += 3;
            break;
          case Op.ADD: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b)
              regs[code[pc + 1]!] = a + b;
            else regs[code[pc + 1]!] = add(a, b);
            pc += 4;
            break;
          }
          case Op.SUB: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b)
              regs[code[pc + 1]!] = a - b;
            else regs[code[pc + 1]!] = sub(a, b);
            pc += 4;
            break;
          }
          case Op.MUL:
            regs[code[pc + 1]!] = mul(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.DIV:
            regs[code[pc + 1]!] = div(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.MOD:
            regs[code[pc + 1]!] = mod(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.POW:
            regs[code[pc + 1]!] = pow(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.NEG:
            regs[code[pc + 1]!] = negate(regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.NOT:
            regs[code[pc + 1]!] = !isTruthy(regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.EQ:
            regs[code[pc + 1]!] = valuesEqual(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.NE:
            regs[code[pc + 1]!] = !valuesEqual(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.LT: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            regs[code[pc + 1]!] = typeof a === "number" && typeof b === "number" ? a < b : compareValues(a, b) < 0;
            pc += 4;
            break;
          }
          case Op.GT: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            regs[code[pc + 1]!] = typeof a === "number" && typeof b === "number" ? a > b : compareValues(a, b) > 0;
            pc += 4;
            break;
          }
          case Op.LE:
            regs[code[pc + 1]!] = compareValues(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value) <= 0;
            pc += 4;
            break;
          case Op.GE:
            regs[code[pc + 1]!] = compareValues(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value) >= 0;
            pc += 4;
            break;
          case Op.IN:
            regs[code[pc + 1]!] = contains(regs[code[pc + 3]!] as Value, regs[code[pc + 2]!] as Value);
            pc += 4;
            break;
          case Op.CONCAT: {
            let text = "";
            const base = code[pc + 2]!;
            const end = base + code[pc + 3]!;
            for (let i = base; i < end; i++) {
              const part = regs[i] as Value;
              text += typeof part === "string" ? part : displayValue(part, run.handleText);
            }
            regs[code[pc + 1]!] = text;
            pc += 4;
            break;
          }
          case Op.LIST:
            regs[code[pc + 1]!] = new HList(take(code[pc + 2]!, code[pc + 3]!));
            pc += 4;
            break;
          case Op.LIST_PUSH:
            pushItem(regs[code[pc + 1]!] as HList, regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.LIST_EXTEND:
            extendList(regs[code[pc + 1]!] as HList, regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.DICT: {
            const shape = linked.shapes[code[pc + 2]!]!;
            regs[code[pc + 1]!] = dictOf(shape, take(code[pc + 3]!, shape.keys.length));
            pc += 4;
            break;
          }
          case Op.DICT_SET: {
            const key = regs[code[pc + 2]!] as Value;
            (regs[code[pc + 1]!] as HDict).set(
              typeof key === "string" ? key : displayValue(key),
              regs[code[pc + 3]!] as Value,
            );
            pc += 4;
            break;
          }
          case Op.DICT_SPREAD:
            regs[code[pc + 1]!] = spreadDict(regs[code[pc + 1]!] as HDict, regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.STRUCT:
            regs[code[pc + 1]!] = structOf(constants[code[pc + 2]!] as string, regs[code[pc + 3]!] as HDict);
            pc += 4;
            break;
          case Op.ENUM:
            regs[code[pc + 1]!] = new HEnum(
              constants[code[pc + 2]!] as string,
              constants[code[pc + 3]!] as string,
              take(code[pc + 4]!, code[pc + 5]!),
            );
            pc += 6;
            break;
          case Op.RANGE:
            regs[code[pc + 1]!] = makeRange(
              regs[code[pc + 2]!] as Value,
              regs[code[pc + 3]!] as Value,
              code[pc + 4] === 1,
            );
            pc += 5;
            break;
          case Op.CLOSURE: {
            const target = linked.chunk.functions[code[pc + 2]!]!;
            const captures: (Value | undefined)[] = new Array(target.captures.length);
            for (let i = 0; i < captures.length; i++) captures[i] = share(regs[target.captures[i]!]);
            regs[code[pc + 1]!] = new HClosure(target, captures);
            pc += 3;
            break;
          }
          case Op.SET_CAPTURE:
            (regs[code[pc + 1]!] as HClosure).captures[code[pc + 2]!] = share(regs[code[pc + 3]!]);
            pc += 4;
            break;
          case Op.GET_FIELD:
            if (tier !== null) tier.met(proto, pc, regs[code[pc + 2]!] as Value, constants[code[pc + 3]!]!);
            regs[code[pc + 1]!] = getField(regs[code[pc + 2]!] as Value, constants[code[pc + 3]!] as string);
            pc += 4;
            break;
          case Op.GET_FIELD_OPT:
            regs[code[pc + 1]!] = getFieldOptional(regs[code[pc + 2]!] as Value, constants[code[pc + 3]!] as string);
            pc += 4;
            break;
          case Op.GET_INDEX:
            regs[code[pc + 1]!] = getIndex(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case Op.GET_INDEX_OPT: {
            const object = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = object === null ? null : getIndex(object, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          }
          case Op.SLICE:
            regs[code[pc + 1]!] = slice(
              regs[code[pc + 2]!] as Value,
              regs[code[pc + 3]!] as Value,
              regs[code[pc + 4]!] as Value,
            );
            pc += 5;
            break;
          case Op.SET_PATH:
            regs[code[pc + 1]!] = setPath(
              regs[code[pc + 1]!] as Value,
              take(code[pc + 2]!, code[pc + 3]!),
              regs[code[pc + 4]!] as Value,
            );
            pc += 5;
            break;
          case Op.TAKE_PATH: {
            const taken = takePath(regs[code[pc + 2]!] as Value, take(code[pc + 3]!, code[pc + 4]!));
            regs[code[pc + 2]!] = taken.root;
            regs[code[pc + 1]!] = taken.value;
            pc += 5;
            break;
          }
          case Op.IS_VARIANT: {
            const value = regs[code[pc + 2]!] as Value;
            const name = constants[code[pc + 3]!] as string;
            regs[code[pc + 1]!] =
              value instanceof HEnum &&
              (name === "" || value.enumName === name) &&
              value.variant === constants[code[pc + 4]!];
            pc += 5;
            break;
          }
          case Op.VARIANT_FIELD: {
            const value = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = value instanceof HEnum ? share(value.fields[code[pc + 3]!] ?? null) : null;
            pc += 4;
            break;
          }
          case Op.IS_KIND:
            regs[code[pc + 1]!] = typeName(regs[code[pc + 2]!] as Value) === constants[code[pc + 3]!];
            pc += 4;
            break;
          case Op.HAS_KEY: {
            const value = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = value instanceof HRecord && value.has(constants[code[pc + 3]!] as string);
            pc += 4;
            break;
          }
          case Op.LEN_AT_LEAST: {
            const value = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = value instanceof HList && value.items.length >= code[pc + 3]!;
            pc += 4;
            break;
          }
          case Op.DESTRUCTURE:
            destructure(regs[code[pc + 1]!] as Value, constants[code[pc + 2]!] as string);
            pc += 3;
            break;
          case Op.REST_DICT:
            regs[code[pc + 1]!] = restDict(regs[code[pc + 2]!] as Value, linked.shapes[code[pc + 3]!]!.keys);
            pc += 4;
            break;
          case Op.REST_LIST:
            regs[code[pc + 1]!] = new HList(
              (regs[code[pc + 2]!] as HList).items.slice(code[pc + 3]!).map((item) => share(item)),
            );
            pc += 4;
            break;
          case Op.CHECK_PARAM:
            checkParameter(
              regs[code[pc + 1]!] as Value,
              linked.types[code[pc + 2]!]!,
              constants[code[pc + 3]!] as string,
            );
            pc += 4;
            break;
          case Op.EXPECT_RESULT:
            expectResult(regs[code[pc + 1]!] as Value);
            pc += 2;
            break;
          case Op.BLOCK:
            pc += 2;
            break;
          case Op.LOOP:
            if (--fuel <= 0) {
              frame.pc = pc;
              return 0;
            }
            if (tier !== null) {
              const way = tier.loop(proto, pc, regs);
              if (way !== null) {
                frame.pc = pc;
                if (!settle(enterLoop(tier, way))) return fuel;
                break;
              }
            }
            pc += 2;
            break;
          case Op.END:
            pc += 1;
            break;
          case Op.BR:
            pc = code[pc + 1]!;
            break;
          case Op.BR_IF: {
            const value = regs[code[pc + 1]!];
            pc = value === true || (value !== false && isTruthy(value as Value)) ? code[pc + 2]! : pc + 3;
            break;
          }
          case Op.BR_UNLESS: {
            const value = regs[code[pc + 1]!];
            pc = value === true || (value !== false && isTruthy(value as Value)) ? pc + 3 : code[pc + 2]!;
            break;
          }
          case Op.BR_NIL:
            pc = regs[code[pc + 1]!] === null ? code[pc + 2]! : pc + 3;
            break;
          case Op.BR_NOT_NIL:
            pc = regs[code[pc + 1]!] === null ? pc + 3 : code[pc + 2]!;
            break;
          case Op.ITER:
            regs[code[pc + 1]!] = openCursor(regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.ITER_NEXT: {
            const dst = code[pc + 1]!;
            const exit = code[pc + 3]!;
            frame.pc = pc + 4;
            const item = nextItem(call, regs[code[pc + 2]!] as Value, dst, exit);
            if (item === SUSPEND) {
              if (!reload()) return fuel;
              break;
            }
            if (item === undefined) pc = exit;
            else {
              regs[dst] = item;
              pc += 4;
            }
            break;
          }
          case Op.ITER_CLOSE:
            frame.pc = pc + 2;
            closeCursor(call, regs[code[pc + 1]!] as Value);
            if (!reload()) return fuel;
            break;
          case Op.TRY:
            pc += 4;
            break;
          case Op.CATCH:
            pc = code[pc + 1]!;
            break;
          case Op.CAUGHT_VALUE:
            regs[code[pc + 1]!] = caughtValue((regs[code[pc + 2]!] as HCaught).error);
            pc += 3;
            break;
          case Op.CAUGHT_IS: {
            const value = (regs[code[pc + 2]!] as HCaught).error.value;
            const name = constants[code[pc + 3]!];
            regs[code[pc + 1]!] =
              (value instanceof HEnum && value.enumName === name) || (value instanceof HStruct && value.name === name);
            pc += 4;
            break;
          }
          case Op.RETHROW:
            throw new Rethrow(regs[code[pc + 1]!] as HCaught);
          case Op.THROW:
            throw thrown(regs[code[pc + 1]!] as Value);
          case Op.RAISE:
            throw raised(constants[code[pc + 1]!] as string, constants[code[pc + 2]!] as string);
          case Op.DEADLINE_PUSH: {
            const value = regs[code[pc + 1]!] as Value;
            const ms =
              value instanceof HDuration
                ? value.ms
                : value instanceof HFloat
                  ? value.value
                  : typeof value === "number"
                    ? value
                    : 30_000;
            fiber.deadlines.push({ due: run.host.ports.clock.nowMs() + ms, depth: fiber.frames.length, fired: false });
            pc += 2;
            break;
          }
          case Op.DEADLINE_POP:
            if (fiber.deadlines[fiber.deadlines.length - 1]?.depth === fiber.frames.length) fiber.deadlines.pop();
            pc += 1;
            break;
          case Op.CALL: {
            const callee = regs[code[pc + 2]!] as Value;
            const args = take(code[pc + 3]!, code[pc + 4]!);
            const dst = code[pc + 1]!;
            frame.pc = pc + 5;
            if (callee instanceof HClosure && callee.proto.kind !== "generator") {
              if (tier !== null && (callee.code !== null || tier.warm(callee))) {
                const value = tier.enter(call, fuel, callee, args, dst);
                fuel = tier.fuel;
                if (value !== SUSPEND) {
                  regs[dst] = value;
                  pc += 5;
                  break;
                }
              } else {
                pushFrame(run, fiber, newFrame(callee, args, dst));
                fuel--;
              }
              if (!reload()) return fuel;
              if (fuel <= 0) return 0;
              break;
            }
            const value = callValue(call, callee, args, dst);
            if (value === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[dst] = value;
              pc += 5;
            }
            break;
          }
          case Op.CALL_SPREAD: {
            const dst = code[pc + 1]!;
            frame.pc = pc + 4;
            const value = callValue(call, regs[code[pc + 2]!] as Value, (regs[code[pc + 3]!] as HList).items, dst);
            if (value === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[dst] = value;
              pc += 4;
            }
            break;
          }
          case Op.TAIL_CALL: {
            const callee = regs[code[pc + 1]!] as Value;
            const args = take(code[pc + 2]!, code[pc + 3]!);
            frame.pc = pc + 4;
            if (callee instanceof HClosure && callee.proto.kind !== "generator" && frame.generator === null) {
              fiber.frames[fiber.frames.length - 1] = newFrame(callee, args, frame.dst);
              if (!reload()) return fuel;
              if (--fuel <= 0) return 0;
              break;
            }
            // The frame stays for a builtin: its result is returned by the RET that follows.
            const value = callValue(call, callee, args, code[pc + 1]!);
            if (value === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[code[pc + 1]!] = value;
              pc += 4;
            }
            break;
          }
          case Op.BUILTIN: {
            const dst = code[pc + 1]!;
            const builtin = linked.builtins[code[pc + 2]!];
            frame.pc = pc + 5;
            if (builtin == null) throw plainError(`Undefined builtin: ${constants[code[pc + 2]!]}`);
            const value = callBuiltin(call, builtin, take(code[pc + 3]!, code[pc + 4]!), false, dst);
            if (value === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[dst] = value;
              pc += 5;
            }
            break;
          }
          case Op.METHOD: {
            const dst = code[pc + 1]!;
            frame.pc = pc + 7;
            const value = callMethod(
              call,
              regs[code[pc + 2]!] as Value,
              constants[code[pc + 3]!] as string,
              take(code[pc + 4]!, code[pc + 5]!),
              code[pc + 6]!,
              dst,
            );
            if (value === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[dst] = value;
              pc += 7;
            }
            break;
          }
          case Op.METHOD_SPREAD: {
            const dst = code[pc + 1]!;
            frame.pc = pc + 6;
            const value = callMethod(
              call,
              regs[code[pc + 2]!] as Value,
              constants[code[pc + 3]!] as string,
              (regs[code[pc + 4]!] as HList).items,
              code[pc + 5]!,
              dst,
            );
            if (value === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[dst] = value;
              pc += 6;
            }
            break;
          }
          case Op.RET:
            if (!leave(regs[code[pc + 1]!] as Value)) return fuel;
            break;
          case Op.RET_NIL:
            if (!leave(null)) return fuel;
            break;
          case Op.SPAWN:
            frame.pc = pc + 3;
            regs[code[pc + 1]!] = startTask(call, regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case Op.PARALLEL:
            frame.pc = pc + 6;
            startParallel(
              call,
              regs[code[pc + 2]!] as Value,
              regs[code[pc + 3]!] as Value,
              regs[code[pc + 4]!] as Value,
              code[pc + 5]!,
              code[pc + 1]!,
            );
            if (!reload()) return fuel;
            break;
          case Op.SELECT: {
            const dst = code[pc + 1]!;
            frame.pc = pc + 6;
            const chosen = selectChannel(
              call,
              take(code[pc + 2]!, code[pc + 3]!),
              regs[code[pc + 4]!] as Value,
              code[pc + 5] === 1,
              dst,
            );
            if (chosen === SUSPEND) {
              if (!reload()) return fuel;
            } else {
              regs[dst] = chosen.index;
              regs[dst + 1] = chosen.value;
              pc += 6;
            }
            break;
          }
          case Op.MUTEX_ENTER:
            frame.pc = pc + 2;
            if (enterMutex(call, linked.instance.key, code[pc + 1]!)) pc += 2;
            else if (!reload()) return fuel;
            break;
          case Op.MUTEX_EXIT:
            leaveMutex(call, linked.instance.key, code[pc + 1]!);
            pc += 2;
            break;
          case Op.YIELD:
            frame.pc = pc + 3;
            regs[code[pc + 1]!] = null;
            yieldValue(call, frame, share(regs[code[pc + 2]!] as Value));
            if (!reload()) return fuel;
            break;
          default:
            throw new Error(`unknown instruction ${code[pc]} at ${pc} in ${proto.name}`);
        }
      }
    } catch (failure) {
      frame.pc = pc + 1;
      const caught =
        failure instanceof Rethrow ? failure.caught : new HCaught(withTrace(asRaise(failure).error, fiber), false);
      const left = unwind(run, fiber, caught);
      if (left !== null) {
        finishFiber(
          run,
          fiber,
          left.cancel ? { kind: "cancelled", reason: left.error.message } : { kind: "failed", error: left.error },
        );
        return fuel;
      }
      if (!reload()) return fuel;
    }
  }
}

function importedFrom(run: Run, chunk: HarnFrame["proto"]["chunk"], index: number): Value {
  const constant = chunk.constants[index]!;
  if (constant.kind !== "import") throw new Error("GET_IMPORT names no import");
  return importedValue(run, constant.module, constant.name);
}
