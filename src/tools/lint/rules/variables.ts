/** unused-variable, unused-parameter, mutable-never-reassigned, shadow-variable, captured-assignment. */
import { type LintContext, safeFix, unsafeFix } from "../context.ts";
import { rootName } from "../file-names.ts";
import type { Fix } from "../finding.ts";
import type { RuleVisitor, Variable } from "../walk.ts";

export function variableRules(c: LintContext): RuleVisitor {
  const { references, assignments } = c.names;
  return {
    variable(variable, at) {
      const { name, span, kind } = variable;
      if (name === "_") return;
      if (kind === "let" && at.isInScope(name)) {
        const help = `use \`var ${name}\` for something that changes, or choose another name`;
        c.report("shadow-variable", span, `\`${name}\` is bound twice in the same block`, help);
      }
      if (at.isInOuterScope(name)) {
        c.report("shadow-variable", span, `\`${name}\` shadows a variable further out`, "choose another name");
      }
      if (!name.startsWith("_") && !references.has(name)) {
        const what = kind === "param" ? "parameter" : "variable";
        const fix = kind === "param" ? null : renameFix(c, variable, at.isTopLevel);
        c.report(`unused-${what}`, span, `${what} \`${name}\` is never used`, `to keep it, call it \`_${name}\``, fix);
      }
      if (kind === "var" && !assignments.has(name)) {
        const help = "use `let` instead of `var`";
        c.report("mutable-never-reassigned", span, `\`${name}\` never changes`, help, letFix(variable, at.isTopLevel));
      }
    },
    stmt(stmt, at) {
      if (stmt.kind !== "assign") return;
      const name = rootName(stmt.target);
      if (name === null || !at.isCaptured(name)) return;
      const message = `\`${name}\` was captured: outside of the closure it keeps its value`;
      c.report("captured-assignment", stmt, message, "return the new value, or keep it in an atomic");
    },
  };
}

/** What another file may import keeps its name, unless the fix was asked for. */
function renameFix(c: LintContext, { name, span, isSimple }: Variable, isTopLevel: boolean): Fix | null {
  if (!isSimple || c.names.bound.has(`_${name}`) || c.names.references.has(`_${name}`)) return null;
  // Messages of other mistakes name it.
  if (c.names.boundAgain.has(name)) return null;
  const at = c.source.token(c.source.tokenAt(span.start) + 1);
  if (at?.kind !== "name" || at.value !== name) return null;
  const edit = { start: at.start, end: at.end, replacement: `_${name}` };
  return isTopLevel ? unsafeFix(edit) : safeFix(edit);
}

/** A pattern becomes immutable as a whole: only where no part of it changes. */
function letFix({ span, isSimple }: Variable, isTopLevel: boolean): Fix | null {
  if (!isSimple) return null;
  const edit = { start: span.start, end: span.start + "var".length, replacement: "let" };
  return isTopLevel ? unsafeFix(edit) : safeFix(edit);
}
