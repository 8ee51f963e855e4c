/** Fields, methods and items of values. */
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../syntax/ast.ts";
import { showType } from "../../types/display.ts";
import { kindName, splitByNil } from "../../types/narrowing.ts";
import { bindArguments, expand, membersOf, substitute } from "../../types/substitution.ts";
import {
  ANY,
  type InterfaceInfo,
  LIST,
  type NominalInfo,
  named,
  type Signature,
  STRING,
  type StructInfo,
  type Type,
} from "../../types/type.ts";
import { unionOf } from "../../types/union.ts";
import type { Scope } from "../scope.ts";
import { closestName } from "../suggestion.ts";
import { checkSignatureCall } from "./calls.ts";
import type { Checker } from "./checker.ts";
import { checkEnumValue } from "./constructors.ts";
import { checkExpr } from "./expressions.ts";
import { elsewhere } from "./mismatches.ts";
import { isNilUnlikely, mayBeNil } from "./nil.ts";

type Property = Extract<Expr, { kind: "property" }>;
type MethodCall = Extract<Expr, { kind: "method-call" }>;

export function checkProperty(c: Checker, expr: Property, scope: Scope): Type {
  const enumValue = enumMember(c, expr.object, expr.name.name, expr.name, null, expr, scope);
  if (enumValue !== null) return enumValue;
  const object = receiverType(c, expr, scope);
  const members = membersOf(object);
  return unionOf(members.map((member) => fieldOf(c, member, expr, scope)));
}

/**
 * Without nil: behind `?.` it gives nil, with which the language lets one go on; behind `.` it is reported, and what follows is judged for the
 * values that get there.
 */
function receiverType(c: Checker, expr: Property | MethodCall, scope: Scope): Type {
  const type = checkExpr(c, expr.object, scope);
  if (!mayBeNil(type)) return type;
  if (!expr.optional && !isNilUnlikely(c, expr.object, scope)) warnNil(c, expr, type, scope);
  return splitByNil(type).no;
}

function warnNil(c: Checker, expr: Property | MethodCall, type: Type, scope: Scope): void {
  const { object } = expr;
  const variable = object.kind === "name" ? scope.find(object.name) : null;
  const isCall = expr.kind === "method-call";
  const span = isCall ? expr.method : expr.name;
  const { name } = span;
  const shown = object.kind === "name" ? `\`${object.name}\`` : "this";
  const dot = c.env.module.text.lastIndexOf(".", span.start);
  c.warning("may-be-nil", `${shown} may be nil, which has no ${isCall ? "method" : "property"} \`${name}\``, object, {
    note: `this is ${showType(type)}`,
    labels: elsewhere(variable?.typeSpan ?? variable?.span ?? null, "declared here"),
    help: "`?.` gives nil in that case; or test it first, or give another value with `??`",
    edits:
      dot < object.end
        ? null
        : [
            {
              span: { start: dot, end: dot + 1 },
              replacement: "?.",
            },
          ],
  });
}

/** `Name.Variant` and `Name.Variant(…)`; null: `object` is no enum's name. */
function enumMember(
  c: Checker,
  object: Expr,
  variant: string,
  variantSpan: Span,
  args: readonly Expr[] | null,
  span: Span,
  scope: Scope,
): Type | null {
  if (object.kind !== "name" || scope.find(object.name) !== null) return null;
  const info = scope.findType(object.name);
  if (info === null) {
    if (object.name !== "Result" || args === null) return null;
    for (const arg of args) checkExpr(c, arg, scope);
    const value = args[0] === undefined ? ANY : c.types.get(args[0]);
    return named("Result", variant === "Ok" ? [value, ANY] : [ANY, value]);
  }
  if (!("kind" in info) || info.kind !== "enum") return null;
  for (const arg of args ?? []) checkExpr(c, arg, scope);
  return checkEnumValue(c, info, variant, variantSpan, args, span);
}

function fieldOf(c: Checker, object: Type, expr: Property, scope: Scope): Type {
  const span = expr.name;
  const { name } = span;
  if (object.kind === "shape") {
    const found = c.fieldOf(object, name);
    if (found !== undefined) return found.type;
    warnUnknownField(c, expr, object, scope);
    return ANY;
  }
  if (object.kind !== "named") return ANY;
  if (object.info?.kind === "struct") return structField(c, object.info, object.args, name, span);
  if (object.info?.kind === "enum") return name === "variant" ? STRING : name === "fields" ? LIST : ANY;
  switch (object.name) {
    case "dict":
      return object.args[1] ?? ANY;
    case "Pair":
    case "pair":
      return (name === "first" ? object.args[0] : name === "second" ? object.args[1] : null) ?? ANY;
    case "int":
    case "float":
    case "bool":
      if (!expr.optional && expand(c.types.get(expr.object)).kind === "named") {
        c.error("no-properties", `cannot access property \`${name}\` on ${object.name}`, span, {
          labels: [{ span: expr.object, text: `this is ${object.name}, which has no properties` }],
        });
      }
      return ANY;
    default:
      return ANY;
  }
}

function structField(c: Checker, info: StructInfo, args: readonly Type[], name: string, span: Span): Type {
  const field = info.fields().find((known) => known.name === name);
  if (field !== undefined) return field.type === null ? ANY : substitute(field.type, bindArguments(info.params, args));
  if (c.session.methods.get(info)?.has(name)) return ANY;
  const names = info.fields().map((known) => known.name);
  const near = closestName(name, names);
  c.warning("unknown-field", `struct \`${info.name}\` has no field \`${name}\``, span, {
    help: near === null ? `its fields are ${names.join(", ")}` : `did you mean \`${near}\`?`,
    edits: near === null ? null : [{ span, replacement: near }],
    labels: info.path === c.env.path ? elsewhere(info.span, "declared here") : [],
  });
  return ANY;
}

/** A dict may have more entries than its shape says; a name that is nearly a known one is a slip all the same. */
function warnUnknownField(c: Checker, expr: Property, shape: Extract<Type, { kind: "shape" }>, scope: Scope): void {
  const span = expr.name;
  const { name } = span;
  const near = closestName(
    name,
    shape.fields.map((field) => field.name),
  );
  const variable = expr.object.kind === "name" ? scope.find(expr.object.name) : null;
  if (near === null || variable === null || variable.kind === "var" || name.length < 3) return;
  c.warning("unknown-field", `\`${variable.name}\` has no field \`${name}\``, span, {
    help: `did you mean \`${near}\`?`,
    edits: [{ span, replacement: near }],
    labels: elsewhere(variable.typeSpan ?? variable.span, `its type is ${showType(shape)}`),
  });
}

export function checkIndex(c: Checker, expr: Extract<Expr, { kind: "index" }>, scope: Scope): Type {
  const object = expand(checkExpr(c, expr.object, scope));
  const index = checkExpr(c, expr.index, scope);
  if (object.kind === "shape") {
    const key = expr.index.kind === "string" ? expr.index.value : null;
    return key === null ? ANY : (c.fieldOf(object, key)?.type ?? ANY);
  }
  if (object.kind !== "named" || object.info !== null) return ANY;
  switch (object.name) {
    case "list":
      return kindName(index) === "int" ? (object.args[0] ?? ANY) : ANY;
    case "dict":
      return object.args[1] ?? ANY;
    default:
      return ANY;
  }
}

// ---------------------------------------------------------------- methods

/** Methods that call their first argument with an item of the list. */
const WITH_ITEM: ReadonlySet<string> = new Set(
  "map filter flat_map find find_index any all none for_each each sort_by group_by min_by max_by partition take_while skip_while".split(
    " ",
  ),
);

export function checkMethodCall(c: Checker, expr: MethodCall, scope: Scope): Type {
  const { args, method } = expr;
  const enumValue = enumMember(c, expr.object, method.name, method, args, expr, scope);
  if (enumValue !== null) return enumValue;
  const receiver = expand(receiverType(c, expr, scope));
  const item = receiver.kind === "named" && receiver.name === "list" ? receiver.args[0] : undefined;
  args.forEach((arg, i) => {
    const hint: Type | null =
      i === 0 && item !== undefined && WITH_ITEM.has(method.name) ? { kind: "fn", params: [item], result: ANY } : null;
    checkExpr(c, arg, scope, hint);
  });
  switch (receiver.kind) {
    case "named":
      return namedMethod(c, receiver, expr, scope);
    case "param": {
      const bound = receiver.param.bound();
      return bound === null ? ANY : interfaceMethod(c, bound, [], expr, scope, receiver.param.name);
    }
    case "shape": {
      const field = c.fieldOf(receiver, method.name);
      const type = field === undefined ? null : expand(field.type);
      if (type?.kind === "fn") return type.result;
      return field === undefined ? builtinMethod(c, "dict", receiver, expr) : ANY;
    }
    default:
      return ANY;
  }
}

function namedMethod(c: Checker, receiver: Extract<Type, { kind: "named" }>, expr: MethodCall, scope: Scope): Type {
  const { name } = expr.method;
  const { info } = receiver;
  if (info?.kind === "interface") return interfaceMethod(c, info, receiver.args, expr, scope, null);
  const declared = c.session.methodsOf(receiver)?.get(name);
  if (declared !== undefined) {
    return bound(checkSignatureCall(c, declared, expr.args, expr, scope, expr.method), info, receiver);
  }
  if (info?.kind === "struct") {
    if (info.fields().some((field) => field.name === name)) return ANY;
    if (c.signatures.method("dict", name) === null) warnStructMethod(c, info, receiver, expr);
    return builtinMethod(c, "dict", receiver, expr);
  }
  if (info !== null) return ANY;
  return builtinMethod(c, receiver.name, receiver, expr);
}

/** Its `impl` may stand in a module that is not known here: what is near to nothing is told for structs of this module alone. */
function warnStructMethod(
  c: Checker,
  info: Extract<NominalInfo, { kind: "struct" }>,
  receiver: Extract<Type, { kind: "named" }>,
  expr: MethodCall,
): void {
  const span = expr.method;
  const { name } = span;
  const own = [...(c.session.methodsOf(receiver)?.keys() ?? [])];
  const near = closestName(name, [...own, ...info.fields().map((field) => field.name)]);
  const isHere = info.path === c.env.path;
  if (near === null && !isHere) return;
  const methods = own.length === 0 ? "it has none" : `its methods are ${own.join(", ")}`;
  c.warning("unknown-method", `struct \`${info.name}\` has no method \`${name}\``, span, {
    help: near === null ? methods : `did you mean \`${near}\`?`,
    edits: near !== null && own.includes(near) ? [{ span, replacement: near }] : null,
    labels: isHere ? elsewhere(info.span, "declared here") : [],
  });
}

function bound(type: Type, info: NominalInfo | null, receiver: Extract<Type, { kind: "named" }>): Type {
  return info === null || receiver.info === null
    ? type
    : substitute(type, bindArguments(receiver.info.params, receiver.args));
}

function interfaceMethod(
  c: Checker,
  info: InterfaceInfo,
  args: readonly Type[],
  expr: MethodCall,
  scope: Scope,
  param: string | null,
): Type {
  const span = expr.method;
  const { name } = span;
  const found = info.methods().get(name);
  if (found !== undefined) {
    const bindings = new Map(bindArguments(info.params, args));
    for (const { param: associated } of info.associated()) bindings.set(associated, ANY);
    const concrete: Signature = {
      ...found,
      params: found.params.map((known) => ({
        ...known,
        type: known.type === null ? null : substitute(known.type, bindings),
      })),
      result: found.result === null ? null : substitute(found.result, bindings),
    };
    // The value behind it may take more than its interface promises.
    return checkSignatureCall(c, concrete, expr.args, expr, scope, span, "warning");
  }
  const names = [...info.methods().keys()];
  const near = closestName(name, names);
  const why = param === null ? "" : `, which is all that is known of ${param}`;
  c.warning("unknown-method", `interface \`${info.name}\` has no method \`${name}\`${why}`, span, {
    help: near === null ? `it has ${names.join(", ")}` : `did you mean \`${near}\`?`,
    edits: near === null ? null : [{ span, replacement: near }],
    labels: info.path === c.env.path ? elsewhere(info.span, "declared here") : [],
  });
  return ANY;
}

/** Kinds of which all methods are in the table; a dict may hold a closure under any name. */
const CLOSED_KINDS: ReadonlySet<string> = new Set(["string", "list", "set", "int", "float", "bool", "range"]);

function builtinMethod(c: Checker, kind: string, receiver: Type, expr: MethodCall): Type {
  const span = expr.method;
  const { name } = span;
  const signature = c.signatures.method(kind, name);
  if (signature !== null) {
    if (kind === "list" && name === "iter" && receiver.kind === "named") return named("iter", receiver.args);
    return signature.result ?? ANY;
  }
  if (!CLOSED_KINDS.has(kind)) return ANY;
  const near = closestName(name, c.signatures.methodNames(kind));
  c.warning("unknown-method", `a ${kind} has no method \`${name}\``, span, {
    help: near === null ? null : `did you mean \`${near}\`?`,
    edits: near === null ? null : [{ span, replacement: near }],
    labels: [{ span: expr.object, text: `this is ${showType(receiver)}` }],
  });
  return ANY;
}
