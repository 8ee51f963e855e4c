/**
 * What a condition teaches about variables, on the way where it holds and on the way where it does not.
 *
 * Recognised: `x`, `x == nil`, `type_of(x) == "int"`, `x == "literal"`, `x.tag == "literal"`, `x.has("field")`, `"field" in x`, `is_type(x, T)` and
 * `schema_is(x, T)`, and `!`, `&&`, `||` over them.
 */
import type { Expr } from "../../syntax/ast.ts";
import {
  splitByField,
  splitByKind,
  splitByLiteral,
  splitByNil,
  splitBySchema,
  splitByTag,
  TYPE_OF_NAMES,
} from "../../types/narrowing.ts";
import { typeOfSchema } from "../../types/schema.ts";
import { membersOf } from "../../types/substitution.ts";
import { isNamed, type Type } from "../../types/type.ts";
import type { Scope, Variable } from "../scope.ts";
import type { Checker } from "./checker.ts";

export interface Learnt {
  readonly variable: Variable;
  readonly type: Type;
}

export interface Refinement {
  readonly whenTrue: readonly Learnt[];
  readonly whenFalse: readonly Learnt[];
}

const NOTHING: Refinement = { whenTrue: [], whenFalse: [] };

export function refine(c: Checker, condition: Expr, scope: Scope): Refinement {
  switch (condition.kind) {
    case "name":
      return refineTruth(condition.name, scope);
    case "unary": {
      if (condition.op !== "!") return NOTHING;
      const { whenTrue, whenFalse } = refine(c, condition.operand, scope);
      return { whenTrue: whenFalse, whenFalse: whenTrue };
    }
    case "binary":
      switch (condition.op) {
        case "==":
          noteTested(c, condition.left, condition.right);
          return refineEquality(condition.left, condition.right, scope);
        case "!=": {
          noteTested(c, condition.left, condition.right);
          const { whenTrue, whenFalse } = refineEquality(condition.left, condition.right, scope);
          return { whenTrue: whenFalse, whenFalse: whenTrue };
        }
        case "in":
        case "not in": {
          if (condition.left.kind !== "string") return NOTHING;
          const { value } = condition.left;
          const { whenTrue, whenFalse } = learn(condition.right, scope, (type) => splitByField(type, value));
          return condition.op === "in" ? { whenTrue, whenFalse } : { whenTrue: whenFalse, whenFalse: whenTrue };
        }
        case "&&":
        case "||":
          return refineBoth(c, condition, scope);
        default:
          return NOTHING;
      }
    case "property":
    case "index":
      noteTested(c, condition);
      return NOTHING;
    case "method-call": {
      noteTested(c, condition, condition.object);
      const [arg] = condition.args;
      if (condition.method.name !== "has" || arg?.kind !== "string" || condition.args.length !== 1) return NOTHING;
      return learn(condition.object, scope, (type) => splitByField(type, arg.value));
    }
    case "call": {
      noteTested(c, condition, ...condition.args);
      const name = condition.callee.kind === "name" ? condition.callee.name : "";
      const [subject, schema] = condition.args;
      if ((name !== "is_type" && name !== "schema_is") || subject === undefined || schema === undefined) return NOTHING;
      const described = schemaType(schema, scope);
      return described === null
        ? NOTHING
        : learn(subject, scope, (type) => splitBySchema(type, described, c.session.methodsOf));
    }
    default:
      return NOTHING;
  }
}

/** What is not a variable is not narrowed; but it was asked about, so that nobody need be told that it may be nil. */
function noteTested(c: Checker, ...subjects: readonly Expr[]): void {
  for (const subject of subjects) {
    if (subject.kind === "property" || subject.kind === "index" || subject.kind === "method-call")
      c.tested.add(c.textOf(subject));
    else if (subject.kind === "call") {
      c.tested.add(c.textOf(subject));
      noteTested(c, ...subject.args);
    }
  }
}

/** The type that an expression describes where a schema is expected; null: unknown. */
export function schemaType(schema: Expr, scope: Scope): Type | null {
  return typeOfSchema(schema, (name) => {
    const variable = scope.find(name);
    if (variable !== null) return variable.schema;
    const info = scope.findType(name);
    if (info === null || !("kind" in info) || info.params.length > 0) return null;
    return info.kind === "alias" ? { kind: "alias", info, args: [] } : null;
  });
}

export function apply(learnt: readonly Learnt[], scope: Scope): void {
  for (const { variable, type } of learnt) scope.narrow(variable, type);
}

/** `a && b` holds when both do, and what `a` teaches is known when `b` is tested; `||` likewise when neither holds. */
function refineBoth(c: Checker, condition: Extract<Expr, { kind: "binary" }>, scope: Scope): Refinement {
  const left = refine(c, condition.left, scope);
  const isAnd = condition.op === "&&";
  const between = scope.child();
  apply(isAnd ? left.whenTrue : left.whenFalse, between);
  const right = refine(c, condition.right, between);
  return isAnd
    ? { whenTrue: [...left.whenTrue, ...right.whenTrue], whenFalse: [] }
    : { whenTrue: [], whenFalse: [...left.whenFalse, ...right.whenFalse] };
}

function refineTruth(name: string, scope: Scope): Refinement {
  const variable = scope.find(name);
  if (variable === null) return NOTHING;
  const type = scope.typeOf(variable);
  if (!membersOf(type).some((member) => isNamed(member, "nil"))) return NOTHING;
  // Where it does not hold it may still be 0, "" or false.
  return { whenTrue: [{ variable, type: splitByNil(type).no }], whenFalse: [] };
}

const MOST_NARROWED = 128;

function refineEquality(left: Expr, right: Expr, scope: Scope): Refinement {
  return oneWay(left, right, scope) ?? oneWay(right, left, scope) ?? NOTHING;
}

function oneWay(subject: Expr, value: Expr, scope: Scope): Refinement | null {
  if (value.kind === "nil" && subject.kind === "name") return learn(subject, scope, splitByNil);
  if (value.kind !== "string" && value.kind !== "int") return null;
  const literal = value.value;
  if (subject.kind === "call") {
    const [arg] = subject.args;
    const isTest = subject.callee.kind === "name" && subject.callee.name === "type_of" && subject.args.length === 1;
    if (!isTest || arg === undefined || typeof literal !== "string" || !TYPE_OF_NAMES.includes(literal)) return null;
    return learn(arg, scope, (type) => splitByKind(type, literal));
  }
  if (subject.kind === "property" && subject.object.kind === "name") {
    return learn(subject.object, scope, (type) => splitByTag(type, subject.name.name, literal));
  }
  if (subject.kind !== "name") return null;
  return learn(subject, scope, (type) => {
    // A plain string stays a string: it would only make messages longer.
    const { length } = membersOf(type);
    return length > 1 && length <= MOST_NARROWED ? splitByLiteral(type, literal) : { yes: type, no: type };
  });
}

function learn(
  subject: Expr,
  scope: Scope,
  split: (type: Type) => { readonly yes: Type; readonly no: Type },
): Refinement {
  const variable = subject.kind === "name" ? scope.find(subject.name) : null;
  if (variable === null) return NOTHING;
  const type = scope.typeOf(variable);
  const { yes, no } = split(type);
  return {
    whenTrue: yes === type ? [] : [{ variable, type: yes }],
    whenFalse: no === type ? [] : [{ variable, type: no }],
  };
}
