/**
 * `harn check --strict-types`: where a field of a value from outside (a parsed text, a model's answer, a host's) is used though nothing has said what
 * the value is. A type annotation says it, `schema_expect`, and within an `if`, `schema_is`.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { type Span, spanOf } from "../../base/span.ts";
import type { Block, Expr, SourceFile, TypeExpr } from "../../syntax/ast.ts";
import { FROM_OUTSIDE } from "../lint/rules/boundaries.ts";
import { fieldOf } from "./program-calls.ts";

/** The code of these diagnostics. */
export const UNVALIDATED = "unvalidated";

const OUTSIDE: ReadonlySet<string> = new Set([...FROM_OUTSIDE, "llm_call_safe"]);

/** Variables of a block: where a value comes from that nobody has looked at; null: it has been looked at, or is the program's own. */
interface Names {
  readonly sources: Map<string, string | null>;
  readonly outer: Names | null;
}

export function unvalidatedUses(file: SourceFile): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = (span: Span, message: string, help: string) =>
    found.push({ severity: "warning", code: UNVALIDATED, message, labels: [{ span: spanOf(span) }], help });

  const visit = (node: object, names: Names): void => {
    if (Array.isArray(node)) {
      for (const item of node) if (typeof item === "object" && item !== null) visit(item, names);
      return;
    }
    const one = node as { readonly kind?: string };
    switch (one.kind) {
      case "block":
        below(node, inner(names));
        return;
      case "fn":
      case "tool":
      case "pipeline":
      case "closure": {
        const own = inner(names);
        for (const param of (node as { readonly params?: readonly object[] }).params ?? []) hide(param, own);
        below(node, own);
        return;
      }
      case "binding": {
        const { pattern, type, value } = node as Extract<Block["stmts"][number], { kind: "binding" }>;
        visit(value, names);
        hide(pattern, names);
        const name = (pattern as { readonly name?: { readonly name: string } | string }).name;
        const text = typeof name === "string" ? name : name?.name;
        const source = isConcrete(type) ? null : sourceOf(value, names);
        if (text !== undefined && source !== null) names.sources.set(text, source);
        return;
      }
      case "for": {
        const own = inner(names);
        hide((node as { readonly pattern: object }).pattern, own);
        below(node, own);
        return;
      }
      case "assign": {
        const { target, op, value } = node as Extract<Block["stmts"][number], { kind: "assign" }>;
        below(node, names);
        if (target.kind === "name" && op === null) names.sources.set(target.name, sourceOf(value, names));
        return;
      }
      case "if": {
        const { condition, consequent, otherwise } = node as Extract<Expr, { kind: "if" }>;
        visit(condition, names);
        const checked = inner(names);
        const tested = condition.kind === "call" && /^(?:schema_is|is_type)$/.test(calleeOf(condition) ?? "");
        const subject = tested ? (condition as Extract<Expr, { kind: "call" }>).args[0] : undefined;
        if (subject?.kind === "name") checked.sources.set(subject.name, null);
        visit(consequent, checked);
        if (otherwise !== null) visit(otherwise, names);
        return;
      }
      case "call": {
        below(node, names);
        const call = node as Extract<Expr, { kind: "call" }>;
        const [subject] = call.args;
        if (calleeOf(call) === "schema_expect" && call.args.length >= 2 && subject?.kind === "name")
          clear(names, subject.name);
        return;
      }
      case "property":
      case "index": {
        const { object } = node as Extract<Expr, { kind: "property" | "index" }>;
        const what = one.kind === "property" ? "property" : "subscript";
        if (object.kind === "name") {
          const source = lookUp(names, object.name);
          const access = what === "property" ? "Accessing property" : "Subscript access";
          if (source !== null)
            warn(node as Expr, `${access} on unvalidated value '${object.name}' from \`${source}\``, VALUE_HELP);
        } else if (object.kind === "call") {
          const source = sourceOf(object, names);
          if (source !== null)
            warn(node as Expr, `Direct ${what} access on unvalidated \`${source}()\` result`, DIRECT_HELP);
        }
        below(node, names);
        return;
      }
      default:
        below(node, names);
    }
  };
  const below = (node: object, names: Names): void => {
    for (const key in node) {
      if (key === "tokens") continue;
      const child = (node as Readonly<Record<string, unknown>>)[key];
      if (typeof child === "object" && child !== null) visit(child, names);
    }
  };
  below(file, inner(null));
  return found;
}

const VALUE_HELP =
  "check it with schema_expect(), or with schema_is() as the condition of an if, or give the variable a type";
const DIRECT_HELP = "put it into a variable first, and check that with schema_expect() or give it a type";

const inner = (outer: Names | null): Names => ({ sources: new Map(), outer });

function lookUp(names: Names, name: string): string | null {
  for (let at: Names | null = names; at !== null; at = at.outer) {
    const source = at.sources.get(name);
    if (source !== undefined) return source;
  }
  return null;
}

/** From here on the value is known, in this block. */
const clear = (names: Names, name: string): void => void names.sources.set(name, null);

/** Whatever a pattern or parameter binds is another value than the one outside that has the same name. */
function hide(pattern: object, names: Names): void {
  for (const value of Object.values(pattern)) {
    if (typeof value === "string") clear(names, value);
    else if (typeof value === "object" && value !== null) hide(value, names);
  }
}

const calleeOf = (call: Extract<Expr, { kind: "call" }>): string | null =>
  call.callee.kind === "name" ? call.callee.name : null;

/** The builtin whose unchecked value an expression has. */
function sourceOf(value: Expr, names: Names): string | null {
  if (value.kind === "name") return lookUp(names, value.name);
  if (value.kind !== "call") return null;
  const name = calleeOf(value);
  if (name === null || !OUTSIDE.has(name)) return null;
  // A schema in the options is checked by the call itself.
  const options = name === "llm_call" || name === "llm_completion" ? value.args[2] : undefined;
  return fieldOf(options, "schema") !== undefined || fieldOf(options, "output_schema") !== undefined ? null : name;
}

const isConcrete = (type: TypeExpr | null): boolean =>
  type !== null && !(type.kind === "type-name" && type.args.length === 0 && /^(?:dict|any|_)$/.test(type.name));
