/**
 * Blocks and what repeats or runs them elsewhere: loops, `spawn`, `parallel`, `select`.
 *
 * Invariants
 * 1. A block has a scope of its own and gives back its registers; its value is that of its last statement, nil for a statement without one.
 * 2. `defer` protects the rest of its block: what follows it becomes the body of a protected region.
 */
import type { Block, Expr, Ident, Stmt } from "../syntax/ast.ts";
import { compileBindingPattern } from "./bindings.ts";
import { announceFunctions, compileFunction, untypedParam } from "./closures.ts";
import { compileCondition } from "./conditions.ts";
import type { FunctionContext, LoopControl } from "./function-context.ts";
import { compileInto, compileOperand, compileToTemp } from "./operands.ts";
import { emitFinally } from "./protected.ts";
import { compileStatement } from "./statements.ts";

/** `dst` null: nobody wants the value. */
export function compileBlock(f: FunctionContext, block: Block, dst: number | null): void {
  const mark = f.code.top;
  f.openScope();
  compileStatements(f, block.stmts, dst);
  f.closeScope(mark);
}

/** The statements of a block in the scope that is open. */
export function compileStatements(f: FunctionContext, stmts: readonly Stmt[], dst: number | null): void {
  announceFunctions(f, stmts);
  compileFrom(f, stmts, 0, dst);
}

function compileFrom(f: FunctionContext, stmts: readonly Stmt[], from: number, dst: number | null): void {
  if (dst !== null && from >= stmts.length) f.code.emit("NIL", dst);
  for (let i = from; i < stmts.length; i++) {
    const stmt = stmts[i]!;
    if (stmt.kind === "defer") {
      // The deferred body sees what was declared in front of it.
      const visible = [...f.scope.names].map(([name, local]) => [name, { ...local }] as const);
      emitFinally(
        f,
        dst,
        () => compileFrom(f, stmts, i + 1, dst),
        () => {
          f.scope.names.clear();
          for (const [name, local] of visible) f.scope.names.set(name, local);
          compileBlock(f, stmt.body, null);
        },
      );
      return;
    }
    compileStatement(f, stmt, i === stmts.length - 1 ? dst : null);
  }
}

export function compileWhile(f: FunctionContext, stmt: Extract<Stmt, { kind: "while" }>): void {
  const { code } = f;
  const block = code.openLoop();
  const loop: LoopControl = { kind: "loop", block, cursor: -1 };
  compileCondition(f, stmt.condition, block, false);
  f.controls.push(loop);
  compileBlock(f, stmt.body, null);
  f.controls.pop();
  code.branchToHead(block);
  code.close(block);
}

export function compileFor(f: FunctionContext, stmt: Extract<Stmt, { kind: "for" }>): void {
  const { code } = f;
  const mark = code.top;
  const cursor = code.take();
  const iterable = compileOperand(f, stmt.iterable);
  code.at(stmt.iterable);
  code.emit("ITER", cursor, iterable);
  code.top = cursor + 1;

  const block = code.openLoop();
  const item = code.take();
  code.at(stmt.iterable);
  code.iterNext(item, cursor, block);
  const loop: LoopControl = { kind: "loop", block, cursor: needsClosing(stmt.iterable) ? cursor : -1 };
  f.controls.push(loop);
  f.openScope();
  compileBindingPattern(f, stmt.pattern, item, true);
  compileStatements(f, stmt.body.stmts, null);
  f.closeScope(item);
  f.controls.pop();
  code.branchToHead(block);
  code.close(block);
  code.top = mark;
}

/** Only a generator or an iterator has something to end when it is left early. */
function needsClosing(iterable: Expr): boolean {
  switch (iterable.kind) {
    case "range":
    case "list":
    case "dict":
    case "string":
    case "interpolation":
      return false;
    default:
      return true;
  }
}

/** Leaves for the end or the head of the innermost loop, through what lies between. */
export function compileLoopExit(f: FunctionContext, kind: "break" | "continue", stmt: Stmt): void {
  for (let i = f.controls.length - 1; i >= 0; i--) {
    const control = f.controls[i]!;
    if (control.kind === "loop") {
      f.code.at(stmt);
      emitLoopExit(f, kind, control);
      return;
    }
  }
  f.module.error(`${kind} outside of loop`, stmt);
}

export function emitLoopExit(f: FunctionContext, kind: "break" | "continue", loop: LoopControl): void {
  const { code } = f;
  for (let i = f.controls.length - 1; i >= 0; i--) {
    const control = f.controls[i]!;
    if (control === loop) break;
    if (control.kind === "finally") {
      code.emit("INT", control.exit, exitNumber(control.exits, { kind, loop }));
      code.branchToEnd(control.block);
      return;
    }
  }
  if (kind === "continue") {
    code.branchToHead(loop.block);
    return;
  }
  if (loop.cursor >= 0) code.emit("ITER_CLOSE", loop.cursor);
  code.branchToEnd(loop.block);
}

type ExitList = Extract<FunctionContext["controls"][number], { kind: "finally" }>["exits"];

export function exitNumber(exits: ExitList, exit: ExitList[number]): number {
  const known = exits.findIndex((other) => {
    if (other.kind === "return" || exit.kind === "return") return other.kind === exit.kind;
    return other.kind === exit.kind && other.loop === exit.loop;
  });
  return known >= 0 ? known + 1 : exits.push(exit);
}

export function compileSpawn(f: FunctionContext, expr: Extract<Expr, { kind: "spawn" }>, dst: number): void {
  const { code } = f;
  const compiled = compileFunction(f.module, f, {
    name: "<spawn>",
    params: [],
    body: expr.body,
    result: "last",
    span: expr,
  });
  const closure = code.take();
  code.at(expr);
  code.emit("CLOSURE", closure, compiled.index);
  code.emit("SPAWN", dst, closure);
}

export function compileParallel(f: FunctionContext, expr: Extract<Expr, { kind: "parallel" }>, dst: number): void {
  const { code } = f;
  const option = expr.options.find(({ name }) => name.name === "max_concurrent");
  const cap = code.take();
  if (option === undefined) code.emit("NIL", cap);
  else compileInto(f, option.value, cap);
  const over = compileToTemp(f, expr.over);
  const ident: Ident = expr.variable ?? {
    name: expr.mode === "count" ? "__i__" : "__item__",
    start: expr.start,
    end: expr.end,
  };
  const param = untypedParam(ident);
  const compiled = compileFunction(f.module, f, {
    name: expr.mode === "count" ? "<parallel>" : `<parallel_${expr.mode}>`,
    params: [param],
    body: expr.body,
    result: "last",
    span: expr,
  });
  const closure = code.take();
  code.at(expr);
  code.emit("CLOSURE", closure, compiled.index);
  code.emit("PARALLEL", dst, closure, over, cap, expr.mode === "count" ? 0 : expr.mode === "each" ? 1 : 2);
}

export function compileSelect(f: FunctionContext, expr: Extract<Expr, { kind: "select" }>, dst: number): void {
  const { code } = f;
  const channels = code.takeRun(expr.cases.length);
  for (const [i, branch] of expr.cases.entries()) compileInto(f, branch.channel, channels + i);
  const timeout = code.take();
  if (expr.timeout === null) code.emit("NIL", timeout);
  else compileInto(f, expr.timeout.duration, timeout);
  const chosen = code.takeRun(2);
  code.at(expr);
  code.emit("SELECT", chosen, channels, expr.cases.length, timeout, expr.defaultBody === null ? 0 : 1);

  const end = code.openBlock();
  const test = code.take();
  expr.cases.forEach((branch, i) => {
    const next = code.openBlock();
    code.emit("INT", test, i);
    code.emit("EQ", test, chosen, test);
    code.branchOn("BR_UNLESS", test, next);
    const mark = code.top;
    f.openScope();
    const value = code.take();
    code.emit("MOVE", value, chosen + 1);
    f.declare(branch.name.name, value, false);
    compileBlock(f, branch.body, dst);
    f.closeScope(mark);
    code.branchToEnd(end);
    code.close(next);
  });
  const otherwise = expr.timeout?.body ?? expr.defaultBody;
  if (otherwise === null) code.emit("NIL", dst);
  else compileBlock(f, otherwise, dst);
  code.close(end);
}
