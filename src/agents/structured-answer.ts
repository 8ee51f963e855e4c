/**
 * Answers of `llm_call` that are to fit a schema: read as JSON, checked, and asked for again with what was wrong.
 *
 * Options: `json_schema` or `output_schema`; `schema_retries` (1): how often the model is asked again; `schema_retry_nudge`: false for no second
 * question, a text in place of the built-in one; `output_validation`: `error` raises what is still wrong at the end, `warn` tells observers.
 */
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { parseJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import { checkAgainst } from "./schema-check.ts";

export interface StructuredWish {
  /** null: any JSON will do. */
  readonly schema: Value;
  readonly retries: number;
  /** null: the model is not asked again. */
  readonly nudge: ((complaints: readonly string[]) => string) | null;
  readonly onFailure: "error" | "warn" | "off";
}

/** null: text was asked for. */
export function structuredWish(options: HDict): StructuredWish | null {
  const schema = options.get("json_schema") ?? options.get("output_schema") ?? null;
  if (schema === null && options.get("response_format") !== "json") return null;
  const retries = options.get("schema_retries") ?? 1;
  if (typeof retries !== "number" || !Number.isInteger(retries) || retries < 0) {
    throw runtimeError(`option \`schema_retries\`: expected a whole number of at least 0, got ${typeName(retries)}`);
  }
  return { schema, retries, nudge: nudgeOf(options, schema), onFailure: failureMode(options) };
}

function failureMode(options: HDict): StructuredWish["onFailure"] {
  const mode = options.get("output_validation") ?? "off";
  if (mode === "error" || mode === "warn" || mode === "off") return mode;
  throw runtimeError(`option \`output_validation\`: expected error, warn or off, got ${displayValue(mode)}`);
}

function nudgeOf(options: HDict, schema: Value): StructuredWish["nudge"] {
  const given = options.get("schema_retry_nudge") ?? true;
  if (given === false) return null;
  const opening =
    given === true ? "The answer does not match the JSON schema that was asked for." : displayValue(given);
  const keys = [listed("Required keys", requiredKeys(schema)), listed("Known keys", propertyKeys(schema))].join("");
  return (complaints) =>
    `${opening}\nWhat is wrong: ${complaints.join("; ")}.${keys}\nAnswer again with JSON that fits the schema, and nothing else.`;
}

function listed(title: string, keys: readonly string[]): string {
  return keys.length === 0 ? "" : `\n${title}: ${keys.join(", ")}.`;
}

function requiredKeys(schema: Value): readonly string[] {
  const required = schema instanceof HDict ? schema.get("required") : null;
  return required instanceof HList ? required.items.filter((key): key is string => typeof key === "string") : [];
}

function propertyKeys(schema: Value): readonly string[] {
  const properties = schema instanceof HDict ? schema.get("properties") : null;
  return properties instanceof HDict ? properties.keys() : [];
}

export type Structured =
  | { readonly kind: "data"; readonly data: Value }
  /** `data` undefined: no JSON at all. */
  | { readonly kind: "complaints"; readonly data: Value | undefined; readonly complaints: readonly string[] };

export function readStructured(text: string, wish: StructuredWish): Structured {
  const parsed = parseJson(jsonText(text));
  if (!parsed.ok) return { kind: "complaints", data: undefined, complaints: ["the answer is not JSON"] };
  if (wish.schema === null) return { kind: "data", data: parsed.value };
  const checked = checkAgainst(parsed.value, wish.schema);
  switch (checked.kind) {
    case "fits":
      return { kind: "data", data: checked.value };
    case "complaints":
      return { kind: "complaints", data: parsed.value, complaints: checked.errors };
    case "broken":
      throw runtimeError(`option \`output_schema\`: ${checked.problem}`);
  }
}

/** Models like to put JSON into a fence, or to talk around it. */
function jsonText(text: string): string {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1]?.trim();
  if (fenced !== undefined) return fenced;
  const trimmed = text.trim();
  if (/^[[{"\d-]|^(?:true|false|null)$/.test(trimmed)) return trimmed;
  const from = trimmed.search(/[[{]/);
  const to = Math.max(trimmed.lastIndexOf("}"), trimmed.lastIndexOf("]"));
  return from >= 0 && to > from ? trimmed.slice(from, to + 1) : trimmed;
}
