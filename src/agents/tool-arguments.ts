/** The arguments that a model gives a tool: JSON at all, and as the tool's schema wants them. */
import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { closestName } from "../check/suggestion.ts";
import { parseArguments } from "../llm/contract.ts";
import { jsonToValue } from "../value/json.ts";
import type { HDict } from "../value/value.ts";
import { argumentSchema } from "./model-request.ts";
import { checkAgainst } from "./schema-check.ts";

export type ReadArguments =
  | { readonly kind: "args"; readonly args: HDict }
  /** For the model, to do better. */
  | { readonly kind: "refused"; readonly message: string };

/** Text of a call → a dict that fits the tool's schema, defaults filled in. */
export function readArguments(entry: HDict, text: string): ReadArguments {
  const parsed = parseArguments(text);
  if (!isJsonObject(parsed)) {
    const what = typeof parsed === "string" ? "text that is no JSON" : "JSON that is no object";
    return { kind: "refused", message: `the arguments must be one JSON object, got ${what}` };
  }
  return checkArguments(entry, jsonToValue(parsed) as HDict);
}

export function checkArguments(entry: HDict, args: HDict): ReadArguments {
  const schema: JsonObject = argumentSchema(entry);
  const checked = checkAgainst(args, jsonToValue(schema));
  if (checked.kind === "complaints") return { kind: "refused", message: checked.errors.join("; ") };
  if (checked.kind === "broken")
    return { kind: "refused", message: `the tool's own schema is malformed: ${checked.problem}` };
  const known = Object.keys((schema.properties ?? {}) as JsonObject);
  const unknown = [...args.keys()].filter((key) => known.length > 0 && !known.includes(key));
  if (unknown.length > 0 && schema.additionalProperties === false) {
    return { kind: "refused", message: `unknown argument \`${unknown[0]}\`; the tool takes ${known.join(", ")}` };
  }
  return { kind: "args", args: checked.value as HDict };
}

export function unknownTool(name: string, known: readonly string[]): string {
  const near = closestName(name, new Set(known));
  const hint = near === null ? "." : `; did you mean ${near}?`;
  return `there is no tool ${name}${hint} The tools are: ${known.length === 0 ? "none" : known.join(", ")}`;
}
