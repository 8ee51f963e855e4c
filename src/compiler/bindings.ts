/**
 * Binding names: plain, and by patterns that take dicts, lists and pairs apart.
 *
 * Invariant: at the top level of a module a name is a slot, elsewhere, and in scripts where nobody else sees it, a register.
 */
import type { Span } from "../base/span.ts";
import type { DictPatternField, Expr, Pattern, Stmt } from "../syntax/ast.ts";
import { compareUtf8 } from "../value/key-order.ts";
import { compileClosure, linkSiblings } from "./closures.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileInto, emitRaise } from "./operands.ts";

type Binding = Extract<Stmt, { kind: "binding" }>;

export function compileBinding(f: FunctionContext, stmt: Binding): void {
  const { code } = f;
  const mark = code.top;
  if (f.scopes.length === 1 && f.isModuleLevel && !isScriptLocal(f, stmt)) {
    const value = code.take();
    compileInto(f, stmt.value, value);
    compileBindingPattern(f, stmt.pattern, value, stmt.mutable);
    code.top = mark;
    return;
  }
  if (stmt.pattern.kind === "pattern-name") {
    compileLocalBinding(f, stmt, stmt.pattern.name);
    return;
  }
  // The parts become locals above the whole, which stays until the block ends.
  const value = code.take();
  compileInto(f, stmt.value, value);
  compileBindingPattern(f, stmt.pattern, value, stmt.mutable);
}

function isScriptLocal({ module }: FunctionContext, { pattern }: Binding): boolean {
  return pattern.kind === "pattern-name" && module.scriptLocals.has(pattern.name) && !module.enums.has(pattern.name);
}

function compileLocalBinding(f: FunctionContext, stmt: Binding, name: string): void {
  const { code } = f;
  const announced = f.scope.names.get(name);
  if (announced?.pending === true && stmt.value.kind === "closure" && !stmt.mutable) {
    const captures = compileClosure(f, stmt.value, announced.register, name);
    linkSiblings(f, announced, captures);
    return;
  }
  const register = code.take();
  compileInto(f, stmt.value, register);
  code.top = register + 1;
  bindRegister(f, name, register, stmt.mutable, stmt);
}

/** Makes `register` the variable `name`, unless that would redeclare an immutable one. */
function bindRegister(f: FunctionContext, name: string, register: number, mutable: boolean, span: Span): void {
  if (!mutable) refuseRedeclaration(f, name, span);
  f.declare(name, register, mutable);
}

/** Raises, when control gets here, if the innermost scope has an immutable `name` already. */
export function refuseRedeclaration(f: FunctionContext, name: string, span: Span): void {
  const known = f.scope.names.get(name);
  if (known !== undefined && !known.pending && !known.mutable) raiseRedeclared(f, name, span);
}

/** The same for the top level of a module, where `name` is from now on. */
export function declareAtTop(f: FunctionContext, name: string, mutable: boolean, span: Span): void {
  const { boundAtTop } = f.module;
  if (boundAtTop.get(name) === false && !mutable) raiseRedeclared(f, name, span);
  boundAtTop.set(name, mutable);
}

function raiseRedeclared(f: FunctionContext, name: string, span: Span): void {
  // `_` says that the value is not wanted, as often as one likes.
  if (name === "_") return;
  emitRaise(
    f,
    "runtime",
    `Cannot redeclare immutable variable '${name}' in the same scope (use 'var' for mutable bindings)`,
    span,
  );
}

/** Binds what is in `value`, which the caller owns and which stays in its register. */
export function compileBindingPattern(f: FunctionContext, pattern: Pattern, value: number, mutable: boolean): void {
  const { code, module } = f;
  switch (pattern.kind) {
    case "pattern-name":
      bindValue(f, pattern.name, value, mutable, pattern);
      return;
    case "pattern-pair":
      for (const [ident, field] of [
        [pattern.first, "first"],
        [pattern.second, "second"],
      ] as const) {
        const part = code.take();
        code.at(ident);
        code.emit("GET_FIELD", part, value, module.pool.string(field));
        code.emit("SHARE", part);
        bindValue(f, ident.name, part, mutable, ident);
      }
      return;
    case "pattern-dict":
      compileDictPattern(f, pattern, value, mutable);
      return;
    case "pattern-list": {
      code.at(pattern);
      code.emit("DESTRUCTURE", value, module.pool.string("[...]"));
      const plain = pattern.elements.filter((element) => !element.rest);
      plain.forEach((element, i) => {
        const part = code.take();
        const index = code.take();
        code.at(element);
        code.emit("INT", index, i);
        code.emit("GET_INDEX", part, value, index);
        code.emit("SHARE", part);
        code.top = part + 1;
        compileDefault(f, part, element.defaultValue);
        bindValue(f, element.name.name, part, mutable, element);
      });
      const rest = pattern.elements.find((element) => element.rest);
      if (rest === undefined) return;
      const part = code.take();
      code.at(rest);
      code.emit("REST_LIST", part, value, plain.length);
      bindValue(f, rest.name.name, part, mutable, rest);
      return;
    }
  }
}

function compileDictPattern(
  f: FunctionContext,
  pattern: Extract<Pattern, { kind: "pattern-dict" }>,
  value: number,
  mutable: boolean,
): void {
  const { code, module } = f;
  code.at(pattern);
  code.emit("DESTRUCTURE", value, module.pool.string("{...}"));
  const plain = pattern.fields.filter((field) => !field.rest);
  const boundName = (field: DictPatternField): string => (field.alias ?? field.key).name;
  for (const field of plain) {
    const part = code.take();
    const key = code.take();
    code.at(field);
    // By key, not as a property: `count` is an entry like any other.
    code.emit("CONST", key, module.pool.string(field.key.name));
    code.emit("GET_INDEX", part, value, key);
    code.emit("SHARE", part);
    code.top = part + 1;
    compileDefault(f, part, field.defaultValue);
    bindValue(f, boundName(field), part, mutable, field);
  }
  const rest = pattern.fields.find((field) => field.rest);
  if (rest === undefined) return;
  const part = code.take();
  code.at(rest);
  const keys = [...new Set(plain.map((field) => field.key.name))].sort(compareUtf8);
  code.emit("REST_DICT", part, value, module.pool.shape(keys));
  bindValue(f, boundName(rest), part, mutable, rest);
}

/** The default takes the place of nil. */
function compileDefault(f: FunctionContext, part: number, value: Expr | null): void {
  if (value === null) return;
  const end = f.code.openBlock();
  f.code.branchOn("BR_NOT_NIL", part, end);
  compileInto(f, value, part);
  f.code.close(end);
}

function bindValue(f: FunctionContext, name: string, register: number, mutable: boolean, span: Span): void {
  if (!(f.scopes.length === 1 && f.isModuleLevel)) {
    bindRegister(f, name, register, mutable, span);
    return;
  }
  const { module } = f;
  const known = module.slotsByName.get(name);
  const slot = known ?? module.addSlot(name, "binding", mutable);
  declareAtTop(f, name, mutable, span);
  slot.mutable = mutable;
  slot.declared = true;
  module.noteFunction(slot.index, -1);
  f.code.emit("SET_SLOT", slot.index, register);
}
