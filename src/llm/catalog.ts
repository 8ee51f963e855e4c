/**
 * The known providers and models: where they are, which variable holds the key, which names stand for which model, and which provider a call uses
 * when it names none. Values of a configuration file are laid over this (`mergeCatalog`); nothing here is read or changed at run time.
 */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import type { ChatDialect } from "./chat-request.ts";
import type { ProviderContext, SecretRef } from "./contract.ts";
import { matchesGlob } from "./glob.ts";

export const DEFAULT_TIMEOUT_MS = 120_000;

export interface ProviderDef {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Variable that replaces `baseUrl`. */
  readonly baseUrlEnv?: string;
  readonly authStyle: "bearer" | "header" | "none";
  /** With `header`: which; default `x-api-key`. */
  readonly authHeader?: string;
  /** Variables that may hold the key; the first that is set counts. */
  readonly authEnv: readonly string[];
  readonly extraHeaders?: Readonly<Record<string, string>>;
  readonly chatEndpoint: string;
  readonly completionEndpoint?: string;
  /** Where chat completions are served when `chatEndpoint` is of another form. */
  readonly wireEndpoint?: string;
  readonly features: readonly string[];
  /** Requests per minute; absent: unlimited. */
  readonly rpm?: number;
  readonly dialect: ChatDialect;
}

export interface ModelAlias {
  readonly id: string;
  readonly provider: string;
  readonly toolFormat?: "native" | "text";
}

/** The first rule that fits decides. Exactly one of `exact`, `pattern` (with `*`) and `contains`. */
export interface NameRule {
  readonly exact?: string;
  readonly pattern?: string;
  readonly contains?: string;
  readonly to: string;
}

export interface Catalog {
  readonly providers: Readonly<Record<string, ProviderDef>>;
  readonly aliases: Readonly<Record<string, ModelAlias>>;
  readonly inference: readonly NameRule[];
  readonly tiers: readonly NameRule[];
  readonly defaultTier: string;
}

const PLAIN: ChatDialect = { templateArguments: false, completionTokenLimit: false };

function chatProvider(baseUrl: string, authEnv: readonly string[], more: Partial<ProviderDef> = {}): ProviderDef {
  const endpoints = { chatEndpoint: "/chat/completions", completionEndpoint: "/completions" };
  return { baseUrl, authStyle: "bearer", authEnv, features: [], dialect: PLAIN, ...endpoints, ...more };
}

const FRONTIER: ModelAlias = { id: "claude-sonnet-4-20250514", provider: "anthropic" };
const MID: ModelAlias = { id: "gpt-4o-mini", provider: "openai" };
const SMALL: ModelAlias = { id: "Qwen/Qwen3.5-9B", provider: "openrouter" };
const local = (id: string): ModelAlias => ({ id, provider: "local" });

export const BUILT_IN_CATALOG: Catalog = {
  providers: {
    anthropic: {
      baseUrl: "https://api.anthropic.com/v1",
      authStyle: "header",
      authHeader: "x-api-key",
      authEnv: ["ANTHROPIC_API_KEY"],
      extraHeaders: { "anthropic-version": "2023-06-01" },
      chatEndpoint: "/messages",
      features: ["prompt_caching", "thinking"],
      dialect: PLAIN,
    },
    openai: chatProvider("https://api.openai.com/v1", ["OPENAI_API_KEY"], {
      dialect: { templateArguments: false, completionTokenLimit: true },
    }),
    openrouter: chatProvider("https://openrouter.ai/api/v1", ["OPENROUTER_API_KEY"]),
    huggingface: chatProvider("https://router.huggingface.co/v1", ["HF_TOKEN", "HUGGINGFACE_API_KEY"]),
    together: chatProvider("https://api.together.xyz/v1", ["TOGETHER_AI_API_KEY"], {
      baseUrlEnv: "TOGETHER_AI_BASE_URL",
    }),
    groq: chatProvider("https://api.groq.com/openai/v1", ["GROQ_API_KEY"], { baseUrlEnv: "GROQ_BASE_URL" }),
    ollama: chatProvider("http://localhost:11434", [], {
      baseUrlEnv: "OLLAMA_HOST",
      authStyle: "none",
      chatEndpoint: "/api/chat",
      completionEndpoint: "/api/generate",
      wireEndpoint: "/v1/chat/completions",
    }),
    local: chatProvider("http://localhost:8000", [], {
      baseUrlEnv: "LOCAL_LLM_BASE_URL",
      authStyle: "none",
      chatEndpoint: "/v1/chat/completions",
      completionEndpoint: "/v1/completions",
      dialect: { templateArguments: true, completionTokenLimit: false },
    }),
  },
  aliases: {
    frontier: FRONTIER,
    "tier/frontier": FRONTIER,
    mid: MID,
    "tier/mid": MID,
    small: SMALL,
    "tier/small": SMALL,
    "local-gemma4": local("gemma-4-26b-a4b-it"),
    "local-gemma4-26b": local("gemma-4-26b-a4b-it"),
    "local-gemma4-31b": local("gemma-4-31b-it"),
    "local-gemma4-e4b": local("gemma-4-e4b-it"),
    "local-gemma4-e2b": local("gemma-4-e2b-it"),
  },
  inference: [
    { pattern: "claude-*", to: "anthropic" },
    { pattern: "gpt-*", to: "openai" },
    { pattern: "o1*", to: "openai" },
    { pattern: "o3*", to: "openai" },
    { pattern: "local:*", to: "local" },
    { contains: "/", to: "openrouter" },
    { contains: ":", to: "ollama" },
  ],
  tiers: [
    { contains: "9b", to: "small" },
    { contains: "a3b", to: "small" },
    { contains: "gemma-4-e2b", to: "small" },
    { contains: "gemma-4-e4b", to: "small" },
    { contains: "gemma-4-26b", to: "mid" },
    { contains: "gemma4:26b", to: "mid" },
    { contains: "gemma-4-31b", to: "frontier" },
    { contains: "gemma4:31b", to: "frontier" },
    { pattern: "claude-*", to: "frontier" },
    { exact: "gpt-4o", to: "frontier" },
  ],
  defaultTier: "mid",
};

/** What the overlay names replaces; its rules come first. */
export function mergeCatalog(base: Catalog, overlay: Partial<Catalog>): Catalog {
  return {
    providers: { ...base.providers, ...overlay.providers },
    aliases: { ...base.aliases, ...overlay.aliases },
    inference: [...(overlay.inference ?? []), ...base.inference],
    tiers: [...(overlay.tiers ?? []), ...base.tiers],
    defaultTier: overlay.defaultTier ?? base.defaultTier,
  };
}

function fits(rule: NameRule, name: string): boolean {
  if (rule.exact !== undefined) return name === rule.exact;
  if (rule.pattern !== undefined) return matchesGlob(rule.pattern, name);
  return rule.contains !== undefined && name.includes(rule.contains);
}

/** An alias's model and provider, or the name itself with no provider. */
export function resolveModel(
  catalog: Catalog,
  name: string,
): { readonly id: string; readonly provider: string | null } {
  const alias = Object.hasOwn(catalog.aliases, name) ? catalog.aliases[name] : undefined;
  return alias ? { id: alias.id, provider: alias.provider } : { id: name, provider: null };
}

export function inferProvider(catalog: Catalog, model: string): string {
  return catalog.inference.find((rule) => fits(rule, model))?.to ?? "anthropic";
}

/** `small`, `mid` or `frontier`, or a configured word. Rules see the name as it is, then in lower case. */
export function modelTier(catalog: Catalog, model: string): string {
  const lower = model.toLowerCase();
  return (
    (catalog.tiers.find((rule) => fits(rule, model)) ?? catalog.tiers.find((rule) => fits(rule, lower)))?.to ??
    catalog.defaultTier
  );
}

/** The model of a tier or alias, preferring the provider's own (`PROVIDER/TIER`); null when no alias stands for it. */
export function resolveTier(catalog: Catalog, target: string, provider: string | null): ModelAlias | null {
  const scoped = provider === null ? [] : [`${provider}/${target}`, `${provider}:${target}`];
  const name = [target, ...scoped, `tier/${target}`].find((candidate) => Object.hasOwn(catalog.aliases, candidate));
  return name === undefined ? null : (catalog.aliases[name] ?? null);
}

/** `native` or `text`: by alias, then by the provider's features. */
export function defaultToolFormat(catalog: Catalog, model: string, provider: string): "native" | "text" {
  const alias = Object.entries(catalog.aliases).find(
    ([name, entry]) =>
      entry.toolFormat !== undefined && (name === model || (entry.id === model && entry.provider === provider)),
  );
  const native = catalog.providers[provider]?.features.includes("native_tools") ?? false;
  return alias?.[1].toolFormat ?? (native ? "native" : "text");
}

type Settings = Pick<ProviderContext, "setting">;
type Secrets = Pick<ProviderContext, "setting" | "resolveSecret">;

/** The variable's value without the quotes that some `.env` readers leave, else the built-in one. `host:port` gets `http://`. */
export function baseUrlOf(def: ProviderDef, context: Settings): string {
  const given = def.baseUrlEnv === undefined ? undefined : context.setting(def.baseUrlEnv);
  const url = given?.trim().replace(/^["']+|["']+$/g, "") ?? "";
  if (url === "") return def.baseUrl;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
}

/** The key of a call, null when none is needed. Throws a `Failure` of category `auth` that names the variables. */
export function secretOf(name: string, def: ProviderDef, ref: SecretRef | undefined, context: Secrets): string | null {
  if (ref) return context.resolveSecret(ref);
  if (def.authStyle === "none" || def.authEnv.length === 0) return null;
  const set = def.authEnv.find((env) => (context.setting(env) ?? "") !== "");
  if (set !== undefined) return context.resolveSecret({ $secret: { env: set } });
  throw missingKey(def.authEnv, name);
}

export function missingKey(variables: readonly string[], provider: string): Failure {
  const which =
    variables.length === 1
      ? `${variables[0]} environment variable`
      : `one of ${variables.join(", ")} environment variables`;
  const hint = `(provider '${provider}'; set HARN_LLM_PROVIDER=mock for offline use)`;
  return new Failure(`Missing API key: set ${which} ${hint}`, "auth");
}

/** Whether a call to the provider would find its key. */
export function hasKey(catalog: Catalog, provider: string, context: Settings): boolean {
  if (provider === "mock") return true;
  const def = catalog.providers[provider];
  if (!def) return false;
  return (
    def.authStyle === "none" ||
    def.authEnv.length === 0 ||
    def.authEnv.some((env) => (context.setting(env) ?? "") !== "")
  );
}

/** As the language shows a provider (`llm_config`). */
export function describeProvider(def: ProviderDef): JsonObject {
  return {
    base_url: def.baseUrl,
    auth_style: def.authStyle,
    chat_endpoint: def.chatEndpoint,
    ...(def.completionEndpoint ? { completion_endpoint: def.completionEndpoint } : {}),
    ...(def.authHeader ? { auth_header: def.authHeader } : {}),
    ...(def.extraHeaders ? { extra_headers: def.extraHeaders } : {}),
    ...(def.features.length > 0 ? { features: def.features } : {}),
    ...(def.rpm === undefined ? {} : { rpm: def.rpm }),
  };
}
