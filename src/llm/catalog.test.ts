/** Names, aliases, tiers, keys and base URLs; what calls cost; which provider and model a call gets. */
import { expect, test } from "vitest";
import {
  baseUrlOf,
  BUILT_IN_CATALOG as built,
  defaultToolFormat,
  describeProvider,
  hasKey,
  inferProvider,
  mergeCatalog,
  modelTier,
  resolveModel,
  resolveTier,
} from "./catalog.ts";
import { addCost, budgetFailure, callCost, modelPrice, NO_COST } from "./cost.ts";
import { matchesGlob } from "./glob.ts";
import { type ModelWish, selectModel } from "./model-selection.ts";

test.each([
  ["claude-sonnet-4-20250514", "anthropic"],
  ["gpt-4o", "openai"],
  ["o3-mini", "openai"],
  ["qwen/qwen3-coder", "openrouter"],
  ["llama3.2:latest", "ollama"],
  ["local:owner/model", "local"],
  ["unknown", "anthropic"],
])("%s is a model of %s", (model, provider) => {
  expect(inferProvider(built, model)).toBe(provider);
});

test.each([
  ["claude-sonnet-4-20250514", "frontier"],
  ["gpt-4o", "frontier"],
  ["gpt-4o-mini", "mid"],
  ["Qwen3.5-9B", "small"],
  ["gemma-4-31b-it", "frontier"],
  ["deepseek-v3", "mid"],
])("%s is of tier %s", (model, tier) => {
  expect(modelTier(built, model)).toBe(tier);
});

test("aliases and tiers name a model and its provider", () => {
  expect(resolveModel(built, "mid")).toEqual({ id: "gpt-4o-mini", provider: "openai" });
  expect(resolveModel(built, "toString")).toEqual({ id: "toString", provider: null });
  expect(resolveTier(built, "small", null)).toEqual({ id: "Qwen/Qwen3.5-9B", provider: "openrouter" });
  expect(resolveTier(built, "huge", "openai")).toBeNull();
});

test("an overlay replaces by name and its rules come first", () => {
  const merged = mergeCatalog(built, {
    aliases: {
      fast: { id: "acme/fast", provider: "acme", toolFormat: "native" },
      "openai/huge": { id: "gpt-9", provider: "openai" },
    },
    inference: [{ pattern: "acme/*", to: "acme" }],
  });
  expect(inferProvider(merged, "acme/fast")).toBe("acme");
  expect(resolveTier(merged, "huge", "openai")?.id).toBe("gpt-9");
  expect(defaultToolFormat(merged, "acme/fast", "acme")).toBe("native");
  expect(defaultToolFormat(merged, "gpt-4o", "openai")).toBe("text");
});

test("base URLs may come from the environment, quoted or without a scheme", () => {
  const local = built.providers.local!;
  const ollama = built.providers.ollama!;
  expect(baseUrlOf(local, { setting: () => undefined })).toBe("http://localhost:8000");
  expect(baseUrlOf(local, { setting: () => ' "http://127.0.0.1:9/v1" ' })).toBe("http://127.0.0.1:9/v1");
  expect(baseUrlOf(ollama, { setting: () => "10.0.0.2:11434" })).toBe("http://10.0.0.2:11434");
});

test("keys: those that are set, those that are not needed", () => {
  const env = (values: Record<string, string>) => ({ setting: (name: string) => values[name] });
  expect(hasKey(built, "huggingface", env({ HUGGINGFACE_API_KEY: "k" }))).toBe(true);
  expect(hasKey(built, "openai", env({ OPENAI_API_KEY: "" }))).toBe(false);
  expect(hasKey(built, "local", env({}))).toBe(true);
  expect(hasKey(built, "mock", env({}))).toBe(true);
  expect(hasKey(built, "nope", env({}))).toBe(false);
});

test("a provider as the language shows it", () => {
  expect(describeProvider(built.providers.openai!)).toEqual({
    base_url: "https://api.openai.com/v1",
    auth_style: "bearer",
    chat_endpoint: "/chat/completions",
    completion_endpoint: "/completions",
  });
  expect(describeProvider(built.providers.anthropic!)).toMatchObject({
    auth_style: "header",
    auth_header: "x-api-key",
  });
});

test.each<[ModelWish, Record<string, string>, string, string]>([
  [{ provider: "mock" }, {}, "mock", "mock"],
  [{ provider: "openai", model: "mid" }, {}, "openai", "gpt-4o-mini"],
  [{ provider: "auto", model: "gpt-4o" }, {}, "openai", "gpt-4o"],
  [{ model: "mid" }, {}, "openai", "gpt-4o-mini"],
  [{}, { HARN_LLM_PROVIDER: "mock" }, "mock", "mock"],
  [{}, { HARN_LLM_PROVIDER: "openai", HARN_LLM_MODEL: "gpt-4.1" }, "openai", "gpt-4.1"],
  [{}, { HARN_LLM_MODEL: "gpt-4.1" }, "openai", "gpt-4o"],
  [{}, { LOCAL_LLM_BASE_URL: "http://x", LOCAL_LLM_MODEL: "qwen" }, "local", "qwen"],
  [{ model: "own" }, { LOCAL_LLM_BASE_URL: "http://x" }, "local", "own"],
  [{}, {}, "ollama", "llama3.2"],
  [{}, { ANTHROPIC_API_KEY: "k" }, "anthropic", "claude-sonnet-4-20250514"],
  [{ modelTier: "mid" }, { OPENAI_API_KEY: "k" }, "openai", "gpt-4o-mini"],
  [{ modelTier: "mid" }, {}, "local", "gemma-4-26b-a4b-it"],
  [{ modelTier: "small", provider: "openrouter" }, { OPENROUTER_API_KEY: "k" }, "openrouter", "Qwen/Qwen3.5-9B"],
])("%j with %j is %s, %s", (wish, env, provider, model) => {
  expect(selectModel(built, wish, (name) => env[name])).toEqual({ provider, model });
});

test("prices are per million tokens; unknown is null, never 0", () => {
  expect(callCost("gpt-4o", { inputTokens: 1000, outputTokens: 1000 })).toBeCloseTo(0.0125);
  expect(callCost("gpt-4o-mini-2024", { inputTokens: 1_000_000, outputTokens: 0 })).toBeCloseTo(0.15);
  expect(callCost("gpt-4o", { inputTokens: 0, outputTokens: 0 })).toBe(0);
  expect(callCost("gpt-4o", { inputTokens: null, outputTokens: 5 })).toBeNull();
  expect(callCost("nope", { inputTokens: 1000, outputTokens: 1000 })).toBeNull();
  expect(modelPrice("meta-llama-3.1-70b")).toEqual({ input: 0.59, output: 0.79 });
});

test("totals count the calls whose price is unknown; a budget is exceeded only above it", () => {
  const total = [0.5, null, 0.25].reduce(addCost, NO_COST);
  expect(total).toEqual({ usd: 0.75, unknownCalls: 1 });
  expect(budgetFailure(total, null)).toBeNull();
  expect(budgetFailure(total, 0.75)).toBeNull();
  expect(budgetFailure(total, 0.5)).toBe("LLM budget exceeded: spent $0.7500 of $0.5000 budget");
});

test("globs: stars for any text, everything else for itself", () => {
  expect(matchesGlob("a.b*", "a.bc")).toBe(true);
  expect(matchesGlob("a.b*", "axbc")).toBe(false);
  expect(matchesGlob("*aa", "aaa")).toBe(true);
  expect(matchesGlob("a*a", "a")).toBe(false);
  expect(matchesGlob("*a*b*", "xxbxa")).toBe(false);
  expect(matchesGlob("a*bc*c", "abc")).toBe(false);
  expect(matchesGlob(`${"*a".repeat(50)}*b`, "a".repeat(20_000))).toBe(false);
});
