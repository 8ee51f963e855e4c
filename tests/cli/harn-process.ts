/** The command as a person has it: `bin/harn.js` in a process of its own, with pipes or on a terminal. */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pty from "@lydell/node-pty";
import headless from "@xterm/headless";

export const root = path.resolve(import.meta.dirname, "../..");
export const command = path.join(root, "bin/harn.js");

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Finished>;
  stdout(): string;
  stderr(): string;
}

export interface HarnOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

/** Nothing of the caller's settings, and no colours. */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(HARN_|LOCAL_LLM_|NO_COLOR|FORCE_COLOR|VITEST|NODE_OPTIONS)|_API_KEY$/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...more };
}

export function startHarn(args: readonly string[], options: HarnOptions): Started {
  const child = spawn(process.execPath, [...(options.node ?? []), command, ...args], {
    cwd: options.cwd,
    env: cleanEnv(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const done = new Promise<Finished>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, done, stdout: () => stdout, stderr: () => stderr };
}

export function harn(args: readonly string[], options: HarnOptions): Promise<Finished> {
  return startHarn(args, options).done;
}

export async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((go) => setTimeout(go, 10));
}

export interface OnTerminal {
  /** All that was written, controls included. */
  raw(): string;
  /** The lines that a person sees, without empty ones at the end. */
  screen(): Promise<readonly string[]>;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  readonly exit: Promise<number>;
}

/** On a pseudo-terminal whose screen is kept as a terminal would show it. */
export function harnOnTerminal(args: readonly string[], options: HarnOptions, columns = 100, rows = 30): OnTerminal {
  return onTerminal(process.execPath, [command, ...args], options, columns, rows);
}

/** A line of a shell in which `harn` is this command. */
export function shellOnTerminal(line: string, options: HarnOptions): OnTerminal {
  const quoted = [process.execPath, command].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return onTerminal("/bin/sh", ["-c", `harn() { ${quoted} "$@"; }; ${line}`], options, 100, 40);
}

function onTerminal(
  file: string,
  args: readonly string[],
  options: HarnOptions,
  columns: number,
  rows: number,
): OnTerminal {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 1_000, allowProposedApi: true });
  let raw = "";
  const child = pty.spawn(file, [...args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: options.cwd,
    env: cleanEnv({ TERM: "xterm-256color", ...options.env }),
  });
  child.onData((data) => {
    raw += data;
    terminal.write(data);
  });
  const exit = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => resolve(exitCode));
  });
  return {
    raw: () => raw,
    screen: async () => {
      await new Promise<void>((resolve) => terminal.write("", resolve));
      const buffer = terminal.buffer.active;
      const lines = Array.from({ length: buffer.length }, (_, i) => buffer.getLine(i)?.translateToString(true) ?? "");
      return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
    },
    type: (keys) => child.write(keys),
    resize: (wide, high) => {
      child.resize(wide, high);
      terminal.resize(wide, high);
    },
    exit,
  };
}

/** A folder that is gone after the test. */
export function scratch(): {
  readonly folder: string;
  at(name: string): string;
  write(name: string, text: string): string;
  remove(): void;
} {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-cli-")));
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    at,
    write(name, text) {
      fs.mkdirSync(path.dirname(at(name)), { recursive: true });
      fs.writeFileSync(at(name), text);
      return at(name);
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
