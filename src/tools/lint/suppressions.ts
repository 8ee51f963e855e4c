/**
 * Comments that turn rules off: `harn-lint: allow RULE, RULE` for its line, or for the next one if it has its line for itself;
 * `harn-lint: allow-file RULE` for the file.
 */

import type { Span } from "../../base/span.ts";
import { closestName } from "../../check/suggestion.ts";
import type { LintContext } from "./context.ts";
import type { Finding } from "./finding.ts";
import { RULE_NAMES } from "./rule-table.ts";

const MARK = /^\/[/*]\s*harn-lint:\s*(?<what>allow(?:-file)?)\s+(?<rules>[^*]*)/;

/** The findings that no comment turns off, and one for each rule that a comment names and that does not exist. */
export function applySuppressions(c: LintContext): readonly Finding[] {
  const marks = c.comments.flatMap((comment) => {
    const groups = MARK.exec(comment.text)?.groups;
    if (!groups) return [];
    const rules = groups["rules"]!.split(/[\s,]+/).filter(Boolean);
    return [{ comment, rules, forFile: groups["what"] === "allow-file" }];
  });
  if (marks.length === 0) return c.findings;
  const file = new Set<string>();
  const lines = new Map<number, Set<string>>();
  for (const { comment, rules, forFile } of marks) {
    for (const name of rules) if (!RULE_NAMES.has(name)) reportUnknown(c, name, comment);
    if (forFile) {
      for (const name of rules) file.add(name);
      continue;
    }
    const isAlone = c.source.text.slice(c.source.lineStart(comment.start), comment.start).trim() === "";
    const line = isAlone ? comment.endLine + 1 : comment.line;
    const known = lines.get(line) ?? new Set();
    for (const name of rules) known.add(name);
    lines.set(line, known);
  }
  return c.findings.filter(({ rule, span }) => !file.has(rule) && !lines.get(c.lineOf(span))?.has(rule));
}

function reportUnknown(c: LintContext, name: string, comment: Span): void {
  const near = closestName(name, RULE_NAMES);
  c.report("suppression", comment, `there is no rule \`${name}\``, near === null ? null : `did you mean \`${near}\`?`);
}
