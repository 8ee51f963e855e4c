import { type DeclaredServer, declareServers } from "../../agents/mcp-clients.ts";
import type { JsonObject } from "../../base/json.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import type { ModelResponse } from "../../llm/contract.ts";
import type { Performer } from "../../ports/effects.ts";
import type { Ports } from "../../ports/ports.ts";
import { RunDriver } from "../../runtime/driver.ts";
import type { RunEvent } from "../../runtime/events.ts";
import { allBuiltins, createVmHost } from "../../runtime/language.ts";
import { allPerformers } from "../../runtime/performers.ts";
import type { ProgramDoors } from "../../runtime/program.ts";
import { RunHandle } from "../../runtime/run-handle.ts";
import { startRun } from "../../runtime/start-run.ts";
import { StoreSession } from "../../runtime/store-session.ts";
import { stdlibGlobals } from "../../stdlib/index.ts";
import type { Store } from "../../store/contract.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { HDict, HList, share, type Value } from "../../value/value.ts";
import type { Tiering, VmHost } from "../../vm/host.ts";
import type { Program } from "../../vm/run.ts";
import { tellingAssertions } from "./assertions.ts";
import type { LineCounts } from "./instrument.ts";
import { onlyPipeline } from "./test-program.ts";

export interface ProgramHostOptions {
  readonly ports: Ports;
  /** What the host can do outside of the process; models are added. */
  readonly performers: ReadonlyMap<string, Performer>;
  readonly tiering: Tiering;
  /** Rebuild runs from text at each wait. */
  readonly snapshotMode: boolean;
  readonly counts: LineCounts | null;
  /** The model provider where neither the program nor the environment names one. */
  readonly provider: "mock" | null;
}

export interface ProgramStart {
  readonly program: Program;
  /** Runs in the place of the program's own entry; null: the entry. */
  readonly pipeline: string | null;
  /** Absolute. */
  readonly cwd: string;
  /** A folder that belongs to this run alone. */
  readonly stateRoot: string;
  readonly cells: Readonly<Record<string, unknown>>;
  /** In the place of the usual ones. */
  readonly globals?: ReadonlyMap<string, Value>;
  /** MCP servers of the global `mcp`. */
  readonly mcp?: readonly DeclaredServer[];
  readonly onModelAnswer?: (response: ModelResponse) => void;
}

export interface StartedProgram {
  readonly handle: RunHandle;
  /** Gives up its store. */
  close(): Promise<void>;
}

/** How long a cancelled run may tidy up, in milliseconds. */
export const GRACE_MS = 2_000;

export class ProgramHost {
  readonly doors: ProgramDoors;
  readonly #options: ProgramHostOptions;
  readonly #table: BuiltinTable;

  constructor(options: ProgramHostOptions) {
    const replaced = new Set(tellingAssertions.map(({ name }) => name));
    this.#options = options;
    this.#table = new BuiltinTable([
      allBuiltins().filter(({ name, receiver }) => receiver !== null || !replaced.has(name)),
      tellingAssertions,
      options.counts === null ? [] : [options.counts.builtin],
    ]);
    const globals = new Set(["argv", ...stdlibGlobals.keys()]);
    this.doors = { files: options.ports.files, table: this.#table, globals };
  }

  start(start: ProgramStart): StartedProgram {
    const { tiering, snapshotMode, provider } = this.#options;
    const given = this.#options.ports.environment.get("HARN_LLM_PROVIDER");
    const ports = withEnvironment(this.#options.ports, {
      HARN_STATE_DIR: start.stateRoot,
      HARN_RUN_DIR: `${start.stateRoot}/runs`,
      HARN_WORKTREE_DIR: `${start.stateRoot}/worktrees`,
      ...(provider === null || given !== undefined ? {} : { HARN_LLM_PROVIDER: provider }),
    });
    const host: VmHost = { ...createVmHost({ ports, tools: [], graceMs: GRACE_MS, tiering }), table: this.#table };
    const store = new OwnStore(ports, start.stateRoot);
    const performers = allPerformers({
      performers: this.#options.performers,
      onModelAnswer: start.onModelAnswer,
      store: () => store.opened(),
      host: () => host,
    });
    const id = ports.ids.uuidv7();
    const handle = new RunHandle(id, async (emit) => {
      const globals = new Map([...stdlibGlobals, ["argv", new HList([])] as const, ...(start.globals ?? [])]);
      const scope = { cwd: start.cwd, env: {}, policies: [] };
      const run = startRun(
        id,
        host,
        start.pipeline === null ? start.program : onlyPipeline(start.program, start.pipeline),
        globals,
        scope,
      );
      if (start.mcp !== undefined && start.mcp.length > 0)
        run.globals.set("mcp", share(HDict.from([...declareServers(run, start.mcp)])));
      for (const [cell, value] of Object.entries(start.cells)) {
        run.cells.set(cell, { value });
        run.dirty.cells.add(cell);
      }
      return new RunDriver(run, {
        host,
        ports,
        performers,
        openStore: () => store.session([...performers.values()]),
        program: start.pipeline ?? start.program.entry,
        meta: { cwd: start.cwd, args: [], file: start.program.entry },
        durable: false,
        snapshotMode,
        onOutput: (text) => emit({ type: "output", text }),
        onEvent: (event: JsonObject) => emit(event as RunEvent),
      });
    });
    return { handle, close: () => store.close() };
  }
}

/** The store of one run, opened when its first worker needs it. */
class OwnStore {
  readonly #ports: Ports;
  readonly #stateRoot: string;
  #store: Promise<Store> | null = null;
  #session: Promise<StoreSession> | null = null;

  constructor(ports: Ports, stateRoot: string) {
    this.#ports = ports;
    this.#stateRoot = stateRoot;
  }

  /** Null while nothing is stored. */
  async opened(): Promise<Store | null> {
    return this.#store;
  }

  session(performers: readonly Performer[]): Promise<StoreSession> {
    this.#store ??= openSqliteStore(this.#ports, { stateRoot: this.#stateRoot });
    const kinds = performers.map(({ kind, version }) => `${kind}@${version}`);
    this.#session ??= this.#store.then((store) => StoreSession.open(store, this.#ports, kinds));
    return this.#session;
  }

  async close(): Promise<void> {
    if (this.#session !== null) await (await this.#session).end();
    if (this.#store !== null) await (await this.#store).close();
  }
}

function withEnvironment(ports: Ports, own: Readonly<Record<string, string>>): Ports {
  const { environment } = ports;
  return {
    ...ports,
    environment: {
      get: (name) => own[name] ?? environment.get(name),
      all: () => ({ ...environment.all(), ...own }),
      cwd: () => environment.cwd(),
      home: environment.home,
      user: environment.user,
      hostName: environment.hostName,
      tempDir: environment.tempDir,
      machine: environment.machine,
      platform: environment.platform,
      arch: environment.arch,
      pid: environment.pid,
      startTime: environment.startTime,
    },
  };
}
