/** Runs all rules over one file. */
import type { SourceFile } from "../../syntax/ast.ts";
import { LintContext, type LintOptions, type LintSurroundings } from "./context.ts";
import type { Finding } from "./finding.ts";
import { boundaryRules } from "./rules/boundaries.ts";
import { conditionRules } from "./rules/conditions.ts";
import { controlFlowRules } from "./rules/control-flow.ts";
import { documentationRules } from "./rules/documentation.ts";
import { functionRules } from "./rules/functions.ts";
import { importRules } from "./rules/imports.ts";
import { spacingRules } from "./rules/spacing.ts";
import { testingRules } from "./rules/testing.ts";
import { typeRules } from "./rules/types.ts";
import { variableRules } from "./rules/variables.ts";
import { applySuppressions } from "./suppressions.ts";
import { type RuleVisitor, Walk } from "./walk.ts";

const RULE_SETS: readonly ((c: LintContext) => RuleVisitor)[] = [
  variableRules,
  importRules,
  functionRules,
  typeRules,
  conditionRules,
  controlFlowRules,
  documentationRules,
  spacingRules,
  testingRules,
  boundaryRules,
];

/** In the order of the text. `file` must be free of syntax errors. */
export function lintFile(file: SourceFile, around: LintSurroundings, options: LintOptions): readonly Finding[] {
  const context = new LintContext(file, around, options);
  new Walk(
    context,
    RULE_SETS.map((make) => make(context)),
  ).run();
  context.reportLeftOut();
  return applySuppressions(context).toSorted(
    (a, b) => a.span.start - b.span.start || a.rule.localeCompare(b.rule, "en"),
  );
}
