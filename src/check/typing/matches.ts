/**
 * `match`: what each arm knows of the value, and whether the arms are enough.
 *
 * Invariant: only a value of which all possibilities are known can be matched incompletely: an enum, shapes told apart by a tag, literals, or
 * a union of plain types. An arm with a guard counts as if it had none.
 */

import type { TextEdit } from "../../base/diagnostic.ts";
import type { Span } from "../../base/span.ts";
import type { Expr, MatchArm, MatchPattern } from "../../syntax/ast.ts";
import { showType } from "../../types/display.ts";
import { kindName, splitByKind, splitByLiteral, splitByNil, splitByTag } from "../../types/narrowing.ts";
import { expand, membersOf } from "../../types/substitution.ts";
import { ANY, BOOL, type EnumInfo, FLOAT, INT, STRING, type Type } from "../../types/type.ts";
import { unionOf } from "../../types/union.ts";
import type { Scope } from "../scope.ts";
import type { Checker } from "./checker.ts";
import { warnUnknownVariant } from "./constructors.ts";
import { checkExpr } from "./expressions.ts";
import { elsewhere } from "./mismatches.ts";
import { plainVariable } from "./session.ts";
import { checkBlock } from "./statements.ts";

type Match = Extract<Expr, { kind: "match" }>;

export function checkMatch(c: Checker, expr: Match, scope: Scope): Type {
  const value = checkExpr(c, expr.value, scope);
  const results: Type[] = [];
  for (const arm of expr.arms) {
    const inner = scope.child();
    checkPattern(c, arm.pattern, value, inner);
    narrowByArm(expr.value, arm.pattern, scope, inner);
    if (arm.guard !== null) checkExpr(c, arm.guard, inner);
    const result = checkBlock(c, arm.body, inner);
    results.push(result);
    if (result.kind !== "never") scope.forgetAssigned(inner);
  }
  checkExhaustive(c, expr, value);
  const isTotal = results.length > 0 && results.every(({ kind }) => kind === "never");
  if (isTotal && expr.arms.some(({ pattern }) => isCatchAll(pattern))) return unionOf(results);
  return ANY;
}

/** Checks what stands in a pattern, and declares the names that it binds. */
function checkPattern(c: Checker, pattern: MatchPattern, value: Type, scope: Scope): void {
  switch (pattern.kind) {
    case "match-wildcard":
      return;
    case "match-name":
      scope.declare(plainVariable(pattern.name, "let", pattern, value));
      return;
    case "match-value":
      checkPatternValue(c, pattern.value, value, scope);
      return;
    case "match-enum":
      if (
        enumOf(value) === null &&
        scope.findType(pattern.enumName.name) === null &&
        pattern.enumName.name !== "Result"
      ) {
        checkExpr(c, pattern.value, scope);
        return;
      }
      checkVariantName(c, pattern, scope);
      for (const arg of pattern.args ?? []) checkPattern(c, arg, ANY, scope);
      return;
    case "match-dict": {
      const seen = expand(value);
      for (const field of pattern.fields) {
        const found = seen.kind === "shape" ? c.fieldOf(seen, field.key) : undefined;
        checkPattern(c, field.pattern, found?.type ?? ANY, scope);
      }
      return;
    }
    case "match-list": {
      const seen = expand(value);
      const item = seen.kind === "named" && seen.name === "list" ? (seen.args[0] ?? ANY) : ANY;
      for (const element of pattern.elements) checkPattern(c, element, item, scope);
      if (pattern.rest !== null) scope.declare(plainVariable(pattern.rest.name, "let", pattern.rest));
      return;
    }
    case "match-or":
      for (const option of pattern.options) {
        if (option.kind === "match-value" || option.kind === "match-wildcard") checkPattern(c, option, value, scope);
        else {
          c.error("or-pattern", "an option of `|` is a literal or `_`", option, {
            help: "write an arm of its own for it",
            legacy: "Or-pattern alternatives must be literal patterns",
          });
        }
      }
      return;
  }
}

function checkVariantName(c: Checker, pattern: Extract<MatchPattern, { kind: "match-enum" }>, scope: Scope): void {
  const found = scope.findType(pattern.enumName.name);
  if (found === null || !("kind" in found) || found.kind !== "enum") return;
  const { name } = pattern.variant;
  if (!found.variants().some((variant) => variant.name === name)) warnUnknownVariant(c, found, name, pattern.variant);
}

/** A call stands for a value that is computed, unless its arguments are names that are unknown: those were meant to bind. */
function checkPatternValue(c: Checker, literal: Expr, value: Type, scope: Scope): void {
  if (literal.kind === "call") return;
  const type = checkExpr(c, literal, scope);
  const kind = literalType(literal);
  if (kind === null || value.kind === "any" || c.assignable(value, kind)) return;
  if ((kind === INT && c.assignable(value, FLOAT)) || (kind === FLOAT && c.assignable(value, INT))) return;
  c.warning(
    "pattern-type",
    `this pattern is ${showType(type)}, and the value is ${showType(value)}: it never matches`,
    literal,
  );
}

function literalType(expr: Expr): Type | null {
  switch (expr.kind) {
    case "string":
      return STRING;
    case "int":
      return INT;
    case "float":
      return FLOAT;
    case "bool":
      return BOOL;
    default:
      return null;
  }
}

function optionsOf(pattern: MatchPattern): readonly MatchPattern[] {
  return pattern.kind === "match-or" ? pattern.options : [pattern];
}

// ---------------------------------------------------------------- narrowing

/** A union of more members is not taken apart arm by arm: that would cost the square of their number. */
const MOST_NARROWED = 128;

function narrowByArm(value: Expr, pattern: MatchPattern, outer: Scope, inner: Scope): void {
  const subject = value.kind === "property" ? value.object : value;
  const variable = subject.kind === "name" ? outer.find(subject.name) : null;
  if (variable === null || inner.own(variable.name) !== null) return;
  const type = outer.typeOf(variable);
  const { length } = membersOf(type);
  if (type.kind === "any" || length < 2 || length > MOST_NARROWED) return;
  const parts: Type[] = [];
  for (const option of optionsOf(pattern)) {
    const part =
      option.kind === "match-value"
        ? matching(type, option.value, value.kind === "property" ? value.name.name : null)
        : null;
    if (part === null) return;
    parts.push(part);
  }
  inner.narrow(variable, unionOf(parts));
}

/** The part of `type` whose value, or whose field `tag`, may equal the literal; null: it says nothing. */
function matching(type: Type, literal: Expr, tag: string | null): Type | null {
  if (literal.kind === "string" || literal.kind === "int") {
    if (tag !== null) return splitByTag(type, tag, literal.value).yes;
    const { yes } = splitByLiteral(type, literal.value);
    return yes;
  }
  if (tag !== null) return null;
  if (literal.kind === "nil") return splitByNil(type).yes;
  if (literal.kind === "bool" || literal.kind === "float") return splitByKind(type, literal.kind).yes;
  return null;
}

// ---------------------------------------------------------------- exhaustiveness

function checkExhaustive(c: Checker, expr: Match, value: Type): void {
  const patterns = expr.arms.flatMap((arm: MatchArm) => optionsOf(arm.pattern));
  const { value: subject } = expr;
  if (subject.kind === "property") {
    const object = c.types.get(subject.object);
    const declared = subject.name.name === "variant" ? enumOf(object) : null;
    if (declared !== null) {
      checkVariants(c, expr, declared, patterns, false);
      return;
    }
    if (checkTags(c, expr, object, subject.name.name, patterns)) return;
  }
  const declared = enumOf(value);
  if (declared !== null) checkVariants(c, expr, declared, patterns, true);
  else checkMembers(c, expr, value, patterns);
}

function enumOf(type: Type): EnumInfo | null {
  const seen = expand(type);
  return seen.kind === "named" && seen.info?.kind === "enum" ? seen.info : null;
}

function isCatchAll(pattern: MatchPattern): boolean {
  return pattern.kind === "match-wildcard" || pattern.kind === "match-name";
}

/** `whole`: the enum itself is matched, and not its `variant`. */
function checkVariants(
  c: Checker,
  expr: Match,
  info: EnumInfo,
  patterns: readonly MatchPattern[],
  whole: boolean,
): void {
  const covered = new Set<string>();
  for (const pattern of patterns) {
    if (pattern.kind === "match-enum") covered.add(pattern.variant.name);
    else if (pattern.kind === "match-value" && pattern.value.kind === "string") covered.add(pattern.value.value);
    else return;
  }
  const missing = info.variants().filter(({ name }) => !covered.has(name));
  if (missing.length === 0) return;
  const heads = missing.map(({ name, fields }) => {
    if (!whole) return JSON.stringify(name);
    const args = fields.length === 0 ? "" : `(${fields.map((field) => field.name).join(", ")})`;
    return `${info.name}.${name}${args}`;
  });
  const names = missing.map(({ name }) => JSON.stringify(name)).join(", ");
  c.error("non-exhaustive", `Non-exhaustive match on enum ${info.name}: missing variants ${names}`, headSpan(expr), {
    ...armHelp(c, expr, heads),
    labels: info.path === c.env.path ? elsewhere(missing[0]!.span, "this variant has no arm") : [],
  });
}

function checkTags(c: Checker, expr: Match, object: Type, field: string, patterns: readonly MatchPattern[]): boolean {
  const tags = tagsOf(object, field);
  if (tags === null) return false;
  reportLiterals(c, expr, tags, patterns, "Non-exhaustive match on tagged shape union: missing variants");
  return true;
}

/** The values of a field that tells the shapes of a union apart; null: it does not. */
function tagsOf(object: Type, field: string): readonly (string | number | bigint)[] | null {
  const members = membersOf(object);
  if (members.length < 2) return null;
  const tags: (string | number | bigint)[] = [];
  for (const member of members) {
    const found = member.kind === "shape" ? member.fields.find(({ name }) => name === field) : undefined;
    const type = found === undefined ? null : expand(found.type);
    if (found === undefined || found.optional || type?.kind !== "literal" || tags.includes(type.value)) return null;
    tags.push(type.value);
  }
  return tags;
}

function checkMembers(c: Checker, expr: Match, value: Type, patterns: readonly MatchPattern[]): void {
  const members = membersOf(value);
  if (members.length < 2) return;
  if (members.every(({ kind }) => kind === "literal")) {
    const literals = members.map((member) => (member.kind === "literal" ? member.value : ""));
    reportLiterals(c, expr, literals, patterns, "Non-exhaustive match on literal union: missing");
    return;
  }
  if (!members.every((member) => member.kind === "named" && member.args.length === 0)) return;
  const covered = new Set<string>();
  for (const pattern of patterns) {
    const kind =
      pattern.kind !== "match-value" ? null : pattern.value.kind === "nil" ? "nil" : literalType(pattern.value);
    if (kind === null) return;
    covered.add(typeof kind === "string" ? kind : (kindName(kind) ?? ""));
  }
  const missing = members.map(showType).filter((name) => !covered.has(name));
  if (missing.length === 0) return;
  const heads = missing.map((name) => (name === "nil" ? "nil" : "_"));
  c.error("non-exhaustive", `Non-exhaustive match on union type: missing ${missing.join(", ")}`, headSpan(expr), {
    ...armHelp(c, expr, heads.includes("_") ? ["_"] : heads),
    note: `this is ${showType(value)}`,
  });
}

function reportLiterals(
  c: Checker,
  expr: Match,
  literals: readonly (string | number | bigint)[],
  patterns: readonly MatchPattern[],
  message: string,
): void {
  const covered = new Set<string | number | bigint>();
  for (const pattern of patterns) {
    if (pattern.kind !== "match-value") return;
    const { value } = pattern;
    if (value.kind !== "string" && value.kind !== "int") return;
    covered.add(value.value);
  }
  const missing = literals.filter((literal) => !covered.has(literal));
  if (missing.length === 0) return;
  const heads = missing.map((literal) => (typeof literal === "string" ? JSON.stringify(literal) : String(literal)));
  c.error("non-exhaustive", `${message} ${heads.join(", ")}`, headSpan(expr), {
    ...armHelp(c, expr, heads),
    note: `this is ${showType(c.types.get(expr.value))}`,
  });
}

/** The matched value: the whole `match` would underline its first line. */
function headSpan(expr: Match): Span {
  return expr.value;
}

function armHelp(
  c: Checker,
  expr: Match,
  heads: readonly string[],
): { readonly help: string; readonly edits: readonly TextEdit[] | null } {
  const wanted =
    heads.length === 1 && heads[0] === "_"
      ? "add an arm `_`"
      : `add ${heads.length === 1 ? "an arm" : "arms"} for ${heads.join(", ")}, or an arm \`_\``;
  const text = c.textOf(expr);
  if (!text.endsWith("}")) return { help: wanted, edits: null };
  const end = expr.end - 1;
  const indent = " ".repeat(Math.max(0, c.columnOf(expr.arms[0] ?? expr) - (expr.arms.length > 0 ? 1 : -1)));
  const closing = " ".repeat(Math.max(0, indent.length - 2));
  const lines = heads.map((head) => `${indent}${head} -> { }\n`).join("");
  // The closing brace stands on a line of its own, behind white space that is replaced.
  const start = expr.start + text.slice(0, -1).trimEnd().length;
  return { help: wanted, edits: [{ span: { start, end }, replacement: `\n${lines}${closing}` }] };
}
