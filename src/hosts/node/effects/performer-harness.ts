/** For tests: performs effects of this host with a note that is kept as the store would keep it. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Json, JsonObject } from "../../../base/json.ts";
import type { PerformContext } from "../../../ports/effects.ts";
import { createNodePorts } from "../ports.ts";
import { createNodePerformers } from "./performers.ts";

export interface EffectRun {
  readonly result: Promise<Json>;
  /** The last note. */
  note(): Json | null;
  readonly notes: readonly Json[];
  readonly events: readonly Json[];
  cancel(): void;
}

export interface EffectState {
  readonly again?: boolean;
  readonly note?: Json | null;
  /** Called in the place of the store; a throw is a lost lease. */
  readonly onNote?: (note: Json) => Promise<void> | void;
}

export function startEffect(kind: string, args: JsonObject, state: EffectState = {}): EffectRun {
  const controller = new AbortController();
  const notes: Json[] = [];
  const events: Json[] = [];
  let note = state.note ?? null;
  const context: PerformContext = {
    effectId: "unit:1",
    again: state.again ?? false,
    note,
    signal: controller.signal,
    ports: createNodePorts(),
    emit: (event) => events.push(event),
    async note_(next) {
      await state.onNote?.(next);
      notes.push(next);
      note = next;
    },
  };
  const result = createNodePerformers().get(kind)!.perform(args, context);
  result.catch(() => {}); // heard by whoever awaits it
  return { result, note: () => note, notes, events, cancel: () => controller.abort() };
}

export async function perform(kind: string, args: JsonObject, state?: EffectState): Promise<JsonObject> {
  return (await startEffect(kind, args, state).result) as JsonObject;
}

/** A real repository in a temporary folder. */
export class TestRepository {
  readonly root: string;
  readonly path: string;

  constructor(files: Readonly<Record<string, string>> = { "README.md": "hello\n" }) {
    this.root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-git-")));
    this.path = path.join(this.root, "repo");
    fs.mkdirSync(this.path);
    this.git("init", "-q", "-b", "main");
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "first");
  }

  git(...args: readonly string[]): string {
    return this.gitIn(this.path, ...args);
  }

  gitIn(folder: string, ...args: readonly string[]): string {
    const user = ["-c", "user.name=tester", "-c", "user.email=tester@localhost"];
    return execFileSync("git", ["-C", folder, ...user, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }

  write(name: string, text: string, folder = this.path): void {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }

  read(name: string, folder = this.path): string {
    return fs.readFileSync(path.join(folder, name), "utf8");
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  dispose(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
