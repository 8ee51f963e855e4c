/** The parser: any text gives a tree and reports that can be shown; a correct text is printed as a text of the same tree. */
import { type Diagnostic, legacyMessage, renderDiagnostic } from "../../src/base/diagnostic.ts";
import { parseSource } from "../../src/syntax/parser.ts";
import { equalTrees, printSource } from "../../src/syntax/printer.ts";
import { fuzzedText } from "./mutate-text.ts";
import { Broken, type Target } from "./target.ts";

/** A report is shown with lines of the text around it: a few of them must do. */
const SHOWN = 5;

export const parserTarget: Target = {
  loadsLate: true,
  measuresMemory: true,
  make: fuzzedText,
  run(text) {
    const { file, diagnostics } = parseSource("fuzz.harn", text);
    for (const diagnostic of diagnostics.slice(0, SHOWN)) {
      legacyMessage(diagnostic);
      renderDiagnostic(diagnostic, { path: file.path, text, color: true });
    }
    return isRefused(diagnostics) ? "refused" : "parsed";
  },
  laws(text) {
    const { file, diagnostics } = parseSource("fuzz.harn", text);
    for (const { labels } of diagnostics)
      for (const { span } of labels)
        if (!(span.start >= 0 && span.start <= span.end && span.end <= text.length))
          throw new Broken(`a report is about ${span.start} to ${span.end} of ${text.length}`);
    if (isRefused(diagnostics)) return;
    const printed = printSource(file);
    const again = parseSource("fuzz.harn", printed);
    const problem = again.diagnostics.find(({ severity }) => severity === "error");
    // The print may have parentheses, and so levels, that the text could do without.
    if (problem?.code === "nested-too-deeply") return;
    if (problem !== undefined) throw new Broken(`its print does not parse: ${problem.message}`);
    if (!equalTrees(file, again.file)) throw new Broken("its print is another program");
  },
};

function isRefused(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
