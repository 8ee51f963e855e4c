/** What models can do, and rules of the program's own about it. */
import { parse as parseToml, TomlError } from "smol-toml";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { CapabilityRule, CapabilityTable } from "../llm/capabilities.ts";
import { capabilitiesOf, NO_RULES } from "../llm/capabilities.ts";
import { jsonToValue } from "../value/json.ts";

export const capabilityRules = declareCell<{ added: CapabilityTable }>("capability_rules", () => ({ added: NO_RULES }));

const WHO = "provider_capabilities_install";

function readTable(text: string): CapabilityTable {
  let parsed: JsonObject;
  try {
    parsed = parseToml(text) as JsonObject;
  } catch (error) {
    if (error instanceof TomlError) throw runtimeError(`${WHO}: parse error: ${error.message}`);
    throw error;
  }
  const providers = dictAt(parsed, "provider");
  const families = dictAt(parsed, "provider_family");
  return {
    rules: Object.fromEntries(
      Object.entries(providers).map(([provider, rules]) => {
        if (!Array.isArray(rules)) throw runtimeError(`${WHO}: provider.${provider} must be a list of tables`);
        return [provider, rules.map((rule: Json, index) => readRule(rule, `provider.${provider}[${index}]`))];
      }),
    ),
    families: Object.fromEntries(Object.entries(families).map(([name, family]) => [name, String(family)])),
  };
}

function dictAt(parsed: JsonObject, key: string): JsonObject {
  const value = parsed[key] ?? {};
  if (isJsonObject(value)) return value;
  throw runtimeError(`${WHO}: \`${key}\` must be a table`);
}

function readRule(rule: Json, where: string): CapabilityRule {
  if (!isJsonObject(rule) || typeof rule.model_match !== "string")
    throw runtimeError(`${WHO}: ${where}: \`model_match\` must be a string`);
  const flag = (key: string): boolean => rule[key] === true;
  const least = rule.version_min;
  const versions = Array.isArray(least) && least.length === 2 ? ([Number(least[0]), Number(least[1])] as const) : null;
  if (least !== undefined && versions === null)
    throw runtimeError(`${WHO}: ${where}: \`version_min\` must be [major, minor]`);
  return {
    models: rule.model_match,
    ...(versions === null ? {} : { least: versions }),
    nativeTools: flag("native_tools"),
    deferLoading: flag("defer_loading"),
    toolSearch: Array.isArray(rule.tool_search) ? rule.tool_search.map(String) : [],
    maxTools: typeof rule.max_tools === "number" ? rule.max_tools : null,
    promptCaching: flag("prompt_caching"),
    thinking: flag("thinking"),
  };
}

export const capabilityBuiltins: readonly Builtin[] = [
  builtin("provider_capabilities", {
    sig: "(provider: any, model?: any) -> dict",
    doc: "What a provider's model can do: native_tools, defer_loading, tool_search, max_tools, prompt_caching, thinking.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(provider_capabilities("openai", "gpt-4o").native_tools)', prints: "true" }],
    run(call, args) {
      const provider = args.text("provider");
      const model = args.text("model");
      if (provider === "") throw runtimeError("provider_capabilities: provider name is required");
      const found = capabilitiesOf(provider, model, call.read(capabilityRules).added);
      return jsonToValue({
        provider,
        model,
        native_tools: found.nativeTools,
        defer_loading: found.deferLoading,
        tool_search: found.toolSearch,
        max_tools: found.maxTools,
        prompt_caching: found.promptCaching,
        thinking: found.thinking,
      });
    },
  }),
  builtin("provider_capabilities_install", {
    sig: "(toml: any) -> bool",
    doc: "Rules of the program's own, as TOML (`[[provider.NAME]]` with `model_match`), in place of those installed before.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: 'provider_capabilities_install("[[provider.p]]\\nmodel_match = \\"*\\"\\nthinking = true")\nprintln(provider_capabilities("p", "m").thinking)',
        prints: "true",
      },
    ],
    run(call, args) {
      const text = args.text("toml");
      if (text === "") throw runtimeError(`${WHO}: TOML source string required`);
      call.change(capabilityRules).added = readTable(text);
      return true;
    },
  }),
  builtin("provider_capabilities_clear", {
    sig: "() -> bool",
    doc: "Forgets the rules that were installed.",
    needs: "nothing",
    examples: [{ code: "println(provider_capabilities_clear())", prints: "true" }],
    run(call) {
      call.change(capabilityRules).added = NO_RULES;
      return true;
    },
  }),
];
