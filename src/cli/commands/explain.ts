/**
 * `harn explain [CODE]`: what a code in brackets behind a message means, with an example of the mistake and how to mend it.
 *
 * `--json` prints of one code `{code, title, doc, wrong, right, modules?}`, without a name a list of `{code, of, title}`; `of` is `check` for what
 * `harn check` and `harn run` report and `lint` for the rules of `harn lint`.
 */
import { DIAGNOSTIC_CODES } from "../../base/diagnostic-code.ts";
import { EXPLANATIONS, findExplanation, renderExplanation } from "../../check/explain/pages.ts";
import { closestName } from "../../check/suggestion.ts";
import { explainRule, findRule } from "../../tools/lint/explain.ts";
import { RULE_NAMES, RULES } from "../../tools/lint/rule-table.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

export function explain(name: string | undefined, json: boolean): number {
  process.stdout.write(name === undefined ? overview(json) : page(name.replaceAll(/[[\]]/g, ""), json));
  return EXIT.ok;
}

/** A lint rule of the same name is pointed at; one of another name is explained as `harn lint --explain` does. */
function page(name: string, json: boolean): string {
  const explanation = findExplanation(name);
  const rule = findRule(name);
  if (explanation !== null) {
    if (json) return `${JSON.stringify({ code: name, ...explanation }, null, 2)}\n`;
    const also = rule === null ? "" : `\nThere is a lint rule of this name too: \`harn lint --explain ${name}\`.\n`;
    return renderExplanation(name, explanation) + also;
  }
  if (rule !== null)
    return json
      ? `${JSON.stringify(rule, null, 2)}\n`
      : `${explainRule(rule)}\nA rule of \`harn lint\`, as \`harn lint --explain ${name}\` shows it.\n`;
  const near = closestName(name, [...DIAGNOSTIC_CODES, ...RULE_NAMES]);
  const hint = near === null ? "`harn explain` lists them" : `did you mean ${near}?`;
  throw new UsageFailure(`there is no code ${name}: ${hint}`);
}

function overview(json: boolean): string {
  const codes = DIAGNOSTIC_CODES.map((code) => ({ code, of: "check", title: EXPLANATIONS[code].title }));
  const rules = RULES.map(({ name, doc, isOn }) => ({
    code: name,
    of: "lint",
    title: firstSentence(doc) + (isOn ? "" : " (off)"),
  }));
  if (json) return `${JSON.stringify([...codes, ...rules], null, 2)}\n`;
  const width = Math.max(...[...codes, ...rules].map(({ code }) => code.length));
  const lines = (entries: readonly { readonly code: string; readonly title: string }[]) =>
    entries.map(({ code, title }) => `  ${code.padEnd(width)}  ${title}\n`).join("");
  return `Of harn check and harn run:\n${lines(codes)}\nOf harn lint:\n${lines(rules)}`;
}

function firstSentence(text: string): string {
  return /^.*?(?=\. |\.$|$)/s.exec(text)?.[0] ?? text;
}
