/**
 * A value that does not fit: finds the innermost part that is to blame, and what would help.
 *
 * Invariant: literals are looked at part by part against what is expected, since nobody else can hold a literal: `[1, 2]` is a `list<float>`.
 */
import type { Label, TextEdit } from "../../base/diagnostic.ts";
import type { Span } from "../../base/span.ts";
import type { Block, Expr } from "../../syntax/ast.ts";
import { interfaceMismatch } from "../../types/assignability.ts";
import { showType } from "../../types/display.ts";
import { kindName, splitByNil } from "../../types/narrowing.ts";
import { expand, membersOf } from "../../types/substitution.ts";
import { type FieldType, isNamed, type Type } from "../../types/type.ts";
import type { Checker } from "./checker.ts";

export interface Misfit {
  readonly span: Span;
  /** null: a field is missing in the expression. */
  readonly expr: Expr | null;
  readonly expected: Type;
  readonly actual: Type;
  readonly missing: FieldType | null;
}

/** null: it fits. The parts of `expr` have been checked. */
export function findMisfit(c: Checker, expr: Expr, expected: Type): Misfit | null {
  const actual = c.types.get(expr);
  if (expected.kind === "any" || actual.kind === "any") return null;
  if (!isStructured(expr)) return c.assignable(expected, actual) ? null : misfit(expr, expected, actual);
  const members = membersOf(expected);
  const found = members.map((member) => findInParts(c, expr, member, actual));
  if (found.includes(null) || c.assignable(expected, actual)) return null;
  // With several possibilities no part alone is to blame.
  return found.length === 1 ? found[0]! : misfit(expr, expected, actual);
}

function misfit(expr: Expr, expected: Type, actual: Type): Misfit {
  return { span: expr, expr, expected, actual, missing: null };
}

function isStructured(expr: Expr): boolean {
  return expr.kind === "list" || expr.kind === "dict" || expr.kind === "ternary" || expr.kind === "if";
}

function findInParts(c: Checker, expr: Expr, expected: Type, actual: Type): Misfit | null {
  const whole = (): Misfit | null => (c.assignable(expected, actual) ? null : misfit(expr, expected, actual));
  switch (expr.kind) {
    case "list": {
      if (expected.kind !== "named" || expected.name !== "list" || expected.args.length === 0) return whole();
      return firstMisfit(
        c,
        expr.items.filter((item) => item.kind !== "spread"),
        expected.args[0]!,
      );
    }
    case "dict": {
      const isPlain = expr.entries.every(({ key }) => key?.kind === "key-name");
      if (!isPlain) return whole();
      if (expected.kind === "shape") return findInFields(c, expr, expected.fields, actual, expected);
      if (expected.kind === "named" && expected.name === "dict" && expected.args.length === 2) {
        return firstMisfit(
          c,
          expr.entries.map(({ value }) => value),
          expected.args[1]!,
        );
      }
      return whole();
    }
    case "ternary":
      return firstMisfit(c, [expr.whenTrue, expr.whenFalse], expected);
    case "if": {
      const ends = [
        lastExpr(expr.consequent),
        expr.otherwise?.kind === "block" ? lastExpr(expr.otherwise) : expr.otherwise,
      ];
      if (expr.otherwise === null || ends.includes(null)) return whole();
      return firstMisfit(c, ends as readonly Expr[], expected);
    }
    default:
      return whole();
  }
}

function firstMisfit(c: Checker, parts: readonly Expr[], expected: Type): Misfit | null {
  for (const part of parts) {
    const found = findMisfit(c, part, expected);
    if (found !== null) return found;
  }
  return null;
}

function findInFields(
  c: Checker,
  expr: Extract<Expr, { kind: "dict" }>,
  fields: readonly FieldType[],
  actual: Type,
  expected: Type,
): Misfit | null {
  const given = new Map<string, Expr>();
  for (const { key, value } of expr.entries) if (key?.kind === "key-name") given.set(key.name, value);
  for (const field of fields) {
    const value = given.get(field.name);
    if (value === undefined) {
      if (!field.optional) return { span: expr, expr: null, expected, actual, missing: field };
      continue;
    }
    if (field.optional && value.kind === "nil") continue;
    const found = findMisfit(c, value, field.type);
    if (found !== null) return found;
  }
  return null;
}

/** The value of a block: its last expression; null: it has none. */
export function lastExpr(block: Block): Expr | null {
  const last = block.stmts.at(-1);
  return last?.kind === "expr" ? last.expr : null;
}

// ---------------------------------------------------------------- what to say about it

export interface Explanation {
  readonly note: string;
  readonly help: string | null;
  readonly edits: readonly TextEdit[] | null;
}

export function explainMisfit(c: Checker, found: Misfit): Explanation {
  const { missing, expr, expected, actual } = found;
  if (missing !== null) {
    const help = `add the field \`${missing.name}: ${showType(missing.type)}\``;
    return { note: `the field \`${missing.name}\` is missing`, help, edits: addField(c, found.span, missing) };
  }
  const note = `expected ${showType(expected)}, got ${showType(actual)}${whatInterfaceLacks(c, expected, actual)}`;
  const conversion = expr === null ? null : convert(c, expr, expected, actual);
  return { note, help: conversion?.help ?? hint(expected, actual), edits: conversion?.edits ?? null };
}

/** Of a type that was held against an interface: what is missing, behind a colon. */
function whatInterfaceLacks(c: Checker, expected: Type, actual: Type): string {
  const wanted = expand(expected);
  if (wanted.kind !== "named" || wanted.info?.kind !== "interface" || expand(actual).kind !== "named") return "";
  const reason = interfaceMismatch(actual, wanted.info, wanted.args, c.session.methodsOf);
  return reason === null ? "" : `: ${reason}`;
}

function convert(
  c: Checker,
  expr: Expr,
  expected: Type,
  actual: Type,
): { readonly help: string; readonly edits: readonly TextEdit[] } | null {
  const to = kindName(expected);
  if (mayBeNil(actual) && !mayBeNil(expected)) {
    const value = emptyValue(expected);
    if (value === null || !c.assignable(expected, splitByNil(actual).no)) return null;
    const replacement = `${c.textOf(expr)} ?? ${value}`;
    const help = `it may be nil: test it first, or give another value: \`${replacement}\``;
    return { help, edits: [{ span: expr, replacement }] };
  }
  const from = actual.kind === "unknown" ? "unknown" : kindName(actual);
  const scalar = from === "int" || from === "float" || from === "bool" || from === "string" || from === "unknown";
  if (!scalar || to === from) return null;
  // A text that is no number would only become nil.
  if (expr.kind === "string" && to !== "string" && !/^-?\d+(\.\d+)?$/.test(expr.value)) return null;
  const by =
    to === "string"
      ? "to_string"
      : to === "int" && from !== "bool"
        ? "to_int"
        : to === "float" && from !== "bool"
          ? "to_float"
          : null;
  if (by === null) return null;
  const replacement = `${by}(${c.textOf(expr)})`;
  const test = from === "unknown" ? `find out what it is first, with \`type_of(…) == "${to}"\`, or ` : "";
  return { help: `${test}convert it: \`${replacement}\``, edits: [{ span: expr, replacement }] };
}

function hint(expected: Type, actual: Type): string | null {
  const from = expand(actual);
  const to = expand(expected);
  if (from.kind === "unknown") return "find out what it is first, with `type_of(…)` or `is_type(…)`";
  if (from.kind === "union" && from.members.some((member) => isNamed(member, "nil"))) {
    return "it may be nil: test it first, or give another value with `??`";
  }
  if (
    from.kind === "named" &&
    to.kind === "named" &&
    from.name === to.name &&
    (to.name === "list" || to.name === "dict")
  ) {
    return `a ${to.name} can be written to, so its parts must have exactly the type that is expected`;
  }
  return null;
}

function mayBeNil(type: Type): boolean {
  const members = membersOf(type);
  return members.length > 1 && members.some((member) => isNamed(member, "nil"));
}

/** Adds a field with an empty value of its type to the dict at `span`; null: there is no such value. */
export function addField(c: Checker, span: Span, field: Pick<FieldType, "name" | "type">): readonly TextEdit[] | null {
  const value = emptyValue(field.type);
  const text = c.textOf(span);
  const inside = text.slice(1, -1).trim();
  if (value === null || !text.endsWith("}")) return null;
  const at = span.start + 1 + text.slice(1, -1).trimEnd().length;
  const comma = inside === "" || inside.endsWith(",") ? "" : ",";
  const gap = inside === "" ? "" : " ";
  return [{ span: { start: at, end: at }, replacement: `${comma}${gap}${field.name}: ${value}` }];
}

function emptyValue(type: Type): string | null {
  const seen = expand(type);
  if (seen.kind === "literal") return showType(seen);
  if (seen.kind === "union") return emptyValue(seen.members[0]!);
  switch (kindName(seen)) {
    case "int":
      return "0";
    case "float":
      return "0.0";
    case "string":
      return '""';
    case "bool":
      return "false";
    case "nil":
      return "nil";
    case "list":
      return "[]";
    case "dict":
      return seen.kind === "shape" ? null : "{}";
    default:
      return null;
  }
}

/** Writes another type in the place of a declared one, when nothing mends the value; null: the type cannot be written down. */
export function redeclare(
  span: Span | null,
  type: Type,
): { readonly help: string; readonly edits: readonly TextEdit[] } | null {
  const text = showType(type);
  if (span === null || /\b(any|never|unknown|closure)\b|…/.test(text)) return null;
  return { help: `declare it as \`${text}\``, edits: [{ span, replacement: text }] };
}

/** The second place of a disagreement, when it stands in the same file. */
export function elsewhere(span: Span | null, text: string): readonly Label[] {
  return span === null ? [] : [{ span, text }];
}
