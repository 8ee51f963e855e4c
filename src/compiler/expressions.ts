/**
 * Expressions: one case a node kind, the larger ones in files of their own.
 *
 * Invariant: every case gives back the temporaries that it took; the result is in `dst` and nowhere else.
 */

import { unreachable } from "../base/unreachable.ts";
import type { Block, Expr } from "../syntax/ast.ts";
import { operatorOf } from "../syntax/ast.ts";
import { compileBlock, compileParallel, compileSelect, compileSpawn } from "./blocks.ts";
import { compileCall, compileMethodCall } from "./calls.ts";
import { compileClosure } from "./closures.ts";
import { compileCondition } from "./conditions.ts";
import type { FunctionContext, Resolved } from "./function-context.ts";
import { compileDict, compileList, compileStructLiteral } from "./literals.ts";
import { compileMatch } from "./matches.ts";
import {
  compileInto,
  compileOperand,
  compileToTemp,
  emitBoolean,
  emitInt,
  emitString,
  mayRun,
  ownsResult,
} from "./operands.ts";
import { compilePipe } from "./pipes.ts";
import { compileDeadline, compileMutex, compilePropagate, compileRetry, compileTry } from "./protected.ts";

/** `keep`: the destination owns the value or it is marked as shared. `look`: it is read and then forgotten. */
export type Mode = "keep" | "look";

export function compileExpr(f: FunctionContext, expr: Expr, dst: number, mode: Mode): void {
  const { code } = f;
  const mark = code.top;
  code.at(expr);
  switch (expr.kind) {
    case "int":
      emitInt(f, expr.value, dst);
      break;
    case "float":
      code.emit("CONST", dst, f.module.pool.float(expr.value));
      break;
    case "string":
      emitString(f, expr.value, dst);
      break;
    case "bool":
      emitBoolean(f, expr.value, dst);
      break;
    case "nil":
      code.emit("NIL", dst);
      break;
    case "duration":
      code.emit("CONST", dst, f.module.pool.duration(expr.ms));
      break;
    case "interpolation": {
      const values = expr.parts.map(
        (part): Expr =>
          part.kind === "expr"
            ? part.expr
            : { kind: "string", value: part.text, style: "raw", start: expr.start, end: expr.end },
      );
      const base = compileRun(f, values, "look");
      code.at(expr);
      code.emit("CONCAT", dst, base, values.length);
      break;
    }
    case "name":
      compileName(f, expr.name, dst, mode);
      break;
    case "list":
      compileList(f, expr.items, dst);
      break;
    case "dict":
      compileDict(f, expr.entries, dst);
      break;
    case "struct-literal":
      compileStructLiteral(f, expr.name.name, expr.entries, dst, expr);
      break;
    case "unary": {
      const operand = compileOperand(f, expr.operand);
      code.at(expr);
      code.emit(expr.op === "-" ? "NEG" : "NOT", dst, operand);
      break;
    }
    case "binary":
      compileBinary(f, expr, dst);
      break;
    case "ternary": {
      const end = code.openBlock();
      const otherwise = code.openBlock();
      compileCondition(f, expr.condition, otherwise, false);
      compileInto(f, expr.whenTrue, dst);
      code.branchToEnd(end);
      code.close(otherwise);
      compileInto(f, expr.whenFalse, dst);
      code.close(end);
      break;
    }
    case "call":
      compileCall(f, expr, dst);
      break;
    case "method-call":
      compileMethodCall(f, expr, dst);
      break;
    case "property":
      compileProperty(f, expr, dst, mode);
      break;
    case "index": {
      const object = compileOperand(f, expr.object, [expr.index]);
      const index = compileOperand(f, expr.index);
      code.at(expr);
      code.emit("GET_INDEX", dst, object, index);
      if (mode === "keep") code.emit("SHARE", dst);
      break;
    }
    case "slice": {
      const bounds = [expr.from, expr.to].filter((bound) => bound !== null);
      const object = compileOperand(f, expr.object, bounds);
      const from = compileBound(f, expr.from, expr.to === null ? [] : [expr.to]);
      const to = compileBound(f, expr.to, []);
      code.at(expr);
      code.emit("SLICE", dst, object, from, to);
      break;
    }
    case "range": {
      const from = compileOperand(f, expr.from, [expr.to]);
      const to = compileOperand(f, expr.to);
      code.at(expr);
      code.emit("RANGE", dst, from, to, expr.exclusive ? 1 : 0);
      break;
    }
    case "closure":
      compileClosure(f, expr, dst);
      break;
    case "if":
      compileIf(f, expr, dst);
      break;
    case "match":
      compileMatch(f, expr, dst);
      break;
    case "try":
      compileTry(f, expr, dst);
      break;
    case "try-star":
      if (f.isModuleLevel) {
        f.module.error("try* requires an enclosing function (fn, tool, or pipeline) so the rethrow has a target", expr);
      }
      // What the operand raises goes on to the enclosing handler by itself.
      compileInto(f, expr.value, dst);
      break;
    case "propagate":
      compilePropagate(f, expr.value, dst, expr);
      break;
    case "retry":
      compileRetry(f, expr, dst);
      break;
    case "deadline":
      compileDeadline(f, expr, dst);
      break;
    case "mutex":
      compileMutex(f, expr.body, dst);
      break;
    case "spawn":
      compileSpawn(f, expr, dst);
      break;
    case "yield": {
      const value = code.take();
      if (expr.value === null) code.emit("NIL", value);
      else compileInto(f, expr.value, value);
      code.at(expr);
      code.emit("YIELD", dst, value);
      break;
    }
    case "parallel":
      compileParallel(f, expr, dst);
      break;
    case "select":
      compileSelect(f, expr, dst);
      break;
    case "spread":
      f.module.error(
        "spread (...) can only be used inside list literals, dict literals, or function call arguments",
        expr,
      );
      break;
    default:
      unreachable(expr);
  }
  code.top = mark;
}

/** Evaluates expressions into registers in a row; answers the first. */
export function compileRun(f: FunctionContext, exprs: readonly Expr[], mode: Mode): number {
  const base = f.code.takeRun(exprs.length);
  const last = exprs.findLastIndex(mayRun);
  exprs.forEach((expr, i) => {
    const looks = mode === "look" && i >= last;
    compileExpr(f, expr, base + i, looks ? "look" : "keep");
  });
  return base;
}

function compileBound(f: FunctionContext, bound: Expr | null, later: readonly Expr[]): number {
  if (bound !== null) return compileOperand(f, bound, later);
  const register = f.code.take();
  f.code.emit("NIL", register);
  return register;
}

export function compileName(f: FunctionContext, name: string, dst: number, mode: Mode): void {
  const resolved = f.resolve(name);
  if (resolved.kind === "local") {
    const { local } = resolved;
    guardLocal(f, resolved);
    if (local.register === dst) return;
    if (mode === "look") f.code.emit("MOVE", dst, local.register);
    else f.code.emitClaim("COPY", dst, local.register);
    return;
  }
  emitRead(f, name, resolved, dst);
  if (mode === "keep" && (resolved.kind === "slot" || resolved.kind === "import")) f.code.emit("SHARE", dst);
}

/** Reads a name that is no local. */
export function emitRead(
  f: FunctionContext,
  name: string,
  resolved: Exclude<Resolved, { kind: "local" }>,
  dst: number,
): void {
  const { pool } = f.module;
  switch (resolved.kind) {
    case "slot":
      f.code.emit("GET_SLOT", dst, resolved.slot.index);
      return;
    case "import":
      f.code.emit("GET_IMPORT", dst, pool.import(resolved.module, resolved.name));
      return;
    case "builtin":
      f.code.emit("GET_BUILTIN", dst, pool.string(name));
      return;
    case "global":
      f.code.emit("GET_GLOBAL", dst, pool.string(name));
      return;
    case "unknown":
      f.code.emit("GET_GLOBAL", dst, f.module.unknownName(name, f.localNames()));
      return;
    default:
      unreachable(resolved);
  }
}

/** Makes sure that a sibling function exists before its register is read. */
export function guardLocal(f: FunctionContext, resolved: Extract<Resolved, { kind: "local" }>): void {
  const { local } = resolved;
  if (local.unset || local.pending) f.code.emit("DEFINED", local.register, f.module.pool.string(local.name));
}

function compileProperty(f: FunctionContext, expr: Extract<Expr, { kind: "property" }>, dst: number, mode: Mode): void {
  const { code, module } = f;
  if (expr.object.kind === "name" && f.isEnum(expr.object.name)) {
    code.emit("ENUM", dst, module.pool.string(expr.object.name), module.pool.string(expr.name.name), code.top, 0);
    return;
  }
  const object = compileOperand(f, expr.object);
  code.at(expr);
  code.emit(expr.optional ? "GET_FIELD_OPT" : "GET_FIELD", dst, object, module.pool.string(expr.name.name));
  if (mode === "keep") code.emit("SHARE", dst);
}

const BINARY_OPS = {
  "+": "ADD",
  "-": "SUB",
  "*": "MUL",
  "/": "DIV",
  "%": "MOD",
  "**": "POW",
  "==": "EQ",
  "!=": "NE",
  "<": "LT",
  ">": "GT",
  "<=": "LE",
  ">=": "GE",
} as const;

export type ArithmeticOp = keyof typeof BINARY_OPS;

export function opcodeOf(op: ArithmeticOp): (typeof BINARY_OPS)[ArithmeticOp] {
  return BINARY_OPS[op];
}

function compileBinary(f: FunctionContext, expr: Extract<Expr, { kind: "binary" }>, dst: number): void {
  const { code } = f;
  switch (expr.op) {
    case "&&":
    case "||": {
      const end = code.openBlock();
      const no = code.openBlock();
      compileCondition(f, expr, no, false);
      code.emit("TRUE", dst);
      code.branchToEnd(end);
      code.close(no);
      code.emit("FALSE", dst);
      code.close(end);
      return;
    }
    case "??": {
      const end = code.openBlock();
      compileInto(f, expr.left, dst);
      code.branchOn("BR_NOT_NIL", dst, end);
      compileInto(f, expr.right, dst);
      code.close(end);
      return;
    }
    case "|>":
      compilePipe(f, expr, dst);
      return;
    case "in":
    case "not in": {
      const item = compileOperand(f, expr.left, [expr.right]);
      const collection = compileOperand(f, expr.right);
      code.at(operatorOf(expr));
      code.emit("IN", dst, item, collection);
      if (expr.op === "not in") code.emit("NOT", dst, dst);
      return;
    }
    default: {
      const left = compileOperand(f, expr.left, [expr.right]);
      const right = compileOperand(f, expr.right);
      code.at(operatorOf(expr));
      if (expr.op === "+" && ownsResult(f, expr.left)) code.emitClaim("ADD", dst, left, right);
      else code.emit(BINARY_OPS[expr.op], dst, left, right);
    }
  }
}

function compileIf(f: FunctionContext, expr: Extract<Expr, { kind: "if" }>, dst: number): void {
  const { code } = f;
  const end = code.openBlock();
  const otherwise = code.openBlock();
  compileCondition(f, expr.condition, otherwise, false);
  compileBlock(f, expr.consequent, dst);
  code.branchToEnd(end);
  code.close(otherwise);
  compileElse(f, expr.otherwise, dst);
  code.close(end);
}

function compileElse(f: FunctionContext, otherwise: Block | Expr | null, dst: number): void {
  if (otherwise === null) f.code.emit("NIL", dst);
  else if (otherwise.kind === "block") compileBlock(f, otherwise, dst);
  else compileInto(f, otherwise, dst);
}

/** An `if` whose value nobody wants. */
export function compileIfStatement(f: FunctionContext, expr: Extract<Expr, { kind: "if" }>): void {
  const { code } = f;
  if (expr.otherwise === null) {
    const end = code.openBlock();
    compileCondition(f, expr.condition, end, false);
    compileBlock(f, expr.consequent, null);
    code.close(end);
    return;
  }
  const end = code.openBlock();
  const otherwise = code.openBlock();
  compileCondition(f, expr.condition, otherwise, false);
  compileBlock(f, expr.consequent, null);
  code.branchToEnd(end);
  code.close(otherwise);
  if (expr.otherwise.kind === "block") compileBlock(f, expr.otherwise, null);
  else if (expr.otherwise.kind === "if") compileIfStatement(f, expr.otherwise);
  else compileToTemp(f, expr.otherwise);
  code.close(end);
}
