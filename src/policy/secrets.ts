/**
 * Secrets: which values of the environment are secret, how text is freed of them, and how an environment overlay refers to them instead of holding them.
 *
 * Invariants
 * 1. A redacted text holds no secret value, as it stands, in JSON or in a URL.
 * 2. What is stored refers to a secret by name: `{"$secret": {"env": NAME}}`.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import type { EnvironmentPort } from "../ports/environment.ts";

export const REDACTED = "[redacted]";
/** Shorter values are no secrets worth the name, and to replace every `1` or `true` would make a log unreadable. */
const SHORTEST = 6;

/** Words between underscores. A set, since each start looks at all names, and compiling an expression would take a hundredth of it. */
const SECRET_WORDS: ReadonlySet<string> = new Set([
  ...["APIKEY", "KEY", "TOKEN", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE"],
  ...["CREDENTIAL", "CREDENTIALS", "AUTH"],
]);

export function isSecretName(name: string): boolean {
  return name
    .toUpperCase()
    .split("_")
    .some((word) => SECRET_WORDS.has(word));
}

export interface KnownSecrets {
  /** Variable to value. */
  readonly byName: ReadonlyMap<string, string>;
}

/** Variables whose names look secret, and those that are `listed` (a manifest's `[secrets]`). Empty and very short values are left out. */
export function collectSecrets(environment: EnvironmentPort, listed: readonly string[] = []): KnownSecrets {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(environment.all())) {
    if (value.length >= SHORTEST && (isSecretName(name) || listed.includes(name))) byName.set(name, value);
  }
  return { byName };
}

export interface Redactor {
  redact(text: string): string;
  /** The same for every text and key inside. */
  redactJson(json: Json): Json;
}

/** `extra`: values known from elsewhere. */
export function createRedactor(secrets: KnownSecrets, extra: readonly string[] = []): Redactor {
  const values = [...secrets.byName.values(), ...extra].filter((value) => value.length >= SHORTEST);
  const forms = new Set(
    values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]),
  );
  // The longest first: one secret may begin with another.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map(escapeRegex);
  const pattern = alternatives.length === 0 ? null : new RegExp(alternatives.join("|"), "g");
  const redact = (text: string): string => (pattern === null ? text : text.replace(pattern, REDACTED));
  const redactJson = (json: Json): Json => {
    if (typeof json === "string") return redact(json);
    if (Array.isArray(json)) return (json as readonly Json[]).map(redactJson);
    if (!isJsonObject(json)) return json;
    return Object.fromEntries(Object.entries(json).map(([key, item]) => [redact(key), redactJson(item)]));
  };
  return { redact, redactJson };
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** An overlay in which values that are known secrets are references. A secret that is no variable of the process stays: there is nothing to refer to. */
export function referSecrets(env: JsonObject, secrets: KnownSecrets): JsonObject {
  const names = new Map([...secrets.byName].map(([name, value]) => [value, name]));
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => {
      const name = typeof value === "string" ? names.get(value) : undefined;
      return [key, name === undefined ? value : { $secret: { env: name } }];
    }),
  );
}

/** The variable that `{"$secret": {"env": NAME}}` names; null for anything else. */
export function secretName(json: Json | undefined): string | null {
  if (!isJsonObject(json) || !isJsonObject(json.$secret)) return null;
  const { env } = json.$secret;
  return typeof env === "string" ? env : null;
}

/** The overlay with its secrets in place. Throws a `Failure` that names the variable when one is gone. */
export function resolveOverlay(env: JsonObject, environment: EnvironmentPort): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => {
      if (typeof value === "string") return [key, value];
      const name = secretName(value);
      if (name === null) throw new Failure(`environment overlay: ${key} must be a string or a secret reference`);
      const secret = environment.get(name);
      if (secret === undefined) {
        throw new Failure(`environment overlay: ${key} refers to the secret ${name}, which is not set in this process`);
      }
      return [key, secret];
    }),
  );
}
