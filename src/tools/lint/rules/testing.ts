/** assert-outside-test, require-in-test. */
import type { LintContext } from "../context.ts";
import type { RuleVisitor } from "../walk.ts";

const ASSERTIONS: ReadonlySet<string> = new Set(["assert", "assert_eq", "assert_ne"]);

export function testingRules(c: LintContext): RuleVisitor {
  return {
    expr(expr, at) {
      if (expr.kind !== "call" || expr.callee.kind !== "name" || at.testDepth > 0) return;
      const { name } = expr.callee;
      if (!ASSERTIONS.has(name)) return;
      c.report("assert-outside-test", expr, `\`${name}\` outside of a test`, "use `require`");
    },
    stmt(stmt, at) {
      if (stmt.kind !== "require" || at.testDepth === 0) return;
      c.report("require-in-test", stmt, "`require` in a test", "use `assert(…)` or `assert_eq(…)`");
    },
  };
}
