/**
 * An MCP server as a child process: one JSON message a line. It leads a process group of its own, which ends with the connection.
 *
 * Invariant: after `close` nothing of the group is left: its input ends, then after a while SIGTERM, then SIGKILL.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

export interface StdioServer {
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** How long a server may take to end by itself, and after SIGTERM. */
const GRACE_MS = 1_000;
/** A message that is longer ends the connection. */
const MOST_LINE = 64 * 1024 * 1024;
/** Of what it says on its error output, for messages. */
const KEPT_ERRORS = 2_000;

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #server: StdioServer;
  #child: ChildProcessWithoutNullStreams | null = null;
  #rest = "";
  #errors = "";
  #ended: Promise<void> = Promise.resolve();
  /** How it ended, for messages; null while it runs. */
  end: string | null = null;

  constructor(server: StdioServer) {
    this.#server = server;
  }

  /** Rejects with the system's error when the program cannot be started. */
  start(): Promise<void> {
    const { command, args, cwd, env } = this.#server;
    const child = spawn(command, [...args], { cwd, env, detached: true, windowsHide: true });
    this.#child = child;
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.promise;
    const killed = () => this.#signal("SIGKILL");
    process.once("exit", killed);
    child.stdin.on("error", (error) => this.onerror?.(error));
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERRORS);
    });
    child.once("close", (code, signal) => {
      process.removeListener("exit", killed);
      const said = this.#errors.trim().split("\n").at(-1) ?? "";
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      this.end = `the server ended ${how}${said === "" ? "" : `: ${said}`}`;
      ended.resolve();
      this.onclose?.();
    });
    return new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        process.removeListener("exit", killed);
        ended.resolve();
        reject(error);
      });
    });
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    if (this.#rest.length > MOST_LINE) {
      this.onerror?.(new Error("a message of the server is too long"));
      void this.close();
      return;
    }
    for (const line of lines) {
      if (line.trim() === "") continue;
      try {
        this.onmessage?.(JSON.parse(line) as JSONRPCMessage);
      } catch {
        // Servers print other things, too: a line that is no message is none.
        this.onerror?.(new Error(`the server wrote a line that is no message: ${line.slice(0, 80)}`));
      }
    }
  }

  send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (child === null || this.end !== null || !child.stdin.writable)
      return Promise.reject(new Error(this.end ?? "the server does not listen any more"));
    return new Promise((resolve, reject) => {
      child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === null || this.end !== null) return;
    child.stdin.end();
    for (const signal of [null, "SIGTERM", "SIGKILL"] as const) {
      if (signal !== null) this.#signal(signal);
      if (await this.#endsWithin(GRACE_MS)) break;
    }
    // What the server itself started may live on in its group.
    this.#signal("SIGKILL");
  }

  #endsWithin(ms: number): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), ms);
    return Promise.race([this.#ended.then(() => true), late.promise]).finally(() => clearTimeout(timer));
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nothing of the group is left.
    }
  }
}
