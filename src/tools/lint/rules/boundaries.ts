/** prompt-injection-risk, untyped-dict-access, eager-collection-conversion. */
import type { Expr, TypeExpr } from "../../../syntax/ast.ts";
import { type LintContext, unsafeFix } from "../context.ts";
import type { RuleVisitor, Walk } from "../walk.ts";

/** Builtins whose result comes from outside. */
export const FROM_OUTSIDE: ReadonlySet<string> = new Set([
  "host_call",
  "http_delete",
  "http_get",
  "http_patch",
  "http_post",
  "http_put",
  "http_request",
  "json_extract",
  "json_parse",
  "llm_call",
  "llm_completion",
  "mcp_call",
  "toml_parse",
  "yaml_parse",
]);

/** Methods that give an iterator when they are called on one. */
const LAZY: ReadonlySet<string> = new Set([
  "chain",
  "chunks",
  "enumerate",
  "filter",
  "flat_map",
  "iter",
  "map",
  "skip",
  "skip_while",
  "take",
  "take_while",
  "windows",
  "zip",
]);

export function boundaryRules(c: LintContext): RuleVisitor {
  return {
    expr(expr) {
      if (expr.kind === "call") checkPrompt(c, expr);
      if (expr.kind === "property" || expr.kind === "index") checkAccess(c, expr);
    },
    stmt(stmt, at: Walk) {
      if (stmt.kind === "binding" && stmt.type) checkConversion(c, stmt.type, stmt.value);
      const result = at.results.at(-1);
      if (stmt.kind === "return" && stmt.value && result) checkConversion(c, result, stmt.value);
    },
  };
}

function checkPrompt(c: LintContext, call: Extract<Expr, { kind: "call" }>): void {
  if (call.callee.kind !== "name" || call.callee.name !== "llm_call") return;
  const system = call.args[1];
  if (system?.kind !== "interpolation") return;
  const help = "keep the system prompt fixed; data belongs into the user's prompt or the options";
  c.report("prompt-injection-risk", call, "data in a system prompt can give orders", help);
}

function checkAccess(c: LintContext, expr: Extract<Expr, { kind: "property" | "index" }>): void {
  const { object } = expr;
  if (object.kind !== "call" || object.callee.kind !== "name" || !FROM_OUTSIDE.has(object.callee.name)) return;
  c.report(
    "untyped-dict-access",
    expr,
    `what \`${object.callee.name}()\` gives is looked into unchecked`,
    "check it first (`schema_expect`), or give it a type",
  );
}

function checkConversion(c: LintContext, type: TypeExpr, value: Expr): void {
  if (type.kind !== "type-name" || !["list", "set", "dict"].includes(type.name)) return;
  if (!givesIterator(value)) return;
  const sink = `.to_${type.name}()`;
  const { end } = value;
  const fix = unsafeFix({ start: end, end, replacement: sink });
  c.report(
    "eager-collection-conversion",
    value,
    `an iterator where a ${type.name} is declared`,
    `append \`${sink}\``,
    fix,
  );
}

function givesIterator(expr: Expr): boolean {
  if (expr.kind === "method-call") return LAZY.has(expr.method.name);
  return expr.kind === "call" && expr.callee.kind === "name" && expr.callee.name === "iter";
}
