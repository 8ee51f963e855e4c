/** Tool registries: dicts `{_type: "tool_registry", tools: [entry…]}`, values like any other. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError, thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { copyDict, HBuiltin, HClosure, HDict, HList, share } from "../value/value.ts";
import { argumentSchema } from "./model-request.ts";

/** The entries of a registry; raises `WHO: requires a tool registry` for anything else. */
export function registryEntries(value: Value, who: string): readonly HDict[] {
  const tools = value instanceof HDict && value.get("_type") === "tool_registry" ? value.get("tools") : null;
  if (!(tools instanceof HList)) throw thrownError(`${who}: requires a tool registry`);
  return tools.items.filter((item): item is HDict => item instanceof HDict);
}

export function findTool(entries: readonly HDict[], name: string): HDict | null {
  return entries.find((entry) => entry.get("name") === name) ?? null;
}

export function isCallable(value: Value | undefined): boolean {
  return value instanceof HClosure || value instanceof HBuiltin;
}

function registryOf(entries: readonly Value[]): HDict {
  return HDict.of({ _type: "tool_registry", tools: new HList(entries.map((entry) => share(entry))) });
}

/** Keeps further keys of the registry. */
function withTools(registry: Value, entries: readonly Value[]): HDict {
  const copy = registry instanceof HDict ? copyDict(registry) : registryOf([]);
  copy.set("tools", new HList(entries.map((entry) => share(entry))));
  return copy;
}

function defineTool(registry: Value, name: string, description: string, config: Value): HDict {
  if (!(config instanceof HDict)) throw thrownError("tool_define: config must be a dict with parameters and handler");
  if (config.has("params") && !config.has("parameters"))
    throw thrownError("tool_define: use 'parameters', not 'params'");
  const defer = config.get("defer_loading");
  if (defer !== undefined && defer !== null && typeof defer !== "boolean") {
    throw thrownError("tool_define: defer_loading must be a bool");
  }
  const namespace = config.get("namespace");
  if (namespace !== undefined && namespace !== null && (typeof namespace !== "string" || namespace === "")) {
    throw thrownError("tool_define: namespace must be a string that is not empty");
  }
  const entry = HDict.empty();
  entry.set("name", name);
  entry.set("description", description);
  entry.set("handler", share(config.get("handler") ?? null));
  entry.set("parameters", share(config.get("parameters") ?? HDict.empty()));
  for (const [key, value] of config.entries()) {
    if (key === "returns") entry.set("outputSchema", share(value));
    else if (key !== "handler" && key !== "parameters") entry.set(key, share(value));
  }
  const others = registryEntries(registry, "tool_define").filter((other) => other.get("name") !== name);
  return withTools(registry, [...others, entry]);
}

export function withoutHandler(entry: HDict): HDict {
  const copy = HDict.empty();
  for (const [key, value] of entry.entries()) if (key !== "handler") copy.set(key, share(value));
  return copy;
}

function describe(entries: readonly HDict[]): string {
  const lines = entries.map((entry) => {
    const params = Object.keys((argumentSchema(entry).properties ?? {}) as object).sort();
    return `- ${displayValue(entry.get("name") ?? "")}(${params.join(", ")}): ${displayValue(entry.get("description") ?? "")}`;
  });
  return lines.length === 0 ? "No tools are available." : `Available tools:\n${lines.sort().join("\n")}`;
}

export const toolBuiltins: readonly Builtin[] = [
  builtin("tool_registry", {
    sig: "() -> dict",
    doc: "A registry without tools.",
    needs: "nothing",
    examples: [{ code: "println(tool_count(tool_registry()))", prints: "0" }],
    run: () => registryOf([]),
  }),
  builtin("tool_define", {
    sig: "(registry: dict, name: string, description: string, config: dict) -> dict",
    doc: "The registry with a tool added, or replaced by name. Config: parameters, handler (called with one dict), returns, annotations, repeatable.",
    needs: "nothing",
    deep: true,
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_count(tools))',
        prints: "1",
      },
    ],
    run: (_call, args) =>
      defineTool(
        args.raw("registry"),
        displayValue(args.raw("name")),
        displayValue(args.raw("description")),
        args.raw("config"),
      ),
  }),
  builtin("tool_list", {
    sig: "(registry: dict) -> list",
    doc: "The entries, without their handlers.",
    needs: "nothing",
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_list(tools).map({ entry -> entry.name }))',
        prints: "[shout]",
      },
    ],
    run: (_call, args) => new HList(registryEntries(args.raw("registry"), "tool_list").map(withoutHandler)),
  }),
  builtin("tool_find", {
    sig: "(registry: dict, name: string) -> dict | nil",
    doc: "The entry of a name, or nil.",
    needs: "nothing",
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_find(tools, "shout").description)\nprintln(tool_find(tools, "whisper"))',
        prints: "Says it loudly\nnil",
      },
    ],
    run: (_call, args) => share(findTool(registryEntries(args.raw("registry"), "tool_find"), args.text("name"))),
  }),
  builtin("tool_select", {
    sig: "(registry: dict, names: list) -> dict",
    doc: "The registry with only the named tools.",
    needs: "nothing",
    deep: true,
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_count(tool_select(tools, ["shout"])))',
        prints: "1",
      },
    ],
    run(_call, args) {
      const names = args.raw("names");
      if (!(names instanceof HList)) throw thrownError("tool_select: names must be a list");
      const wanted = new Set(names.items.map((item) => displayValue(item)));
      const registry = args.raw("registry");
      return withTools(
        registry,
        registryEntries(registry, "tool_select").filter((entry) => wanted.has(displayValue(entry.get("name") ?? ""))),
      );
    },
  }),
  builtin("tool_remove", {
    sig: "(registry: dict, name: string) -> dict",
    doc: "The registry without a tool.",
    needs: "nothing",
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_count(tool_remove(tools, "shout")))',
        prints: "0",
      },
    ],
    run(_call, args) {
      const registry = args.raw("registry");
      const gone = args.text("name");
      return withTools(
        registry,
        registryEntries(registry, "tool_remove").filter((entry) => entry.get("name") !== gone),
      );
    },
  }),
  builtin("tool_count", {
    sig: "(registry: dict) -> int",
    doc: "How many tools it has.",
    needs: "nothing",
    examples: [{ code: "println(tool_count(tool_registry()))", prints: "0" }],
    run: (_call, args) => registryEntries(args.raw("registry"), "tool_count").length,
  }),
  builtin("tool_describe", {
    sig: "(registry: dict) -> string",
    doc: "A text that lists the tools with their parameters.",
    needs: "nothing",
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_describe(tools).contains("shout"))',
        prints: "true",
      },
    ],
    run: (_call, args) => describe(registryEntries(args.raw("registry"), "tool_describe")),
  }),
  builtin("tool_schema", {
    sig: "(registry: dict, components?: dict) -> dict",
    doc: "The tools with JSON Schemas of their arguments and results.",
    needs: "nothing",
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\nprintln(tool_schema(tools).tools[0].name)',
        prints: "shout",
      },
    ],
    run(_call, args) {
      const tools = registryEntries(args.raw("registry"), "tool_schema").map((entry) => {
        const output = entry.get("outputSchema") ?? null;
        return HDict.of({
          name: share(entry.get("name") ?? ""),
          description: share(entry.get("description") ?? ""),
          inputSchema: jsonToValue(argumentSchema(entry)),
          ...(output === null ? {} : { outputSchema: share(output) }),
        });
      });
      const components = args.raw("components");
      if (components !== null && !(components instanceof HDict))
        throw runtimeError("tool_schema: components must be a dict");
      return HDict.of({
        schema_version: "harn-tools/1.0",
        tools: new HList(tools),
        ...(components === null ? {} : { components: share(components) }),
      });
    },
  }),
];
