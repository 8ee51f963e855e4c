/**
 * Functions: parameters with defaults and type tests, captures, and the bodies of closures, declarations and blocks that run elsewhere.
 *
 * Invariants
 * 1. A closure captures every local of the surrounding function that its code names; captures come right behind the parameters.
 * 2. Functions of one block see each other: each is created at its statement and then put into the captures of those before it.
 */
import type { Span } from "../base/span.ts";
import { LARGEST_FUNCTION, MOST_REGISTERS } from "../bytecode/verify.ts";
import { usedNames, yields } from "../check/walk.ts";
import type { Block, Expr, Ident, Param, Stmt } from "../syntax/ast.ts";
import { compileStatements } from "./blocks.ts";
import { FunctionContext, type Local } from "./function-context.ts";
import { moveLastUses } from "./last-uses.ts";
import { type Loan, lookedAt } from "./loans.ts";
import type { ModuleContext } from "./module-context.ts";
import { compileInto } from "./operands.ts";
import { parameterTest } from "./schemas.ts";

const NONE: readonly never[] = Object.freeze([]);

export interface FunctionSpec {
  readonly name: string;
  readonly params: readonly Param[];
  /** What the parameters are called where people read it, one for each, when they are not the declared ones; "" shows none. */
  readonly shownParams?: readonly string[];
  readonly body: Block;
  /** `last`: the value of the last statement; `nil`: nil unless it returns. */
  readonly result: "last" | "nil";
  readonly span: Span;
  /** The name under which the function itself is put into its captures. */
  readonly self?: string | undefined;
  /** Code of the prologue, for the names that it uses. */
  readonly uses?: object;
  /** Runs before the body, in its scope. */
  readonly prologue?: (f: FunctionContext) => void;
}

export interface CompiledFunction {
  readonly index: number;
  readonly captureNames: readonly string[];
}

/** Compiles a function that `parent` creates; null: at module level, without captures. */
export function compileFunction(
  module: ModuleContext,
  parent: FunctionContext | null,
  spec: FunctionSpec,
  index = module.reserveFunction(),
): CompiledFunction {
  const kind = yields(spec.body) ? "generator" : "function";
  const f = new FunctionContext(module, kind, parent);
  const { code } = f;
  code.at(spec.span);

  const captured = parent === null ? NONE : capturedLocals(parent, spec);
  const params = code.takeRun(spec.params.length);
  const argc = spec.params.some((param) => param.defaultValue !== null) ? code.take() : -1;
  const captureBase = code.takeRun(captured.length);
  captured.forEach((local, i) => {
    const copy = f.declare(local.name, captureBase + i, local.mutable);
    copy.unset = (local.pending || local.unset) && local.name !== spec.self;
  });
  f.openScope();
  compileParams(f, spec.params, params, argc);
  spec.prologue?.(f);
  if (spec.result === "last") {
    const result = code.take();
    compileStatements(f, spec.body.stmts, result);
    code.emit("RET", result);
  } else {
    compileStatements(f, spec.body.stmts, null);
    code.emit("RET_NIL");
  }

  const words = code.code.take();
  const moved = moveLastUses(words, code.claims.take(), module);
  checkSize(f, words, `\`${spec.name}\``, spec.span);

  const firstDefault = spec.params.findIndex((param) => param.defaultValue !== null || param.rest);
  // A list of nothing takes as much room as a small function's text.
  const captureNames = captured.length === 0 ? NONE : captured.map((local) => local.name);
  const hasRest = spec.params[spec.params.length - 1]?.rest ?? false;
  module.functions[index] = {
    name: spec.name,
    params: spec.shownParams ?? (spec.params.length === 0 ? NONE : spec.params.map((param) => param.name)),
    required: firstDefault < 0 ? spec.params.length : firstDefault,
    hasRest,
    argcRegister: argc,
    captures: captured.length === 0 ? NONE : captured.map((local) => local.register),
    captureNames,
    captureBase,
    registers: code.registers,
    code: words,
    lines: code.lines.finish(),
    kind,
    internal: module.env.internal ?? false,
    borrows: 0,
  };
  noteLoans(f, index, words, kind === "function" && !hasRest && moved !== null ? moved : null, spec.params.length);
  return { index, captureNames };
}

/** `moved`: null when nothing is to be lent to the function. */
export function noteLoans(
  { code, module }: FunctionContext,
  index: number,
  words: Int32Array,
  moved: readonly number[] | null,
  params: number,
): void {
  const { loans } = code;
  if (loans.length === 0 && (moved === null || params === 0)) return;
  const loanAt = new Map(loans.map((loan) => [loan.pc, loan]));
  const given = new Set<number>();
  const lentOn: { register: number; loan: Loan }[] = [];
  for (const pc of moved ?? []) {
    const loan = loanAt.get(pc);
    if (loan === undefined) given.add(words[pc + 2]!);
    else lentOn.push({ register: words[pc + 2]!, loan });
  }
  if (loans.length > 0 || lentOn.length > 0) module.lenders.set(index, { code: words, loans, lentOn });
  if (moved !== null) module.borrows[index] = lookedAt(words, params, given);
}

/** What the verifier would refuse is an error of the program. */
export function checkSize(f: FunctionContext, code: Int32Array, what: string, span: Span): void {
  const { registers } = f.code;
  if (registers > MOST_REGISTERS)
    f.module.error(`${what} is too large: it needs ${registers} registers, at most ${MOST_REGISTERS} are there`, span);
  else if (code.length > LARGEST_FUNCTION) f.module.error(`${what} is too large: split it`, span);
}

/** Locals of the creating function that the new one names, in order of their first use. */
function capturedLocals(parent: FunctionContext, spec: FunctionSpec): readonly Local[] {
  const own = new Set(spec.params.map((param) => param.name));
  const locals: Local[] = [];
  for (const name of usedNames([spec.params, spec.uses ?? [], spec.body])) {
    if (own.has(name)) continue;
    const local = parent.findLocal(name);
    if (local !== null) locals.push(local);
  }
  return locals;
}

function compileParams(f: FunctionContext, params: readonly Param[], base: number, argc: number): void {
  const { code, module } = f;
  params.forEach((param, i) => {
    if (param.defaultValue !== null) {
      code.at(param);
      const mark = code.top;
      const given = code.openBlock();
      const count = code.take();
      code.emit("INT", count, i + 1);
      code.emit("GE", count, argc, count);
      code.branchOn("BR_IF", count, given);
      // A default sees the parameters in front of it.
      compileInto(f, param.defaultValue, base + i);
      code.close(given);
      code.top = mark;
    }
    f.declare(param.name, base + i, false);
  });
  params.forEach((param, i) => {
    const test = param.type === null || param.rest ? null : parameterTest(module, param.type);
    if (test === null) return;
    code.at(param);
    code.emit("CHECK_PARAM", base + i, module.pool.type(test), module.pool.string(param.name));
  });
}

export function untypedParam(ident: Ident): Param {
  const { name, start, end } = ident;
  return { name, nameStart: start, type: null, defaultValue: null, rest: false, start, end };
}

export function compileClosure(
  f: FunctionContext,
  expr: Extract<Expr, { kind: "closure" }>,
  dst: number,
  self?: string,
): readonly string[] {
  const compiled = compileFunction(f.module, f, {
    name: "<closure>",
    params: expr.params,
    body: expr.body,
    result: "last",
    span: expr,
    self,
  });
  f.code.at(expr);
  f.code.emit("CLOSURE", dst, compiled.index);
  return compiled.captureNames;
}

/** The statements of a block that create a function under a name: those can be named by siblings in front of them. */
export function declaredFunctionName(stmt: Stmt): string | null {
  if (stmt.kind === "fn") return stmt.name.name;
  if (
    stmt.kind === "binding" &&
    !stmt.mutable &&
    stmt.pattern.kind === "pattern-name" &&
    stmt.value.kind === "closure"
  ) {
    return stmt.pattern.name;
  }
  return null;
}

/** Reserves registers for the functions of a block, before its first statement: nil until then. */
export function announceFunctions(f: FunctionContext, stmts: readonly Stmt[]): void {
  for (const stmt of stmts) {
    const name = declaredFunctionName(stmt);
    if (name === null || f.scope.names.has(name)) continue;
    const local = f.declare(name, f.code.take(), false);
    f.code.emit("NIL", local.register);
    local.pending = true;
  }
}

/** After a function of the block was created in its register: gives it to the siblings in front of it, and to itself. */
export function linkSiblings(f: FunctionContext, local: Local, captureNames: readonly string[]): void {
  const { capturedBy } = f.scope;
  local.pending = false;
  captureNames.forEach((name, index) => {
    const captures = capturedBy.get(name);
    if (captures === undefined) capturedBy.set(name, [{ closure: local.register, index }]);
    else captures.push({ closure: local.register, index });
  });
  for (const { closure, index } of capturedBy.get(local.name) ?? [])
    f.code.emit("SET_CAPTURE", closure, index, local.register);
}
