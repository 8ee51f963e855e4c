/** Bodies of functions, methods, tools, pipelines and closures. */

import {
  type Block,
  type Expr,
  type FnDecl,
  type Ident,
  nameOf,
  type Param,
  type ToolDecl,
  type TypeExpr,
} from "../../syntax/ast.ts";
import { expand } from "../../types/substitution.ts";
import { ANY, CLOSURE, NIL, type Type } from "../../types/type.ts";
import { unionOf } from "../../types/union.ts";
import { Scope } from "../scope.ts";
import { yields } from "../walk.ts";
import type { Checker, FunctionFrame } from "./checker.ts";
import { ExprTypes } from "./expr-types.ts";
import { checkExpr } from "./expressions.ts";
import { plainVariable } from "./session.ts";
import { checkBlock } from "./statements.ts";

/** `self`: the type of the receiver of a method. */
export function checkFunctionBody(c: Checker, decl: FnDecl | ToolDecl, outer: Scope, self: Type | null = null): void {
  const { signature, inner } = c.env.declaredFunction(decl, outer);
  const scope = new Scope(inner, true);
  // The signature leaves `self` out.
  const skipped = decl.params.length - signature.params.length;
  bindParams(c, decl.params, scope, (param, i) => {
    if (param.name === "self" && self !== null) return self;
    const declared = signature.params[i - skipped];
    if (declared?.type === null || declared === undefined) return ANY;
    return declared.nilDefault ? unionOf([declared.type, NIL]) : declared.type;
  });
  checkBody(c, decl.body, scope, signature.result, decl.result, decl.params);
}

export function checkBody(
  c: Checker,
  body: Block,
  scope: Scope,
  result: Type | null,
  written: TypeExpr | null,
  params: readonly (Ident | Param)[] = [],
): void {
  const isGenerator = result !== null && yields(body);
  withFrame(c, { result: isGenerator ? null : result, resultSpan: written ?? null, returned: [] }, () => {
    checkBlock(c, body, scope, params);
  });
}

function bindParams(
  c: Checker,
  params: readonly Param[],
  scope: Scope,
  typeOf: (param: Param, index: number) => Type,
): void {
  params.forEach((param, i) => {
    const { name } = param;
    const type = param.rest && param.type === null ? ANY : typeOf(param, i);
    if (param.defaultValue !== null) checkExpr(c, param.defaultValue, scope, type);
    scope.declare({
      ...plainVariable(name, "param", nameOf(param), type),
      annotated: param.type !== null,
      typeSpan: param.type ?? null,
    });
  });
}

/** A closure takes the types that it does not write down from where it is passed to. */
export function checkClosure(
  c: Checker,
  expr: Extract<Expr, { kind: "closure" }>,
  outer: Scope,
  expected: Type | null,
): Type {
  const wanted = expected === null ? null : expand(expected);
  const hints = wanted?.kind === "fn" ? wanted.params : [];
  const scope = new Scope(outer);
  const types: Type[] = [];
  bindParams(c, expr.params, scope, (param, i) => {
    const type = param.type === null ? (hints[i] ?? ANY) : c.read(param.type, outer);
    types.push(type);
    return type;
  });
  const frame: FunctionFrame = { result: null, resultSpan: null, returned: [] };
  let value: Type = ANY;
  withFrame(c, frame, () => {
    value = checkBlock(c, expr.body, scope, expr.params);
  });
  if (expr.params.some(({ rest, defaultValue }) => rest || defaultValue !== null) || yields(expr.body)) return CLOSURE;
  const result = unionOf([...frame.returned, value]);
  // Without the room for more that a growing array has: there may be as many closures as the text has room for.
  return { kind: "fn", params: types.slice(), result: result.kind === "never" ? ANY : result };
}

function withFrame(c: Checker, frame: FunctionFrame, run: () => void): void {
  const { frame: outer, types } = c;
  c.frame = frame;
  c.types = new ExprTypes();
  run();
  c.frame = outer;
  c.types = types;
}
