/**
 * Protected regions: `try`, `catch`, `finally`, `defer`, `retry`, `deadline`, `mutex`, and the ways out of them.
 *
 * Invariants
 * 1. A finally body is emitted once. Whatever leaves its region first notes why (the failure, or the number of an exit) and then goes
 *    to the end of the region; behind the body the noted way is continued.
 * 2. `return`, `break` and `continue` close the iterators that they leave, innermost first, between the finally bodies.
 */
import type { Span } from "../base/span.ts";
import type { Block, Expr } from "../syntax/ast.ts";
import { compileBlock, emitLoopExit, exitNumber } from "./blocks.ts";
import type { Exit, FinallyControl, FunctionContext } from "./function-context.ts";
import { compileInto, compileOperand } from "./operands.ts";

/** Returns the value of a register, through the regions that are open. The register's value moves. */
export function emitReturn(f: FunctionContext, value: number): void {
  const { code } = f;
  for (let i = f.controls.length - 1; i >= 0; i--) {
    const control = f.controls[i]!;
    if (control.kind === "loop" && control.cursor >= 0) code.emit("ITER_CLOSE", control.cursor);
    if (control.kind === "finally") {
      code.emit("MOVE", control.value, value);
      code.emit("INT", control.exit, exitNumber(control.exits, { kind: "return" }));
      code.branchToEnd(control.block);
      return;
    }
  }
  code.emit("RET", value);
}

/** Runs `body`, which sets `dst` unless that is null, then `finallyBody` on every way out. */
export function emitFinally(f: FunctionContext, dst: number | null, body: () => void, finallyBody: () => void): void {
  const { code } = f;
  // The ways out join in front of the finally body; not all of them have set it.
  if (dst !== null) code.emit("NIL", dst);
  const caught = code.take();
  const exit = code.take();
  const value = code.take();
  code.emit("NIL", caught);
  code.emit("NIL", exit);
  // Read only after it was set; but so that it holds nothing from before.
  code.emit("NIL", value);
  const block = code.openBlock();
  const control: FinallyControl = { kind: "finally", block, exit, value, exits: [] };
  f.controls.push(control);
  const region = code.openTry(caught, true);
  body();
  code.beginCatch(region);
  code.close(region);
  f.controls.pop();
  code.close(block);

  // The locals of the body lie above; the finally body may use those registers again.
  code.top = value + 1;
  finallyBody();

  const fine = code.openBlock();
  code.branchOn("BR_NIL", caught, fine);
  code.emit("RETHROW", caught);
  code.close(fine);
  if (control.exits.length > 0) continueExits(f, control);
  code.top = value + 1;
}

function continueExits(f: FunctionContext, control: FinallyControl): void {
  const { code } = f;
  const end = code.openBlock();
  code.branchOn("BR_NIL", control.exit, end);
  control.exits.forEach((exit, i) => {
    if (i === control.exits.length - 1) {
      emitExit(f, exit, control.value);
      return;
    }
    const next = code.openBlock();
    const test = code.take();
    code.emit("INT", test, i + 1);
    code.emit("EQ", test, control.exit, test);
    code.branchOn("BR_UNLESS", test, next);
    emitExit(f, exit, control.value);
    code.close(next);
  });
  code.close(end);
}

function emitExit(f: FunctionContext, exit: Exit, value: number): void {
  if (exit.kind === "return") emitReturn(f, value);
  else emitLoopExit(f, exit.kind, exit.loop);
}

type Try = Extract<Expr, { kind: "try" }>;

export function compileTry(f: FunctionContext, expr: Try, dst: number): void {
  const { catch: handler, finally: cleanup } = expr;
  if (handler === null && cleanup === null) {
    compileTryResult(f, expr.body, dst);
  } else if (cleanup === null) {
    compileTryCatch(f, expr.body, handler!, dst);
  } else {
    emitFinally(
      f,
      dst,
      () => (handler === null ? compileBlock(f, expr.body, dst) : compileTryCatch(f, expr.body, handler, dst)),
      () => compileBlock(f, cleanup, null),
    );
  }
}

function compileTryCatch(f: FunctionContext, body: Block, handler: NonNullable<Try["catch"]>, dst: number): void {
  const { code, module } = f;
  const mark = code.top;
  const caught = code.take();
  f.controls.push({ kind: "try" });
  const region = code.openTry(caught, false);
  compileBlock(f, body, dst);
  f.controls.pop();
  code.beginCatch(region);
  if (handler.type?.kind === "type-name") {
    const matches = code.take();
    code.emit("CAUGHT_IS", matches, caught, module.pool.string(handler.type.name));
    const caughtHere = code.openBlock();
    code.branchOn("BR_IF", matches, caughtHere);
    code.emit("RETHROW", caught);
    code.close(caughtHere);
  }
  f.openScope();
  if (handler.name !== null) {
    const value = code.take();
    code.emit("CAUGHT_VALUE", value, caught);
    f.declare(handler.name.name, value, false);
  }
  compileBlock(f, handler.body, dst);
  f.closeScope(mark);
  code.close(region);
}

/** `try { … }` alone: a Result. */
function compileTryResult(f: FunctionContext, body: Block, dst: number): void {
  const { code, module } = f;
  const mark = code.top;
  const caught = code.take();
  const value = code.take();
  const result = module.pool.string("Result");
  f.controls.push({ kind: "try" });
  const region = code.openTry(caught, false);
  compileBlock(f, body, value);
  code.emit("ENUM", dst, result, module.pool.string("Ok"), value, 1);
  f.controls.pop();
  code.beginCatch(region);
  code.emit("CAUGHT_VALUE", value, caught);
  code.emit("ENUM", dst, result, module.pool.string("Err"), value, 1);
  code.close(region);
  code.top = mark;
}

/** `expr?`: the value of an Ok; an Err is returned from the function. */
export function compilePropagate(f: FunctionContext, value: Expr, dst: number, span: Span): void {
  const { code, module } = f;
  const result = code.take();
  compileInto(f, value, result);
  code.at(span);
  code.emit("EXPECT_RESULT", result);
  const ok = code.openBlock();
  const test = code.take();
  code.emit("IS_VARIANT", test, result, module.pool.string("Result"), module.pool.string("Ok"));
  code.branchOn("BR_IF", test, ok);
  emitReturn(f, result);
  code.close(ok);
  code.emit("VARIANT_FIELD", dst, result, 0);
}

/** Tries the body up to `count` times, each in a fresh scope; the last failure goes on. */
export function compileRetry(f: FunctionContext, expr: Extract<Expr, { kind: "retry" }>, dst: number): void {
  const { code } = f;
  const left = code.take();
  compileInto(f, expr.count, left);
  const caught = code.take();
  const loop = code.openLoop();
  f.controls.push({ kind: "try" });
  const region = code.openTry(caught, false);
  compileBlock(f, expr.body, dst);
  code.branchToEnd(loop);
  f.controls.pop();
  code.beginCatch(region);
  code.at(expr);
  const test = code.take();
  code.emit("INT", test, 1);
  code.emit("SUB", left, left, test);
  code.emit("INT", test, 0);
  code.emit("GT", test, left, test);
  code.branchOnToHead("BR_IF", test, loop);
  code.emit("RETHROW", caught);
  code.close(region);
  code.close(loop);
}

export function compileDeadline(f: FunctionContext, expr: Extract<Expr, { kind: "deadline" }>, dst: number): void {
  const { code } = f;
  const duration = compileOperand(f, expr.duration);
  code.at(expr);
  code.emit("DEADLINE_PUSH", duration);
  emitFinally(
    f,
    dst,
    () => compileBlock(f, expr.body, dst),
    () => {
      code.emit("DEADLINE_POP");
    },
  );
}

/** One lock a place in the source and module instance. */
export function compileMutex(f: FunctionContext, body: Block, dst: number): void {
  const { code, module } = f;
  const site = module.mutexSites++;
  code.emit("MUTEX_ENTER", site);
  emitFinally(
    f,
    null,
    () => compileBlock(f, body, null),
    () => {
      code.emit("MUTEX_EXIT", site);
    },
  );
  code.emit("NIL", dst);
}
