/**
 * The runtime: everything a program needs, put together once. The command line and embedding programs use this and nothing below it.
 *
 * Invariants
 * 1. Nothing is opened before it is needed: the store with the first durable run or the first question about stored runs.
 * 2. Two runtimes in one process share nothing.
 */

import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { joinPath } from "../base/path.ts";
import type { ModelResponse } from "../llm/contract.ts";
import type { Providers } from "../llm/provider-registry.ts";
import { stateRoot } from "../orchestration/paths.ts";
import type { CodeCachePort } from "../ports/code-cache.ts";
import type { DurabilityLevel } from "../ports/database.ts";
import type { Performer } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import { mathGlobals } from "../stdlib/math-globals.ts";
import { skillsGlobal } from "../stdlib/skills-global.ts";
import type { Store } from "../store/contract.ts";
import { STORE_FILE } from "../store/store-file.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { Tiering, VmHost } from "../vm/host.ts";
import type { Program, Run } from "../vm/run.ts";
import { declaredPerformers } from "./declared.ts";
import { deniedNames, denyBuiltins } from "./denied-builtins.ts";
import type { DriverOptions } from "./driver.ts";
import { RunDriver } from "./driver.ts";
import type { RunEvent } from "./events.ts";
import type { ExtendedProgram, RunExtensions } from "./extensions.ts";
import type { ApprovalHandler } from "./host-approval.ts";
import type { HostTool } from "./host-tools.ts";
import { createVmHost } from "./language.ts";
import { loadProgram, type ProgramDoors } from "./program.ts";
import { RunHandle } from "./run-handle.ts";
import { startRun } from "./start-run.ts";
import { StoreSession } from "./store-session.ts";
import type { RunInfo, WorkerInfo } from "./stored-runs.ts";
import { resumable, runInfo, workerInfo } from "./stored-runs.ts";
import { readEvents } from "./unit-turn.ts";

export interface RuntimeOptions {
  readonly ports: Ports;
  /** What the host can do outside the process; models and tools are added to it. */
  readonly performers: ReadonlyMap<string, Performer>;
  readonly providers?: Providers;
  /** Hears every answer of a model, the mock's too, as it comes. */
  readonly onModelAnswer?: (response: ModelResponse) => void;
  readonly tools?: readonly HostTool[];
  /** Asked for approvals that the program itself does not answer; without it they are refused. */
  readonly approve?: ApprovalHandler;
  /** Default: SQLite in the state root. */
  readonly store?: Store;
  /** Absolute. Default: `HARN_STATE_DIR`, else `.harn` in the working folder. */
  readonly stateRoot?: string;
  /** What a commit survives: `process` (default) the death of the process, `power` a loss of power. */
  readonly level?: DurabilityLevel;
  /** Nothing is ever stored: runs end with the process. Default false. */
  readonly volatile?: boolean;
  /** Rebuild every run from text at each of its waits: for tests. */
  readonly snapshotMode?: boolean;
  /** How long a cancelled task may tidy up. Default 5,000 ms. */
  readonly graceMs?: number;
  /** What this process may hold in memory while a program runs, in bytes: beyond it the program gets an error. Default: 3/4 of Node's own limit. */
  readonly memoryLimit?: number;
  /**
   * Whether JavaScript is generated for a program's functions: for those that run often (`hot`, the default), for all at once (`forced`), or
   * never (`off`). Where the host forbids code generation it is `off` whatever is said here. Answers are the same.
   */
  readonly tiering?: Tiering;
  /** Where compiled programs are kept. Default: nowhere, each run compiles its program. */
  readonly codeCache?: CodeCachePort;
}

export interface RunOptions {
  /** The program's file; relative to `cwd`. */
  readonly file?: string;
  /** A program as text, in place of a file. */
  readonly code?: string;
  /** The global `argv`. */
  readonly args?: readonly string[];
  /** Absolute; default the process's. Relative paths of the program resolve here. */
  readonly cwd?: string;
  /** Overlay over the process environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept in the store from the first turn on; else from its first worker on. */
  readonly durable?: boolean;
  /** Capability policy of the whole program. */
  readonly policy?: JsonObject;
  /** Builtins that it may not call; or, in their place, all that it may call beside the basic ones. */
  readonly deny?: readonly string[];
  readonly allow?: readonly string[];
  /** State that cells start with, by cell name (fixtures). */
  readonly cells?: Readonly<Record<string, unknown>>;
  /** What the project's manifest gives to its programs. Default: nothing. */
  readonly extensions?: RunExtensions;
  /** When the program has ended well, it answers requests of MCP clients: messages to the root, fiber 1, in; events `mcp_reply` out. */
  readonly servesMcp?: boolean;
}

/** A run before its first turn. */
interface StartPlan {
  readonly host: VmHost;
  /** Absolute path of the entry, whether it exists or not. */
  readonly entry: string;
  readonly name: string;
  readonly code?: string;
  readonly globals: ReadonlyMap<string, Value>;
  readonly scope: Parameters<typeof startRun>[4];
  readonly cells: Readonly<Record<string, unknown>>;
  readonly extensions: RunExtensions | null;
  readonly after: string | null;
  readonly meta: JsonObject;
  readonly durable: boolean;
}

/** What `spawn` runs. */
const SPAWN_PROGRAM = "sub_agent_run(spawn_task, {tools: host_tools()} + spawn_options)";
const SPAWN_NAME = "<spawn>";

export class Runtime {
  private readonly options: RuntimeOptions;
  private readonly host: VmHost;
  private readonly performers: ReadonlyMap<string, Performer>;
  private storePromise: Promise<Store> | null = null;
  private sessionPromise: Promise<StoreSession> | null = null;

  constructor(options: RuntimeOptions) {
    this.options = options;
    const tools = options.tools ?? [];
    this.host = createVmHost({
      ports: options.ports,
      tools,
      graceMs: options.graceMs ?? 5_000,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
      ...(options.tiering === undefined ? {} : { tiering: options.tiering }),
    });
    this.performers = declaredPerformers({
      ...options,
      store: () => this.readStore(),
      host: () => this.host,
    });
  }

  /** Starts a program. What is wrong with its source comes as the outcome `failed` with `problems`. */
  run(options: RunOptions): RunHandle {
    const { ports } = this.options;
    const id = ports.ids.uuidv7();
    const cwd = options.cwd ?? ports.environment.cwd();
    if ((options.file === undefined) === (options.code === undefined)) {
      throw new Failure("run: expected either a file or code");
    }
    const denied = deniedNames(this.host.table, options);
    const host = denyBuiltins(this.host, denied);
    const entry = options.file === undefined ? joinPath(cwd, "<code>") : joinPath(cwd, options.file);
    const name = options.file ?? "<code>";
    return this.start(id, {
      host,
      entry,
      name,
      ...(options.code === undefined ? {} : { code: options.code }),
      globals: new Map([["argv", new HList([...(options.args ?? [])])]]),
      scope: { cwd, env: options.env ?? {}, policies: options.policy === undefined ? [] : [options.policy] },
      cells: options.cells ?? {},
      extensions: options.extensions ?? null,
      after: options.servesMcp === true ? "__mcp_serve" : null,
      meta: {
        cwd,
        args: [...(options.args ?? [])],
        file: options.file ?? null,
        ...(denied.length === 0 ? {} : { denied }),
      },
      durable: options.durable ?? false,
    });
  }

  /**
   * Delegates one task without a program: a run with one worker, which has the runtime's tools. `options` are those of `sub_agent_run`: model, policy,
   * execution, system, … The outcome's value is the result envelope ({ok, summary, data, artifacts, error, …}); what is wrong with the options is the
   * outcome `failed`. Approvals come to the runtime's handler.
   */
  spawn(task: string, options: JsonObject = {}): RunHandle {
    if (task.trim() === "") throw new Failure("spawn: expected a task");
    if (options.background === true) {
      throw new Failure("spawn: a run is in the background as it is; leave the option background out");
    }
    const { ports } = this.options;
    const cwd = ports.environment.cwd();
    return this.start(ports.ids.uuidv7(), {
      host: this.host,
      entry: joinPath(cwd, SPAWN_NAME),
      name: SPAWN_NAME,
      code: SPAWN_PROGRAM,
      globals: new Map([
        ["argv", new HList([])],
        ["spawn_task", task],
        ["spawn_options", jsonToValue(options)],
      ]),
      scope: { cwd, env: {}, policies: [] },
      cells: {},
      extensions: null,
      after: null,
      meta: { cwd, args: [task], file: null },
      durable: true,
    });
  }

  private start(id: string, plan: StartPlan): RunHandle {
    const { host, entry, name, code } = plan;
    return new RunHandle(id, async (emit) => {
      const globals = new Map<string, Value>([
        ...mathGlobals,
        ["skills", skillsGlobal(plan.extensions?.skills ?? [])],
        ["mcp", share(HDict.empty())],
        ...plan.globals,
      ]);
      const doors = {
        files: this.options.ports.files,
        table: this.host.table,
        globals: new Set(globals.keys()),
        hostNames: (this.options.tools ?? []).map((tool) => tool.name),
        ...(this.options.codeCache === undefined ? {} : { cache: this.options.codeCache }),
      };
      const loaded = await loadProgram({ entry, name, ...(code === undefined ? {} : { code }) }, doors);
      const { program, cells } = await this.extend(loaded, plan, doors);
      const run = startRun(id, host, program, globals, plan.scope, plan.after);
      await this.declare(run, plan);
      for (const [cell, value] of Object.entries({ ...cells(), ...plan.cells })) {
        run.cells.set(cell, { value });
        run.dirty.cells.add(cell);
      }
      return new RunDriver(run, this.driverOptions(host, name, plan.meta, plan.durable, emit));
    });
  }

  private async extend(
    program: Program,
    { extensions, scope }: StartPlan,
    doors: ProgramDoors,
  ): Promise<ExtendedProgram> {
    if (extensions === null) return { program, cells: () => ({}) };
    const { extendProgram } = await import("./extensions.ts");
    return extendProgram(program, extensions, doors, scope.policies?.length ?? 0);
  }

  private async declare(run: Run, { extensions }: StartPlan): Promise<void> {
    const servers = extensions?.mcp ?? [];
    if (servers.length === 0) return;
    const { declareServers } = await import("../agents/mcp-clients.ts");
    run.globals.set("mcp", share(HDict.from([...declareServers(run, servers)])));
  }

  /** Goes on with a run that a process left behind. Fails when it has ended or another live process has it. */
  resume(id: string): RunHandle {
    return new RunHandle(id, async (emit) => {
      const session = await this.session();
      const row = await session.store.unit(id);
      if (row === null) throw new Failure(`no run ${id} in ${this.storePath()}`, "not_found");
      if (!resumable(row)) throw new Failure(`run ${id} has ${row.status}: there is nothing to resume`);
      for (const { text } of await session.store.outputFrom(id, 0)) emit({ type: "output", text });
      const meta = JSON.parse(row.meta) as JsonObject & { readonly denied?: readonly string[] };
      const host = denyBuiltins(this.host, meta.denied ?? []);
      return RunDriver.resume(id, session, this.driverOptions(host, row.program, meta, true, emit));
    });
  }

  /** Newest first. */
  async runs(): Promise<readonly RunInfo[]> {
    const store = await this.readStore();
    return store === null ? [] : (await store.units()).map(runInfo);
  }

  async runInfo(id: string): Promise<RunInfo | null> {
    const row = await (await this.readStore())?.unit(id);
    return row == null ? null : runInfo(row);
  }

  /** Output of a stored run, from its start. */
  async output(id: string): Promise<string> {
    const store = await this.readStore();
    if (store === null) return "";
    return (await store.outputFrom(id, 0)).map(({ text }) => text).join("");
  }

  /** Events of a stored run, from `offset` on. */
  async events(id: string, offset = 0): Promise<readonly JsonObject[]> {
    const store = await this.readStore();
    if (store === null) return [];
    return readEvents(store, id, offset);
  }

  /** Workers of a run, or of all runs of the store, as of the last commit. */
  async workers(run?: string): Promise<readonly WorkerInfo[]> {
    const store = await this.readStore();
    if (store === null) return [];
    const units = new Map((await store.units()).map((row) => [row.unit, row]));
    const records = await store.records("worker", run);
    return records.map((record) => workerInfo(record, units.get(record.unit)));
  }

  /** The record of a stored worker (worker-runtime.md 3.15), as of the last commit of its run; null: no such worker. */
  async workerRecord(worker: string): Promise<JsonObject | null> {
    const store = await this.readStore();
    if (store === null) return null;
    const { storedWorker } = await import("./worker-records.ts");
    return storedWorker(store, this.host, worker);
  }

  /** Writes the record to a file, readable by its owner only, and answers its path: by default the record's own `snapshot_path`. */
  async exportWorker(worker: string, path?: string): Promise<string> {
    const record = await this.workerRecord(worker);
    if (record === null) throw new Failure(`no worker ${worker} in ${this.storePath()}`, "not_found");
    const target = path ?? (typeof record.snapshot_path === "string" ? record.snapshot_path : null);
    if (target === null) throw new Failure(`worker ${worker} names no file for its record: give one`);
    const { writeRecord } = await import("./worker-records.ts");
    await writeRecord(this.options.ports.files, target, record);
    return target;
  }

  /** A message for a worker of a stored run, whichever process has the run. `id` makes a second delivery harmless. */
  async send(run: string, worker: string, message: Json, id: string = this.options.ports.ids.uuidv7()): Promise<void> {
    const { store } = await this.session();
    const found = (await store.records("worker", run)).find((record) => record.id === worker);
    if (found === undefined) throw new Failure(`run ${run} has no worker ${worker}`, "not_found");
    const { fiber } = JSON.parse(found.body) as { readonly fiber: number | null };
    await this.deliver(run, fiber ?? 0, message, id);
  }

  /** The same for any fiber. */
  async deliver(
    run: string,
    fiber: number,
    message: Json,
    id: string = this.options.ports.ids.uuidv7(),
  ): Promise<void> {
    const { store } = await this.session();
    await store.deliver({
      unit: run,
      id,
      target: String(fiber),
      body: JSON.stringify({ kind: "message", message }),
      due: null,
    });
  }

  /** Asks whichever process has the run to cancel it; one that nobody has is cancelled when it is resumed. */
  async requestCancel(run: string): Promise<void> {
    const { store } = await this.session();
    await store.deliver({ unit: run, id: `cancel-${run}`, target: "0", body: '{"kind":"cancel"}', due: null });
  }

  /** Gives up what this runtime holds. Runs that are still under way must have been stopped. */
  async close(): Promise<void> {
    if (this.sessionPromise !== null) await (await this.sessionPromise).end();
    if (this.storePromise !== null && this.options.store === undefined) await (await this.storePromise).close();
    this.sessionPromise = null;
    this.storePromise = null;
  }

  stateRoot(): string {
    const { ports } = this.options;
    return this.options.stateRoot ?? stateRoot(ports.environment, ports.environment.cwd());
  }

  private storePath(): string {
    return `${this.stateRoot()}/${STORE_FILE}`;
  }

  private driverOptions(
    host: VmHost,
    program: string,
    meta: JsonObject,
    durable: boolean,
    emit: (event: RunEvent) => void,
  ): DriverOptions {
    return {
      host,
      ports: this.options.ports,
      performers: this.performers,
      openStore: this.options.volatile === true ? null : () => this.session(),
      program,
      meta,
      durable,
      snapshotMode: this.options.snapshotMode ?? false,
      onOutput: (text) => emit({ type: "output", text }),
      onEvent: (event) => emit(event as RunEvent),
    };
  }

  private store(): Promise<Store> {
    const { ports, level } = this.options;
    this.storePromise ??=
      this.options.store !== undefined
        ? Promise.resolve(this.options.store)
        : import("../store/sqlite-store.ts").then(({ openSqliteStore }) =>
            openSqliteStore(ports, { stateRoot: this.stateRoot(), ...(level === undefined ? {} : { level }) }),
          );
    return this.storePromise;
  }

  /** Null when nothing was ever stored: looking creates no file. */
  private async readStore(): Promise<Store | null> {
    if (this.storePromise === null && this.options.store === undefined) {
      if (!(await this.options.ports.files.exists(this.storePath()))) return null;
    }
    return this.store();
  }

  private session(): Promise<StoreSession> {
    this.sessionPromise ??= this.store().then((store) =>
      StoreSession.open(
        store,
        this.options.ports,
        [...this.performers.values()].map(({ kind, version }) => `${kind}@${version}`),
      ),
    );
    return this.sessionPromise;
  }
}

export function createRuntime(options: RuntimeOptions): Runtime {
  return new Runtime(options);
}
