/** Method calls: methods of `impl` blocks first, then the builtin methods of the receiver's kind, then closures in fields of a dict. */
import type { Builtin } from "../builtin/declaration.ts";
import { thrownError, typeError } from "../builtin/raise.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HEnum, HHandle, HList, HRecord, HSet, HStruct, share } from "../value/value.ts";
import type { Suspended } from "./calls.ts";
import { callBuiltin, callValue } from "./calls.ts";
import type { Run } from "./run.ts";
import type { VmCall } from "./vm-call.ts";

export type MethodTarget =
  /** A method of an `impl` block: the receiver is its first argument. */
  | { readonly kind: "declared"; readonly fn: Value }
  | { readonly kind: "builtin"; readonly builtin: Builtin }
  /** A closure in a field of a dict: it does not get the receiver. */
  | { readonly kind: "field"; readonly fn: Value }
  | { readonly kind: "none" };

const NONE: MethodTarget = Object.freeze({ kind: "none" });

/** What a method name means for a receiver that is not nil. */
export function findMethod(run: Run, receiver: Value, name: string): MethodTarget {
  const declared = receiver instanceof HStruct ? receiver.name : receiver instanceof HEnum ? receiver.enumName : null;
  if (declared !== null) {
    const found = run.methods.get(declared)?.get(name);
    const fn = found === undefined ? undefined : run.modules.get(found.module)?.slots[found.slot];
    if (fn !== undefined) return { kind: "declared", fn };
  }
  const { methods } = run.host.table;
  const builtin =
    methods.get(typeName(receiver))?.get(name) ??
    (receiver instanceof HStruct ? methods.get("dict")?.get(name) : undefined);
  if (builtin !== undefined) return { kind: "builtin", builtin };
  if (receiver instanceof HRecord) {
    const fn = receiver.get(name);
    if (fn instanceof HClosure || fn instanceof HBuiltin) return { kind: "field", fn };
  }
  return NONE;
}

/** What one METHOD instruction has learned of its receivers. */
export class MethodSite {
  readonly name: string;
  private kind: object | null = null;
  private builtin: Builtin | null = null;
  private struct: string | null = null;
  private slots: readonly (Value | undefined)[] = [];
  private slot = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The builtin method of the receiver, when its kind alone decides; else null. */
  builtinFor(run: Run, receiver: Value): Builtin | null {
    const kind = receiverKind(receiver);
    if (kind === null) return null;
    if (kind !== this.kind) {
      const target = findMethod(run, receiver, this.name);
      this.builtin = target.kind === "builtin" ? target.builtin : null;
      this.kind = kind;
    }
    return this.builtin;
  }

  /** The method that an `impl` block declares for the receiver; null: none, or another kind of value. */
  declaredFor(run: Run, receiver: Value): HClosure | null {
    if (!(receiver instanceof HStruct)) return null;
    if (receiver.name !== this.struct) {
      const found = run.methods.get(receiver.name)?.get(this.name);
      const slots = found === undefined ? undefined : run.modules.get(found.module)?.slots;
      if (slots === undefined) return null;
      this.struct = receiver.name;
      this.slots = slots;
      this.slot = found!.slot;
    }
    const fn = this.slots[this.slot];
    return fn instanceof HClosure && fn.proto.kind !== "generator" ? fn : null;
  }
}

/** Stands for all receivers of a kind whose builtin methods are the same; null: that depends on the receiver. */
export function receiverKind(receiver: Value): object | null {
  if (typeof receiver === "string") return String;
  if (typeof receiver !== "object" || receiver === null) return null;
  const kind = receiver.constructor;
  return kind === HStruct || kind === HEnum || kind === HHandle ? null : kind;
}

/** `flags`: bit 0 the receiver may be changed in place, bit 1 a nil receiver gives nil, bit 2 nobody reads it again. */
export function callMethod(
  call: VmCall,
  receiver: Value,
  name: string,
  args: readonly Value[],
  flags: number,
  dst: number,
): Value | Suspended {
  if (receiver === null) return nilReceiver(name, flags);
  const target = findMethod(call.run, receiver, name);
  switch (target.kind) {
    case "declared":
      return callValue(call, target.fn, [passed(receiver, target.fn, flags), ...args], dst);
    case "builtin":
      return callBuiltin(call, target.builtin, [receiver, ...args], mayChange(receiver, flags), dst);
    case "field":
      return callValue(call, target.fn, args, dst);
    case "none":
      return noMethod(receiver, name);
  }
}

/** The receiver as the argument of a method that the program declares. */
export function passed(receiver: Value, method: Value, flags: number): Value {
  const isMarked = (flags & 4) === 0 && !(method instanceof HClosure && (method.proto.borrows & 1) !== 0);
  return isMarked ? share(receiver) : receiver;
}

export function nilReceiver(name: string, flags: number): null {
  if ((flags & 2) !== 0) return null;
  throw typeError(`cannot call method \`${name}\` on nil`);
}

export function noMethod(receiver: Value, name: string): null {
  if (receiver instanceof HEnum && receiver.enumName === "Result") {
    throw thrownError(`Result has no method \`${name}\``);
  }
  return null;
}

export function mayChange(receiver: Value, flags: number): boolean {
  return (flags & 1) !== 0 && changesInPlace(receiver) && !receiver.shared;
}

function changesInPlace(receiver: Value): receiver is HList | HDict | HSet {
  return receiver instanceof HList || receiver instanceof HDict || receiver instanceof HSet;
}
