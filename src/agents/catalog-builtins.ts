/** The known providers and models, as programs ask for them. */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { ProviderDef } from "../llm/catalog.ts";
import {
  BUILT_IN_CATALOG,
  baseUrlOf,
  describeProvider,
  inferProvider,
  modelTier,
  resolveModel,
  resolveTier,
} from "../llm/catalog.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import { compareUtf8 } from "../value/key-order.ts";
import { HDict, HList, type Value } from "../value/value.ts";

const registered = declareCell<{ names: string[] }>("llm.registered_providers", () => ({ names: [] }));

const { providers } = BUILT_IN_CATALOG;
const providerOf = (name: string): ProviderDef | null => (Object.hasOwn(providers, name) ? providers[name]! : null);

/** Where a provider says that it is there, without doing work. */
const HEALTH_PATHS: Readonly<Record<string, string>> = {
  openrouter: "/auth/key",
  ollama: "/api/tags",
  local: "/v1/models",
};
const COUNT_ONE = '{"model":"claude-sonnet-4-20250514","messages":[{"role":"user","content":"x"}]}';

function healthRequest(
  call: Call,
  name: string,
  def: ProviderDef,
): { readonly url: string; readonly args: JsonObject } {
  const { environment } = call.ports;
  const base = baseUrlOf(def, { setting: (variable) => environment.get(variable) });
  const counts = def.chatEndpoint === "/messages";
  const url = `${base}${counts ? "/messages/count_tokens" : (HEALTH_PATHS[name] ?? "/models")}`;
  const key = def.authEnv.find((variable) => (environment.get(variable) ?? "") !== "");
  const header = def.authStyle === "header" ? (def.authHeader ?? "x-api-key") : "authorization";
  const secret = { $text: [...(def.authStyle === "bearer" ? ["Bearer "] : []), { $secret: { env: key ?? "" } }] };
  const headers: Json[] = [
    ...(key === undefined ? [] : [[header, secret]]),
    ...(counts ? [["content-type", "application/json"]] : []),
    ...Object.entries(def.extraHeaders ?? {}),
  ];
  const method = counts ? "POST" : "GET";
  const limits = { timeout_ms: 10_000, redirects: 3, max_bytes: 1_000_000, repeatable: true };
  return { url, args: { method, url, headers, body: counts ? COUNT_ONE : null, ...limits } };
}

function health(valid: boolean, message: string, metadata: JsonObject = {}): Value {
  return jsonToValue({ valid, message, metadata });
}

function finishHealth(_call: Call, outcome: Outcome, data: Value): Value | Suspension {
  const [name, url] = (data as HList).items.map((item) => displayValue(item));
  if (outcome.kind === "failed") return health(false, `${name} healthcheck failed: ${outcome.message}`);
  const result = outcome.kind === "result" && isJsonObject(outcome.result) ? outcome.result : {};
  const { response, error } = result;
  if (!isJsonObject(response)) {
    return health(false, `${name} healthcheck failed: ${isJsonObject(error) ? error.message : "no answer"}`);
  }
  const status = Number(response.status);
  const valid = status >= 200 && status < 300;
  const body = String(response.body).slice(0, 2_000);
  const message = valid ? `${name} is reachable (HTTP ${status})` : `${name} returned HTTP ${status}: ${body}`;
  return health(valid, message, { status, url: url! });
}

const aboutModel = (
  name: string,
  doc: string,
  code: string,
  prints: string,
  read: (model: string) => string,
): Builtin =>
  builtin(name, {
    sig: "(model: any) -> string",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code, prints }],
    run: (_call, args) => read(args.text("model")),
  });

export const catalogBuiltins: readonly Builtin[] = [
  aboutModel(
    "llm_infer_provider",
    "The provider that a model's name suggests.",
    'println(llm_infer_provider("gpt-4o"))',
    "openai",
    (model) => inferProvider(BUILT_IN_CATALOG, model),
  ),
  aboutModel(
    "llm_model_tier",
    "The tier of a model: small, mid or frontier.",
    'println(llm_model_tier("gpt-4o"))',
    "frontier",
    (model) => modelTier(BUILT_IN_CATALOG, model),
  ),
  builtin("llm_resolve_model", {
    sig: "(alias: any) -> dict",
    doc: "The model that an alias stands for: {id, provider}; provider nil for what is no alias.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(llm_resolve_model("mid"))', prints: "{id: gpt-4o-mini, provider: openai}" }],
    run: (_call, args) => HDict.of({ ...resolveModel(BUILT_IN_CATALOG, args.text("alias")) }),
  }),
  builtin("llm_pick_model", {
    sig: "(target: any, options?: any) -> dict",
    doc: "A model for a tier, an alias or a name: {id, provider, tier}. Option `provider` is preferred.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(llm_pick_model("small").tier)', prints: "small" }],
    run(_call, args) {
      const target = args.text("target");
      const wanted = args.dict("options")?.get("provider") ?? null;
      const found = resolveTier(BUILT_IN_CATALOG, target, wanted === null ? null : displayValue(wanted));
      const { id, provider } = found ?? resolveModel(BUILT_IN_CATALOG, target);
      return HDict.of({
        id,
        provider: provider ?? inferProvider(BUILT_IN_CATALOG, id),
        tier: modelTier(BUILT_IN_CATALOG, id),
      });
    },
  }),
  builtin("llm_providers", {
    sig: "() -> list",
    doc: "The names of the providers, in order.",
    needs: "nothing",
    examples: [{ code: 'println(contains(llm_providers(), "openai"))', prints: "true" }],
    run: (call) =>
      new HList([...new Set([...Object.keys(providers), "mock", ...call.read(registered).names])].sort(compareUtf8)),
  }),
  builtin("provider_register", {
    sig: "(name: any) -> bool",
    doc: "Adds a name to those that `llm_providers` lists.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(provider_register("mine"))', prints: "true" }],
    run(call, args) {
      const name = args.text("name");
      if (name === "") throw runtimeError("provider_register: name is required");
      if (!call.read(registered).names.includes(name)) call.change(registered).names.push(name);
      return true;
    },
  }),
  builtin("llm_config", {
    sig: "(provider?: any) -> dict | nil",
    doc: "How a provider is reached: base_url, auth_style, endpoints, features; nil when it is not known. Without a name: all.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(llm_config("openai").auth_style)', prints: "bearer" }],
    run(_call, args) {
      if (args.raw("provider") === null)
        return jsonToValue(
          Object.fromEntries(Object.entries(providers).map(([name, def]) => [name, describeProvider(def)])),
        );
      const def = providerOf(args.text("provider"));
      return def === null ? null : jsonToValue(describeProvider(def));
    },
  }),
  builtin("llm_info", {
    sig: "() -> dict",
    doc: "What the environment chooses: {provider, model, api_key_set}.",
    needs: "nothing",
    examples: [{ code: "println(type_of(llm_info().api_key_set))", prints: "bool" }],
    run(call) {
      const { environment } = call.ports;
      const keys = ["HARN_API_KEY", "OPENROUTER_API_KEY", "ANTHROPIC_API_KEY"];
      return HDict.of({
        provider: environment.get("HARN_LLM_PROVIDER") ?? "",
        model: environment.get("HARN_LLM_MODEL") ?? "",
        api_key_set: keys.some((name) => environment.get(name) !== undefined),
      });
    },
  }),
  suspending("llm_healthcheck", {
    sig: "(provider?: any) -> dict",
    doc: "Is a provider (anthropic) there, and does it take the key? {valid, message, metadata}; never an error.",
    needs: { effect: "network", over: "network" },
    borrows: true,
    examples: [{ code: 'println(llm_healthcheck("nowhere").message)', prints: "Unknown provider: nowhere" }],
    run(call, args) {
      const name = args.raw("provider") === null ? "anthropic" : args.text("provider");
      const def = providerOf(name);
      if (def === null) return health(false, `Unknown provider: ${name}`);
      const request = healthRequest(call, name, def);
      return awaitEffect(
        { kind: "http.request", version: 1, args: request.args, repeat: "safe", place: "any" },
        new HList([name, request.url]),
      );
    },
    finish: finishHealth,
  }),
];
