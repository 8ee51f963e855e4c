/** unused-type. */
import type { LintContext } from "../context.ts";
import type { RuleVisitor } from "../walk.ts";

export function typeRules(c: LintContext): RuleVisitor {
  return {
    stmt(stmt) {
      if (stmt.kind !== "struct" && stmt.kind !== "enum" && stmt.kind !== "interface") return;
      const { name } = stmt.name;
      if (name.startsWith("_") || c.names.types.has(name)) return;
      c.report(
        "unused-type",
        c.declarationSpan(stmt, stmt.name),
        `${stmt.kind} \`${name}\` is never referred to`,
        `remove it, or name it in a signature or a literal`,
      );
    },
  };
}
