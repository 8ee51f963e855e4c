/**
 * How stored state refers to secrets of the environment instead of holding them. Implemented in policy/; the VM only asks.
 */
import type { JsonObject } from "../../base/json.ts";

/** A piece of a text: as it stands, or the value of a variable, as it is or in the form that it takes in JSON or in a URL. */
export type TextPart = string | SecretPart;

export interface SecretPart {
  readonly env: string;
  readonly form: SecretForm;
}

export type SecretForm = "plain" | "json" | "url";

export interface SecretTexts {
  /** The parts of a text that holds secrets; null: it holds none. */
  parts(text: string): readonly TextPart[] | null;
  /** The text of a part. Throws a `Failure` that names the variable when it is not set any more. */
  text(part: SecretPart): string;
  /** For people: `[redacted]` in the place of each secret. */
  redact(text: string): string;
}

/** A JSON object as it is stored: its text, or the list of parts of its text. */
export function storedJson(json: JsonObject, secrets: SecretTexts): string {
  const text = JSON.stringify(json);
  const parts = secrets.parts(text);
  return parts === null ? text : JSON.stringify(parts);
}

/** The object again. Throws a `Failure` that names the variable of a secret that is not set. */
export function readStoredJson(text: string, secrets: SecretTexts): JsonObject {
  const read = JSON.parse(text) as JsonObject | readonly TextPart[];
  if (!Array.isArray(read)) return read as JsonObject;
  const whole = (read as readonly TextPart[]).map((part) => (typeof part === "string" ? part : secrets.text(part)));
  return JSON.parse(whole.join("")) as JsonObject;
}
