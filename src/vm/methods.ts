/** Method calls: methods of `impl` blocks first, then the builtin methods of the receiver's kind, then closures in fields of a dict. */
import { thrownError, typeError } from "../builtin/raise.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HEnum, HList, HSet, HStruct, share } from "../value/value.ts";
import type { Suspended } from "./calls.ts";
import { callBuiltin, callValue } from "./calls.ts";
import type { VmCall } from "./vm-call.ts";

/** `flags`: bit 0 the receiver may be changed in place, bit 1 a nil receiver gives nil. */
export function callMethod(
  call: VmCall,
  receiver: Value,
  name: string,
  args: readonly Value[],
  flags: number,
  dst: number,
): Value | Suspended {
  if (receiver === null) {
    if ((flags & 2) !== 0) return null;
    throw typeError(`cannot call method \`${name}\` on nil`);
  }
  const { run } = call;
  const declared = receiver instanceof HStruct ? receiver.name : receiver instanceof HEnum ? receiver.enumName : null;
  if (declared !== null) {
    const found = run.methods.get(declared)?.get(name);
    const closure = found === undefined ? undefined : run.modules.get(found.module)?.slots[found.slot];
    if (closure !== undefined) return callValue(call, closure, [share(receiver), ...args], dst);
  }
  const kind = typeName(receiver);
  const builtin =
    run.host.table.methods.get(kind)?.get(name) ??
    (receiver instanceof HStruct ? run.host.table.methods.get("dict")?.get(name) : undefined);
  if (builtin !== undefined) {
    const owned = (flags & 1) !== 0 && changesInPlace(receiver) && !receiver.shared;
    return callBuiltin(call, builtin, [receiver, ...args], owned, dst);
  }
  const fields = receiver instanceof HStruct ? receiver.fields : receiver;
  if (fields instanceof HDict) {
    const field = fields.get(name);
    if (field instanceof HClosure || field instanceof HBuiltin) return callValue(call, field, args, dst);
  }
  if (receiver instanceof HEnum && receiver.enumName === "Result") {
    throw thrownError(`Result has no method \`${name}\``);
  }
  return null;
}

function changesInPlace(receiver: Value): receiver is HList | HDict | HSet {
  return receiver instanceof HList || receiver instanceof HDict || receiver instanceof HSet;
}
