/** Calls of functions, builtins and constructors, and the values that constructors make. */
import type { Span } from "../../base/span.ts";
import type { DictEntry, Expr } from "../../syntax/ast.ts";
import { interfaceMismatch } from "../../types/assignability.ts";
import { showSignature, showType } from "../../types/display.ts";
import { inferBindings } from "../../types/inference.ts";
import { kindName, TYPE_OF_NAMES } from "../../types/narrowing.ts";
import { type Bindings, expand, substitute } from "../../types/substitution.ts";
import {
  ANY,
  type EnumInfo,
  INT,
  named,
  type ParamType,
  RANGE,
  type Signature,
  type StructInfo,
  type Type,
  type TypeParamInfo,
} from "../../types/type.ts";
import type { Scope, Variable } from "../scope.ts";
import { closestName } from "../suggestion.ts";
import type { Checker } from "./checker.ts";
import { checkExpr } from "./expressions.ts";
import { elsewhere, explainMisfit, findMisfit } from "./mismatches.ts";
import { schemaType } from "./refinements.ts";
import { functionType } from "./session.ts";

type Call = Extract<Expr, { kind: "call" }>;

export function checkCall(c: Checker, call: Call, scope: Scope): Type {
  if (call.callee.kind !== "name") {
    const callee = checkExpr(c, call.callee, scope);
    checkArguments(c, call.args, scope);
    const seen = expand(callee);
    return seen.kind === "fn" ? seen.result : ANY;
  }
  const { name } = call.callee;
  const variable = scope.find(name);
  const expected = variable === null ? null : parameterTypes(variable, scope);
  checkArguments(c, call.args, scope, expected);
  return checkValueCall(c, name, call.callee, call.args, call.span, scope);
}

function parameterTypes(variable: Variable, scope: Scope): readonly (Type | null)[] {
  if (variable.signature !== null && variable.signature.typeParams.length === 0) {
    return variable.signature.params.map(({ type }) => type);
  }
  const seen = expand(scope.typeOf(variable));
  return seen.kind === "fn" ? seen.params : [];
}

function checkArguments(
  c: Checker,
  args: readonly Expr[],
  scope: Scope,
  expected: readonly (Type | null)[] | null = null,
): void {
  for (const [i, arg] of args.entries()) checkExpr(c, arg, scope, expected?.[i] ?? null);
}

/** A call by name; the arguments have been checked. */
export function checkValueCall(
  c: Checker,
  name: string,
  callee: Expr,
  args: readonly Expr[],
  span: Span,
  scope: Scope,
): Type {
  const variable = scope.find(name);
  if (variable !== null) {
    c.types.set(callee, scope.typeOf(variable));
    if (variable.signature !== null) return checkSignatureCall(c, variable.signature, args, span, scope, callee.span);
    return callOfValue(c, name, scope.typeOf(variable), args, callee, variable);
  }
  const info = scope.findType(name);
  if (info !== null && "kind" in info && info.kind === "struct") return constructorCall(c, info, args);
  if (info !== null) return ANY;
  if (name === "Ok" || name === "Err") {
    const value = args[0] === undefined ? ANY : (c.types.get(args[0]) ?? ANY);
    return named("Result", name === "Ok" ? [value, ANY] : [ANY, value]);
  }
  const builtin = c.signatures.of(name);
  if (builtin !== null) return checkBuiltinCall(c, builtin, args, span, scope);
  if (!isKnownElsewhere(c, name)) reportUnknownCallee(c, name, callee.span, scope);
  return ANY;
}

const MOST_SEARCHES = 100;

/** Names that mean something without being declared where the checker looks. */
export function isKnownElsewhere(c: Checker, name: string): boolean {
  if (c.env.isOpen || c.env.topNames.has(name) || c.session.globals.has(name)) return true;
  if (name.startsWith("__") || name === "_" || name === "Some" || name === "None" || name === "select") return true;
  return c.signatures.table.builtins.has(name);
}

/** null: none is near, or so many names are unknown that the reason is another. */
export function nearestName(c: Checker, name: string, scope: Scope): string | null {
  if (c.searches++ >= MOST_SEARCHES) return null;
  return closestName(
    name,
    new Set([
      ...scope.names(),
      ...scope.typeNames(),
      ...c.env.topNames,
      ...c.signatures.table.builtins.keys(),
      ...c.session.globals,
    ]),
  );
}

function reportUnknownCallee(c: Checker, name: string, span: Span, scope: Scope): void {
  const near = nearestName(c, name, scope);
  const message = `call target \`${name}\` is not defined or imported`;
  c.error("undefined-call", message, span, {
    help: near === null ? null : `did you mean \`${near}\`?`,
    edits: near === null ? null : [{ span, replacement: near }],
    ...(near === null ? {} : { legacy: `${message} — did you mean \`${near}\`?` }),
  });
}

function callOfValue(
  c: Checker,
  name: string,
  type: Type,
  args: readonly Expr[],
  callee: Expr,
  variable: Variable,
): Type {
  const seen = expand(type);
  if (seen.kind === "fn") {
    seen.params.forEach((param, i) => {
      const arg = args[i];
      const misfit = arg === undefined || arg.kind === "spread" ? null : findMisfit(c, arg, param);
      if (misfit === null) return;
      const { note, help, edits } = explainMisfit(c, misfit);
      c.error(
        "argument",
        `argument ${i + 1} of \`${name}\`: expected ${showType(param)}, got ${showType(c.types.get(arg!) ?? ANY)}`,
        misfit.span,
        {
          note,
          help,
          edits,
          labels: elsewhere(variable.typeSpan, "as this type says"),
        },
      );
    });
    return seen.result;
  }
  const kind = kindName(seen);
  const callable =
    kind === null || kind === "closure" || !TYPE_OF_NAMES.includes(kind) || kind === "nil" || kind === "dict";
  if (!callable) {
    c.error("not-callable", `\`${name}\` is ${showType(type)}, which cannot be called`, callee.span, {
      labels: elsewhere(variable.span, "bound here"),
    });
  }
  return ANY;
}

/** Checks arguments against what a function declares, and answers its result. `severity`: of an argument that does not fit. */
export function checkSignatureCall(
  c: Checker,
  signature: Signature,
  args: readonly Expr[],
  span: Span,
  scope: Scope,
  calleeSpan: Span,
  severity: "error" | "warning" = "error",
): Type {
  warnDeprecated(c, signature, calleeSpan);
  const hasSpread = args.some((arg) => arg.kind === "spread");
  if (!hasSpread) warnArity(c, signature, args.length, span, calleeSpan);
  const { bindings, clashed } = hasSpread
    ? { bindings: new Map(), clashed: new Set<number>() }
    : bindGenerics(c, signature, args, scope);
  if (!hasSpread) {
    eachArgument(signature.params, args, (param, arg, i) => {
      if (!clashed.has(i)) checkArgument(c, signature, param, bindings, arg, i, severity);
    });
  }
  checkBounds(c, signature, bindings, args, span);
  if (signature.result === null) return ANY;
  const open = new Map<TypeParamInfo, Type>(signature.typeParams.map((param) => [param, bindings.get(param) ?? ANY]));
  return substitute(signature.result, open);
}

function eachArgument(
  params: readonly ParamType[],
  args: readonly Expr[],
  visit: (param: ParamType, arg: Expr, index: number) => void,
): void {
  args.forEach((arg, i) => {
    const param = params[i];
    // A rest parameter's type is that of the list.
    if (param !== undefined && !param.rest) visit(param, arg, i);
  });
}

function bindGenerics(
  c: Checker,
  signature: Signature,
  args: readonly Expr[],
  scope: Scope,
): { readonly bindings: Map<TypeParamInfo, Type>; readonly clashed: ReadonlySet<number> } {
  const bindings = new Map<TypeParamInfo, Type>();
  const clashed = new Set<number>();
  if (signature.typeParams.length === 0) return { bindings, clashed };
  const open = new Set(signature.typeParams);
  const boundBy = new Map<TypeParamInfo, Expr>();
  eachArgument(signature.params, args, (param, arg, i) => {
    if (param.type === null) return;
    const before = new Set(bindings.keys());
    const wanted = param.type;
    const isSchema = wanted.kind === "named" && wanted.name === "Schema" && wanted.args.length === 1;
    const actual = isSchema ? schemaType(arg, scope) : (c.types.get(arg) ?? ANY);
    if (actual === null) return;
    const clash = inferBindings(isSchema ? wanted.args[0]! : wanted, actual, open, bindings, c.session.methodsOf);
    for (const bound of bindings.keys()) if (!before.has(bound)) boundBy.set(bound, arg);
    if (clash === null) return;
    clashed.add(i);
    const first = [...boundBy.values()][0];
    c.error("generic-conflict", clash, arg.span, {
      note: `this is ${showType(actual)}`,
      labels:
        first === undefined || first === arg
          ? []
          : [{ span: first.span, text: `this is ${showType(c.types.get(first) ?? ANY)}` }],
      help: `\`${signature.name}\` uses one type parameter for both, so both must have one type`,
    });
  });
  return { bindings, clashed };
}

function checkArgument(
  c: Checker,
  signature: Signature,
  param: ParamType,
  bindings: Bindings,
  arg: Expr,
  index: number,
  severity: "error" | "warning",
): void {
  if (param.type === null) return;
  const wanted = expand(param.type);
  if (wanted.kind === "named" && wanted.name === "Schema") return;
  const actual = c.types.get(arg) ?? ANY;
  if (param.nilDefault && actual.kind === "named" && actual.name === "nil") return;
  const expected = substitute(param.type, bindings);
  const misfit = findMisfit(c, arg, expected);
  if (misfit === null) return;
  const { note, help, edits } = explainMisfit(c, misfit);
  const here = c.env.path === signature.path;
  const said = `expected ${showType(expected)}, got ${showType(actual)}`;
  const value =
    arg.kind === "string" || arg.kind === "int" || arg.kind === "float" || arg.kind === "bool" ? ` (${arg.value})` : "";
  c[severity]("argument", `argument ${index + 1} ('${param.name}') of \`${signature.name}\`: ${said}`, misfit.span, {
    note,
    help: help ?? (here ? null : `${signature.path} declares ${showSignature(signature)}`),
    edits,
    labels: here ? elsewhere(param.span, "declared here") : [],
    legacy: `Argument ${index + 1}: TypeError: parameter '${param.name}' ${said}${value}`,
  });
}

function checkBounds(c: Checker, signature: Signature, bindings: Bindings, args: readonly Expr[], span: Span): void {
  for (const param of signature.typeParams) {
    const bound = param.bound();
    const actual = bindings.get(param);
    if (bound === null || actual === undefined) continue;
    const reason = interfaceMismatch(actual, bound, [], c.session.methodsOf);
    if (reason === null) continue;
    const at = signature.params.findIndex(({ type }) => type?.kind === "param" && type.param === param);
    c.error(
      "constraint",
      `Type '${showType(actual)}' does not satisfy interface '${bound.name}': ${reason}`,
      args[at]?.span ?? span,
      {
        note: `this is ${showType(actual)}`,
        help: `\`${signature.name}\` needs it: \`where ${param.name}: ${bound.name}\``,
        labels: bound.path === c.env.path ? elsewhere(bound.span, "the interface") : [],
      },
    );
  }
}

function warnArity(c: Checker, signature: Signature, given: number, span: Span, calleeSpan: Span): void {
  const { params } = signature;
  const least = params.filter(({ optional }) => !optional).length;
  const most = params.some(({ rest }) => rest) ? Number.POSITIVE_INFINITY : params.length;
  if (given >= least && given <= most) return;
  // Of another module's function only what it annotates is certain to be meant: the rest may do with nil.
  if (given < least && signature.path !== c.env.path && params.slice(given).every(({ type }) => type === null)) return;
  const range =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  c.warning(
    "arity",
    `\`${signature.name}\` takes ${range} argument${range === "1" ? "" : "s"}, not ${given}`,
    span.end > span.start ? span : calleeSpan,
    {
      help: showSignature(signature),
      labels: signature.path === c.env.path ? elsewhere(signature.span, "declared here") : [],
    },
  );
}

function warnDeprecated(c: Checker, signature: Signature, span: Span): void {
  const found = c.deprecation(signature.path === c.env.path ? signature.span : null);
  if (found === null) return;
  const since = found.since === null ? "" : ` (since ${found.since})`;
  c.warning("deprecated", `\`${signature.name}\` is deprecated${since}`, span, {
    help: found.use === null ? null : `use \`${found.use}\` instead`,
    edits: found.use === null ? null : [{ span, replacement: found.use }],
  });
}

// ---------------------------------------------------------------- builtins

function checkBuiltinCall(c: Checker, signature: Signature, args: readonly Expr[], span: Span, scope: Scope): Type {
  const [first, second] = args;
  switch (signature.name) {
    case "unreachable":
      checkUnreachable(c, first, span, scope);
      return signature.result ?? ANY;
    case "range":
      return RANGE;
    case "iter":
      return iteratorOver(first === undefined ? ANY : (c.types.get(first) ?? ANY));
    case "schema_expect":
      return second === undefined ? ANY : (schemaType(second, scope) ?? ANY);
    default:
      return signature.result ?? ANY;
  }
}

function iteratorOver(source: Type): Type {
  const seen = expand(source);
  if (seen.kind !== "named" || seen.info !== null) return ANY;
  switch (seen.name) {
    case "list":
    case "set":
    case "iter":
    case "generator":
      return named("iter", seen.args);
    case "range":
      return named("iter", [INT]);
    case "dict":
    case "string":
      return named("iter");
    default:
      return ANY;
  }
}

function checkUnreachable(c: Checker, arg: Expr | undefined, span: Span, scope: Scope): void {
  if (arg?.kind === "name") {
    const type = c.types.get(arg) ?? ANY;
    if (type.kind !== "never" && type.kind !== "any" && type.kind !== "unknown") {
      c.error(
        "not-unreachable",
        `unreachable() argument has type \`${showType(type)}\`: not all cases are handled`,
        arg.span,
        {
          note: `still ${showType(type)}`,
          help: "handle what is left before this place",
        },
      );
    }
  }
  warnUnknownLeft(c, span, "unreachable()", scope);
}

/** Where a chain of `type_of` tests ends for good, an `unknown` that could still be something is a case that was forgotten. */
export function warnUnknownLeft(c: Checker, span: Span, site: string, scope: Scope): void {
  for (const [variable, type] of scope.narrowings()) {
    if (type.kind !== "unknown" || type.not.length === 0) continue;
    const missing = TYPE_OF_NAMES.filter((name) => !type.not.includes(name));
    c.warning(
      "unknown-left",
      `\`${site}\` ends the tests of \`${variable.name}\`, which could still be ${missing.join(", ")}`,
      span,
      {
        labels: elsewhere(variable.typeSpan, "unknown says that it can be anything"),
      },
    );
  }
}

// ---------------------------------------------------------------- structs and enums

function constructorCall(c: Checker, info: StructInfo, args: readonly Expr[]): Type {
  const [first] = args;
  if (first?.kind === "dict") return checkStruct(c, info, first.entries, first.span);
  return named(
    info.name,
    info.params.map(() => ANY),
    info,
  );
}

/** `Name { … }` or `Name({ … })`; the values have been checked. */
export function checkStruct(c: Checker, info: StructInfo, entries: readonly DictEntry[], span: Span): Type {
  const fields = info.fields();
  const bindings = new Map<TypeParamInfo, Type>();
  const open = new Set(info.params);
  const given = new Map<string, Expr>();
  let isWhole = true;
  for (const { key, value } of entries) {
    if (key?.kind !== "key-name") {
      isWhole = false;
      continue;
    }
    given.set(key.name, value);
    if (fields.some(({ name }) => name === key.name)) continue;
    const near = closestName(
      key.name,
      fields.map(({ name }) => name),
    );
    c.warning("unknown-field", `struct \`${info.name}\` has no field \`${key.name}\``, key.span, {
      help: near === null ? null : `did you mean \`${near}\`?`,
      edits: near === null ? null : [{ span: key.span, replacement: near }],
      labels: info.path === c.env.path ? elsewhere(info.span, "declared here") : [],
    });
  }
  for (const field of fields) {
    const value = given.get(field.name);
    if (value === undefined) {
      if (field.optional || !isWhole) continue;
      c.warning("missing-field", `a \`${info.name}\` needs the field \`${field.name}\``, span, {
        labels: info.path === c.env.path ? elsewhere(field.span, "declared here") : [],
      });
    } else if (field.type !== null) {
      inferBindings(field.type, c.types.get(value) ?? ANY, open, bindings, c.session.methodsOf);
    }
  }
  for (const field of fields) {
    const value = given.get(field.name);
    if (value === undefined || field.type === null) continue;
    if (field.optional && value.kind === "nil") continue;
    const expected = substitute(field.type, bindings);
    const misfit = findMisfit(c, value, expected);
    if (misfit === null) continue;
    const { note, help, edits } = explainMisfit(c, misfit);
    const said = `expects ${showType(expected)}, got ${showType(c.types.get(value) ?? ANY)}`;
    c.error("field-type", `field '${field.name}' of struct '${info.name}' ${said}`, misfit.span, {
      note,
      help,
      edits,
      labels: info.path === c.env.path ? elsewhere(field.span, "declared here") : [],
      legacy: `Field '${field.name}' in struct '${info.name}' ${said}`,
    });
  }
  return named(
    info.name,
    info.params.map((param) => bindings.get(param) ?? ANY),
    info,
  );
}

/** `Name.Variant` or `Name.Variant(…)`; the arguments have been checked. */
export function checkEnumValue(
  c: Checker,
  info: EnumInfo,
  variant: string,
  variantSpan: Span,
  args: readonly Expr[] | null,
  span: Span,
): Type {
  const variants = info.variants();
  const found = variants.find(({ name }) => name === variant);
  const bindings = new Map<TypeParamInfo, Type>();
  const here = info.path === c.env.path;
  if (found === undefined) {
    const near = closestName(
      variant,
      variants.map(({ name }) => name),
    );
    c.warning("unknown-variant", `enum \`${info.name}\` has no variant \`${variant}\``, variantSpan, {
      help:
        near === null ? `its variants are ${variants.map(({ name }) => name).join(", ")}` : `did you mean \`${near}\`?`,
      edits: near === null ? null : [{ span: variantSpan, replacement: near }],
      labels: here ? elsewhere(info.span, "declared here") : [],
    });
  } else if (args !== null) {
    if (args.length !== found.fields.length && !args.some((arg) => arg.kind === "spread")) {
      c.warning(
        "arity",
        `\`${info.name}.${variant}\` takes ${found.fields.length} argument${found.fields.length === 1 ? "" : "s"}, not ${args.length}`,
        span,
        {
          labels: here ? elsewhere(found.span, "declared here") : [],
        },
      );
    }
    const open = new Set(info.params);
    const clashed = new Set<number>();
    found.fields.forEach((field, i) => {
      const arg = args[i];
      if (arg === undefined || field.type === null) return;
      const clash = inferBindings(field.type, c.types.get(arg) ?? ANY, open, bindings, c.session.methodsOf);
      if (clash === null) return;
      clashed.add(i);
      c.error("generic-conflict", clash, arg.span, { labels: here ? elsewhere(found.span, "declared here") : [] });
    });
    found.fields.forEach((field, i) => {
      const arg = args[i];
      if (arg === undefined || field.type === null || clashed.has(i)) return;
      const expected = substitute(field.type, bindings);
      const misfit = findMisfit(c, arg, expected);
      if (misfit === null) return;
      const { note, help, edits } = explainMisfit(c, misfit);
      c.error(
        "argument",
        `${info.name}.${variant} expects ${field.name}: ${showType(expected)}, got ${showType(c.types.get(arg) ?? ANY)}`,
        misfit.span,
        {
          note,
          help,
          edits,
          labels: here ? elsewhere(field.span, "declared here") : [],
        },
      );
    });
  }
  return named(
    info.name,
    info.params.map((param) => bindings.get(param) ?? ANY),
    info,
  );
}

/** A function's name as a value. */
export function typeOfVariable(variable: Variable, scope: Scope): Type {
  return variable.signature !== null ? functionType(variable.signature) : scope.typeOf(variable);
}
