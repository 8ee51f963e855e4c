/**
 * The host's answer to approvals, when a person sits at the terminal: asks, one request after the other. Without a terminal there is no one to ask, and
 * the runtime refuses.
 */
import type { JsonObject } from "../base/json.ts";
import type { TerminalPort } from "../ports/terminal.ts";
import type { ApprovalAnswer, ApprovalHandler } from "../runtime/index.ts";
import { cutTo, oneLine } from "./display/cells.ts";

/** `hold` keeps the terminal free of anything else until what it answers is called. */
export function createApprovalPrompt(terminal: TerminalPort, hold: () => () => void): ApprovalHandler {
  let last: Promise<unknown> = Promise.resolve();
  return (request, signal) => {
    const answer = last.then(() => ask(request, signal, terminal, hold));
    last = answer.catch(() => undefined);
    return answer;
  };
}

async function ask(
  request: JsonObject,
  signal: AbortSignal,
  terminal: TerminalPort,
  hold: () => () => void,
): Promise<ApprovalAnswer> {
  const release = hold();
  try {
    terminal.writeError(`${describe(request)}\ngrant it? [y/N] `);
    const line = await terminal.readLine(signal);
    const granted = line !== null && /^\s*y(es)?\s*$/i.test(line);
    if (line === null) terminal.writeError("\n");
    return { granted, reason: granted ? "granted at the terminal" : "refused at the terminal" };
  } finally {
    release();
  }
}

function describe(request: JsonObject): string {
  const text = (key: string) => (typeof request[key] === "string" ? oneLine(request[key]) : null);
  const who = text("worker_name") ?? text("worker_id") ?? "the program";
  const tool = text("tool") ?? "a tool";
  const reason = text("reason");
  const args = oneLine(JSON.stringify(request.args ?? {}));
  return `approval: ${who} asks for ${tool}${reason === null ? "" : ` (${reason})`}\n  ${cutTo(args, Math.max(40, terminalWidth() - 4))}`;
}

function terminalWidth(): number {
  return process.stderr.columns ?? 80;
}
