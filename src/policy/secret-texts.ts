/**
 * Texts of an effect that contain secrets of the environment: what is stored refers to them by name, what is sent has them in place.
 * A text with a secret in it becomes `{"$text": ["Bearer ", {"$secret": {"env": NAME}}]}`.
 */
import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import type { EnvironmentPort } from "../ports/environment.ts";
import type { KnownSecrets } from "./secrets.ts";
import { secretName } from "./secrets.ts";

export function referText(text: string, secrets: KnownSecrets): Json {
  let parts: Json[] = [text];
  for (const [name, value] of secrets.byName) {
    parts = parts.flatMap((part) => {
      if (typeof part !== "string" || !part.includes(value)) return [part];
      return part.split(value).flatMap((piece, index) => (index === 0 ? [piece] : [{ $secret: { env: name } }, piece]));
    });
  }
  return parts.length === 1 ? text : { $text: parts.filter((part) => part !== "") };
}

/** The text with its secrets in place; null for what is no text. Throws a `Failure` that names a secret which is gone. */
export function resolveText(json: Json | undefined, environment: EnvironmentPort): string | null {
  if (typeof json === "string") return json;
  if (!isJsonObject(json) || !Array.isArray(json.$text)) return null;
  return json.$text
    .map((part: Json) => {
      const name = secretName(part);
      if (name === null) return String(part);
      const value = environment.get(name);
      if (value === undefined) throw new Failure(`the secret ${name} is not set in this process`, "auth");
      return value;
    })
    .join("");
}
