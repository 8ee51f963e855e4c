/**
 * Calls: of functions by name, of builtins, of methods, and the construction of enum values that looks like a method call.
 *
 * Invariant: arguments lie in a run of registers and move into the callee; a builtin that borrows gets them unmarked.
 */
import type { Span } from "../base/span.ts";
import type { Expr } from "../syntax/ast.ts";
import { compileExpr, compileRun, emitRead, guardLocal } from "./expressions.ts";
import type { FunctionContext, Resolved } from "./function-context.ts";
import { compileList } from "./literals.ts";
import { mayLend } from "./loans.ts";
import { compileOperand, ownsResult } from "./operands.ts";
import { compileAliasSchema } from "./schemas.ts";

type Call = Extract<Expr, { kind: "call" }>;
type MethodCall = Extract<Expr, { kind: "method-call" }>;

/** Bit 0 of METHOD: the receiver may be changed in place. */
export const IN_PLACE = 1;
/** Bit 1: a nil receiver gives nil. */
export const OPTIONAL = 2;
/** Bit 2: nobody reads the receiver again, whether the call succeeds or fails. */
export const GIVEN_UP = 4;

export function compileCall(f: FunctionContext, call: Call, dst: number): void {
  const { code } = f;
  if (call.callee.kind !== "name") {
    const callee = compileOperand(f, call.callee, call.args);
    emitCall(f, callee, call.args, dst, call);
    return;
  }
  const name = call.callee.name;
  const resolved = f.resolve(name);
  if (resolved.kind === "builtin") {
    compileBuiltinCall(f, name, call, dst);
    return;
  }
  const slot = resolved.kind === "slot" ? resolved.slot.index : -1;
  emitCall(f, compileCallee(f, name, resolved), call.args, dst, call, slot);
  code.at(call);
}

/** The register of the function that a name means. */
export function compileCallee(f: FunctionContext, name: string, resolved: Resolved): number {
  if (resolved.kind === "local") {
    guardLocal(f, resolved);
    return resolved.local.register;
  }
  const callee = f.code.take();
  emitRead(f, name, resolved, callee);
  return callee;
}

function emitCall(f: FunctionContext, callee: number, args: readonly Expr[], dst: number, span: Span, slot = -1): void {
  const { code } = f;
  if (args.some((arg) => arg.kind === "spread")) {
    const list = code.take();
    compileList(f, args, list);
    code.at(span);
    code.emit("CALL_SPREAD", dst, callee, list);
    return;
  }
  const base = compileArguments(f, args, slot);
  code.at(span);
  code.emit("CALL", dst, callee, base, args.length);
}

/** Arguments of a function, which may stand in a slot of the module for good (−1: it does not); answers the first register. */
export function compileArguments(f: FunctionContext, args: readonly Expr[], slot: number): number {
  const { code } = f;
  const base = code.takeRun(args.length);
  args.forEach((arg, param) => {
    const claims = code.claims.length;
    compileExpr(f, arg, base + param, "keep");
    const pc = code.claims.get(claims);
    if (pc !== undefined && slot >= 0 && mayLend(args, param)) code.loans.push({ pc, slot, param });
  });
  return base;
}

function compileBuiltinCall(f: FunctionContext, name: string, call: Call, dst: number): void {
  const { code, module } = f;
  const { args } = call;
  const schemaAt = schemaArgument(name);
  const alias = args[schemaAt];
  if (name === "schema_of" && args.length === 1 && alias?.kind === "name" && compileAliasSchema(f, alias.name, dst))
    return;
  if (args.some((arg) => arg.kind === "spread")) {
    const callee = code.take();
    code.emit("GET_BUILTIN", callee, module.pool.string(name));
    emitCall(f, callee, args, dst, call);
    return;
  }
  if ((name === "Ok" || name === "Err") && args.length === 1) {
    const value = compileRun(f, args, "keep");
    code.at(call);
    code.emit("ENUM", dst, module.pool.string("Result"), module.pool.string(name), value, 1);
    return;
  }
  const mode = module.env.builtinBorrows(name) ? "look" : "keep";
  if (
    schemaAt === 1 &&
    alias?.kind === "name" &&
    f.resolve(alias.name).kind === "unknown" &&
    module.typeAliases.has(alias.name)
  ) {
    const base = code.takeRun(args.length);
    args.forEach((arg, i) => {
      if (i === 1 && compileAliasSchema(f, alias.name, base + i)) return;
      const mark = code.top;
      const value = compileRun(f, [arg], "keep");
      code.emit("MOVE", base + i, value);
      code.top = mark;
    });
    code.at(call);
    code.emit("BUILTIN", dst, module.pool.string(name), base, args.length);
    return;
  }
  const base = compileRun(f, args, mode);
  code.at(call);
  code.emit("BUILTIN", dst, module.pool.string(name), base, args.length);
}

/** Where a builtin takes a schema, for which a type alias may stand; −1: nowhere. */
function schemaArgument(name: string): number {
  switch (name) {
    case "schema_of":
      return 0;
    case "schema_is":
    case "schema_expect":
    case "schema_parse":
    case "schema_check":
    case "is_type":
    case "json_validate":
      return 1;
    default:
      return -1;
  }
}

export function compileMethodCall(f: FunctionContext, call: MethodCall, dst: number): void {
  const { code, module } = f;
  if (call.object.kind === "name" && !call.optional && f.isEnum(call.object.name)) {
    const base = compileRun(f, call.args, "keep");
    code.at(call);
    code.emit(
      "ENUM",
      dst,
      module.pool.string(call.object.name),
      module.pool.string(call.method.name),
      base,
      call.args.length,
    );
    return;
  }
  const receiver = compileOperand(f, call.object, call.args);
  emitMethod(f, { receiver, owns: ownsResult(f, call.object) }, call, dst, call.optional ? OPTIONAL : 0);
}

/** `owns`: its register owns the value or has it marked. `load` puts it there, after the arguments have been evaluated. */
export interface MethodReceiver {
  readonly receiver: number;
  readonly owns: boolean;
  readonly load?: () => void;
}

/** The call itself. */
export function emitMethod(
  f: FunctionContext,
  { receiver, owns, load = () => {} }: MethodReceiver,
  call: MethodCall,
  dst: number,
  flags: number,
): void {
  const { code, module } = f;
  const emit = owns ? code.emitClaim.bind(code) : code.emit.bind(code);
  const method = module.pool.string(call.method.name);
  if (call.args.some((arg) => arg.kind === "spread")) {
    const list = code.take();
    compileList(f, call.args, list);
    code.at(call);
    load();
    emit("METHOD_SPREAD", dst, receiver, method, list, flags);
    return;
  }
  const base = compileRun(f, call.args, "keep");
  code.at(call);
  load();
  emit("METHOD", dst, receiver, method, base, call.args.length, flags);
}
