/** What `harn explain` says about a rule. */
import { RULES, type RuleFacts } from "./rule-table.ts";

export function explainRule(rule: RuleFacts): string {
  const state = rule.isOn ? rule.severity : "off unless harn.toml gives it a severity";
  const indent = (text: string) => text.replaceAll(/^(?=.)/gm, "    ");
  return [
    `${rule.name} (${state})`,
    "",
    rule.doc,
    "",
    "Reported:",
    "",
    indent(rule.bad),
    "",
    "Not reported:",
    "",
    indent(rule.good),
    "",
    rule.fix === null ? "Nothing mends it by itself." : `\`harn lint --fix\` ${rule.fix}.`,
    `Off for one line: \`// harn-lint: allow ${rule.name}\`; for all: \`disabled = ["${rule.name}"]\` in [lint] of harn.toml.`,
    "",
  ].join("\n");
}

export function findRule(name: string): RuleFacts | null {
  return RULES.find((rule) => rule.name === name) ?? null;
}
