import { describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { createMemoryPorts } from "../ports/memory/ports.ts";
import { collectSecrets, createRedactor, isSecretName, referSecrets, resolveOverlay } from "./secrets.ts";

const environment = (env: Record<string, string>) => createMemoryPorts({ env }).environment;

test.each([
  ["OPENAI_API_KEY", true],
  ["GITHUB_TOKEN", true],
  ["db_password", true],
  ["AWS_SECRET_ACCESS_KEY", true],
  ["KEYBOARD", false],
  ["TOKENIZER", false],
  ["AUTHOR", false],
  ["PATH", false],
])("%s: %s", (name, secret) => {
  expect(isSecretName(name)).toBe(secret);
});

describe("redaction", () => {
  const secrets = collectSecrets(
    environment({
      API_KEY: "sk-abcdef",
      API_KEY_2: "sk-abcdef-longer",
      DB_PASSWORD: 'p"a\\ss/word?',
      MY_SETTING: "listed-value",
      OTHER: "not-a-secret",
      DEBUG_TOKEN: "1",
    }),
    ["MY_SETTING"],
  );
  const { redact, redactJson } = createRedactor(secrets, ["from-elsewhere"]);

  test("values go, wherever they stand; the longer of two that begin alike goes whole", () => {
    expect(redact("a sk-abcdef-longer b sk-abcdef c listed-value, from-elsewhere")).toBe(
      "a [redacted] b [redacted] c [redacted], [redacted]",
    );
    expect(redact("not-a-secret stays, and so does 1")).toBe("not-a-secret stays, and so does 1");
  });

  test("also as JSON and in a URL", () => {
    const json = JSON.stringify({ p: 'p"a\\ss/word?' });
    expect(redact(json)).toBe('{"p":"[redacted]"}');
    expect(redact(`https://x/?p=${encodeURIComponent('p"a\\ss/word?')}`)).toBe("https://x/?p=[redacted]");
  });

  test("every text and key of a JSON value", () => {
    expect(redactJson({ "sk-abcdef": ["x sk-abcdef", 7, null] })).toEqual({ "[redacted]": ["x [redacted]", 7, null] });
  });

  test("with nothing to hide nothing changes", () => {
    expect(createRedactor(collectSecrets(environment({}))).redact("text")).toBe("text");
  });
});

describe("overlays", () => {
  const port = environment({ API_KEY: "sk-abcdef" });

  test("hold references, and get their values back", () => {
    const overlay = referSecrets({ KEY: "sk-abcdef", MODE: "fast" }, collectSecrets(port));
    expect(overlay).toEqual({ KEY: { $secret: { env: "API_KEY" } }, MODE: "fast" });
    expect(resolveOverlay(overlay, port)).toEqual({ KEY: "sk-abcdef", MODE: "fast" });
  });

  test.each<[JsonObject, string]>([
    [{ KEY: { $secret: { env: "GONE" } } }, "KEY refers to the secret GONE, which is not set in this process"],
    [{ KEY: 7 }, "KEY must be a string or a secret reference"],
  ])("%j is a clear error", (overlay, message) => {
    expect(() => resolveOverlay(overlay, port)).toThrow(message);
  });
});
