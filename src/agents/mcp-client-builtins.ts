/** Servers of the Model Context Protocol as programs use them. */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import type { Builtin, Example, Need } from "../builtin/declaration.ts";
import { suspending, withExamples } from "../builtin/declaration.ts";
import { raiseFailure, runtimeError, thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HHandle, HList } from "../value/value.ts";
import { afterLoading } from "../vm/load-machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import {
  changeClient,
  clientOf,
  closeEffect,
  type McpClient,
  mcpRegistry,
  newClient,
  requestEffect,
  requireClient,
} from "./mcp-clients.ts";

/** What a policy must grant: other processes, or the network for a server that is there already. */
function needsServer(call: Call, args: readonly Value[]): Need {
  const handle = args[0];
  const object = handle instanceof HHandle ? vmCall(call).run.objects.get(handle.id) : undefined;
  const isHttp = object?.kind === "record" && (object.state as McpClient).server?.transport === "http";
  return isHttp
    ? { effect: "network", over: "network" }
    : { grant: "process.exec", effect: "process_exec", over: "process.exec" };
}

const NEEDS_PROCESS: Need = { grant: "process.exec", effect: "process_exec", over: "process.exec" };

/** Loads the client first, when it is only in the store. */
function withClient(
  call: Call,
  value: Value,
  name: string,
  args: readonly Value[],
  run: (vm: VmCall, client: McpClient, handle: HHandle) => Value | Suspension,
): Value | Suspension {
  const vm = vmCall(call);
  const handle = requireClient(value, name);
  if (vm.run.mayBeUnloaded(handle.id)) return afterLoading([handle.id], name, args);
  return run(vm, clientOf(vm, handle), handle);
}

function requireOpen(client: McpClient, who: string): McpClient {
  if (client.open) return client;
  throw runtimeError(`${who}: the MCP client ${client.name} is disconnected`);
}

/** A request of a client: what is asked, and what becomes of the answer. */
function asking<const S extends string>(
  name: string,
  spec: {
    readonly sig: S;
    readonly doc: string;
    readonly method: string;
    params?(args: readonly Value[]): JsonObject;
    answer(result: Json, client: string): Value;
  },
): Builtin {
  const params = [...spec.sig.matchAll(/(\w+)(\??):/g)];
  const declared = suspending(name, {
    sig: "(client: any) -> any",
    doc: spec.doc,
    needs: needsServer,
    run: () => null,
  });
  return {
    ...declared,
    sig: spec.sig,
    params: params.map(([, param]) => param!),
    min: params.filter(([, , optional]) => optional === "").length,
    max: params.length,
    run: (call, args) =>
      withClient(call, args[0] ?? null, name, args, (vm, client) => {
        const given = spec.params?.(args) ?? null;
        return awaitEffect(requestEffect(vm, requireOpen(client, name), spec.method, given), client.name);
      }),
    finish(_call, outcome, data) {
      if (outcome.kind === "failed") throw failed(name, outcome);
      return outcome.kind === "result" ? spec.answer(outcome.result, String(data)) : null;
    },
  };
}

function failed(who: string, { message, category }: Outcome & { readonly kind: "failed" }) {
  return raiseFailure({ message: message.startsWith(who) ? message : `${who}: ${message}`, category });
}

const list = (result: Json): Value => jsonToValue(result);

function argumentsOf(value: Value, who: string): JsonObject {
  if (value === null) return {};
  if (value instanceof HDict) return valueToJson(value) as JsonObject;
  throw thrownError(`${who}: arguments must be a dict, got ${typeName(value)}`);
}

function nameOf(value: Value | undefined, who: string, what: string): string {
  const name = value === undefined || value === null ? "" : displayValue(value);
  if (name === "") throw thrownError(`${who}: ${what} is required`);
  return name;
}

/** One text stands for itself, nothing is nil; an error is thrown as its text. */
function toolResult(result: Json): Value {
  const { content = [], isError, structuredContent } = result as JsonObject;
  const parts = Array.isArray(content) ? (content as readonly Json[]) : [];
  const texts = parts.flatMap((part) => (isJsonObject(part) && part.type === "text" ? [String(part.text ?? "")] : []));
  if (isError === true) throw thrownError(texts.join("\n") || "the tool failed");
  if (parts.length === 0) return structuredContent === undefined ? null : jsonToValue(structuredContent);
  return parts.length === 1 && texts.length === 1 ? texts[0]! : jsonToValue(parts as Json);
}

function resourceContents(result: Json): Value {
  const contents = (result as JsonObject).contents;
  const parts = Array.isArray(contents) ? (contents as readonly Json[]) : [];
  const [only] = parts;
  if (only === undefined) return null;
  return parts.length === 1 && isJsonObject(only) && typeof only.text === "string"
    ? only.text
    : jsonToValue(parts as Json);
}

function tagged(result: Json, server: string): Value {
  const tools = Array.isArray(result) ? (result as readonly Json[]) : [];
  return jsonToValue(tools.map((tool) => ({ ...(tool as JsonObject), _mcp_server: server })) as Json);
}

/** The registered server of a name; null: there is none. */
function registered(call: VmCall, name: string) {
  return call.read(mcpRegistry).servers.find((server) => server.name === name) ?? null;
}

function needsRegistered(call: Call, args: readonly Value[]): Need {
  const server = call.read(mcpRegistry).servers.find(({ name }) => name === args[0]);
  if (server === undefined) return "nothing";
  return server.server.transport === "http" ? { effect: "network", over: "network" } : NEEDS_PROCESS;
}

const NONE = 'println(try { CALL } catch (e) { "no client" })';
const noClient = (call: string): Example => ({ code: NONE.replace("CALL", call), prints: "no client" });

const EXAMPLES: Readonly<Record<string, Example>> = {
  mcp_connect: {
    code: 'println(try { mcp_connect("no-such-server") } catch (e) { to_string(e).contains("failed to spawn") })',
    prints: "true",
  },
  mcp_ensure_active: {
    code: 'println(try { mcp_ensure_active("files") } catch (e) { e })',
    prints: "mcp_ensure_active: no MCP server 'files' is registered: [[mcp]] of harn.toml declares them",
  },
  mcp_release: { code: 'println(mcp_release("files"))', prints: "nil" },
  mcp_registry_status: { code: "println(mcp_registry_status())", prints: "[]" },
  mcp_list_tools: noClient("mcp_list_tools(nil)"),
  mcp_call: noClient('mcp_call(nil, "echo")'),
  mcp_server_info: noClient("mcp_server_info(nil)"),
  mcp_disconnect: noClient("mcp_disconnect(nil)"),
  mcp_list_resources: noClient("mcp_list_resources(nil)"),
  mcp_read_resource: noClient('mcp_read_resource(nil, "docs://a")'),
  mcp_list_resource_templates: noClient("mcp_list_resource_templates(nil)"),
  mcp_list_prompts: noClient("mcp_list_prompts(nil)"),
  mcp_get_prompt: noClient('mcp_get_prompt(nil, "review")'),
};

export const mcpClientBuiltins: readonly Builtin[] = withExamples(
  [
    suspending("mcp_connect", {
      sig: "(command: string, args?: list) -> mcp_client",
      doc: "Starts an MCP server, greets it, and gives its client. The server ends with `mcp_disconnect`, or with the run.",
      needs: NEEDS_PROCESS,
      run(call, args) {
        const vm = vmCall(call);
        const command = nameOf(args.raw("command"), "mcp_connect", "command");
        const given = args.raw("args");
        const words = given instanceof HList ? given.items.map((item) => displayValue(item)) : [];
        const { cwd, env } = vm.scope;
        const server = { transport: "stdio", command, args: words, cwd, overlay: env } as const;
        const handle = newClient(vm.run, command, server, true);
        return awaitEffect(requestEffect(vm, clientOf(vm, handle), "connect", null), handle);
      },
      finish(call, outcome, data) {
        if (outcome.kind !== "failed") return data;
        changeClient(vmCall(call), data as HHandle).open = false;
        if (outcome.category === "not_found") throw thrownError(`mcp_connect: ${outcome.message}`);
        throw failed("mcp_connect", outcome);
      },
    }),
    suspending("mcp_ensure_active", {
      sig: "(name: string) -> mcp_client",
      doc: "The client of a server that harn.toml declares, connected; it stays so until as many `mcp_release` follow.",
      needs: needsRegistered,
      run(call, args) {
        const vm = vmCall(call);
        const name = nameOf(args.raw("name"), "mcp_ensure_active", "server name");
        const server = registered(vm, name);
        if (server === null)
          throw thrownError(
            `mcp_ensure_active: no MCP server '${name}' is registered: [[mcp]] of harn.toml declares them`,
          );
        const handle = new HHandle("mcp_client", server.client);
        if (vm.run.mayBeUnloaded(server.client)) return afterLoading([server.client], "mcp_ensure_active", [name]);
        return awaitEffect(requestEffect(vm, clientOf(vm, handle), "connect", null), HDict.of({ handle, name }));
      },
      finish(call, outcome, data) {
        if (outcome.kind === "failed") throw failed("mcp_ensure_active", outcome);
        const name = String((data as HDict).get("name"));
        const handle = (data as HDict).get("handle") as HHandle;
        const registry = call.change(mcpRegistry);
        registry.refs = { ...registry.refs, [name]: (registry.refs[name] ?? 0) + 1 };
        changeClient(vmCall(call), handle).open = true;
        return handle;
      },
    }),
    suspending("mcp_release", {
      sig: "(name: string) -> nil",
      doc: "Lets go of a server once; when nobody holds it any more and it is lazy, it ends, after its `keep_alive_ms`. Unknown names are ignored.",
      needs: "nothing",
      run(call, args) {
        const vm = vmCall(call);
        const name = nameOf(args.raw("name"), "mcp_release", "server name");
        const server = registered(vm, name);
        const refs = call.read(mcpRegistry).refs[name] ?? 0;
        if (server === null || refs === 0) return null;
        if (vm.run.mayBeUnloaded(server.client)) return afterLoading([server.client], "mcp_release", [name]);
        const registry = call.change(mcpRegistry);
        registry.refs = { ...registry.refs, [name]: refs - 1 };
        if (refs > 1 || !server.lazy) return null;
        const client = changeClient(vm, new HHandle("mcp_client", server.client));
        client.open = false;
        return awaitEffect(closeEffect(client, server.keepAliveMs));
      },
      finish: () => null,
    }),
    suspending("mcp_registry_status", {
      sig: "() -> list",
      doc: "The servers that harn.toml declares: {name, lazy, active, ref_count, card}.",
      needs: "nothing",
      run(call) {
        const vm = vmCall(call);
        const { servers, refs } = call.read(mcpRegistry);
        const missing = servers.map(({ client }) => client).filter((id) => vm.run.mayBeUnloaded(id));
        if (missing.length > 0) return afterLoading(missing, "mcp_registry_status", []);
        return new HList(
          servers.map(({ name, lazy, client, card }) =>
            HDict.of({
              name,
              lazy,
              active: clientOf(vm, new HHandle("mcp_client", client)).open,
              ref_count: refs[name] ?? 0,
              ...(card === null ? {} : { card }),
            }),
          ),
        );
      },
    }),
    asking("mcp_list_tools", {
      sig: "(client: any) -> list",
      doc: "The tools of a server, each with `_mcp_server`, its name.",
      method: "tools/list",
      answer: tagged,
    }),
    asking("mcp_call", {
      sig: "(client: any, tool: any, arguments?: any) -> any",
      doc: "Calls a tool: one text as it is, nil for nothing, else a list of parts. An error of the tool is thrown.",
      method: "tools/call",
      params: (args) => ({
        name: nameOf(args[1], "mcp_call", "tool name"),
        arguments: argumentsOf(args[2] ?? null, "mcp_call"),
      }),
      answer: toolResult,
    }),
    suspending("mcp_server_info", {
      sig: "(client: any) -> dict",
      doc: "What a client knows: {name, connected, server, capabilities, instructions}; `server` as the server introduced itself.",
      needs: needsServer,
      run: (call, args) =>
        withClient(call, args.raw("client"), "mcp_server_info", [args.raw("client")], (vm, client) =>
          awaitEffect(requestEffect(vm, requireOpen(client, "mcp_server_info"), "connect", null), client.name),
        ),
      finish(_call, outcome, data) {
        if (outcome.kind === "failed") throw failed("mcp_server_info", outcome);
        const facts = outcome.kind === "result" ? (outcome.result as JsonObject) : {};
        return HDict.of({
          name: data,
          connected: true,
          ...Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, jsonToValue(value)])),
        });
      },
    }),
    suspending("mcp_disconnect", {
      sig: "(client: any) -> nil",
      doc: "Ends the connection, and a server that was started for it.",
      needs: "nothing",
      run: (call, args) =>
        withClient(call, args.raw("client"), "mcp_disconnect", [args.raw("client")], (vm, client, handle) => {
          changeClient(vm, handle).open = false;
          return awaitEffect(closeEffect(client, 0));
        }),
      finish: () => null,
    }),
    asking("mcp_list_resources", {
      sig: "(client: any) -> list",
      doc: "The resources of a server.",
      method: "resources/list",
      answer: list,
    }),
    asking("mcp_read_resource", {
      sig: "(client: any, uri: any) -> any",
      doc: "A resource: its text, nil for nothing, else a list of parts.",
      method: "resources/read",
      params: (args) => ({ uri: nameOf(args[1], "mcp_read_resource", "uri") }),
      answer: resourceContents,
    }),
    asking("mcp_list_resource_templates", {
      sig: "(client: any) -> list",
      doc: "The templates of resources of a server.",
      method: "resources/templates/list",
      answer: list,
    }),
    asking("mcp_list_prompts", {
      sig: "(client: any) -> list",
      doc: "The prompts of a server.",
      method: "prompts/list",
      answer: list,
    }),
    asking("mcp_get_prompt", {
      sig: "(client: any, name: any, arguments?: any) -> dict",
      doc: "A prompt with its arguments in place: {description, messages}.",
      method: "prompts/get",
      params: (args) => ({
        name: nameOf(args[1], "mcp_get_prompt", "prompt name"),
        arguments: argumentsOf(args[2] ?? null, "mcp_get_prompt"),
      }),
      answer: list,
    }),
  ],
  EXAMPLES,
);
