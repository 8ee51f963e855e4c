/**
 * Tier 0: runs the top Harn frames of a fiber until it waits, ends, meets a machine frame or has spent its fuel. One flat synchronous switch over
 * the table of bytecode/opcodes.ts.
 */
import { asRaise, plainError } from "../builtin/raise.ts";
import type { Op } from "../bytecode/opcodes.ts";
import { contains } from "../value/contains.ts";
import { SHORT_TEXT } from "../value/cost.ts";
import { displayCounted, displayValue } from "../value/display.ts";
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
  type HCursor,
  HDict,
  HDuration,
  HEnum,
  HFloat,
  HList,
  HRange,
  HRecord,
  HStruct,
  listOf,
  share,
  structOf,
} from "../value/value.ts";
import { enterInside, InsideFailure, importedFrom, leave, take, takeWith, unbegun } from "./activations.ts";
import { callBuiltin, callValue, frameOf, newFrame, pushFrame, SUSPEND, type Suspended } from "./calls.ts";
import { enterMutex, leaveMutex, selectChannel, spawn, startParallel } from "./concurrency.ts";
import { caughtValue, withTrace } from "./errors.ts";
import type { Fiber, Frame, HarnFrame } from "./fiber.ts";
import { finishFiber } from "./fiber-life.ts";
import { closeCursor, nextItem, openCursor, yieldValue } from "./iteration.ts";
import { callMethod, MethodSite, mayChange, passed } from "./methods.ts";
import {
  addToValues,
  addValues,
  destructure,
  expectResult,
  extendList,
  globalValue,
  makeRange,
  raised,
  restDict,
  restList,
  spreadDict,
  thrown,
} from "./operations.ts";
import {
  getField,
  getFieldOptional,
  getIndex,
  pushItem,
  setKey,
  setKeyIn,
  setPath,
  slice,
  takePath,
} from "./places.ts";
import { Rethrow } from "./rethrow.ts";
import type { Run } from "./run.ts";
import { callBefore, isSource } from "./tier1/feedback.ts";
import { kindOf } from "./tier1/value-types.ts";
import { checkParameter } from "./type-test.ts";
import { unwind } from "./unwinding.ts";
import type { VmCall } from "./vm-call.ts";

/** Beyond this, a product of ints is not exact as a number. */
const MOST = Number.MAX_SAFE_INTEGER;

const ADD_TO = 92 satisfies typeof Op.ADD_TO;

/** Instructions that are done together with the one before them. */
const BR_UNLESS = 63 satisfies typeof Op.BR_UNLESS;
const MOVE = 5 satisfies typeof Op.MOVE;
const LOOP = 59 satisfies typeof Op.LOOP;

/** In the place of code: the interpreter is to look which frame is on top. */
const ENTER = Int32Array.of(-1);

type Sites = (MethodSite | null)[] | null;

/** Answers the fuel that is left; 0: stopped by fuel. */
export function interpret(run: Run, fiber: Fiber, call: VmCall, first: HarnFrame, given: number): number {
  const { tier } = run;
  const { frames } = fiber;
  let fuel = given;
  let frame = first;
  let { proto } = frame;
  let { code, chunk } = proto;
  let { regs } = frame;
  let linked = run.link(chunk);
  let { constants } = linked;
  let sites = linked.sites[proto.index] as Sites;
  let pc = 0;
  let refused: Frame | null = null;
  // Where kinds of results are noted, and the instruction whose result is still to be: only in functions that have generated code, and have left it.
  let notes: Int32Array | null = null;
  let last = -1;
  for (;;) {
    try {
      // One loop alone: V8 leaves optimised code where it goes from an inner loop to an outer one.
      code = ENTER;
      pc = 0;
      for (;;) {
        if (notes !== null) {
          if (last >= 0 && isSource(code[last]!)) notes[last]! |= kindOf(regs[code[last + 1]!]);
          last = pc;
        }
        switch (code[pc]) {
          // The frame on top goes on: at first, and whenever another one is there.
          case -1: {
            if (fiber.status !== "ready" || fiber.incoming !== null) return fuel;
            if (fuel <= 0) return 0;
            const top = frames[frames.length - 1];
            if (top === undefined || top.kind !== "harn") return fuel;
            frame = top;
            if (frame.proto !== proto) {
              proto = frame.proto;
              if (proto.chunk !== chunk) {
                chunk = proto.chunk;
                linked = run.link(chunk);
                constants = linked.constants;
              }
              sites = linked.sites[proto.index] as Sites;
            }
            // A frame that has not begun yet runs in tier 1 if it can.
            if (frame.pc === 0 && tier !== null && frame.generator === null && frame !== refused) {
              const unit = tier.units.entry(proto, frame.regs);
              if (unit !== null) {
                // Failures of it are not in reach of handlers of this frame.
                pc = -1;
                const depth = frames.length;
                const value = tier.enterFrame(call, fuel, frame, unit);
                fuel = tier.fuel;
                if (value !== SUSPEND && !leave(run, fiber, value)) return fuel;
                // Its first instruction may be none that generated code can do.
                refused = value === SUSPEND && frames.length === depth ? unbegun(frames[depth - 1]) : null;
                pc = 0;
                break;
              }
            }
            frame.left = null;
            regs = frame.regs;
            code = proto.code;
            pc = frame.pc;
            notes = tier === null ? null : tier.units.notes(proto);
            if (notes !== null) last = callBefore(code, pc);
            break;
          }
          case 0 satisfies typeof Op.CONST:
            regs[code[pc + 1]!] = constants[code[pc + 2]!]!;
            pc += 3;
            break;
          case 1 satisfies typeof Op.INT:
            regs[code[pc + 1]!] = code[pc + 2]!;
            pc += 3;
            break;
          case 2 satisfies typeof Op.NIL:
            regs[code[pc + 1]!] = null;
            pc += 2;
            break;
          case 3 satisfies typeof Op.TRUE:
            regs[code[pc + 1]!] = true;
            pc += 2;
            break;
          case 4 satisfies typeof Op.FALSE:
            regs[code[pc + 1]!] = false;
            pc += 2;
            break;
          case 5 satisfies typeof Op.MOVE:
            regs[code[pc + 1]!] = regs[code[pc + 2]!];
            pc += 3;
            break;
          case 6 satisfies typeof Op.COPY: {
            const value = regs[code[pc + 2]!];
            if (typeof value === "object") share(value);
            regs[code[pc + 1]!] = value;
            pc += 3;
            if (code[pc] === MOVE) {
              regs[code[pc + 1]!] = regs[code[pc + 2]!];
              pc += 3;
            }
            break;
          }
          case 7 satisfies typeof Op.SHARE:
            share(regs[code[pc + 1]!]);
            pc += 2;
            break;
          case 8 satisfies typeof Op.DEFINED:
            if (regs[code[pc + 1]!] === null) throw plainError(`Undefined variable: ${constants[code[pc + 2]!]}`);
            pc += 3;
            break;
          case 9 satisfies typeof Op.GET_SLOT: {
            const value = linked.instance.slots[code[pc + 2]!];
            if (value === undefined) throw plainError(`Undefined variable: ${linked.chunk.slots[code[pc + 2]!]}`);
            regs[code[pc + 1]!] = value;
            pc += 3;
            break;
          }
          case 10 satisfies typeof Op.SET_SLOT:
            linked.instance.slots[code[pc + 1]!] = regs[code[pc + 2]!];
            if (run.recording) run.dirty.modules.add(linked.instance.key);
            pc += 3;
            break;
          case 11 satisfies typeof Op.GET_IMPORT:
            regs[code[pc + 1]!] = importedFrom(run, linked.chunk, code[pc + 2]!);
            pc += 3;
            break;
          case 12 satisfies typeof Op.GET_BUILTIN:
            regs[code[pc + 1]!] = new HBuiltin(constants[code[pc + 2]!] as string);
            pc += 3;
            break;
          case 13 satisfies typeof Op.GET_GLOBAL:
            regs[code[pc + 1]!] = globalValue(run, constants[code[pc + 2]!] as string);
            pc += 3;
            break;
          case 14 satisfies typeof Op.ADD:
          case 92 satisfies typeof Op.ADD_TO: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            if (typeof a === "number" && typeof b === "number") {
              const result = a + b;
              // What has a fraction came of a float, and is one.
              regs[code[pc + 1]!] = ((a | 0) === a && (b | 0) === b) || !Number.isInteger(result) ? result : add(a, b);
            } else {
              regs[code[pc + 1]!] = code[pc] === ADD_TO ? addToValues(a, b, call) : addValues(a, b, call);
              if (call.owed > 0) fuel -= call.settle();
            }
            pc += 4;
            break;
          }
          case 15 satisfies typeof Op.SUB: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            if (typeof a === "number" && typeof b === "number") {
              const result = a - b;
              // What has a fraction came of a float, and is one.
              regs[code[pc + 1]!] = ((a | 0) === a && (b | 0) === b) || !Number.isInteger(result) ? result : sub(a, b);
            } else regs[code[pc + 1]!] = sub(a, b);
            pc += 4;
            break;
          }
          case 16 satisfies typeof Op.MUL: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            if (typeof a === "number" && typeof b === "number") {
              const result = a * b;
              const small = (a | 0) === a && (b | 0) === b && result <= MOST && result >= -MOST;
              regs[code[pc + 1]!] = small ? result + 0 : Number.isInteger(result) ? mul(a, b) : result;
            } else regs[code[pc + 1]!] = mul(a, b);
            pc += 4;
            break;
          }
          case 17 satisfies typeof Op.DIV: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            regs[code[pc + 1]!] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b && b !== 0
                ? Math.trunc(a / b) + 0
                : div(a, b);
            pc += 4;
            break;
          }
          case 18 satisfies typeof Op.MOD: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            regs[code[pc + 1]!] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b && b !== 0
                ? (a % b) + 0
                : mod(a, b);
            pc += 4;
            break;
          }
          case 19 satisfies typeof Op.POW:
            regs[code[pc + 1]!] = pow(regs[code[pc + 2]!] as Value, regs[code[pc + 3]!] as Value);
            pc += 4;
            break;
          case 20 satisfies typeof Op.NEG:
            regs[code[pc + 1]!] = negate(regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case 21 satisfies typeof Op.NOT: {
            const value = regs[code[pc + 2]!];
            regs[code[pc + 1]!] = value === false || (value !== true && !isTruthy(value as Value));
            pc += 3;
            break;
          }
          case 22 satisfies typeof Op.EQ: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            const plain =
              typeof a === "number" ? typeof b === "number" : typeof a === "string" && a.length <= SHORT_TEXT;
            const holds = plain ? a === b : valuesEqual(a, b, call);
            if (call.owed > 0) fuel -= call.settle();
            const dst = code[pc + 1]!;
            regs[dst] = holds;
            pc += 4;
            // Most often a branch follows: it needs no turn of its own.
            if (code[pc] === BR_UNLESS && code[pc + 1] === dst) pc = holds ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 23 satisfies typeof Op.NE: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            const plain =
              typeof a === "number" ? typeof b === "number" : typeof a === "string" && a.length <= SHORT_TEXT;
            const holds = plain ? a !== b : !valuesEqual(a, b, call);
            if (call.owed > 0) fuel -= call.settle();
            const dst = code[pc + 1]!;
            regs[dst] = holds;
            pc += 4;
            // Most often a branch follows: it needs no turn of its own.
            if (code[pc] === BR_UNLESS && code[pc + 1] === dst) pc = holds ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 24 satisfies typeof Op.LT: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            const holds = typeof a === "number" && typeof b === "number" ? a < b : compareValues(a, b, call) < 0;
            if (call.owed > 0) fuel -= call.settle();
            const dst = code[pc + 1]!;
            regs[dst] = holds;
            pc += 4;
            // Most often a branch follows: it needs no turn of its own.
            if (code[pc] === BR_UNLESS && code[pc + 1] === dst) pc = holds ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 25 satisfies typeof Op.GT: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            const holds = typeof a === "number" && typeof b === "number" ? a > b : compareValues(a, b, call) > 0;
            if (call.owed > 0) fuel -= call.settle();
            const dst = code[pc + 1]!;
            regs[dst] = holds;
            pc += 4;
            // Most often a branch follows: it needs no turn of its own.
            if (code[pc] === BR_UNLESS && code[pc + 1] === dst) pc = holds ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 26 satisfies typeof Op.LE: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            const holds = typeof a === "number" && typeof b === "number" ? !(a > b) : compareValues(a, b, call) <= 0;
            if (call.owed > 0) fuel -= call.settle();
            const dst = code[pc + 1]!;
            regs[dst] = holds;
            pc += 4;
            // Most often a branch follows: it needs no turn of its own.
            if (code[pc] === BR_UNLESS && code[pc + 1] === dst) pc = holds ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 27 satisfies typeof Op.GE: {
            const a = regs[code[pc + 2]!] as Value;
            const b = regs[code[pc + 3]!] as Value;
            const holds = typeof a === "number" && typeof b === "number" ? !(a < b) : compareValues(a, b, call) >= 0;
            if (call.owed > 0) fuel -= call.settle();
            const dst = code[pc + 1]!;
            regs[dst] = holds;
            pc += 4;
            // Most often a branch follows: it needs no turn of its own.
            if (code[pc] === BR_UNLESS && code[pc + 1] === dst) pc = holds ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 28 satisfies typeof Op.IN:
            regs[code[pc + 1]!] = contains(regs[code[pc + 3]!] as Value, regs[code[pc + 2]!] as Value, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          case 29 satisfies typeof Op.CONCAT: {
            let text = "";
            const base = code[pc + 2]!;
            const end = base + code[pc + 3]!;
            for (let i = base; i < end; i++) {
              const part = regs[i] as Value;
              text += typeof part === "string" ? part : displayCounted(part, call, run.handleText);
            }
            if (call.owed > 0) fuel -= call.settle();
            regs[code[pc + 1]!] = text;
            pc += 4;
            break;
          }
          case 30 satisfies typeof Op.LIST:
            regs[code[pc + 1]!] = listOf(take(regs, code[pc + 2]!, code[pc + 3]!));
            pc += 4;
            break;
          case 31 satisfies typeof Op.LIST_PUSH:
            pushItem(regs[code[pc + 1]!] as HList, regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case 32 satisfies typeof Op.LIST_EXTEND:
            extendList(regs[code[pc + 1]!] as HList, regs[code[pc + 2]!] as Value, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 3;
            break;
          case 33 satisfies typeof Op.DICT: {
            const shape = linked.shapes[code[pc + 2]!]!;
            regs[code[pc + 1]!] = dictOf(shape, take(regs, code[pc + 3]!, shape.keys.length));
            pc += 4;
            break;
          }
          case 34 satisfies typeof Op.DICT_SET: {
            const key = regs[code[pc + 2]!] as Value;
            (regs[code[pc + 1]!] as HDict).set(
              typeof key === "string" ? key : displayValue(key),
              regs[code[pc + 3]!] as Value,
            );
            pc += 4;
            break;
          }
          case 35 satisfies typeof Op.DICT_SPREAD:
            regs[code[pc + 1]!] = spreadDict(regs[code[pc + 1]!] as HDict, regs[code[pc + 2]!] as Value, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 3;
            break;
          case 36 satisfies typeof Op.STRUCT:
            regs[code[pc + 1]!] = structOf(constants[code[pc + 2]!] as string, regs[code[pc + 3]!] as HDict);
            pc += 4;
            break;
          case 37 satisfies typeof Op.ENUM:
            regs[code[pc + 1]!] = new HEnum(
              constants[code[pc + 2]!] as string,
              constants[code[pc + 3]!] as string,
              take(regs, code[pc + 4]!, code[pc + 5]!),
            );
            pc += 6;
            break;
          case 38 satisfies typeof Op.RANGE:
            regs[code[pc + 1]!] = makeRange(
              regs[code[pc + 2]!] as Value,
              regs[code[pc + 3]!] as Value,
              code[pc + 4] === 1,
            );
            pc += 5;
            break;
          case 39 satisfies typeof Op.CLOSURE: {
            const target = linked.chunk.functions[code[pc + 2]!]!;
            const captures: (Value | undefined)[] = new Array(target.captures.length);
            for (let i = 0; i < captures.length; i++) captures[i] = share(regs[target.captures[i]!]);
            regs[code[pc + 1]!] = new HClosure(target, captures);
            pc += 3;
            break;
          }
          case 40 satisfies typeof Op.SET_CAPTURE:
            (regs[code[pc + 1]!] as HClosure).captures[code[pc + 2]!] = share(regs[code[pc + 3]!]);
            pc += 4;
            break;
          case 41 satisfies typeof Op.GET_FIELD: {
            const object = regs[code[pc + 2]!] as Value;
            const name = constants[code[pc + 3]!] as string;
            if (tier !== null) tier.units.met(proto, pc, object, name);
            const value = object instanceof HRecord ? object.get(name) : undefined;
            regs[code[pc + 1]!] = value === undefined ? getField(object, name, call) : value;
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          }
          case 42 satisfies typeof Op.GET_FIELD_OPT:
            regs[code[pc + 1]!] = getFieldOptional(
              regs[code[pc + 2]!] as Value,
              constants[code[pc + 3]!] as string,
              call,
            );
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          case 43 satisfies typeof Op.GET_INDEX: {
            const object = regs[code[pc + 2]!] as Value;
            const index = regs[code[pc + 3]!] as Value;
            let item: Value | undefined;
            if (typeof index === "number") {
              if (object instanceof HList && index >= 0 && index < object.length) {
                item = object.at(index);
                if (object.state !== null && tier !== null) tier.units.met(proto, pc, object, index);
              }
            } else if (typeof index === "string" && object instanceof HDict) item = object.get(index);
            regs[code[pc + 1]!] = item === undefined ? getIndex(object, index, call) : item;
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          }
          case 44 satisfies typeof Op.GET_INDEX_OPT: {
            const object = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = object === null ? null : getIndex(object, regs[code[pc + 3]!] as Value, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          }
          case 45 satisfies typeof Op.SLICE:
            regs[code[pc + 1]!] = slice(
              regs[code[pc + 2]!] as Value,
              regs[code[pc + 3]!] as Value,
              regs[code[pc + 4]!] as Value,
              call,
            );
            if (call.owed > 0) fuel -= call.settle();
            pc += 5;
            break;
          case 46 satisfies typeof Op.SET_PATH: {
            const root = regs[code[pc + 1]!] as Value;
            const base = code[pc + 2]!;
            const value = regs[code[pc + 4]!] as Value;
            const count = code[pc + 3]!;
            const key = regs[base] as Value;
            const changed =
              count === 1
                ? setKey(root, key, value, call)
                : count === 2
                  ? setKeyIn(root, key, regs[base + 1] as Value, value, call)
                  : setPath(root, take(regs, base, count), value, call);
            if (call.owed > 0) fuel -= call.settle();
            regs[code[pc + 1]!] = changed;
            pc += 5;
            break;
          }
          case 47 satisfies typeof Op.TAKE_PATH: {
            const taken = takePath(regs[code[pc + 2]!] as Value, take(regs, code[pc + 3]!, code[pc + 4]!), call);
            if (call.owed > 0) fuel -= call.settle();
            regs[code[pc + 2]!] = taken.root;
            regs[code[pc + 1]!] = taken.value;
            pc += 5;
            break;
          }
          case 48 satisfies typeof Op.IS_VARIANT: {
            const value = regs[code[pc + 2]!] as Value;
            const name = constants[code[pc + 3]!] as string;
            regs[code[pc + 1]!] =
              value instanceof HEnum &&
              (name === "" || value.enumName === name) &&
              value.variant === constants[code[pc + 4]!];
            pc += 5;
            break;
          }
          case 49 satisfies typeof Op.VARIANT_FIELD: {
            const value = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = value instanceof HEnum ? share(value.fields[code[pc + 3]!] ?? null) : null;
            pc += 4;
            break;
          }
          case 50 satisfies typeof Op.IS_KIND:
            regs[code[pc + 1]!] = typeName(regs[code[pc + 2]!] as Value) === constants[code[pc + 3]!];
            pc += 4;
            break;
          case 51 satisfies typeof Op.HAS_KEY: {
            const value = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = value instanceof HRecord && value.has(constants[code[pc + 3]!] as string);
            pc += 4;
            break;
          }
          case 52 satisfies typeof Op.LEN_AT_LEAST: {
            const value = regs[code[pc + 2]!] as Value;
            regs[code[pc + 1]!] = value instanceof HList && value.length >= code[pc + 3]!;
            pc += 4;
            break;
          }
          case 53 satisfies typeof Op.DESTRUCTURE:
            destructure(regs[code[pc + 1]!] as Value, constants[code[pc + 2]!] as string);
            pc += 3;
            break;
          case 54 satisfies typeof Op.REST_DICT:
            regs[code[pc + 1]!] = restDict(regs[code[pc + 2]!] as Value, linked.shapes[code[pc + 3]!]!.keys, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          case 55 satisfies typeof Op.REST_LIST:
            regs[code[pc + 1]!] = restList(regs[code[pc + 2]!] as Value, code[pc + 3]!, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          case 56 satisfies typeof Op.CHECK_PARAM:
            checkParameter(
              regs[code[pc + 1]!] as Value,
              linked.types[code[pc + 2]!]!,
              constants[code[pc + 3]!] as string,
              call,
            );
            if (call.owed > 0) fuel -= call.settle();
            pc += 4;
            break;
          case 57 satisfies typeof Op.EXPECT_RESULT:
            expectResult(regs[code[pc + 1]!] as Value);
            pc += 2;
            break;
          case 58 satisfies typeof Op.BLOCK:
            pc += 2;
            break;
          case 59 satisfies typeof Op.LOOP:
            if (--fuel <= 0) {
              frame.pc = pc;
              return 0;
            }
            if (tier !== null) {
              const way = tier.units.loop(proto, pc, regs);
              if (way !== null) {
                frame.pc = pc;
                const value = enterInside(tier, way, call, fuel, frame);
                fuel = tier.fuel;
                if (value !== SUSPEND && !leave(run, fiber, value)) return fuel;
                code = ENTER;
                pc = 0;
                break;
              }
            }
            pc += 2;
            break;
          case 60 satisfies typeof Op.END:
            pc += 1;
            break;
          case 61 satisfies typeof Op.BR:
            pc = code[pc + 1]!;
            if (tier === null && fuel > 1 && code[pc] === LOOP) {
              fuel--;
              pc += 2;
            }
            break;
          case 62 satisfies typeof Op.BR_IF: {
            const value = regs[code[pc + 1]!];
            pc = value === true || (value !== false && isTruthy(value as Value)) ? code[pc + 2]! : pc + 3;
            break;
          }
          case 63 satisfies typeof Op.BR_UNLESS: {
            const value = regs[code[pc + 1]!];
            pc = value === true || (value !== false && isTruthy(value as Value)) ? pc + 3 : code[pc + 2]!;
            break;
          }
          case 64 satisfies typeof Op.BR_NIL:
            pc = regs[code[pc + 1]!] === null ? code[pc + 2]! : pc + 3;
            break;
          case 65 satisfies typeof Op.BR_NOT_NIL:
            pc = regs[code[pc + 1]!] === null ? pc + 3 : code[pc + 2]!;
            break;
          case 66 satisfies typeof Op.ITER:
            regs[code[pc + 1]!] = openCursor(regs[code[pc + 2]!] as Value, call);
            if (call.owed > 0) fuel -= call.settle();
            pc += 3;
            break;
          case 67 satisfies typeof Op.ITER_NEXT: {
            const cursor = regs[code[pc + 2]!] as HCursor;
            const { source } = cursor;
            const dst = code[pc + 1]!;
            let item: Value | undefined | Suspended;
            if (source instanceof HList) {
              item = source.at(cursor.index++);
              if (typeof item === "object") share(item);
            } else if (source instanceof HRange) {
              const at = source.start + cursor.index++;
              if (source.exclusive ? at < source.end : at <= source.end) item = at;
            } else {
              frame.pc = pc + 4;
              item = nextItem(call, cursor, dst, code[pc + 3]!);
              if (item === SUSPEND) {
                code = ENTER;
                pc = 0;
                break;
              }
            }
            if (item === undefined) pc = code[pc + 3]!;
            else {
              regs[dst] = item as Value;
              pc += 4;
            }
            break;
          }
          case 68 satisfies typeof Op.ITER_CLOSE:
            frame.pc = pc + 2;
            closeCursor(call, regs[code[pc + 1]!] as Value);
            code = ENTER;
            pc = 0;
            break;
          case 69 satisfies typeof Op.TRY:
            pc += 4;
            break;
          case 70 satisfies typeof Op.CATCH:
            pc = code[pc + 1]!;
            break;
          case 71 satisfies typeof Op.CAUGHT_VALUE:
            regs[code[pc + 1]!] = caughtValue((regs[code[pc + 2]!] as HCaught).error);
            pc += 3;
            break;
          case 72 satisfies typeof Op.CAUGHT_IS: {
            const value = (regs[code[pc + 2]!] as HCaught).error.value;
            const name = constants[code[pc + 3]!];
            regs[code[pc + 1]!] =
              (value instanceof HEnum && value.enumName === name) || (value instanceof HStruct && value.name === name);
            pc += 4;
            break;
          }
          case 73 satisfies typeof Op.RETHROW:
            throw new Rethrow(regs[code[pc + 1]!] as HCaught);
          case 74 satisfies typeof Op.THROW:
            throw thrown(regs[code[pc + 1]!] as Value);
          case 75 satisfies typeof Op.RAISE:
            throw raised(constants[code[pc + 1]!] as string, constants[code[pc + 2]!] as string);
          case 76 satisfies typeof Op.DEADLINE_PUSH: {
            const value = regs[code[pc + 1]!] as Value;
            const ms =
              value instanceof HDuration
                ? value.ms
                : value instanceof HFloat
                  ? value.value
                  : typeof value === "number"
                    ? value
                    : 30_000;
            const deadline = { due: run.host.ports.clock.nowMs() + ms, depth: fiber.frames.length, fired: false };
            if (fiber.deadlines.length === 0) fiber.deadlines = [deadline];
            else fiber.deadlines.push(deadline);
            pc += 2;
            break;
          }
          case 77 satisfies typeof Op.DEADLINE_POP:
            if (fiber.deadlines[fiber.deadlines.length - 1]?.depth === fiber.frames.length) fiber.deadlines.pop();
            pc += 1;
            break;
          case 78 satisfies typeof Op.CALL: {
            const callee = regs[code[pc + 2]!] as Value;
            const dst = code[pc + 1]!;
            frame.pc = pc + 5;
            if (callee instanceof HClosure && callee.proto.kind !== "generator") {
              if (tier === null || (callee.code === null && !tier.units.warm(callee))) {
                pushFrame(run, fiber, frameOf(callee, regs, code[pc + 3]!, code[pc + 4]!, dst));
                fuel--;
                code = ENTER;
                pc = 0;
                break;
              }
              const value = tier.enter(call, fuel, callee, take(regs, code[pc + 3]!, code[pc + 4]!), dst);
              fuel = tier.fuel;
              if (value === SUSPEND) {
                code = ENTER;
                pc = 0;
                break;
              }
              regs[dst] = value;
              pc += 5;
              break;
            }
            const value = callValue(call, callee, take(regs, code[pc + 3]!, code[pc + 4]!), dst);
            if (call.owed > 0) fuel -= call.settle();
            if (value === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            }
            regs[dst] = value;
            pc += 5;
            break;
          }
          case 79 satisfies typeof Op.CALL_SPREAD: {
            const dst = code[pc + 1]!;
            frame.pc = pc + 4;
            const value = callValue(call, regs[code[pc + 2]!] as Value, (regs[code[pc + 3]!] as HList).items, dst);
            if (call.owed > 0) fuel -= call.settle();
            if (value === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            } else {
              regs[dst] = value;
              pc += 4;
            }
            break;
          }
          case 80 satisfies typeof Op.TAIL_CALL: {
            const callee = regs[code[pc + 1]!] as Value;
            frame.pc = pc + 4;
            if (callee instanceof HClosure && callee.proto.kind !== "generator" && frame.generator === null) {
              frames[frames.length - 1] = frameOf(callee, regs, code[pc + 2]!, code[pc + 3]!, frame.dst);
              fuel--;
              code = ENTER;
              pc = 0;
              break;
            }
            // The frame stays for a builtin: its result is returned by the RET that follows.
            const value = callValue(call, callee, take(regs, code[pc + 2]!, code[pc + 3]!), code[pc + 1]!);
            if (call.owed > 0) fuel -= call.settle();
            if (value === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            }
            regs[code[pc + 1]!] = value;
            pc += 4;
            break;
          }
          case 81 satisfies typeof Op.BUILTIN: {
            const dst = code[pc + 1]!;
            const builtin = linked.builtins[code[pc + 2]!];
            frame.pc = pc + 5;
            if (builtin == null) throw plainError(`Undefined builtin: ${constants[code[pc + 2]!]}`);
            const value = callBuiltin(call, builtin, take(regs, code[pc + 3]!, code[pc + 4]!), false, dst);
            if (call.owed > 0) fuel -= call.settle();
            if (value === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            } else {
              regs[dst] = value;
              pc += 5;
            }
            break;
          }
          case 82 satisfies typeof Op.METHOD: {
            const dst = code[pc + 1]!;
            const receiver = regs[code[pc + 2]!] as Value;
            const flags = code[pc + 6]!;
            frame.pc = pc + 7;
            if (sites === null) {
              sites = new Array(code.length).fill(null) as Sites & object;
              linked.sites[proto.index] = sites;
            }
            const site = (sites[pc] ??= new MethodSite(constants[code[pc + 3]!] as string));
            const base = code[pc + 4]!;
            const count = code[pc + 5]!;
            let value: Value | Suspended;
            const builtin = site.builtinFor(run, receiver);
            if (builtin !== null) {
              value = callBuiltin(
                call,
                builtin,
                takeWith(receiver, regs, base, count),
                mayChange(receiver, flags),
                dst,
              );
            } else {
              const declared = tier === null ? site.declaredFor(run, receiver) : null;
              if (declared !== null) {
                const self = passed(receiver, declared, flags);
                pushFrame(run, fiber, newFrame(declared, takeWith(self, regs, base, count), dst));
                fuel--;
                code = ENTER;
                pc = 0;
                break;
              }
              value = callMethod(call, receiver, site.name, take(regs, base, count), flags, dst);
            }
            if (call.owed > 0) fuel -= call.settle();
            if (value === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            }
            regs[dst] = value;
            pc += 7;
            break;
          }
          case 83 satisfies typeof Op.METHOD_SPREAD: {
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
            if (call.owed > 0) fuel -= call.settle();
            if (value === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            } else {
              regs[dst] = value;
              pc += 6;
            }
            break;
          }
          case 84 satisfies typeof Op.RET: {
            const value = regs[code[pc + 1]!] as Value;
            const below = frames[frames.length - 2];
            if (
              frame.generator === null &&
              fiber.deadlines.length === 0 &&
              below !== undefined &&
              below.kind === "harn"
            ) {
              frames.pop();
              if (frame.dst >= 0) below.regs[frame.dst] = value;
            } else if (!leave(run, fiber, value)) return fuel;
            code = ENTER;
            pc = 0;
            break;
          }
          case 85 satisfies typeof Op.RET_NIL:
            if (!leave(run, fiber, null)) return fuel;
            code = ENTER;
            pc = 0;
            break;
          case 86 satisfies typeof Op.SPAWN:
            frame.pc = pc + 3;
            regs[code[pc + 1]!] = spawn(call, regs[code[pc + 2]!] as Value);
            pc += 3;
            break;
          case 87 satisfies typeof Op.PARALLEL:
            frame.pc = pc + 6;
            startParallel(
              call,
              regs[code[pc + 2]!] as Value,
              regs[code[pc + 3]!] as Value,
              regs[code[pc + 4]!] as Value,
              code[pc + 5]!,
              code[pc + 1]!,
            );
            code = ENTER;
            pc = 0;
            break;
          case 88 satisfies typeof Op.SELECT: {
            const dst = code[pc + 1]!;
            frame.pc = pc + 6;
            const chosen = selectChannel(
              call,
              take(regs, code[pc + 2]!, code[pc + 3]!),
              regs[code[pc + 4]!] as Value,
              code[pc + 5] === 1,
              dst,
            );
            if (chosen === SUSPEND) {
              code = ENTER;
              pc = 0;
              break;
            } else {
              regs[dst] = chosen.index;
              regs[dst + 1] = chosen.value;
              pc += 6;
            }
            break;
          }
          case 89 satisfies typeof Op.MUTEX_ENTER:
            frame.pc = pc + 2;
            if (enterMutex(call, linked.instance.key, code[pc + 1]!)) pc += 2;
            else {
              code = ENTER;
              pc = 0;
            }
            break;
          case 90 satisfies typeof Op.MUTEX_EXIT:
            leaveMutex(call, linked.instance.key, code[pc + 1]!);
            pc += 2;
            break;
          case 91 satisfies typeof Op.YIELD:
            frame.pc = pc + 3;
            regs[code[pc + 1]!] = null;
            yieldValue(call, frame, share(regs[code[pc + 2]!] as Value));
            code = ENTER;
            pc = 0;
            break;
          default:
            throw new Error(`unknown instruction ${code[pc]} at ${pc} in ${proto.name}`);
        }
      }
    } catch (thrown) {
      let failure = thrown;
      if (thrown instanceof InsideFailure) {
        failure = thrown.failure;
        pc = thrown.pc;
        fuel = tier!.fuel;
      }
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
    }
  }
}
