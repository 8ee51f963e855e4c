/** Findings as SARIF 2.1.0, which code hosts and editors read. */

import type { Json } from "../../base/json.ts";
import { indexLines, type Position, positionAt } from "../../base/text.ts";
import type { Finding } from "./finding.ts";
import { RULES } from "./rule-table.ts";

export interface FileFindings {
  readonly name: string;
  readonly text: string;
  readonly findings: readonly Finding[];
}

export function toSarif(files: readonly FileFindings[], version: string): Json {
  const rules = RULES.map(({ name, doc, severity }) => ({
    id: name,
    fullDescription: { text: doc },
    defaultConfiguration: { level: severity },
  }));
  const results = files.flatMap(({ name, text, findings }) => {
    const index = indexLines(text);
    return findings.map(({ rule, severity, message, help, span }) => ({
      ruleId: rule,
      ruleIndex: RULES.findIndex((facts) => facts.name === rule),
      level: severity,
      message: { text: help === null ? message : `${message} (${help})` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: name.replaceAll("\\", "/") },
            region: regionOf(positionAt(index, span.start)),
          },
        },
      ],
    }));
  });
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "harn lint", version, rules } }, results }],
  };
}

function regionOf({ line, column }: Position): Json {
  return { startLine: line, startColumn: column };
}
