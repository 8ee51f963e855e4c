/**
 * Which provider and model a call uses, from its options, the environment and the catalogue. Pure: the environment is a function.
 *
 * Variables: `HARN_LLM_PROVIDER`, `HARN_LLM_MODEL`, `LOCAL_LLM_BASE_URL`, `LOCAL_LLM_MODEL`, and the providers' key variables, of which only
 * whether they are set matters.
 */
import {
  type Catalog,
  hasKey,
  inferProvider,
  type ModelAlias,
  modelTier,
  resolveModel,
  resolveTier,
} from "./catalog.ts";

export interface ModelWish {
  /** `auto` is as good as none. */
  readonly provider?: string;
  readonly model?: string;
  /** `small`, `mid`, `frontier` or another alias. */
  readonly modelTier?: string;
}

export interface ModelChoice {
  readonly provider: string;
  readonly model: string;
}

export type Setting = (name: string) => string | undefined;

/** Where keyless or cheap comes first when a tier's own provider has no key here. */
const TIER_ORDER = ["local", "ollama", "openrouter", "together", "groq", "huggingface", "openai", "anthropic"];

export function selectModel(catalog: Catalog, wish: ModelWish, setting: Setting): ModelChoice {
  const provider = selectProvider(catalog, wish, setting);
  return { provider, model: modelFor(catalog, wish, provider, setting) };
}

function filled(setting: Setting, name: string): string | undefined {
  const value = setting(name);
  return value === "" ? undefined : value;
}

function selectProvider(catalog: Catalog, wish: ModelWish, setting: Setting): string {
  if (wish.provider && wish.provider.toLowerCase() !== "auto") return wish.provider;
  const named = filled(setting, "HARN_LLM_PROVIDER");
  if (named && named.toLowerCase() !== "auto") return named;
  const envModel = filled(setting, "HARN_LLM_MODEL");
  const localModel = filled(setting, "LOCAL_LLM_MODEL");
  if (filled(setting, "LOCAL_LLM_BASE_URL") && (wish.model ?? envModel ?? localModel)) return "local";
  if (wish.model) return providerOf(catalog, wish.model);
  if (wish.modelTier) {
    const found = reachableTier(catalog, wish.modelTier, null, setting);
    if (found) return found.provider;
  }
  if (envModel) return providerOf(catalog, envModel);
  const context = { setting };
  return ["anthropic", "ollama", "local"].find((name) => hasKey(catalog, name, context)) ?? "anthropic";
}

/** An alias knows its provider; the reference infers it from the alias's name instead, which sends `mid` to Anthropic. */
function providerOf(catalog: Catalog, model: string): string {
  const resolved = resolveModel(catalog, model);
  return resolved.provider ?? inferProvider(catalog, resolved.id);
}

function modelFor(catalog: Catalog, wish: ModelWish, provider: string, setting: Setting): string {
  if (wish.model) return resolveModel(catalog, wish.model).id;
  if (wish.modelTier) {
    const found = reachableTier(catalog, wish.modelTier, provider, setting);
    if (found) return found.id;
  }
  const envModel = filled(setting, "HARN_LLM_MODEL");
  if (envModel) {
    const resolved = resolveModel(catalog, envModel);
    const owner = resolved.provider ?? filled(setting, "HARN_LLM_PROVIDER");
    if (owner === provider) return resolved.id;
  }
  switch (provider) {
    case "mock":
      return "mock";
    case "local":
      return resolveModel(catalog, filled(setting, "LOCAL_LLM_MODEL") ?? envModel ?? "gpt-4o").id;
    case "openai":
      return "gpt-4o";
    case "ollama":
      return "llama3.2";
    case "openrouter":
      return "anthropic/claude-sonnet-4-20250514";
    default:
      return "claude-sonnet-4-20250514";
  }
}

/** A tier's model whose provider has its key: the wanted provider's, the environment's, any alias of that tier; else the one that is configured. */
function reachableTier(catalog: Catalog, tier: string, provider: string | null, setting: Setting): ModelAlias | null {
  const context = { setting };
  const configured = resolveTier(catalog, tier, provider);
  if (configured && configured.provider === provider && hasKey(catalog, provider, context)) return configured;
  const envModel = filled(setting, "HARN_LLM_MODEL") ?? filled(setting, "LOCAL_LLM_MODEL");
  if (envModel) {
    const isLocal = filled(setting, "LOCAL_LLM_BASE_URL") !== undefined;
    const owner = filled(setting, "HARN_LLM_PROVIDER") ?? (isLocal ? "local" : providerOf(catalog, envModel));
    if (hasKey(catalog, owner, context)) return { id: resolveModel(catalog, envModel).id, provider: owner };
  }
  // The reference looks for a keyless provider first, which sends a tier to a local server that may not run though its own key is set.
  if (provider === null && configured && hasKey(catalog, configured.provider, context)) return configured;
  const candidates = Object.values(catalog.aliases)
    .filter((alias) => modelTier(catalog, alias.id) === tier)
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const order = [provider, filled(setting, "HARN_LLM_PROVIDER"), ...TIER_ORDER];
  for (const name of order) {
    const found = candidates.find((alias) => alias.provider === name && hasKey(catalog, alias.provider, context));
    if (found) return found;
  }
  return configured;
}
