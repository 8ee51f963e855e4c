/** What stored state refers to instead of holding: see vm/snapshot/secret-texts.ts. */
import { Failure } from "../base/failure.ts";
import type { EnvironmentPort } from "../ports/environment.ts";
import type { SecretForm, SecretPart, SecretTexts, TextPart } from "../vm/snapshot/secret-texts.ts";
import { createRedactor, type KnownSecrets } from "./secrets.ts";

const FORMS: readonly SecretForm[] = ["plain", "json", "url"];

function formed(value: string, form: SecretForm): string {
  switch (form) {
    case "plain":
      return value;
    case "json":
      return JSON.stringify(value).slice(1, -1);
    case "url":
      return encodeURIComponent(value);
  }
}

export function storedSecrets(secrets: KnownSecrets, environment: EnvironmentPort): SecretTexts {
  const known = new Map<string, SecretPart>();
  for (const form of FORMS) {
    for (const [env, value] of secrets.byName) {
      const text = formed(value, form);
      if (!known.has(text)) known.set(text, { env, form });
    }
  }
  // The longest first: one secret may begin with another.
  const texts = [...known.keys()].sort((a, b) => b.length - a.length);
  const shortest = texts.at(-1)?.length ?? Number.POSITIVE_INFINITY;
  const pattern = new RegExp(texts.map((text) => RegExp.escape(text)).join("|"), "g");
  const redactor = createRedactor(secrets);
  return {
    parts(text) {
      if (text.length < shortest || text.search(pattern) < 0) return null;
      const parts: TextPart[] = [];
      let from = 0;
      for (const match of text.matchAll(pattern)) {
        if (match.index > from) parts.push(text.slice(from, match.index));
        parts.push(known.get(match[0])!);
        from = match.index + match[0].length;
      }
      if (from < text.length) parts.push(text.slice(from));
      return parts;
    },
    text({ env, form }) {
      const value = environment.get(env);
      if (value === undefined) throw new Failure(`the secret ${env} is not set in this process`, "auth");
      return formed(value, form);
    },
    redact: (text) => redactor.redact(text),
  };
}
