/**
 * Generated calls. Each may give SUSPEND: then the activation is saved or fails (`out`), unless a tail call is pending, which `land` follows.
 */
import { Op } from "../../bytecode/opcodes.ts";
import { HDict, HList } from "../../value/value.ts";
import { emitDirectCall } from "./direct.ts";
import { kindTest } from "./feedback.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import { emitBuiltin, inlineMethod } from "./intrinsics.ts";
import type { Operand } from "./operand.ts";
import type { MethodSite } from "./unit.ts";
import { ANY, isA, only, T } from "./value-types.ts";

/** True when the instruction was a call. */
export function emitCall(s: FunctionSource, instruction: Instruction): boolean {
  const { op, args, pc } = instruction;
  const dst = args[0]!;
  switch (op) {
    case Op.CALL:
      emitClosureCall(s, instruction);
      return true;
    case Op.CALL_SPREAD:
      finish(
        s,
        instruction,
        dst,
        `X.call((X.p = P, m), ${s.value(instruction, 1)}, ${s.value(instruction, 2)}.items, ${pc}, ${dst})`,
      );
      return true;
    case Op.BUILTIN: {
      emitBuiltinCall(s, instruction);
      return true;
    }
    case Op.METHOD:
      emitMethod(s, instruction);
      return true;
    case Op.METHOD_SPREAD: {
      const site = s.external(s.unit.methodSite(s.linked.constants[args[2]!] as string, args[4]!, pc, dst));
      const receiver = s.value(instruction, 1);
      finish(s, instruction, dst, `X.method((X.p = P, m), ${receiver}, ${site}, ${s.value(instruction, 3)}.items)`);
      return true;
    }
    case Op.TAIL_CALL: {
      const callee = s.value(instruction, 0);
      const values = s.run(instruction, args[1]!, args[2]!);
      s.counts = true;
      s.emit(
        `if (${isA(callee, ANY, "HClosure")} && ${callee}.proto.kind !== "generator") ${s.exit(`X.tail(m, ${callee}, [${values.join(", ")}])`)}`,
      );
      finish(s, instruction, dst, `X.call((X.p = P, m), ${callee}, [${values.join(", ")}], ${pc}, ${dst})`);
      return true;
    }
    default:
      return false;
  }
}

/** Assigns the result of a call that may be suspended or fail. */
export function finish(s: FunctionSource, instruction: Instruction, dst: number, call: string, counts = true): void {
  s.variables.add("v");
  // Code that neither loops nor calls anything but such code need not be paid for: it ends soon.
  if (counts) s.counts = true;
  if (call !== "v") s.emit(`v = ${call};`);
  s.assignCall(instruction, "v", whenSuspended(s, instruction, dst));
}

/** What is done with an answer before it is a result: the activation is left when it comes later. */
function whenSuspended(s: FunctionSource, instruction: Instruction, dst: number): string {
  return `if (v === S && (v = X.land(m)) === S) ${s.leaveAfter(instruction, dst)}`;
}

function emitClosureCall(s: FunctionSource, instruction: Instruction): void {
  const { args, pc } = instruction;
  const dst = args[0]!;
  const given = Array.from({ length: args[3]! }, (_, i) => s.register(instruction, args[2]! + i));
  const known = s.knownClosure(instruction, 1);
  const found = known === null ? null : s.callee(known.proto);
  if (found !== null) {
    emitDirectCall(s, instruction, found, s.external(known), given, null, whenSuspended(s, instruction, dst));
    return;
  }
  const values = given.map((one) => s.tagged(one));
  const callee = known === null ? s.value(instruction, 1) : s.external(known);
  const list = ["m", callee, ...values].join(", ");
  const isClosure =
    known === null && !only(s.operand(instruction, 1).type, T.CLOSURE) ? `${isA(callee, ANY, "HClosure")} && ` : "";
  const slow = s.cold(`X.call((X.p = P, m), ${callee}, [${values.join(", ")}], ${pc}, ${dst})`);
  const any = `${isClosure}${callee}.code !== null ? ${callee}.code(${list}) : ${slow}`;
  // A callback, which has been of the same function each time.
  const met = s.mode === "fast" ? (s.unit.callees.get(pc) ?? null) : null;
  const expected = met === null ? null : s.callee(met);
  if (expected !== null && expected.direct !== null) {
    const guard = { receiver: null, test: `${isClosure}${callee}.proto === ${s.external(met)}`, other: s.cold(any) };
    emitDirectCall(s, instruction, expected, callee, given, guard, whenSuspended(s, instruction, dst));
    return;
  }
  if (s.mode === "probe" && known === null) s.emit(`U.noteCallee(${pc}, ${callee});`);
  finish(s, instruction, dst, any);
}

function emitBuiltinCall(s: FunctionSource, instruction: Instruction): void {
  const { args, pc } = instruction;
  const name = s.linked.constants[args[1]!] as string;
  const builtin = s.linked.builtins[args[1]!];
  const values = `[${s.run(instruction, args[2]!, args[3]!).join(", ")}]`;
  if (builtin == null) {
    s.emit(`X.k = ${pc}; throw raised("plain", ${JSON.stringify(`Undefined builtin: ${name}`)});`);
    return;
  }
  if (builtin.direct !== null && builtin.needs === "nothing" && args[3]! <= 2) {
    const [first = "null", second = "null"] = s.run(instruction, args[2]!, args[3]!);
    s.variables.add("v");
    s.emit(`v = ${s.external(builtin.direct)}(X.at(m, P, ${pc}), ${first}, ${second});`);
    const waits = s.cold(`X.waits(m, ${s.external(builtin)}, v, ${args[0]})`);
    s.emit(`if (typeof v === "object" && v !== null && v.constructor === Suspension) v = ${waits};`);
    finish(s, instruction, args[0]!, "v");
    return;
  }
  if (builtin.prelude !== null || builtin.suspends || builtin.needs !== "nothing") {
    const call = `X.builtin(m, (X.p = P, ${s.external(builtin)}), ${values}, false, ${pc}, ${args[0]})`;
    finish(s, instruction, args[0]!, call);
    return;
  }
  const slow = `(X.k = ${pc}, X.p = P, ${s.external(builtin)}.run(X.c, ${values}, false))`;
  const operands = Array.from({ length: args[3]! }, (_, i) => s.register(instruction, args[2]! + i));
  if (builtin.quick !== undefined && operands.length <= MOST_QUICK) {
    const given = operands.map((operand) => s.tagged(operand)).join(", ");
    s.variables.add("v");
    s.emit(`v = ${s.external(builtin.quick)}(${given}); if (v === undefined) v = ${s.cold(slow)};`);
    s.assign(instruction, "v");
    return;
  }
  if (emitBuiltin(s, instruction, name, operands, slow)) return;
  s.costs++;
  s.assign(instruction, slow);
}

function emitMethod(s: FunctionSource, instruction: Instruction): void {
  const { args, pc } = instruction;
  const [dst, , , base, count, flags] = args as readonly [number, number, number, number, number, number];
  const name = s.linked.constants[args[2]!] as string;
  const operand = s.operand(instruction, 1);
  const receiver = s.tagged(operand);
  const given = Array.from({ length: count }, (_, i) => s.register(instruction, base + i));
  const values = given.map((one) => s.tagged(one));
  const known = s.unit.methodSite(name, flags, pc, dst);
  const site = s.external(known);
  const { table } = s;
  let call = s.cold(`X.method((X.p = P, m), ${receiver}, ${site}, [${values.join(", ")}])`);
  if (table.methods.get("list")?.get(name)?.prelude != null) {
    s.variables.add("c");
    const list = ["m", "c", receiver, ...values].join(", ");
    call = `(c = ${site}.listClosure) !== null && c.code !== null && ${isA(receiver, ANY, "HList")} ? c.code(${list}) : ${call}`;
  }
  call = builtinCall(s, known, operand, values, call);
  if (s.isDeclaredMethod(name)) {
    const isStruct = only(operand.type, T.STRUCT) ? "" : `${isA(receiver, operand.type, "HStruct")} && `;
    const isGivenUp = (flags & GIVEN_UP) !== 0;
    const isLent = known.declared !== null && (known.declared.proto.borrows & 1) !== 0;
    const shared = isGivenUp || isLent ? receiver : `(${receiver}.shared = true, ${receiver})`;
    const found = known.declared === null ? null : s.callee(known.declared.proto);
    if (found !== null) {
      const self = s.external(known.declared);
      const own = `${isStruct}${receiver}.shape.name === ${JSON.stringify(known.declaredFor)}`;
      const { shape } = known;
      // One comparison; structs of the type that have another shape are rare.
      const isNil = operand.type & T.NIL ? `${receiver} !== null && ` : "";
      const test = shape === null ? own : `${isNil}${receiver}.shape === ${s.external(shape)}`;
      const full = `${found.name}(${["m", self, shared, ...values].join(", ")})`;
      const other = shape === null ? call : s.cold(`${own} ? ${full} : ${call}`);
      const guard = { receiver: shared, test, other };
      emitDirectCall(s, instruction, found, self, given, guard, whenSuspended(s, instruction, dst));
      return;
    }
    s.variables.add("c");
    const list = ["m", "c", shared, ...values].join(", ");
    const own = `${isStruct}${receiver}.shape.name === ${known.declared === null ? `${site}.declaredFor` : JSON.stringify(known.declaredFor)}`;
    call = `${own} && (c = ${site}.slots[${site}.slot]).constructor === HClosure && c.code !== null ? c.code(${list}) : ${call}`;
  }
  const inline = inlineMethod(name, s.operand(instruction, 1), given, values, (flags & IN_PLACE) !== 0);
  if (inline === null) {
    s.costs++;
    finish(s, instruction, dst, call);
    return;
  }
  if (inline.isCostly === true) s.costs++;
  // A call that was never made would keep V8 from taking things out of the loop.
  if (name === "push" && s.mode === "fast" && s.regions === 0 && !s.unit.refuted.has(pc)) {
    s.emit(`if (!(${inline.test})) ${s.exit(s.coldly(s.leaveRefuted(instruction)))}`);
    s.assign(instruction, inline.value);
    return;
  }
  s.emit(`if (${inline.test}) {`);
  s.assign(instruction, inline.value);
  s.emit("} else {");
  finish(s, instruction, dst, call);
  s.pause(instruction);
  s.emit("}");
}

/** Values, with the receiver, that a quick form is called with. */
const MOST_QUICK = 4;

/** A call of the builtin method that the place has met, if the receiver is of that kind again; else `call`. */
function builtinCall(
  s: FunctionSource,
  { builtin, kind, pc, flags }: MethodSite,
  operand: Operand,
  values: readonly string[],
  call: string,
): string {
  if (s.mode !== "fast" || builtin === null || kind === null || builtin.prelude !== null) return call;
  if (builtin.suspends || builtin.needs !== "nothing") return call;
  const known = RECEIVERS.get(kind);
  if (known === undefined) return call;
  const receiver = s.tagged(operand);
  const test = kindTest(receiver, operand.type, known);
  const isKind = test === "" ? "" : `${test} && `;
  s.variables.add("v");
  if (builtin.quick !== undefined && values.length < MOST_QUICK) {
    return `${isKind}(v = ${s.external(builtin.quick)}(${[receiver, ...values].join(", ")})) !== undefined ? v : ${call}`;
  }
  const owned = (flags & IN_PLACE) !== 0 && kind !== String ? `${receiver}.shared === false` : "false";
  const run = `(X.k = ${pc}, X.p = P, ${s.external(builtin)}.run(X.c, [${[receiver, ...values].join(", ")}], ${owned}))`;
  return isKind === "" ? run : `${test} ? ${run} : ${call}`;
}

/** What stands for a kind of receivers in a method site, and the kind. */
const RECEIVERS: ReadonlyMap<object, number> = new Map<object, number>([
  [String, T.STRING],
  [HList, T.LIST],
  [HDict, T.DICT],
]);

/** Bit 0 of METHOD: the receiver may be changed in place. */
const IN_PLACE = 1;
/** Bit 2: nobody reads the receiver again. */
const GIVEN_UP = 4;
