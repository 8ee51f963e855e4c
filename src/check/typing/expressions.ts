/** Expressions: each form's parts are checked, and its type is recorded. */

import { unreachable } from "../../base/unreachable.ts";
import type { Block, Expr, Ident } from "../../syntax/ast.ts";
import { expand } from "../../types/substitution.ts";
import {
  ANY,
  BOOL,
  DICT,
  type FieldType,
  INT,
  LIST,
  listOf,
  NEVER,
  NIL,
  named,
  RANGE,
  STRING,
  type Type,
} from "../../types/type.ts";
import { unionOf } from "../../types/union.ts";
import type { Scope, Variable } from "../scope.ts";
import { declarationsOf } from "../walk.ts";
import { checkCall, isKnownElsewhere, nearestName, typeOfVariable } from "./calls.ts";
import type { Checker } from "./checker.ts";
import { checkStruct } from "./constructors.ts";
import { literalType } from "./expr-types.ts";
import { checkClosure } from "./functions.ts";
import { checkMatch } from "./matches.ts";
import { checkIndex, checkMethodCall, checkProperty } from "./members.ts";
import { checkBinary } from "./operators.ts";
import { apply, refine } from "./refinements.ts";
import { plainVariable } from "./session.ts";
import { checkBlock, forgetLoopAssignments } from "./statements.ts";

/** `expected`: what the context wants, for literals and closures that say less themselves. */
export function checkExpr(c: Checker, expr: Expr, scope: Scope, expected: Type | null = null): Type {
  const type = typeOf(c, expr, scope, expected);
  c.types.set(expr, type);
  return type;
}

function typeOf(c: Checker, expr: Expr, scope: Scope, expected: Type | null): Type {
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "bool":
    case "nil":
    case "duration":
      return literalType(expr)!;
    case "interpolation":
      for (const part of expr.parts) if (part.kind === "expr") checkExpr(c, part.expr, scope);
      return STRING;
    case "name":
      return checkName(c, expr, scope);
    case "list":
      return checkList(c, expr, scope, expected);
    case "dict":
      return checkDict(c, expr, scope, expected);
    case "struct-literal":
      return checkStructLiteral(c, expr, scope);
    case "spread":
      checkExpr(c, expr.value, scope);
      return ANY;
    case "unary": {
      const operand = checkExpr(c, expr.operand, scope);
      return expr.op === "!" ? BOOL : operand;
    }
    case "binary":
      return checkBinary(c, expr, scope);
    case "ternary":
      return checkTernary(c, expr, scope, expected);
    case "call":
      return checkCall(c, expr, scope);
    case "method-call":
      return checkMethodCall(c, expr, scope);
    case "property":
      return checkProperty(c, expr, scope);
    case "index":
      return checkIndex(c, expr, scope);
    case "slice": {
      const object = checkExpr(c, expr.object, scope);
      if (expr.from !== null) checkExpr(c, expr.from, scope);
      if (expr.to !== null) checkExpr(c, expr.to, scope);
      const seen = expand(object);
      return seen.kind === "named" && (seen.name === "list" || seen.name === "string") ? object : ANY;
    }
    case "range":
      checkExpr(c, expr.from, scope);
      checkExpr(c, expr.to, scope);
      return RANGE;
    case "closure":
      return checkClosure(c, expr, scope, expected);
    case "if":
      return checkIf(c, expr, scope);
    case "match":
      return checkMatch(c, expr, scope);
    default:
      return checkControl(c, expr, scope);
  }
}

type ControlKind =
  | "try"
  | "try-star"
  | "propagate"
  | "retry"
  | "deadline"
  | "mutex"
  | "spawn"
  | "yield"
  | "parallel"
  | "select";

function checkControl(c: Checker, expr: Extract<Expr, { kind: ControlKind }>, scope: Scope): Type {
  switch (expr.kind) {
    case "try":
      return checkTry(c, expr, scope);
    case "try-star":
      return checkExpr(c, expr.value, scope);
    case "propagate": {
      const value = expand(checkExpr(c, expr.value, scope));
      return value.kind === "named" && value.name === "Result" ? (value.args[0] ?? ANY) : ANY;
    }
    case "retry":
      checkExpr(c, expr.count, scope);
      forgetLoopAssignments(scope, expr.body);
      return inside(c, expr.body, scope);
    case "deadline":
      checkExpr(c, expr.duration, scope);
      return inside(c, expr.body, scope);
    case "mutex":
      return inside(c, expr.body, scope);
    case "spawn":
      // Runs on values of its own.
      checkBlock(c, expr.body, scope.child());
      return ANY;
    case "yield":
      if (expr.value !== null) checkExpr(c, expr.value, scope);
      return ANY;
    case "parallel":
      return checkParallel(c, expr, scope);
    case "select": {
      for (const { name, channel, body } of expr.cases) {
        checkExpr(c, channel, scope);
        inside(c, body, scope, [plainVariable(name.name, "other", name)]);
      }
      if (expr.timeout !== null) {
        checkExpr(c, expr.timeout.duration, scope);
        inside(c, expr.timeout.body, scope);
      }
      if (expr.defaultBody !== null) inside(c, expr.defaultBody, scope);
      return ANY;
    }
    default:
      return unreachable(expr);
  }
}

/** A block that may or may not have run when the program goes on. */
export function inside(c: Checker, block: Block, scope: Scope, variables: readonly Variable[] = []): Type {
  const inner = scope.child();
  for (const variable of variables) inner.declare(variable);
  const type = checkBlock(c, block, inner);
  scope.forgetAssigned(inner);
  return type;
}

function checkName(c: Checker, expr: Extract<Expr, { kind: "name" }>, scope: Scope): Type {
  const { name } = expr;
  const variable = scope.find(name);
  if (variable !== null) return typeOfVariable(variable, scope);
  if (scope.findType(name) !== null || name === "Ok" || name === "Err" || name === "Result") return ANY;
  if (isKnownElsewhere(c, name)) return ANY;
  reportUndefined(c, expr, "declare it with `let`, or import it", scope);
  return ANY;
}

function reportUndefined(c: Checker, span: Ident, help: string, scope: Scope): void {
  const { name } = span;
  const near = nearestName(c, name, scope);
  c.error("undefined-name", `\`${name}\` is not defined here`, span, {
    help: near === null ? help : `did you mean \`${near}\`?`,
    edits: near === null ? null : [{ span, replacement: near }],
    legacy: `Undefined variable: ${name}${near === null ? "" : ` (did you mean \`${near}\`?)`}`,
  });
}

/** A list of more kinds of things is a list of anything. */
const MOST_KINDS_OF_ITEMS = 24;

function checkList(c: Checker, expr: Extract<Expr, { kind: "list" }>, scope: Scope, expected: Type | null): Type {
  const wanted = expected === null ? null : expand(expected);
  const item = wanted?.kind === "named" && wanted.name === "list" ? (wanted.args[0] ?? null) : null;
  const types: Type[] = [];
  let isKnown = true;
  for (const part of expr.items) {
    const type = checkExpr(c, part, scope, item);
    if (part.kind === "spread" || type.kind === "any") isKnown = false;
    // Long lists of one type are usual; all others end in a few members or in `any`.
    else if (types.at(-1) !== type) types.push(type);
  }
  return isKnown && types.length > 0 ? listOf(unionOf(types, MOST_KINDS_OF_ITEMS)) : LIST;
}

function checkDict(c: Checker, expr: Extract<Expr, { kind: "dict" }>, scope: Scope, expected: Type | null): Type {
  const wanted = expected === null ? null : expand(expected);
  const fields = new Map<string, FieldType>();
  let isShape = expr.entries.length > 0;
  for (const { key, value } of expr.entries) {
    if (key?.kind === "key-computed") checkExpr(c, key.expr, scope);
    const name = key?.kind === "key-name" ? key.name : null;
    const type = checkExpr(c, value, scope, name === null ? null : expectedField(c, wanted, name));
    if (name === null) isShape = false;
    else fields.set(name, { name, type, optional: false });
  }
  return isShape ? { kind: "shape", fields: [...fields.values()] } : DICT;
}

function expectedField(c: Checker, wanted: Type | null, name: string): Type | null {
  if (wanted?.kind === "shape") return c.fieldOf(wanted, name)?.type ?? null;
  return wanted?.kind === "named" && wanted.name === "dict" ? (wanted.args[1] ?? null) : null;
}

function checkStructLiteral(c: Checker, expr: Extract<Expr, { kind: "struct-literal" }>, scope: Scope): Type {
  for (const { key, value } of expr.entries) {
    if (key?.kind === "key-computed") checkExpr(c, key.expr, scope);
    checkExpr(c, value, scope);
  }
  const info = scope.findType(expr.name.name);
  if (info !== null && "kind" in info && info.kind === "struct") {
    const open = expr.name.end + c.textOf({ ...expr, start: expr.name.end }).indexOf("{");
    return checkStruct(c, info, expr.entries, expr.name, { ...expr, start: open });
  }
  if (info !== null || c.env.isOpen) return ANY;
  // A struct that another block of the file declares is one when the program runs.
  if (!declarationsOf(c.env.module.file, "struct").some(({ name }) => name.name === expr.name.name))
    reportUndefined(c, expr.name, "declare it with `struct`, or import it", scope);
  return named(expr.name.name);
}

function checkTernary(c: Checker, expr: Extract<Expr, { kind: "ternary" }>, scope: Scope, expected: Type | null): Type {
  checkExpr(c, expr.condition, scope);
  const { whenTrue, whenFalse } = refine(c, expr.condition, scope);
  const branch = (value: Expr, learnt: typeof whenTrue): Type => {
    const inner = scope.child();
    apply(learnt, inner);
    const type = checkExpr(c, value, inner, expected);
    scope.forgetAssigned(inner);
    return type;
  };
  return unionOf([branch(expr.whenTrue, whenTrue), branch(expr.whenFalse, whenFalse)]);
}

function checkIf(c: Checker, expr: Extract<Expr, { kind: "if" }>, scope: Scope): Type {
  checkExpr(c, expr.condition, scope);
  const { whenTrue, whenFalse } = refine(c, expr.condition, scope);
  const thenScope = scope.child();
  apply(whenTrue, thenScope);
  const thenType = checkBlock(c, expr.consequent, thenScope);
  const elseScope = scope.child();
  apply(whenFalse, elseScope);
  let elseType: Type = NIL;
  if (expr.otherwise?.kind === "block") elseType = checkBlock(c, expr.otherwise, elseScope);
  else if (expr.otherwise !== null) elseType = checkExpr(c, expr.otherwise, elseScope);

  const thenExits = thenType.kind === "never";
  const elseExits = elseType.kind === "never";
  if (thenExits && !elseExits) apply(whenFalse, scope);
  if (elseExits && !thenExits) apply(whenTrue, scope);
  if (!thenExits) scope.forgetAssigned(thenScope);
  if (!elseExits) scope.forgetAssigned(elseScope);
  if (thenExits && elseExits) return NEVER;
  // Without an else nobody uses the value for certain.
  return expr.otherwise === null ? ANY : unionOf([thenType, elseType]);
}

function checkTry(c: Checker, expr: Extract<Expr, { kind: "try" }>, scope: Scope): Type {
  // `try { … }` alone is how a program looks at an error that it expects.
  const isProbe = expr.catch === null && expr.finally === null;
  if (isProbe) c.probes++;
  const value = inside(c, expr.body, scope);
  if (isProbe) c.probes--;
  let type: Type = ANY;
  if (isProbe) type = named("Result", [value.kind === "never" ? ANY : value, ANY]);
  else if (expr.catch !== null) {
    const { name, type: written, body } = expr.catch;
    const caught = written === null ? ANY : c.read(written, scope);
    const variables =
      name === null ? [] : [{ ...plainVariable(name.name, "catch", name, caught), typeSpan: written ?? null }];
    const handled = inside(c, body, scope, variables);
    type = value.kind === "never" && handled.kind === "never" ? NEVER : ANY;
  }
  if (expr.finally !== null) inside(c, expr.finally, scope);
  return type;
}

function checkParallel(c: Checker, expr: Extract<Expr, { kind: "parallel" }>, scope: Scope): Type {
  const over = expand(checkExpr(c, expr.over, scope));
  for (const option of expr.options) {
    const type = checkExpr(c, option.value, scope);
    if (option.name.name === "max_concurrent" && type.kind === "named" && type.name !== "int") {
      c.error("argument", "`max_concurrent` is a number of arms", option.value, {
        note: "expected int",
      });
    }
  }
  const inner = scope.child();
  if (expr.variable !== null) {
    const item = over.kind === "named" && over.name === "list" ? (over.args[0] ?? ANY) : ANY;
    const span = expr.variable;
    const { name } = span;
    inner.declare(plainVariable(name, "param", span, expr.mode === "count" ? INT : item));
  }
  checkBlock(c, expr.body, inner);
  return expr.mode === "settle" ? ANY : LIST;
}
