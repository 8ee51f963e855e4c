/** Statements and blocks, in the order in which they run. */
import type { TextEdit } from "../../base/diagnostic.ts";
import type { Span } from "../../base/span.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { Block, Decl, Expr, Ident, Param, Pattern, Stmt } from "../../syntax/ast.ts";
import { showType } from "../../types/display.ts";
import { kindName, splitByNil } from "../../types/narrowing.ts";
import { expand } from "../../types/substitution.ts";
import { ANY, INT, listOf, NEVER, NIL, STRING, type Type } from "../../types/type.ts";
import { unionOf } from "../../types/union.ts";
import type { Scope, Variable } from "../scope.ts";
import { forEachNode } from "../walk.ts";
import { warnUnknownLeft } from "./calls.ts";
import type { Checker } from "./checker.ts";
import { checkDeclaration } from "./declarations.ts";
import { checkExpr, inside } from "./expressions.ts";
import { elsewhere, explainMisfit, findMisfit, redeclare } from "./mismatches.ts";
import { operate } from "./operators.ts";
import { warnRedeclared } from "./redeclarations.ts";
import { apply, refine, schemaType } from "./refinements.ts";
import { plainVariable, predeclare } from "./session.ts";

/** Checks a block in a scope of its own (in that of `params`, if it is a function's body), and answers its value's type: `never` when its end is not reached. */
export function checkBlock(c: Checker, block: Block, scope: Scope, params: readonly (Ident | Param)[] = []): Type {
  warnRedeclared(c, block.stmts, params);
  predeclare(c.env, block.stmts, scope);
  let exit: Stmt | null = null;
  let last: Type = NIL;
  for (const stmt of block.stmts) {
    // What stands behind a call or a `retry` that never comes back may be there for the reader.
    if (exit !== null && (exit.kind !== "expr" || exit.expr.kind === "if")) {
      c.warning("unreachable-code", "this is never reached", stmt, {
        labels: [{ span: exit, text: "the block ends here" }],
        help: "remove it",
        edits: [{ span: { ...stmt, end: block.stmts.at(-1)!.end }, replacement: "" }],
      });
      break;
    }
    last = checkStatement(c, stmt, scope);
    if (last.kind === "never") exit ??= stmt;
  }
  return exit === null ? last : NEVER;
}

/** The value's type for an expression; `never` when what follows is not reached. */
export function checkStatement(c: Checker, stmt: Stmt, scope: Scope): Type {
  switch (stmt.kind) {
    case "binding":
      checkBinding(c, stmt, scope);
      return NIL;
    case "assign":
      checkAssignment(c, stmt, scope);
      return NIL;
    case "for":
      checkFor(c, stmt, scope);
      return NIL;
    case "while": {
      forgetLoopAssignments(scope, stmt.body, stmt.condition);
      checkExpr(c, stmt.condition, scope);
      const inner = scope.child();
      apply(refine(c, stmt.condition, scope).whenTrue, inner);
      checkBlock(c, stmt.body, inner);
      scope.forgetAssigned(inner);
      return NIL;
    }
    case "return":
      checkReturn(c, stmt, scope);
      return NEVER;
    case "throw":
      checkExpr(c, stmt.value, scope);
      warnUnknownLeft(c, stmt, "throw", scope);
      return NEVER;
    case "break":
    case "continue":
      return NEVER;
    case "guard": {
      checkExpr(c, stmt.condition, scope);
      const { whenTrue, whenFalse } = refine(c, stmt.condition, scope);
      const inner = scope.child();
      apply(whenFalse, inner);
      checkBlock(c, stmt.elseBody, inner);
      apply(whenTrue, scope);
      return NIL;
    }
    case "require":
      checkExpr(c, stmt.condition, scope);
      if (stmt.message !== null) checkExpr(c, stmt.message, scope);
      apply(refine(c, stmt.condition, scope).whenTrue, scope);
      return NIL;
    case "defer":
      inside(c, stmt.body, scope);
      return NIL;
    case "expr":
      return checkExpr(c, stmt.expr, scope);
    default:
      checkDeclaration(c, stmt satisfies Decl, scope);
      return NIL;
  }
}

type Binding = Extract<Stmt, { kind: "binding" }>;

function checkBinding(c: Checker, stmt: Binding, scope: Scope): void {
  const written = stmt.type === null ? null : c.read(stmt.type, scope);
  const actual = checkExpr(c, stmt.value, scope, written);
  if (stmt.pattern.kind !== "pattern-name") {
    warnTakenApart(c, stmt.pattern, written ?? actual, stmt.value);
    bindPattern(c, stmt.pattern, written ?? actual, scope, stmt.mutable ? "var" : "let");
    return;
  }
  const span = stmt.pattern;
  const { name } = span;
  if (written !== null) {
    const misfit = findMisfit(c, stmt.value, written);
    if (misfit !== null) {
      const { note, ...mend } = explainMisfit(c, misfit);
      const other = mend.edits === null ? redeclare(stmt.type!, actual) : null;
      const help = [mend.help, other?.help].filter((part) => part).join("; or ");
      const edits = mend.edits ?? other?.edits ?? null;
      c.error(
        "declared-type",
        `'${name}' declared as ${showType(written)}, but assigned ${showType(actual)}`,
        misfit.span,
        { note, help, edits, labels: elsewhere(stmt.type!, "declared here") },
      );
    }
  }
  const variable: Variable = {
    name,
    kind: stmt.mutable ? "var" : "let",
    type: written ?? (stmt.mutable ? widen(actual) : actual),
    annotated: written !== null,
    span,
    typeSpan: stmt.type ?? null,
    signature: null,
    schema: schemaType(stmt.value, scope),
  };
  scope.declare(variable);
  if (written !== null && !mayBeNil(actual)) {
    const { no } = splitByNil(written);
    if (no !== written && no.kind !== "never") scope.narrow(variable, no);
  }
}

const NOT_LISTS: ReadonlySet<string> = new Set(["int", "float", "bool", "string", "dict"]);
const NOT_DICTS: ReadonlySet<string> = new Set(["int", "float", "bool", "string", "list"]);

function warnTakenApart(c: Checker, pattern: Pattern, type: Type, value: Expr): void {
  const kind = kindName(type);
  if (kind === null || (pattern.kind !== "pattern-list" && pattern.kind !== "pattern-dict")) return;
  const [wanted, wrong] =
    pattern.kind === "pattern-list" ? (["list", NOT_LISTS] as const) : (["dict", NOT_DICTS] as const);
  if (!wrong.has(kind)) return;
  c.warning("pattern-type", `this pattern takes a ${wanted} apart, and the value is ${showType(type)}`, pattern, {
    labels: [{ span: value, text: `this is ${showType(type)}` }],
  });
}

function mayBeNil(type: Type): boolean {
  return type.kind === "any" || type.kind === "unknown" || splitByNil(type).no !== type;
}

/** What a variable may hold whose first value is of this type: nil is only a beginning. */
function widen(type: Type): Type {
  switch (type.kind) {
    case "never":
    case "literal":
      return type.kind === "never" ? ANY : typeof type.value === "string" ? STRING : INT;
    case "named":
      if (type.name === "nil") return ANY;
      return type.args.length === 0 ? type : { ...type, args: type.args.map(widen) };
    case "shape":
      return { kind: "shape", fields: type.fields.map((field) => ({ ...field, type: widen(field.type) })) };
    case "union":
      return unionOf(
        type.members.map((member) => (member.kind === "named" && member.name === "nil" ? member : widen(member))),
      );
    default:
      return type;
  }
}

/** Binds the names of a pattern, which takes a value of `type` apart. */
export function bindPattern(c: Checker, pattern: Pattern, type: Type, scope: Scope, kind: Variable["kind"]): void {
  const seen = expand(type);
  switch (pattern.kind) {
    case "pattern-name":
      scope.declare(plainVariable(pattern.name, kind, pattern, type));
      return;
    case "pattern-pair": {
      const parts = pairParts(seen);
      scope.declare(plainVariable(pattern.first.name, kind, pattern.first, parts[0]));
      scope.declare(plainVariable(pattern.second.name, kind, pattern.second, parts[1]));
      return;
    }
    case "pattern-dict":
      for (const field of pattern.fields) {
        if (field.defaultValue !== null) checkExpr(c, field.defaultValue, scope);
        const found = seen.kind === "shape" ? c.fieldOf(seen, field.key.name) : undefined;
        const isCertain =
          found !== undefined && !found.optional && !field.rest && field.defaultValue === null && kind !== "var";
        const name = field.alias ?? field.key;
        scope.declare(plainVariable(name.name, kind, name, isCertain ? found.type : ANY));
      }
      return;
    case "pattern-list":
      for (const element of pattern.elements) {
        if (element.defaultValue !== null) checkExpr(c, element.defaultValue, scope);
        scope.declare(plainVariable(element.name.name, kind, element.name));
      }
      return;
    default:
      unreachable(pattern);
  }
}

function pairParts(type: Type): readonly [Type, Type] {
  const isPair = type.kind === "named" && (type.name === "Pair" || type.name === "pair");
  return isPair ? [type.args[0] ?? ANY, type.args[1] ?? ANY] : [ANY, ANY];
}

function checkAssignment(c: Checker, stmt: Extract<Stmt, { kind: "assign" }>, scope: Scope): void {
  const { target, value, op } = stmt;
  const variable = target.kind === "name" ? scope.find(target.name) : null;
  const before = checkTarget(c, target, scope);
  const given = checkExpr(c, value, scope, variable?.annotated === true ? variable.type : null);
  const type = op === null ? given : operate(c, op, before, given, { left: target, right: value, span: stmt });
  if (variable === null || target.kind !== "name") {
    const root = rootVariable(target, scope);
    if (root !== null && isFixed(root)) warnFixed(c, root, "have its parts assigned", target);
    forgetRoot(root, scope);
    return;
  }
  c.reassigned.add(variable);
  if (isFixed(variable)) warnFixed(c, variable, "be assigned", target);
  else if (variable.kind === "loop") {
    // It gets the next item whatever is put into it, so that nothing is promised about its type.
    if (!c.assignable(variable.type, type)) variable.type = ANY;
  } else if (op === null) {
    const misfit = findMisfit(c, value, variable.type);
    if (misfit !== null) reportAssignment(c, variable, type, misfit);
  } else if (!c.assignable(variable.type, type)) {
    reportAssignment(c, variable, type, {
      span: value,
      expr: null,
      expected: variable.type,
      actual: type,
      missing: null,
    });
  }
  scope.assign(variable);
}

function warnFixed(c: Checker, variable: Variable, what: string, span: Span): void {
  const how = variable.kind === "let" ? "declared with `let`" : `bound as a ${kindText(variable.kind)}`;
  c.warning("immutable", `\`${variable.name}\` cannot ${what}: it is ${how}`, span, {
    labels: elsewhere(variable.span, "bound here"),
    help: variable.kind === "let" ? "declare it with `var`" : null,
    edits: variable.kind === "let" ? mutableInstead(c, variable) : null,
    legacy: `Cannot assign to immutable binding: ${variable.name}`,
  });
}

/** `let` before the name becomes `var`; null for a name inside a pattern. */
function mutableInstead(c: Checker, variable: Variable): readonly TextEdit[] | null {
  if (variable.span === null) return null;
  const { text } = c.env.module;
  const before = /\blet\s+$/.exec(text.slice(Math.max(0, variable.span.start - 40), variable.span.start));
  if (before === null) return null;
  const start = variable.span.start - before[0].length;
  return [{ span: { ...variable.span, start, end: start + 3 }, replacement: "var" }];
}

function reportAssignment(
  c: Checker,
  variable: Variable,
  type: Type,
  misfit: Parameters<typeof explainMisfit>[1],
): void {
  const { note, help, edits } = explainMisfit(c, misfit);
  const declared = showType(variable.type);
  c.error("assigned-type", `\`${variable.name}\` is ${declared}, and cannot become ${showType(type)}`, misfit.span, {
    note,
    help,
    edits,
    labels: variable.annotated
      ? elsewhere(variable.typeSpan, "declared here")
      : elsewhere(variable.span, `its first value made it ${declared}`),
    legacy: `can't assign ${showType(type)} to '${variable.name}' (declared as ${declared})`,
  });
}

function isFixed(variable: Variable): boolean {
  return variable.kind !== "var" && variable.kind !== "loop" && variable.kind !== "other" && variable.kind !== "import";
}

function kindText(kind: Variable["kind"]): string {
  switch (kind) {
    case "param":
      return "parameter";
    case "fn":
      return "function";
    case "catch":
      return "caught error";
    default:
      return kind;
  }
}

/** The place that is assigned to; answers what was there before. */
function checkTarget(c: Checker, target: Expr, scope: Scope): Type {
  if (target.kind !== "property") return checkExpr(c, target, scope);
  // A field that is not there yet is no mistake here.
  const object = checkExpr(c, target.object, scope);
  const seen = expand(object);
  if (seen.kind !== "shape") return ANY;
  return c.fieldOf(seen, target.name.name)?.type ?? ANY;
}

/** The variable that holds the value in which a place lies. */
function rootVariable(target: Expr, scope: Scope): Variable | null {
  let root = target;
  while (root.kind === "property" || root.kind === "index") root = root.object;
  return root.kind === "name" ? scope.find(root.name) : null;
}

/** Of a variable in which a part is changed no shape is known any longer, unless it was declared. */
function forgetRoot(variable: Variable | null, scope: Scope): void {
  if (variable === null || variable.annotated || variable.kind !== "var") return;
  const kind = kindName(variable.type);
  if (kind === "dict") variable.type = { kind: "named", name: "dict", args: [], info: null };
  else if (kind === "list") variable.type = listOf(ANY);
  scope.assign(variable);
}

function checkFor(c: Checker, stmt: Extract<Stmt, { kind: "for" }>, scope: Scope): void {
  const iterable = checkExpr(c, stmt.iterable, scope);
  forgetLoopAssignments(scope, stmt.body);
  const inner = scope.child();
  bindPattern(c, stmt.pattern, itemOf(iterable), inner, "loop");
  checkBlock(c, stmt.body, inner);
  scope.forgetAssigned(inner);
}

function itemOf(iterable: Type): Type {
  const seen = expand(iterable);
  if (seen.kind !== "named" || seen.info !== null) return ANY;
  switch (seen.name) {
    case "list":
    case "set":
    case "iter":
    case "generator":
      return seen.args[0] ?? ANY;
    case "range":
      return INT;
    case "string":
      return STRING;
    default:
      return ANY;
  }
}

function checkReturn(c: Checker, stmt: Extract<Stmt, { kind: "return" }>, scope: Scope): void {
  const { frame } = c;
  const expected = frame?.result ?? null;
  const actual = stmt.value === null ? NIL : checkExpr(c, stmt.value, scope, expected);
  frame?.returned.push(actual);
  if (expected === null || stmt.value === null) return;
  const misfit = findMisfit(c, stmt.value, expected);
  if (misfit === null) return;
  const { note, ...mend } = explainMisfit(c, misfit);
  const other = mend.edits === null ? redeclare(frame?.resultSpan ?? null, actual) : null;
  const help = [mend.help, other?.help].filter((part) => part).join("; or ");
  const edits = mend.edits ?? other?.edits ?? null;
  c.error(
    "return-type",
    `return type doesn't match: expected ${showType(expected)}, got ${showType(actual)}`,
    misfit.span,
    { note, help, edits, labels: elsewhere(frame?.resultSpan ?? null, "declared here") },
  );
}

/** What a loop assigns may have happened before each of its turns. */
export function forgetLoopAssignments(scope: Scope, ...parts: readonly object[]): void {
  if (!scope.hasNarrowings()) return;
  for (const part of parts) {
    forEachNode(part, (node) => {
      if (node.kind !== "assign" || node.target.kind !== "name") return;
      const variable = scope.find(node.target.name);
      if (variable !== null && scope.isNarrowed(variable)) scope.assign(variable);
    });
  }
}
