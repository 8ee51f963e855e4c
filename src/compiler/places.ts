/**
 * Assignments: to variables, and to places below them (`state.items[0].name = v`).
 *
 * Invariants
 * 1. `place = place.method(…)`, `place = place op v` and `place op= v` change the place in place where nobody else sees it.
 * 2. The keys of a path are evaluated once, in order, before the value. A module slot is read as late as possible, so that what the
 *    value's calls do to the same slot is not lost; only an operator whose right side runs code reads it first.
 */
import type { Span } from "../base/span.ts";
import type { Expr, Stmt } from "../syntax/ast.ts";
import { compileCallee, emitMethod, GIVEN_UP, IN_PLACE } from "./calls.ts";
import { type ArithmeticOp, compileExpr, opcodeOf } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileInto, compileOperand, compileToTemp, emitRaise, emitString, mayAssign, mayRun } from "./operands.ts";
import {
  type Change,
  changeOf,
  changeOfPart,
  type EntryRead,
  isArithmetic,
  isAround,
  type PartChange,
} from "./updates.ts";

type Assign = Extract<Stmt, { kind: "assign" }>;

/** A variable that may be assigned. */
interface Root {
  readonly name: string;
  /** −1: a local, in `register`. */
  readonly slot: number;
  readonly register: number;
}

export function compileAssign(f: FunctionContext, stmt: Assign): void {
  const path = pathOf(stmt.target);
  if (path === null) {
    f.module.error("this expression cannot be assigned", stmt.target);
    return;
  }
  const root = findRoot(f, path.root);
  if (typeof root === "string") {
    compileToTemp(f, stmt.value);
    emitRaise(f, "plain", root, stmt);
    return;
  }
  if (path.keys.length === 0) assignVariable(f, root, changeOf(stmt), stmt);
  else assignPath(f, root, path.keys, changeOfPart(f, stmt, root.slot < 0), stmt);
}

interface Path {
  readonly root: string;
  /** A name stands for the property. */
  readonly keys: readonly (string | Expr)[];
}

function pathOf(target: Expr): Path | null {
  const keys: (string | Expr)[] = [];
  let at = target;
  for (;;) {
    switch (at.kind) {
      case "name":
        return { root: at.name, keys: keys.reverse() };
      case "property":
        keys.push(at.name.name);
        at = at.object;
        break;
      case "index":
        keys.push(at.index);
        at = at.object;
        break;
      default:
        return null;
    }
  }
}

/** The variable, or the text of the error that assigning it raises. */
function findRoot(f: FunctionContext, name: string): Root | string {
  const resolved = f.resolve(name);
  switch (resolved.kind) {
    case "local":
      if (!resolved.local.mutable) return `Cannot assign to immutable binding: ${name}`;
      return { name, slot: -1, register: resolved.local.register };
    case "slot":
      if (!resolved.slot.mutable) return `Cannot assign to immutable binding: ${name}`;
      return { name, slot: resolved.slot.index, register: -1 };
    case "import":
      return `Cannot assign to immutable binding: ${name}`;
    default:
      return `Undefined variable: ${name}`;
  }
}

function assignVariable(f: FunctionContext, root: Root, change: Change, span: Span): void {
  const { code } = f;
  if (root.slot >= 0) {
    assignSlot(f, root, change, span);
    return;
  }
  switch (change.kind) {
    case "method":
      emitMethod(f, { receiver: root.register, owns: true }, change.call, root.register, IN_PLACE);
      return;
    case "operate": {
      let left = root.register;
      if (mayAssign(change.right)) {
        left = code.take();
        code.emitClaim("COPY", left, root.register);
      }
      const right = compileOperand(f, change.right);
      code.at(span);
      emitOperation(f, change.op, root.register, left, right);
      return;
    }
    case "set": {
      if (writesOnce(change.value)) {
        compileInto(f, change.value, root.register);
        return;
      }
      const value = compileToTemp(f, change.value);
      code.at(span);
      code.emit("MOVE", root.register, value);
      return;
    }
  }
}

/** `left` owns its value, or has what stands in the place that is written next. */
function emitOperation(f: FunctionContext, op: ArithmeticOp, dst: number, left: number, right: number): void {
  if (op === "+") f.code.emitClaim("ADD", dst, left, right);
  else f.code.emit(opcodeOf(op), dst, left, right);
}

/** Expressions that write their destination in their last instruction: a variable can be the destination while it is still being read. */
function writesOnce(expr: Expr): boolean {
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "bool":
    case "nil":
    case "duration":
    case "interpolation":
    case "unary":
    case "slice":
    case "range":
    case "closure":
      return true;
    case "binary":
      return isArithmetic(expr.op) || ["==", "!=", "<", ">", "<=", ">="].includes(expr.op);
    case "call":
      return expr.args.every((arg) => arg.kind !== "spread");
    case "method-call":
      return expr.args.every((arg) => arg.kind !== "spread");
    default:
      return false;
  }
}

function assignSlot(f: FunctionContext, root: Root, change: Change, span: Span): void {
  const { code } = f;
  switch (change.kind) {
    case "method": {
      const receiver = code.take();
      const load = () => code.emit("GET_SLOT", receiver, root.slot);
      emitMethod(f, { receiver, owns: false, load }, change.call, receiver, IN_PLACE);
      code.emit("SET_SLOT", root.slot, receiver);
      return;
    }
    case "operate": {
      const target = code.take();
      operate(f, root, change, span, target, (into) => code.emit("GET_SLOT", into, root.slot));
      code.emit("SET_SLOT", root.slot, target);
      return;
    }
    case "set": {
      const value = compileToTemp(f, change.value);
      code.at(span);
      code.emit("SET_SLOT", root.slot, value);
    }
  }
}

/** `target := place op right`, where `load` reads the place. */
function operate(
  f: FunctionContext,
  root: Root,
  change: Extract<Change, { kind: "operate" }>,
  span: Span,
  target: number,
  load: (into: number) => void,
): void {
  const { code } = f;
  // What the right side runs cannot change a local.
  const isFree = root.slot < 0 && !mayAssign(change.right);
  if (isFree || change.right.kind === "list" || !mayRun(change.right)) {
    const right = compileOperand(f, change.right);
    code.at(span);
    load(target);
    if (isAround(change.right, root.name)) code.emit(opcodeOf(change.op), target, target, right);
    else emitOperation(f, change.op, target, target, right);
    return;
  }
  const left = code.take();
  load(left);
  code.emit("SHARE", left);
  const right = compileOperand(f, change.right);
  code.at(span);
  code.emit(opcodeOf(change.op), target, left, right);
}

function assignPath(
  f: FunctionContext,
  root: Root,
  keys: readonly (string | Expr)[],
  change: PartChange,
  span: Span,
): void {
  const { code } = f;
  const base = code.takeRun(keys.length);
  keys.forEach((key, i) => {
    if (typeof key === "string") emitString(f, key, base + i);
    else compileExpr(f, key, base + i, "keep");
  });
  const holder = root.slot >= 0 ? code.take() : root.register;
  const loadRoot = (): void => {
    if (root.slot >= 0) code.emit("GET_SLOT", holder, root.slot);
  };
  const takePlace = (into: number): void => {
    loadRoot();
    code.emit("TAKE_PATH", into, holder, base, keys.length);
  };
  const take = (into: number): void => {
    const entry = "entry" in change ? change.entry : null;
    if (entry === null) takePlace(into);
    else {
      loadRoot();
      takeEntry(f, entry, holder, base + keys.length - 1, into, takePlace);
    }
  };

  const value = code.take();
  if (change.kind === "method") {
    const flags = root.slot < 0 && !f.hasHandler ? IN_PLACE | GIVEN_UP : IN_PLACE;
    emitMethod(f, { receiver: value, owns: false, load: () => take(value) }, change.call, value, flags);
  } else if (change.kind === "call") {
    callWithPlace(f, change, value, (into) => {
      if (change.entry !== null) {
        take(into);
        return;
      }
      // What is missing is nil for the function, and an error only when it is assigned.
      compileExpr(f, change.call.args[change.at]!, into, "look");
      const missing = code.openBlock();
      code.branchOn("BR_NIL", into, missing);
      take(into);
      code.close(missing);
    });
  } else if (change.kind === "operate") {
    operate(f, root, change, span, value, take);
    // The right side may have changed the slot since.
    if (root.slot >= 0 && mayRun(change.right)) loadRoot();
  } else {
    compileInto(f, change.value, value);
    loadRoot();
  }
  code.at(span);
  code.emit("SET_PATH", holder, base, keys.length, value);
  if (root.slot >= 0) code.emit("SET_SLOT", root.slot, holder);
}

/**
 * `dict.get(key, otherwise)` of a place that is written next: of a dict with that key, given as a text, what stands there; else as the method has it. `root`: the
 * register of the variable; `key`: that of the last key.
 */
function takeEntry(
  f: FunctionContext,
  { read, otherwise }: EntryRead,
  root: number,
  key: number,
  into: number,
  takePlace: (into: number) => void,
): void {
  const { code, module } = f;
  const mark = code.top;
  const done = code.openBlock();
  const other = code.openBlock();
  let dict = root;
  if (read.object.kind !== "name") {
    dict = code.take();
    compileExpr(f, read.object, dict, "look");
  }
  const test = code.take();
  code.emit("IS_KIND", test, dict, module.pool.string("dict"));
  code.branchOn("BR_UNLESS", test, other);
  code.emit("IS_KIND", test, key, module.pool.string("string"));
  code.branchOn("BR_UNLESS", test, other);
  const missing = code.openBlock();
  code.emit("IN", test, key, dict);
  code.branchOn("BR_UNLESS", test, missing);
  takePlace(into);
  code.branchToEnd(done);
  code.close(missing);
  compileInto(f, otherwise, into);
  code.branchToEnd(done);
  code.close(other);
  emitMethod(f, { receiver: dict, owns: false }, read, into, 0);
  code.close(done);
  code.top = mark;
}

/** `takePlace` runs when the other arguments have been evaluated: what they hold of the place is marked then. */
function callWithPlace(
  f: FunctionContext,
  { call, at }: Extract<PartChange, { kind: "call" }>,
  dst: number,
  takePlace: (into: number) => void,
): void {
  const { code } = f;
  const { name } = call.callee as Extract<Expr, { kind: "name" }>;
  const callee = compileCallee(f, name, f.resolve(name));
  const base = code.takeRun(call.args.length);
  call.args.forEach((arg, i) => {
    if (i !== at) compileInto(f, arg, base + i);
  });
  takePlace(base + at);
  code.at(call);
  code.emit("CALL", dst, callee, base, call.args.length);
}
