/**
 * Runs git for the effects: always behind the process port, in a clean environment, with nothing of the user's set-up that could start programs or ask.
 *
 * Invariants
 * 1. Before a git that changes something runs, its identity and the effect's facts are noted: after a crash, what still lives of it is ended first.
 * 2. No hooks, no signing, no automatic maintenance, no prompt. Author and committer come by environment, so no configuration is needed.
 * 3. What users or programs name (refs, paths) never reaches git where it could be read as an option.
 */
import { Failure } from "../../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../base/json.ts";
import type { PerformContext, Performer, Place, Repeat } from "../../../ports/effects.ts";
import type { ProcessResult } from "../../../ports/processes.ts";
import { EffectArguments } from "./arguments.ts";
import { processIn } from "./process-effect.ts";

const MAX_OUTPUT = 64 * 1024 * 1024;

/** What would lead git to another repository than the folder says. */
const REDIRECTING = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_COMMON_DIR",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_CEILING_DIRECTORIES",
  "GIT_EXTERNAL_DIFF",
  "GIT_DIFF_OPTS",
];

const SETTINGS = [
  "core.hooksPath=/dev/null",
  "commit.gpgSign=false",
  "tag.gpgSign=false",
  "merge.verifySignatures=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "core.fsmonitor=false",
  "core.quotePath=false",
  "color.ui=false",
  "advice.detachedHead=false",
  "rerere.enabled=false",
  "diff.noprefix=false",
  "diff.mnemonicPrefix=false",
].flatMap((setting) => ["-c", setting]);

/** Someone else ended a git of ours in the middle. What it left is repaired as after a crash of our own. */
export class GitKilled extends Failure {}

export interface GitResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

export class Git {
  readonly kind: string;
  readonly #context: PerformContext;
  readonly #env: Readonly<Record<string, string>>;

  constructor(kind: string, context: PerformContext, extraEnv: Readonly<Record<string, string>> = {}) {
    this.kind = kind;
    this.#context = context;
    const env: Record<string, string> = {
      ...context.ports.environment.all(),
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_EDITOR: ":",
      GIT_PAGER: "cat",
    };
    for (const name of REDIRECTING) delete env[name];
    this.#env = { ...env, ...extraEnv };
  }

  /** A git that changes nothing. Answers whatever its status. */
  look(
    folder: string,
    args: readonly string[],
    options: { readonly env?: Readonly<Record<string, string>>; readonly maxBytes?: number } = {},
  ): Promise<GitResult> {
    return this.#run(
      folder,
      args,
      { GIT_OPTIONAL_LOCKS: "0", ...options.env },
      async () => {},
      undefined,
      options.maxBytes,
    );
  }

  /** As `look`; a status other than 0 is a `Failure` with what git said. Answers stdout. */
  async ask(
    folder: string,
    args: readonly string[],
    options: { readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    return this.expect(args, await this.look(folder, args, options)).stdout;
  }

  /** A git that changes something: `facts` and its identity are on disk before it runs. */
  change(folder: string, args: readonly string[], facts: JsonObject, stdin?: string): Promise<GitResult> {
    const { ports, note_ } = this.#context;
    return this.#run(
      folder,
      args,
      {},
      (process) => note_({ ...facts, process, startedMs: ports.clock.nowMs() }),
      stdin,
    );
  }

  expect(args: readonly string[], result: GitResult): GitResult {
    if (result.status === 0) return result;
    throw new Failure(
      `${this.kind}: git ${args[0]} failed: ${result.stderr.trim() || result.stdout.trim() || `status ${result.status}`}`,
    );
  }

  /** Ends what an earlier process left running, before anything is looked at. */
  async settleEarlier(): Promise<void> {
    const identity = processIn(this.#context.note);
    if (this.#context.again && identity !== null) await this.#context.ports.processes.killRecorded(identity);
  }

  async #run(
    folder: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    beforeOpen: (identity: JsonObject) => Promise<void>,
    stdin?: string,
    maxBytes = MAX_OUTPUT,
  ): Promise<GitResult> {
    const { ports, signal } = this.#context;
    if (signal.aborted) throw new Failure(`${this.kind} was cancelled`, "cancelled");
    const stop = new AbortController();
    const child = await ports.processes.spawnGated(
      {
        command: { kind: "argv", argv: ["git", ...SETTINGS, ...args] },
        cwd: folder,
        env: { ...this.#env, ...env },
        stdin,
        maxOutputBytes: maxBytes,
      },
      AbortSignal.any([signal, stop.signal]),
    );
    try {
      await beforeOpen({ ...child.identity });
    } catch (error) {
      stop.abort();
      await child.done;
      throw error;
    }
    child.open();
    return this.#result(args, await child.done);
  }

  #result(args: readonly string[], result: ProcessResult): GitResult {
    if (this.#context.signal.aborted) throw new Failure(`${this.kind} was cancelled`, "cancelled");
    if (result.status === null) throw new GitKilled(`${this.kind}: git ${args[0]} was ended by ${result.signal}`);
    return { status: result.status, stdout: result.stdout, stderr: result.stderr, truncated: result.truncated };
  }
}

/** What a git performer works with. */
export interface GitEffect {
  readonly args: EffectArguments;
  readonly context: PerformContext;
}

/** A performer whose body looks first: when a git of its own is killed under it, it is called again, once, as after a crash. */
export function gitPerformer(
  kind: string,
  repeat: Repeat,
  place: Place,
  body: (effect: GitEffect) => Promise<Json>,
): Performer {
  return {
    kind,
    version: 1,
    repeat,
    place,
    async perform(raw, context) {
      const args = new EffectArguments(kind, raw);
      let note = context.note;
      const note_ = async (next: Json) => {
        await context.note_(next);
        note = next;
      };
      try {
        return await body({ args, context: { ...context, note_ } });
      } catch (error) {
        if (!(error instanceof GitKilled)) throw error;
        return body({ args, context: { ...context, again: true, note, note_ } });
      }
    },
  };
}

export interface Repository {
  /** Shared by all worktrees: `.git` of the main one. Absolute. */
  readonly commonDir: string;
  /** Of the worktree that the folder is in. Absolute. */
  readonly gitDir: string;
}

/** The repository that `folder` belongs to; a `Failure` naming the folder when there is none. */
export async function findRepository(
  git: Git,
  folder: string,
  files: PerformContext["ports"]["files"],
): Promise<Repository> {
  if ((await files.stat(folder))?.kind !== "directory")
    throw new Failure(`${git.kind}: there is no folder ${folder}`, "not_found");
  const result = await git.look(folder, ["rev-parse", "--path-format=absolute", "--git-common-dir", "--git-dir"]);
  const [commonDir, gitDir] = result.stdout.split("\n");
  if (result.status !== 0 || !commonDir || !gitDir) {
    if (/not a git repository/i.test(result.stderr))
      throw new Failure(`${git.kind}: ${folder} is not in a git repository`);
    throw new Failure(`${git.kind}: git cannot use ${folder}: ${result.stderr.trim()}`);
  }
  return { commonDir: await files.realpath(commonDir), gitDir: await files.realpath(gitDir) };
}

/** The commit that a ref names; a `Failure` naming ref and folder when there is none. */
export async function resolveCommit(git: Git, folder: string, ref: string): Promise<string> {
  const result = await git.look(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  if (result.status !== 0) throw new Failure(`${git.kind}: ${ref} names no commit in ${folder}`, "not_found");
  return result.stdout.trim();
}

/** Null: no commit yet. */
export async function headOf(git: Git, folder: string): Promise<string | null> {
  const result = await git.look(folder, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  return result.status === 0 ? result.stdout.trim() : null;
}

/** A ref or revision from a program: not empty, no option, no control characters. */
export function refArgument(args: EffectArguments, key: string, otherwise?: string): string {
  const ref = args.optionalText(key) ?? otherwise ?? args.text(key);
  if (ref === "" || ref.startsWith("-") || /[\0-\x20\x7f]/.test(ref)) {
    throw new Failure(`${args.kind}: argument \`${key}\` is no usable ref: ${JSON.stringify(ref)}`);
  }
  return ref;
}

/** A path from a program, absolute; one whose text starts with a dash is refused, as it was surely not meant as a path. */
export function pathArgument(args: EffectArguments, key: string): string {
  if (args.text(key).startsWith("-"))
    throw new Failure(`${args.kind}: argument \`${key}\` starts with a dash: ${JSON.stringify(args.text(key))}`);
  return args.path(key);
}

/** Author and committer for commits, with a fixed date, so that the same commit made again is the same commit. */
export function identityEnv(args: EffectArguments, date: string): Readonly<Record<string, string>> {
  const name = args.optionalText("name") ?? "Harn worker";
  const email = args.optionalText("email") ?? "worker@harn.invalid";
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}

/** A text from the note of an earlier process; undefined: not noted. */
export function noted(note: Json | null, key: string): string | undefined {
  const value = isJsonObject(note) ? note[key] : undefined;
  return typeof value === "string" ? value : undefined;
}
