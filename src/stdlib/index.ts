/** All builtins and methods of the standard library, by topic. */
import type { Builtin } from "../builtin/declaration.ts";
import { HDict, share, type Value } from "../value/value.ts";
import { agentStateBuiltins } from "./agent-state/builtins.ts";
import { assertionBuiltins } from "./assertions.ts";
import { calendarBuiltins } from "./calendar.ts";
import { circuitBuiltins } from "./circuits.ts";
import { concurrencyBuiltins } from "./concurrency.ts";
import { conversionBuiltins } from "./conversion.ts";
import { dictBuiltins, dictMethods } from "./dict-methods.ts";
import { digestBuiltins } from "./digests.ts";
import { environmentBuiltins } from "./environment.ts";
import { errorBuiltins } from "./error-categories.ts";
import { exitBuiltins } from "./exit.ts";
import { fileLineBuiltins } from "./file-lines.ts";
import { fileBuiltins } from "./files.ts";
import { gitBuiltins } from "./git.ts";
import { hostBuiltins } from "./host-calls.ts";
import { httpMockBuiltins } from "./http/mocks.ts";
import { httpBuiltins } from "./http/requests.ts";
import { identifierCaseBuiltins } from "./identifier-case.ts";
import { iteratorBuiltins, iteratorMethods, rangeMethods } from "./iterators.ts";
import { jsonBuiltins } from "./json.ts";
import { listCallbackMethods, listPrimitives } from "./list-callbacks.ts";
import { listMethods } from "./list-methods.ts";
import { loggingBuiltins } from "./logging.ts";
import { markupBuiltins } from "./markup.ts";
import { mathBuiltins } from "./math.ts";
import { mathGlobals } from "./math-globals.ts";
import { metadataBuiltins } from "./metadata/builtins.ts";
import { outputBuiltins } from "./output.ts";
import { pathBuiltins } from "./paths.ts";
import { processBuiltins } from "./processes.ts";
import { projectBuiltins } from "./project/builtins.ts";
import { promptBuiltins } from "./prompt.ts";
import { regexBuiltins } from "./regex.ts";
import { resultBuiltins } from "./results.ts";
import { schemaBuiltins } from "./schema/builtins.ts";
import { setBuiltins, setMethods } from "./sets.ts";
import { skillsGlobal } from "./skills-global.ts";
import { stateFileBuiltins } from "./state-files.ts";
import { stringMethods } from "./string-methods.ts";
import { templateBuiltins } from "./template/builtins.ts";
import { textBuiltins } from "./text.ts";
import { tracingBuiltins } from "./tracing.ts";

export { exitMachine } from "./exit.ts";
export { createStdlibPerformers } from "./performers.ts";

export const stdlibBuiltins: readonly Builtin[] = [
  ...outputBuiltins,
  ...promptBuiltins,
  ...conversionBuiltins,
  ...resultBuiltins,
  ...assertionBuiltins,
  ...errorBuiltins,
  ...jsonBuiltins,
  ...markupBuiltins,
  ...schemaBuiltins,
  ...templateBuiltins,
  ...textBuiltins,
  ...identifierCaseBuiltins,
  ...dictBuiltins,
  ...setBuiltins,
  ...iteratorBuiltins,
  ...mathBuiltins,
  ...calendarBuiltins,
  ...circuitBuiltins,
  ...digestBuiltins,
  ...environmentBuiltins,
  ...exitBuiltins,
  ...fileBuiltins,
  ...fileLineBuiltins,
  ...hostBuiltins,
  ...httpBuiltins,
  ...httpMockBuiltins,
  ...stateFileBuiltins,
  ...agentStateBuiltins,
  ...metadataBuiltins,
  ...projectBuiltins,
  ...gitBuiltins,
  ...loggingBuiltins,
  ...tracingBuiltins,
  ...pathBuiltins,
  ...processBuiltins,
  ...regexBuiltins,
  ...concurrencyBuiltins,
  ...stringMethods,
  ...listMethods,
  ...listCallbackMethods,
  ...listPrimitives,
  ...dictMethods,
  ...setMethods,
  ...rangeMethods,
  ...iteratorMethods,
];

/** Names that every program sees beside the builtins. */
export const stdlibGlobals: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...mathGlobals,
  ["skills", skillsGlobal([])],
  ["mcp", share(HDict.empty())],
]);
