/**
 * Declarations that make a value: functions, tools, skills, structs, methods.
 *
 * Invariant: at the top level of a module functions, structs and methods exist before the first statement runs (`hoistDeclarations`); elsewhere, and
 * for tools and skills, whose parts are computed, a declaration takes effect where it stands.
 */
import type {
  Attribute,
  Block,
  Expr,
  FnDecl,
  Ident,
  ImplDecl,
  Param,
  SkillDecl,
  Stmt,
  StructDecl,
  ToolDecl,
} from "../syntax/ast.ts";
import { declareAtTop, refuseRedeclaration } from "./bindings.ts";
import { compileFunction, linkSiblings, untypedParam } from "./closures.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileDict } from "./literals.ts";
import { compileInto, emitString } from "./operands.ts";
import { compileJsonSchema, hasSchema, parameterTest } from "./schemas.ts";

/** Creates what the top level of a module declares, in front of its statements. */
export function hoistDeclarations(f: FunctionContext, items: readonly Stmt[]): void {
  const { code, module } = f;
  const create = (slot: number, index: number) => {
    const register = code.take();
    code.emit("CLOSURE", register, index);
    code.emit("SET_SLOT", slot, register);
    code.top = register;
  };
  for (const item of items) {
    code.at(item);
    module.position = item.start;
    if (item.kind === "fn") {
      const slot = module.slotsByName.get(item.name.name)!.index;
      const index = functionOf(f, item, true);
      module.noteFunction(slot, index);
      create(slot, index);
    } else if (item.kind === "struct") {
      const slot = module.slotsByName.get(item.name.name)!.index;
      module.noteFunction(slot, -1);
      create(slot, constructorOf(f, item, true));
    } else if (item.kind === "impl") {
      for (const { slot, method } of methodSlots(f, item)) create(slot, functionOf(f, method, true));
    }
  }
}

function functionOf(f: FunctionContext, decl: FnDecl, atTop: boolean, self?: string): number {
  return compileFunction(f.module, atTop ? null : f, {
    name: decl.name.name,
    params: decl.params,
    body: decl.body,
    result: "nil",
    span: decl,
    self,
  }).index;
}

function isTop(f: FunctionContext): boolean {
  return f.isModuleLevel && f.scopes.length === 1;
}

export function compileFunctionDecl(f: FunctionContext, decl: FnDecl): void {
  const { code } = f;
  const name = decl.name.name;
  if (isTop(f)) declareAtTop(f, name, false, decl);
  else {
    refuseRedeclaration(f, name, decl);
    const announced = f.scope.names.get(name);
    const local = announced?.pending === true ? announced : f.declare(name, code.take(), false);
    const compiled = compileFunction(f.module, f, {
      name,
      params: decl.params,
      body: decl.body,
      result: "nil",
      span: decl,
      self: name,
    });
    code.at(decl);
    code.emit("CLOSURE", local.register, compiled.index);
    linkSiblings(f, local, compiled.captureNames);
  }
  for (const attribute of decl.attributes) compileRegistration(f, decl, attribute);
}

/** `@acp_tool` and `@acp_skill` register the function under a name. */
function compileRegistration(f: FunctionContext, decl: FnDecl, attribute: Attribute): void {
  const { code, module } = f;
  const kind = attribute.name.name;
  if (kind !== "acp_tool" && kind !== "acp_skill") return;
  const given = attribute.args.find((arg) => arg.name?.name === "name")?.value;
  const name = given?.kind === "string" && typeof given.value === "string" ? given.value : decl.name.name;
  const mark = code.top;
  const isTool = kind === "acp_tool";
  const base = code.takeRun(isTool ? 4 : 3);
  code.at(attribute);
  code.emit("BUILTIN", base, module.pool.string(isTool ? "tool_registry" : "skill_registry"), base, 0);
  emitString(f, name, base + 1);
  const settings = attribute.args.flatMap((arg) =>
    arg.name === null || arg.name.name === "name" ? [] : [{ name: arg.name.name, value: arg.value }],
  );
  const handler: Expr = { kind: "name", name: decl.name.name, start: decl.name.start, end: decl.name.end };
  if (isTool) {
    emitString(f, "", base + 2);
    const config = startDict(f, base + 3);
    addEntry(f, config, "handler", (dst) => compileInto(f, handler, dst));
    addEntry(f, config, "annotations", (dst) => {
      const annotations = startDict(f, dst);
      for (const setting of settings) addEntry(f, annotations, setting.name, (at) => compileInto(f, setting.value, at));
    });
  } else {
    const config = startDict(f, base + 2);
    for (const setting of settings) addEntry(f, config, setting.name, (at) => compileInto(f, setting.value, at));
    addEntry(f, config, "on_activate", (dst) => compileInto(f, handler, dst));
  }
  const result = code.take();
  code.emit("BUILTIN", result, module.pool.string(isTool ? "tool_define" : "skill_define"), base, isTool ? 4 : 3);
  code.top = mark;
}

/** An empty dict in `dst`, to be filled. */
function startDict(f: FunctionContext, dst: number): number {
  compileDict(f, [], dst);
  return dst;
}

function addEntry(f: FunctionContext, dict: number, key: string, fill: (dst: number) => void): void {
  const { code } = f;
  const mark = code.top;
  const keyRegister = code.take();
  const value = code.take();
  fill(value);
  emitString(f, key, keyRegister);
  code.emit("DICT_SET", dict, keyRegister, value);
  code.top = mark;
}

/**
 * `tool NAME(params) { … }` is a registry with one entry. The handler takes one dict, as a model gives it; missing arguments get their defaults.
 */
export function compileTool(f: FunctionContext, decl: ToolDecl): void {
  const { code, module } = f;
  code.at(decl);
  const mark = code.top;
  const target = code.take();
  const base = code.takeRun(4);
  code.emit("BUILTIN", base, module.pool.string("tool_registry"), base, 0);
  emitString(f, decl.name.name, base + 1);
  emitString(f, decl.description ?? decl.doc ?? "", base + 2);
  const config = startDict(f, base + 3);
  addEntry(f, config, "parameters", (dst) => compileParameters(f, decl.params, dst));
  addEntry(f, config, "handler", (dst) => code.emit("CLOSURE", dst, toolHandler(f, decl)));
  const { result } = decl;
  if (result !== null && hasSchema(module, result)) {
    addEntry(f, config, "returns", (dst) => compileJsonSchema(f, result, {}, dst));
  }
  code.at(decl);
  code.emit("BUILTIN", target, module.pool.string("tool_define"), base, 4);
  bindDeclared(f, decl.name, target, mark);
}

function compileParameters(f: FunctionContext, params: readonly Param[], dst: number): void {
  const dict = startDict(f, dst);
  for (const param of params) {
    addEntry(f, dict, param.name, (at) => {
      const { defaultValue } = param;
      compileJsonSchema(f, param.type, defaultValue === null ? {} : { required: false }, at);
      if (defaultValue !== null) addEntry(f, at, "default", (value) => compileInto(f, defaultValue, value));
    });
  }
}

/**
 * The handler of a declared tool takes its arguments one by one, as a program calls it, or as one dict, as a model gives them: a single dict that is
 * empty or has the name of a parameter.
 */
function toolHandler(f: FunctionContext, decl: ToolDecl): number {
  const { start, end } = decl;
  return compileFunction(f.module, f, {
    name: decl.name.name,
    params: [
      untypedParam({ name: ARGUMENTS, start, end }),
      { ...untypedParam({ name: MORE_ARGUMENTS, start, end }), rest: true },
    ],
    shownParams: [
      decl.params[0]?.name ?? "",
      decl.params
        .slice(1)
        .map(({ name }) => name)
        .join(", "),
    ],
    body: decl.body,
    result: "last",
    span: decl,
    uses: decl.params,
    prologue: (handler) => {
      const first = handler.findLocal(ARGUMENTS)!.register;
      const others = handler.findLocal(MORE_ARGUMENTS)!.register;
      const byName = handler.code.take();
      testByName(handler, decl, first, others, byName);
      decl.params.forEach((param, i) => {
        takeArgument(handler, { first, others, byName, i }, param);
      });
    },
  }).index;
}

function testByName(f: FunctionContext, decl: ToolDecl, first: number, others: number, byName: number): void {
  const { code, module } = f;
  code.at(decl);
  const mark = code.top;
  const test = code.take();
  code.emit("FALSE", byName);
  const decided = code.openBlock();
  const named = code.openBlock();
  code.emit("LEN_AT_LEAST", test, others, 1);
  code.branchOn("BR_IF", test, decided);
  code.emit("IS_KIND", test, first, module.pool.string("dict"));
  code.branchOn("BR_UNLESS", test, decided);
  for (const param of decl.params) {
    code.emit("HAS_KEY", test, first, module.pool.string(param.name));
    code.branchOn("BR_IF", test, named);
  }
  const given = code.take();
  code.emit("COPY", given, first);
  code.emit("BUILTIN", test, module.pool.string("len"), given, 1);
  code.emit("INT", given, 0);
  code.emit("EQ", test, test, given);
  code.branchOn("BR_UNLESS", test, decided);
  code.close(named);
  code.emit("TRUE", byName);
  code.close(decided);
  code.top = mark;
}

function takeArgument(
  f: FunctionContext,
  given: { readonly first: number; readonly others: number; readonly byName: number; readonly i: number },
  param: Param,
): void {
  const { code, module } = f;
  const name = param.name;
  code.at(param);
  const value = code.take();
  const taken = code.openBlock();
  const inOrder = code.openBlock();
  code.branchOn("BR_UNLESS", given.byName, inOrder);
  emitString(f, name, value);
  code.emit("GET_INDEX", value, given.first, value);
  code.branchToEnd(taken);
  code.close(inOrder);
  if (given.i === 0) code.emit("COPY", value, given.first);
  else {
    code.emit("INT", value, given.i - 1);
    code.emit("GET_INDEX", value, given.others, value);
  }
  code.close(taken);
  code.emit("SHARE", value);
  if (param.defaultValue !== null) {
    const end = code.openBlock();
    code.branchOn("BR_NOT_NIL", value, end);
    compileInto(f, param.defaultValue, value);
    code.close(end);
  }
  const test = param.type === null ? null : parameterTest(module, param.type);
  if (test !== null) code.emit("CHECK_PARAM", value, module.pool.type(test), module.pool.string(name));
  f.declare(name, value, false);
}

export function compileSkill(f: FunctionContext, decl: SkillDecl): void {
  const { code, module } = f;
  code.at(decl);
  const mark = code.top;
  const target = code.take();
  const base = code.takeRun(3);
  code.emit("BUILTIN", base, module.pool.string("skill_registry"), base, 0);
  emitString(f, decl.name.name, base + 1);
  const config = startDict(f, base + 2);
  for (const field of decl.fields) addEntry(f, config, field.name.name, (dst) => compileInto(f, field.value, dst));
  code.at(decl);
  code.emit("BUILTIN", target, module.pool.string("skill_define"), base, 3);
  bindDeclared(f, decl.name, target, mark);
}

/** `Name({field: value})` constructs. */
function constructorOf(f: FunctionContext, decl: StructDecl, atTop: boolean): number {
  const { start, end } = decl;
  const fields: Expr = { kind: "name", name: ARGUMENTS, start, end };
  const entries = [{ key: null, value: fields, start, end }];
  const literal: Expr = { kind: "struct-literal", name: decl.name, entries, start, end };
  const body: Block = { kind: "block", stmts: [{ kind: "expr", expr: literal, start, end }], start, end };
  return compileFunction(f.module, atTop ? null : f, {
    name: decl.name.name,
    params: [untypedParam({ name: ARGUMENTS, start, end })],
    shownParams: ["__fields"],
    body,
    result: "last",
    span: decl,
  }).index;
}

export function compileStruct(f: FunctionContext, decl: StructDecl): void {
  if (isTop(f)) {
    declareAtTop(f, decl.name.name, false, decl);
    return;
  }
  const mark = f.code.top;
  const target = f.code.take();
  f.code.at(decl);
  f.code.emit("CLOSURE", target, constructorOf(f, decl, false));
  bindDeclared(f, decl.name, target, mark);
}

/** Methods are found by type name in the whole module, wherever the block stands; inside a function they capture its locals. */
export function compileImpl(f: FunctionContext, decl: ImplDecl): void {
  if (isTop(f)) return;
  const { code } = f;
  for (const { slot, method } of methodSlots(f, decl)) {
    const register = code.take();
    code.at(method);
    code.emit("CLOSURE", register, functionOf(f, method, false));
    code.emit("SET_SLOT", slot, register);
    code.top = register;
  }
}

function methodSlots(
  f: FunctionContext,
  decl: ImplDecl,
): readonly { readonly slot: number; readonly method: FnDecl }[] {
  const { module } = f;
  return decl.methods.map((method) => {
    const type = decl.typeName.name;
    const name = method.name.name;
    const known = module.methodSlots.get(`${type}.${name}`);
    if (known !== undefined) return { slot: known, method };
    const slot = module.addHiddenSlot(`${type}.${name}`).index;
    module.methodSlots.set(`${type}.${name}`, slot);
    module.methods.push({ type, method: name, slot });
    return { slot, method };
  });
}

/** Makes what is in `target` (the register at `mark`) the value of a name. */
function bindDeclared(f: FunctionContext, span: Ident, target: number, mark: number): void {
  const { code, module } = f;
  const { name } = span;
  if (isTop(f)) {
    declareAtTop(f, name, false, span);
    const slot = module.addSlot(name, "declaration", false).index;
    module.noteFunction(slot, -1);
    code.emit("SET_SLOT", slot, target);
    code.top = mark;
    return;
  }
  refuseRedeclaration(f, name, span);
  code.top = target + 1;
  f.declare(name, target, false);
}

/** Cannot be written in a program. */
const ARGUMENTS = "(arguments)";
const MORE_ARGUMENTS = "(more arguments)";
