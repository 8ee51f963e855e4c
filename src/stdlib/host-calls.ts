/**
 * What a program asks of its host, by `capability.operation`, and mocks that answer in the host's place. Without a host a few operations are
 * answered here; the others are refused by name.
 */
import { isJsonObject } from "../base/json.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin, Need, SideEffect } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { categoryError, raiseFailure, runtimeError, thrownError } from "../builtin/raise.ts";
import { UNMETERED } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { valuesEqual } from "../value/equality.ts";
import { HDict, HList, share, type Value } from "../value/value.ts";
import { runProcess } from "./processes.ts";
import { readVariable } from "./surroundings.ts";
import { renderFile } from "./template/builtins.ts";

interface HostMock {
  readonly capability: string;
  readonly operation: string;
  /** Entries that the call's parameters must have; null: any. */
  readonly params: HDict | null;
  readonly result: Value;
  readonly error: string | null;
}

interface MockState {
  mocks: HostMock[];
  calls: { readonly capability: string; readonly operation: string; readonly params: HDict }[];
}

const hostMocks = declareCell<MockState>("host_mocks", () => ({ mocks: [], calls: [] }));

/** Capability → what it is → operations → what they do. */
const OFFERED: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  process: ["Runs commands.", { exec: "Runs a shell text." }],
  template: ["Fills templates.", { render: "Renders a template file." }],
  runtime: ["Facts of this run.", { task: "The task that the run was given.", set_result: "Takes the run's result." }],
  workspace: ["The folders of this run.", { project_root: "The project's folder.", cwd: "The working folder." }],
};

function manifest(call: Call): HDict {
  const capabilities = new Map(
    Object.entries(OFFERED).map(([name, [description, operations]]) => [
      name,
      { description, operations: new Map(Object.entries(operations)) },
    ]),
  );
  for (const { capability, operation } of call.read(hostMocks).mocks) {
    const entry = capabilities.get(capability) ?? { description: "Mocked for a test.", operations: new Map() };
    if (!entry.operations.has(operation)) entry.operations.set(operation, "Mocked for a test.");
    capabilities.set(capability, entry);
  }
  return HDict.from(
    [...capabilities].map(([name, { description, operations }]) => [
      name,
      HDict.of({
        description,
        ops: new HList([...operations.keys()]),
        operations: HDict.from([...operations].map(([op, text]) => [op, HDict.of({ description: text })] as const)),
      }),
    ]),
  );
}

function readMock(capability: string, operation: string, answer: Value, params: Value): HostMock {
  const shared = share(answer);
  const configured =
    shared instanceof HDict && (shared.has("result") || shared.has("params") || shared.has("error")) ? shared : null;
  if (configured === null) {
    return { capability, operation, params: asParams(params), result: shared, error: null };
  }
  const error = configured.get("error");
  const text = error === undefined ? "" : displayValue(error);
  return {
    capability,
    operation,
    params: asParams(configured.get("params") ?? null),
    result: share(configured.get("result") ?? null),
    error: text === "" ? null : text,
  };
}

const asParams = (value: Value): HDict | null => (value instanceof HDict ? share(value) : null);

function fits(mock: HostMock, capability: string, operation: string, params: HDict): boolean {
  if (mock.capability !== capability || mock.operation !== operation) return false;
  for (const [key, value] of mock.params?.entries() ?? []) {
    const given = params.get(key);
    if (given === undefined || !valuesEqual(given, value, UNMETERED)) return false;
  }
  return true;
}

function split(name: string): readonly [string, string] {
  const dot = name.indexOf(".");
  if (dot < 0) throw thrownError(`host_call: unsupported operation name '${name}'`);
  return [name.slice(0, dot), name.slice(dot + 1)];
}

const SIDE_EFFECTS: Readonly<Record<string, SideEffect>> = {
  "workspace.write_text": "workspace_write",
  "workspace.apply_edit": "workspace_write",
  "workspace.delete": "workspace_write",
  "process.exec": "process_exec",
};

function hostNeeds(_call: Call, args: readonly Value[]): Need {
  const name = displayValue(args[0] ?? null);
  if (!name.includes(".")) {
    throw categoryError("tool_rejected", `host_call '${name}' must use capability.operation naming`);
  }
  return { grant: name as `${string}.${string}`, effect: SIDE_EFFECTS[name] ?? "read_only", over: `host_call ${name}` };
}

function dispatch(call: Call, capability: string, operation: string, params: HDict): Value | Suspension {
  const mocks = call.read(hostMocks).mocks;
  const mock = mocks.findLast((candidate) => fits(candidate, capability, operation, params));
  if (mock !== undefined) {
    call.change(hostMocks).calls.push({ capability, operation, params: share(params) });
    if (mock.error !== null) throw thrownError(mock.error);
    return share(mock.result);
  }
  switch (`${capability}.${operation}`) {
    case "process.exec":
      return runProcess(call, { shell: requiredText(params, "command") }, null, "host_call process.exec");
    case "template.render": {
      const bindings = params.get("bindings");
      const path = requiredText(params, "path");
      const failing = "host_call template.render: failed to read template";
      return renderFile(call, path, bindings instanceof HDict ? bindings : null, failing).text;
    }
    case "runtime.task":
      return readVariable(call, "HARN_TASK") ?? "";
    case "runtime.set_result":
      return null;
    case "workspace.project_root":
      return readVariable(call, "HARN_PROJECT_ROOT") ?? call.scope.cwd;
    case "workspace.cwd":
      return call.scope.cwd;
    default:
      throw thrownError(`host_call: unsupported operation ${capability}.${operation}`);
  }
}

function requiredText(params: HDict, key: string): string {
  const value = params.get(key);
  const text = value === undefined ? "" : displayValue(value);
  if (text === "") throw thrownError(`host_call: missing required parameter '${key}'`);
  return text;
}

function finishCommand(outcome: Outcome): Value {
  if (outcome.kind === "failed") {
    throw outcome.category === null
      ? runtimeError(`host_call process.exec: ${outcome.message}`)
      : raiseFailure(outcome);
  }
  const result = outcome.kind === "result" && isJsonObject(outcome.result) ? outcome.result : {};
  const stdout = typeof result.stdout === "string" ? result.stdout : "";
  const stderr = typeof result.stderr === "string" ? result.stderr : "";
  const status = typeof result.status === "number" ? result.status : -1;
  return HDict.of({ stdout, stderr, combined: stdout + stderr, status, success: status === 0 });
}

export const hostBuiltins: readonly Builtin[] = [
  suspending("host_call", {
    sig: "(operation: any, params?: any) -> any",
    doc: "Asks the host for `capability.operation` with parameters. Mocks answer first, the newest that fits.",
    needs: hostNeeds,
    examples: [{ code: 'host_mock("db", "get", 5)\nprintln(host_call("db.get", {}))', prints: "5" }],
    run(call, args) {
      const [capability, operation] = split(args.text("operation"));
      return dispatch(call, capability, operation, args.dict("params") ?? HDict.empty());
    },
    finish: (_call, outcome) => finishCommand(outcome),
  }),
  builtin("host_mock", {
    sig: "(capability: any, operation: any, answer?: any, params?: any) -> nil",
    doc: "Answers an operation in the host's place: a value, or `{result, error, params}`; `params` says for which calls.",
    needs: "nothing",
    examples: [
      { code: 'host_mock("db", "get", {error: "gone"})\nprintln(is_err(try { host_call("db.get") }))', prints: "true" },
    ],
    run(call, args) {
      const capability = args.text("capability");
      const operation = args.text("operation");
      if (capability === "" || operation === "") throw thrownError("host_mock: capability and operation are required");
      call.change(hostMocks).mocks.push(readMock(capability, operation, args.raw("answer"), args.raw("params")));
      return null;
    },
  }),
  builtin("host_mock_clear", {
    sig: "() -> nil",
    doc: "Removes the mocks and forgets their calls.",
    needs: "nothing",
    examples: [
      {
        code: 'host_mock("project", "name", "harn")\nhost_call("project.name", {})\nhost_mock_clear()\nprintln(host_mock_calls())',
        prints: "[]",
      },
    ],
    run(call) {
      const state = call.change(hostMocks);
      state.mocks = [];
      state.calls = [];
      return null;
    },
  }),
  builtin("host_mock_calls", {
    sig: "() -> list",
    doc: "What mocks answered, in order: {capability, operation, params}.",
    needs: "nothing",
    examples: [{ code: "println(host_mock_calls())", prints: "[]" }],
    run: (call) =>
      new HList(
        call
          .read(hostMocks)
          .calls.map(({ capability, operation, params }) => HDict.of({ capability, operation, params: share(params) })),
      ),
  }),
  builtin("host_capabilities", {
    sig: "() -> dict",
    doc: "What the host offers, mocks included: capability → {description, ops, operations}.",
    needs: "nothing",
    examples: [{ code: "println(host_capabilities().process.ops)", prints: "[exec]" }],
    run: (call) => manifest(call),
  }),
  builtin("host_has", {
    sig: "(capability: any, operation?: any) -> bool",
    doc: "Does the host offer this capability, or operation?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println([host_has("process", "exec"), host_has("db")])', prints: "[true, false]" }],
    run(call, args) {
      const capability = manifest(call).get(args.text("capability"));
      if (!(capability instanceof HDict)) return false;
      const operations = capability.get("operations");
      return !args.has("operation") || (operations instanceof HDict && operations.has(args.text("operation")));
    },
  }),
];
