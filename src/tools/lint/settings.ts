/**
 * What `harn.toml` says to the linter.
 *
 * ```toml
 * [lint]
 * disabled = ["unused-import"]
 * require_file_header = true
 * complexity_threshold = 30
 * severity = { "unused-type" = "error", "naming-convention" = "off" }
 *
 * [check]
 * strict = true                 # a warning ends with 1
 * disable_rules = ["unused-type"]
 * ```
 */
import { closestName } from "../../check/suggestion.ts";
import { type Manifest, ManifestTable } from "../manifest.ts";
import type { Finding, LintSeverity } from "./finding.ts";
import { RULE_NAMES, RULES } from "./rule-table.ts";

export interface LintSettings {
  readonly requireFileHeader: boolean;
  readonly complexityThreshold: number;
  readonly isStrict: boolean;
  /** Of the rules that are on. */
  readonly severities: ReadonlyMap<string, LintSeverity>;
  /** What is odd about the manifest's table. */
  readonly warnings: readonly string[];
}

const DEFAULT_COMPLEXITY = 25;
const CHOICES = ["off", "note", "warning", "error"] as const;

export function readLintSettings(manifest: Manifest | null, requireFileHeader: boolean): LintSettings {
  const table = new ManifestTable(manifest, "lint");
  const check = new ManifestTable(manifest, "check");
  const disabled = [...(table.texts("disabled") ?? []), ...(check.texts("disable_rules") ?? [])];
  const given = table.choices("severity", CHOICES);
  const header = table.flag("require_file_header") ?? false;
  const complexityThreshold = table.count("complexity_threshold", 1) ?? DEFAULT_COMPLEXITY;
  const severities = new Map<string, LintSeverity>();
  for (const { name, severity, isOn } of RULES) {
    const isWanted = isOn || (name === "require-file-header" && (header || requireFileHeader));
    const chosen = given.get(name) ?? (isWanted ? severity : "off");
    if (chosen !== "off" && !disabled.includes(name)) severities.set(name, chosen);
  }
  return {
    requireFileHeader: header || requireFileHeader || severities.has("require-file-header"),
    complexityThreshold,
    isStrict: check.flag("strict") ?? false,
    severities,
    warnings: [...table.unknownKeys(), ...unknownRules(manifest, [...disabled, ...given.keys()])],
  };
}

function unknownRules(manifest: Manifest | null, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => !RULE_NAMES.has(name))
    .map((name) => {
      const near = closestName(name, RULE_NAMES);
      const hint = near === null ? "" : `; did you mean ${near}?`;
      return `${manifest?.path}: there is no lint rule ${name}${hint}`;
    });
}

/** The findings of rules that are on, with the severities that are wanted. */
export function applySettings(findings: readonly Finding[], settings: LintSettings): readonly Finding[] {
  return findings.flatMap((finding) => {
    const severity = settings.severities.get(finding.rule);
    return severity === undefined ? [] : [{ ...finding, severity }];
  });
}
