/** Calls of functions, builtins and constructors, and the values that constructors make. */
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../syntax/ast.ts";
import { interfaceMismatch } from "../../types/assignability.ts";
import { showSignature, showType } from "../../types/display.ts";
import { inferBindings } from "../../types/inference.ts";
import { kindName, TYPE_OF_NAMES } from "../../types/narrowing.ts";
import { type Bindings, expand, substitute } from "../../types/substitution.ts";
import {
  ANY,
  INT,
  named,
  type ParamType,
  RANGE,
  type Signature,
  type Type,
  type TypeParamInfo,
} from "../../types/type.ts";
import type { Scope, Variable } from "../scope.ts";
import { closestName } from "../suggestion.ts";
import type { Checker } from "./checker.ts";
import { constructorCall } from "./constructors.ts";
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
  return checkValueCall(c, name, call.callee, call.args, call, scope);
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
    if (variable.signature !== null) return checkSignatureCall(c, variable.signature, args, span, scope, callee);
    return callOfValue(c, name, scope.typeOf(variable), args, callee, variable);
  }
  const info = scope.findType(name);
  if (info !== null && "kind" in info && info.kind === "struct") return constructorCall(c, info, args);
  if (info !== null) return ANY;
  if (name === "Ok" || name === "Err") {
    const value = args[0] === undefined ? ANY : c.types.get(args[0]);
    return named("Result", name === "Ok" ? [value, ANY] : [ANY, value]);
  }
  const builtin = c.signatures.of(name);
  if (builtin !== null) return checkBuiltinCall(c, builtin, args, span, scope);
  if (!isKnownElsewhere(c, name)) reportUnknownCallee(c, name, callee, scope);
  return ANY;
}

const MOST_SEARCHES = 100;

/** Names that mean something without being declared where the checker looks. */
export function isKnownElsewhere(c: Checker, name: string): boolean {
  if (c.env.isOpen || c.env.topNames.has(name) || c.globals.has(name)) return true;
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
      ...c.globals,
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
        `argument ${i + 1} of \`${name}\`: expected ${showType(param)}, got ${showType(c.types.get(arg!))}`,
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
    c.error("not-callable", `\`${name}\` is ${showType(type)}, which cannot be called`, callee, {
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
  if (!hasSpread) warnArity(c, signature, args, span, calleeSpan);
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
    const actual = isSchema ? schemaType(arg, scope) : c.types.get(arg);
    if (actual === null) return;
    const clash = inferBindings(isSchema ? wanted.args[0]! : wanted, actual, open, bindings, c.session.methodsOf);
    for (const bound of bindings.keys()) if (!before.has(bound)) boundBy.set(bound, arg);
    if (clash === null) return;
    clashed.add(i);
    const first = [...boundBy.values()][0];
    const wantedHere = [...bindings.values()].find((known) => !c.assignable(known, actual)) ?? ANY;
    const mend = explainMisfit(c, { span: arg, expr: arg, expected: wantedHere, actual, missing: null });
    c.error("generic-conflict", clash, arg, {
      edits: mend.edits,
      note: `this is ${showType(actual)}`,
      labels:
        first === undefined || first === arg ? [] : [{ span: first, text: `this is ${showType(c.types.get(first))}` }],
      help: mend.help ?? `\`${signature.name}\` uses one type parameter for both, so both must have one type`,
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
  const actual = c.types.get(arg);
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
      args[at] ?? span,
      {
        note: `this is ${showType(actual)}`,
        help: `\`${signature.name}\` needs it: \`where ${param.name}: ${bound.name}\``,
        labels: bound.path === c.env.path ? elsewhere(bound.span, "the interface") : [],
      },
    );
  }
}

function warnArity(c: Checker, signature: Signature, args: readonly Expr[], span: Span, calleeSpan: Span): void {
  const { params } = signature;
  const given = args.length;
  const least = params.filter(({ optional }) => !optional).length;
  const most = params.some(({ rest }) => rest) ? Number.POSITIVE_INFINITY : params.length;
  if (given >= least && given <= most) return;
  // Of another module's function only what it annotates is certain to be meant: the rest may do with nil.
  if (given < least && signature.path !== c.env.path && params.slice(given).every(({ type }) => type === null)) return;
  const range = countText(least, most);
  const extra = given > most ? extraArguments(args, most) : null;
  const shown = showSignature(signature);
  c.warning(
    "arity",
    `\`${signature.name}\` takes ${range}, not ${given}`,
    extra ?? (span.end > span.start ? span : calleeSpan),
    {
      help: extra === null ? shown : `remove what is too much for \`${shown}\``,
      edits:
        extra === null ? null : [{ span: { ...extra, start: args[most - 1]?.end ?? extra.start }, replacement: "" }],
      labels: signature.path === c.env.path ? elsewhere(signature.span, "declared here") : [],
    },
  );
}

function countText(least: number, most: number): string {
  if (most === 0) return "no arguments";
  const noun = (most === Number.POSITIVE_INFINITY ? least : most) === 1 ? "argument" : "arguments";
  if (least === most) return `${least} ${noun}`;
  if (most === Number.POSITIVE_INFINITY) return `at least ${least} ${noun}`;
  return least === 0 ? `at most ${most} ${noun}` : `${least} to ${most} ${noun}`;
}

function extraArguments(args: readonly Expr[], most: number): Span {
  const first = args[most]!;
  return { ...first, end: args.at(-1)!.end };
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
  // What is missing is nil, which many builtins take for "nothing given".
  if (args.length > signature.params.length && !args.some((arg) => arg.kind === "spread")) {
    warnArity(c, signature, args, span, span);
  }
  switch (signature.name) {
    case "unreachable":
      checkUnreachable(c, first, span, scope);
      return signature.result ?? ANY;
    case "range":
      return RANGE;
    case "iter":
      return iteratorOver(first === undefined ? ANY : c.types.get(first));
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
    const type = c.types.get(arg);
    if (type.kind !== "never" && type.kind !== "any" && type.kind !== "unknown") {
      c.error(
        "not-unreachable",
        `unreachable() argument has type \`${showType(type)}\`: not all cases are handled`,
        arg,
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
  for (const [variable, type] of scope.partlyUnknown()) {
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

/** A function's name as a value. */
export function typeOfVariable(variable: Variable, scope: Scope): Type {
  return variable.signature !== null ? functionType(variable.signature) : scope.typeOf(variable);
}
