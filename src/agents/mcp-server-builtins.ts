/** What a program offers as an MCP server: tools, resources, templates, prompts. `harn mcp-serve` hands them to clients (mcp-serve-machine.ts). */
import type { Call } from "../builtin/call.ts";
import { runMachine } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { isCallable } from "./tool-registry.ts";

export interface Offer {
  /** A tool registry; nil: none. */
  tools: Value;
  resources: readonly HDict[];
  templates: readonly HDict[];
  prompts: readonly HDict[];
}

export const offerCell = declareCell<Offer>("mcp.offer", () => ({
  tools: null,
  resources: [],
  templates: [],
  prompts: [],
}));

function offerTools(call: Call, registry: Value): null {
  const isRegistry =
    registry instanceof HDict && registry.get("_type") === "tool_registry" && registry.get("tools") instanceof HList;
  if (!isRegistry) throw runtimeError("mcp_tools: argument must be a tool registry (created with tool_registry())");
  call.change(offerCell).tools = share(registry);
  return null;
}

/** A dict with these texts, and with a handler where one is needed. */
function entryOf(value: Value, who: string, texts: readonly string[], handler: boolean): HDict {
  const shape = `{${[...texts, ...(handler ? ["handler"] : [])].join(", ")}}`;
  if (!(value instanceof HDict)) throw runtimeError(`${who}: argument must be a dict with ${shape}`);
  for (const key of texts) {
    if (displayValue(value.get(key) ?? "") === "") throw runtimeError(`${who}: '${key}' is required`);
  }
  if (handler && !isCallable(value.get("handler"))) throw runtimeError(`${who}: 'handler' closure is required`);
  return share(value);
}

/** The list with the entry in the place of one that has the same key. */
function added(list: readonly HDict[], entry: HDict, key: string): readonly HDict[] {
  const same = (other: HDict) => displayValue(other.get(key) ?? "") === displayValue(entry.get(key) ?? "");
  return [...list.filter((other) => !same(other)), entry];
}

const TOOLS =
  'let tools = tool_define(tool_registry(), "echo", "Says it back", {parameters: {text: "string"}, handler: { args -> args.text }})\n';

export const mcpServerBuiltins: readonly Builtin[] = [
  builtin("mcp_tools", {
    sig: "(registry: any) -> nil",
    doc: "Offers the tools of a registry to clients of `harn mcp-serve`.",
    needs: "nothing",
    examples: [{ code: `${TOOLS}println(mcp_tools(tools))`, prints: "nil" }],
    run: (call, args) => offerTools(call, args.raw("registry")),
  }),
  builtin("mcp_serve", {
    sig: "(registry: any) -> nil",
    doc: "The older name of mcp_tools.",
    needs: "nothing",
    examples: [{ code: `${TOOLS}println(mcp_serve(tools))`, prints: "nil" }],
    run: (call, args) => offerTools(call, args.raw("registry")),
  }),
  builtin("mcp_resource", {
    sig: "(resource: any) -> nil",
    doc: "Offers a resource: {uri, name, text, description, mime_type}.",
    needs: "nothing",
    examples: [{ code: 'println(mcp_resource({uri: "docs://a", name: "A", text: "Hi"}))', prints: "nil" }],
    run(call, args) {
      const entry = entryOf(args.raw("resource"), "mcp_resource", ["uri", "name", "text"], false);
      const offer = call.change(offerCell);
      offer.resources = added(offer.resources, entry, "uri");
      return null;
    },
  }),
  builtin("mcp_resource_template", {
    sig: "(template: any) -> nil",
    doc: "Offers resources whose URIs have parts in braces: {uri_template, name, handler, description, mime_type}; the handler gets the parts.",
    needs: "nothing",
    examples: [
      {
        code: 'println(mcp_resource_template({uri_template: "docs://{id}", name: "Docs", handler: { args -> args.id }}))',
        prints: "nil",
      },
    ],
    run(call, args) {
      const who = "mcp_resource_template";
      const entry = entryOf(args.raw("template"), who, ["uri_template", "name"], true);
      const offer = call.change(offerCell);
      offer.templates = added(offer.templates, entry, "uri_template");
      return null;
    },
  }),
  builtin("mcp_prompt", {
    sig: "(prompt: any) -> nil",
    doc: "Offers a prompt: {name, handler, description, arguments: [{name, description, required}]}; the handler answers a text or messages.",
    needs: "nothing",
    examples: [
      { code: 'println(mcp_prompt({name: "hi", handler: { args -> "Say hi to " + args.who }}))', prints: "nil" },
    ],
    run(call, args) {
      const entry = entryOf(args.raw("prompt"), "mcp_prompt", ["name"], true);
      const offer = call.change(offerCell);
      offer.prompts = added(offer.prompts, entry, "name");
      return null;
    },
  }),
  suspending("__mcp_serve", {
    sig: "() -> nil",
    doc: "Answers requests of MCP clients, which come as messages to this task, until one says that there are no more.",
    needs: "nothing",
    run: () => runMachine("mcp_serve", { open: {} }),
  }),
];
