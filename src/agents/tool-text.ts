/** Tools in text, for programs that talk to a model themselves: the prompt, calls in an answer, results. And the registry that is bound to a scope. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { parseJson, valueToJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { type HDict, HList, share } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { argumentSchema } from "./model-request.ts";
import { describeType } from "./tool-contract.ts";
import { findTool, registryEntries, withoutHandler } from "./tool-registry.ts";

const PROMPT_HEAD = `# Available Tools

To call a tool, write a block of this form, as many as you need, then wait for the results:

<tool_call>{"name": "tool_name", "arguments": {"param": "value"}}</tool_call>

## Tools`;

function promptOf(entries: readonly HDict[]): string {
  if (entries.length === 0) return "No tools are available.";
  const named = entries.map((entry) => ({ name: displayValue(entry.get("name") ?? ""), entry }));
  named.sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = named.map(({ name, entry }) => {
    const parameters = describeType(argumentSchema(entry));
    const returns = entry.get("outputSchema") ?? null;
    return [
      `### ${name}`,
      displayValue(entry.get("description") ?? ""),
      ...(parameters === "{}" ? [] : [`Parameters: ${parameters}`]),
      ...(returns === null ? [] : [`Returns: ${describeType(valueToJson(returns))}`]),
    ].join("\n");
  });
  return [PROMPT_HEAD, ...parts].join("\n\n");
}

/** What is no JSON is left out. */
function callsIn(text: string): Value[] {
  return [...text.matchAll(/<tool_call>([\s\S]*?)<\/tool_call>/g)].flatMap(([, body]) => {
    const parsed = parseJson(body!.trim());
    return parsed.ok ? [parsed.value] : [];
  });
}

/** The entry of a name in the bound registry; throws when there is neither. */
function boundEntry(tools: Value, given: Value, who: string): HDict {
  if (typeof given !== "string") throw thrownError(`${who}: name must be a string, got ${displayValue(given)}`);
  if (tools === null) {
    throw thrownError(`${who}: no tool registry bound to this scope; call tool_bind(registry) first`);
  }
  const entries = registryEntries(tools, who);
  const found = findTool(entries, given);
  if (found !== null) return found;
  const names = entries.map((entry) => displayValue(entry.get("name") ?? "")).join(", ");
  throw thrownError(`${who}: unknown tool "${given}". Registered tools: ${names === "" ? "none" : names}`);
}

export const toolTextBuiltins: readonly Builtin[] = [
  builtin("tool_prompt", {
    sig: "(registry: dict) -> string",
    doc: "Instructions for a model: how it calls tools in its text, and which there are.",
    needs: "nothing",
    examples: [{ code: "println(tool_prompt(tool_registry()))", prints: "No tools are available." }],
    run: (_call, args) => promptOf(registryEntries(args.raw("registry"), "tool_prompt")),
  }),
  builtin("tool_parse_call", {
    sig: "(text: string) -> list",
    doc: "The JSON values in the `<tool_call>` blocks of a text; blocks that are no JSON are left out.",
    needs: "nothing",
    examples: [
      { code: 'println(tool_parse_call("<tool_call>{\\"name\\": \\"look\\"}</tool_call>")[0].name)', prints: "look" },
    ],
    run: (_call, args) => new HList(callsIn(args.text("text"))),
  }),
  builtin("tool_format_result", {
    sig: "(name: string, result: any) -> string",
    doc: "A tool's result as text for a model.",
    needs: "nothing",
    pace: 16,
    examples: [
      {
        code: 'println(tool_format_result("look", "a \\"b\\""))',
        prints: '<tool_result>{"name": "look", "result": "a \\"b\\""}</tool_result>',
      },
    ],
    run(_call, args) {
      if (args.count < 2) throw thrownError("tool_format_result: requires name and result");
      const quoted = (text: string) => JSON.stringify(text);
      return `<tool_result>{"name": ${quoted(args.text("name"))}, "result": ${quoted(args.text("result"))}}</tool_result>`;
    },
  }),
  builtin("tool_bind", {
    sig: "(registry?: dict) -> dict | nil",
    doc: "Makes a registry the one of this task and of what it starts from now on; nil unbinds it. Agent loops without `tools` use it.",
    needs: "nothing",
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\ntool_bind(tools)\nprintln(tool_ref("shout"))',
        prints: "shout",
      },
    ],
    run(call, args) {
      const registry = args.raw("registry");
      if (registry !== null) registryEntries(registry, "tool_bind");
      const { fiber } = vmCall(call);
      (fiber as { scope: typeof fiber.scope }).scope = { ...fiber.scope, tools: share(registry) };
      return registry;
    },
  }),
  builtin("tool_ref", {
    sig: "(name: string) -> string",
    doc: "The name, when the bound registry has such a tool; throws otherwise.",
    needs: "nothing",
    deep: true,
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\ntool_bind(tools)\ntry {\n  tool_ref("whisper")\n} catch e {\n  println("no such tool")\n}',
        prints: "no such tool",
      },
    ],
    run: (call, args) => boundEntry(call.scope.tools, args.raw("name"), "tool_ref").get("name") ?? null,
  }),
  builtin("tool_def", {
    sig: "(name: string) -> dict",
    doc: "The bound registry's entry of a name, without its handler; throws when there is none.",
    needs: "nothing",
    deep: true,
    examples: [
      {
        code: 'var tools = tool_registry()\ntools = tool_define(tools, "shout", "Says it loudly", {parameters: {text: {type: "string"}}, handler: { args -> args.text.upper() }})\ntool_bind(tools)\nprintln(tool_def("shout").description)',
        prints: "Says it loudly",
      },
    ],
    run: (call, args) => withoutHandler(boundEntry(call.scope.tools, args.raw("name"), "tool_def")),
  }),
];
