/**
 * `harn test --watch`: runs all tests, and at each change those of the files that it concerns: the file itself, or one that imports it.
 *
 * Invariant: a change that comes while tests run ends that run, and what it had to do is done together with the new.
 */
import path from "node:path";
import { createNodePorts } from "../../hosts/node/ports.ts";
import type { ProgramFile } from "../../tools/program-files.ts";
import { findTestFiles, modulesOf } from "../../tools/test/test-file.ts";
import type { TestFlags } from "../command-line.ts";
import { outputColor } from "../display/color.ts";
import { paint } from "../display/test-lines.ts";
import { EXIT } from "../exit-codes.ts";
import { FileWatch } from "../file-watch.ts";
import { listenForKeys } from "../watch-keys.ts";
import { report, runOnce } from "./user-tests.ts";

const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

/** Ends when the person ends it. */
export async function watchTests(targets: readonly string[], flags: TestFlags): Promise<number> {
  const watching = new TestWatch(targets, flags);
  return watching.run();
}

class TestWatch {
  readonly #targets: readonly string[];
  readonly #flags: TestFlags;
  readonly #files = createNodePorts().files;
  readonly #watch = new FileWatch((changed) => this.#ask(changed));
  /** What is to be run next: all, or what these files concern. */
  #asked: "all" | Set<string> = "all";
  #stop = new AbortController();
  #wake: () => void = () => undefined;
  #code: number | null = null;

  constructor(targets: readonly string[], flags: TestFlags) {
    this.#targets = targets;
    this.#flags = flags;
  }

  async run(): Promise<number> {
    const giveBack = listenForKeys({
      onAgain: () => this.#ask("all"),
      onEnd: (interrupted) => {
        this.#code ??= interrupted ? EXIT.interrupted : EXIT.ok;
        this.#interrupt();
      },
    });
    try {
      // What is named must be there at the start; later it may come and go.
      await findTestFiles(this.#files, process.cwd(), this.#targets);
      while (this.#code === null) await this.#turn();
      return this.#code;
    } finally {
      giveBack();
      this.#watch.close();
    }
  }

  async #turn(): Promise<void> {
    const asked = this.#asked;
    this.#asked = new Set();
    this.#stop = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const all = await findTestFiles(this.#files, process.cwd(), this.#targets).catch(() => []);
    const modules = new Map(all.map((file) => [file, modulesOf(this.#files, file)]));
    this.#watch.watch({ trees: this.#trees(all), files: new Set([...modules.values()].flatMap((set) => [...set])) });
    const concerned =
      asked === "all" ? all : all.filter((file) => [...modules.get(file)!].some((path) => asked.has(path)));
    if (concerned.length > 0 || asked === "all") await this.#show(asked, concerned);
    if (this.#stop.signal.aborted) {
      // Given up for a newer change: this one still counts.
      this.#note(asked);
      return;
    }
    await woken;
  }

  async #show(asked: "all" | ReadonlySet<string>, files: readonly ProgramFile[]): Promise<void> {
    const color = outputColor();
    const started = performance.now();
    if (process.stdout.isTTY) process.stdout.write(CLEAR);
    const names = asked === "all" ? [] : [...asked].map((file) => path.relative(process.cwd(), file));
    if (names.length > 0) process.stdout.write(`${paint(`changed: ${names.join(", ")}`, "dim", color)}\n\n`);
    const { results, coverage } = await runOnce(files, this.#flags, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    await report(results, coverage, this.#flags, performance.now() - started);
    if (results.length === 0) process.stdout.write("there is no test yet\n");
    const keys = process.stdin.isTTY ? "Enter runs all, q ends" : "Ctrl-C ends";
    process.stdout.write(`${paint(`waiting for a change; ${keys}`, "dim", color)}\n`);
  }

  #trees(files: readonly ProgramFile[]): ReadonlySet<string> {
    const named = new Set(files.map((file) => file.path));
    const targets = this.#targets.map((target) => path.resolve(target));
    return new Set(targets.filter((target) => !named.has(target)));
  }

  #ask(what: "all" | ReadonlySet<string>): void {
    this.#note(what);
    this.#interrupt();
  }

  #note(what: "all" | ReadonlySet<string>): void {
    if (what === "all") this.#asked = "all";
    else if (this.#asked !== "all") for (const file of what) this.#asked.add(file);
  }

  #interrupt(): void {
    this.#stop.abort();
    this.#wake();
  }
}
