/** The page of `docs/` about the linter, made from the table of rules; a test compares the two. */
import { RULES, type RuleFacts } from "./rule-table.ts";

export function renderRulesPage(): string {
  return `${HEAD}\n${RULES.map(renderRule).join("\n")}`;
}

const HEAD = `# Lint rules

Made from \`src/tools/lint/rule-table.ts\`. \`harn explain RULE\` prints the same.

\`harn lint\` reports; \`harn lint --fix\` mends what it can without changing what a program does, in programs that pass \`harn check\`;
\`harn lint --unsafe-fixes\` mends more. It ends with 1 for an error, and for any warning where \`strict\` is set. The nearest \`harn.toml\` counts:

\`\`\`toml
[lint]
disabled = ["unused-import"]
require_file_header = true      # default: false
complexity_threshold = 30       # default: 25
severity = { "unused-type" = "error", "captured-assignment" = "warning", "naming-convention" = "off" }

[check]
strict = true

[fmt]
line_width = 100
separator_width = 80
\`\`\`

A comment turns rules off: \`// harn-lint: allow RULE, RULE\` for its line, or for the next one if it has its line for itself;
\`// harn-lint: allow-file RULE\` for the file.
`;

function renderRule(rule: RuleFacts): string {
  const state = rule.isOn ? rule.severity : "off by default";
  const fix = rule.fix === null ? "" : `\n\`--fix\` ${rule.fix}.\n`;
  return `## ${rule.name}

*${state}* — ${rule.doc}
${fix}
\`\`\`harn
${rule.bad}
\`\`\`

better:

\`\`\`harn
${rule.good}
\`\`\`
`;
}
