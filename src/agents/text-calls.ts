/**
 * Tool calls in the text of an answer: for models that have no calls of their own, and for those that forget that they have.
 *
 * Forms: `<tool_call>name({ key: value })</tool_call>`, the same around `{"name": …, "arguments": {…}}`, and a line that starts with `name({` for a
 * tool that exists. Fenced blocks are examples, unless the whole answer is one.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { readLiteral } from "./call-literal.ts";

export interface TextCall {
  readonly name: string;
  /** As a provider would hand them over: JSON text. */
  readonly arguments: string;
}

export interface TextAnswer {
  readonly calls: readonly TextCall[];
  /** What could not be read, for the model. */
  readonly errors: readonly string[];
}

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";
const CALL = /\s*([A-Za-z_][\w.-]*)\s*\(/y;
const BARE = /^[ \t]*([A-Za-z_][\w.-]*)\((?=[ \t]*\{)/gm;

export function readTextCalls(answer: string, known: ReadonlySet<string>): TextAnswer {
  const text = unfenced(answer.replace(/<think>[\s\S]*?<\/think>/g, ""));
  const calls: TextCall[] = [];
  const errors: string[] = [];
  let rest = "";
  let at = 0;
  for (;;) {
    const open = text.indexOf(OPEN, at);
    rest += text.slice(at, open < 0 ? text.length : open);
    if (open < 0) break;
    const block = readBlock(text, open + OPEN.length);
    if (block.kind === "call") calls.push(block.call);
    else errors.push(block.message);
    at = block.end;
    rest += "\n";
  }
  readBareCalls(rest, known, calls, errors);
  return { calls, errors };
}

type Block = { readonly end: number } & (
  | { readonly kind: "call"; readonly call: TextCall }
  | { readonly kind: "error"; readonly message: string }
);

/** Reads the call before it looks for the end: the closing tag may stand in a text among the arguments. */
function readBlock(text: string, from: number): Block {
  const body = skipFence(text, from);
  const literal = text[body] === "{" ? readLiteral(text, body) : null;
  if (literal !== null) {
    if (literal.kind === "error") return broken(text, from, literal.message);
    const call = namedCall(literal.value);
    return call === null
      ? broken(text, from, 'a call as JSON is {"name": …, "arguments": {…}}')
      : { kind: "call", call, end: afterClose(text, literal.end) };
  }
  CALL.lastIndex = body;
  const head = CALL.exec(text);
  if (head === null) return broken(text, from, "expected name({ key: value })");
  const read = readCall(text, head[1]!, CALL.lastIndex);
  if (read.kind === "error") return broken(text, from, read.message);
  return { kind: "call", call: read.call, end: afterClose(text, read.end) };
}

function readCall(text: string, name: string, from: number): Block {
  if (/\s*\)/y.exec(text.slice(from, from + 80)) !== null) {
    return { kind: "call", call: { name, arguments: "{}" }, end: text.indexOf(")", from) + 1 };
  }
  const literal = readLiteral(text, from);
  if (literal.kind === "error") return { kind: "error", message: `${name}: ${literal.message}`, end: literal.at };
  if (!isJsonObject(literal.value)) {
    return { kind: "error", message: `${name} takes one object: ${name}({ key: value })`, end: literal.end };
  }
  const close = /\s*\)?;?/y;
  close.lastIndex = literal.end;
  close.exec(text);
  return { kind: "call", call: { name, arguments: JSON.stringify(literal.value) }, end: close.lastIndex };
}

function namedCall(value: Json): TextCall | null {
  if (!isJsonObject(value) || typeof value.name !== "string" || value.name === "") return null;
  const given: Json | undefined = value.arguments ?? value.parameters;
  if (given !== undefined && !isJsonObject(given)) return null;
  return { name: value.name, arguments: JSON.stringify((given ?? {}) satisfies JsonObject) };
}

function broken(text: string, from: number, message: string): Block {
  return { kind: "error", message, end: afterClose(text, from) };
}

function afterClose(text: string, from: number): number {
  const close = text.indexOf(CLOSE, from);
  return close < 0 ? text.length : close + CLOSE.length;
}

function readBareCalls(text: string, known: ReadonlySet<string>, calls: TextCall[], errors: string[]): void {
  const visible = text.replace(/```[\s\S]*?(?:```|$)/g, (fence) => " ".repeat(fence.length));
  let after = 0;
  for (const found of visible.matchAll(BARE)) {
    if (found.index < after || !known.has(found[1]!)) continue;
    const read = readCall(text, found[1]!, found.index + found[0].length);
    after = read.end;
    if (read.kind === "call") calls.push(read.call);
    else errors.push(read.message);
  }
}

/** An answer that is one fenced block as a whole is what stands in it. */
function unfenced(text: string): string {
  const whole = /^\s*```[^\n]*\n([\s\S]*?)\n?```\s*$/.exec(text);
  return whole === null || whole[1]!.includes("```") ? text : whole[1]!;
}

function skipFence(text: string, from: number): number {
  const blanks = /\s*(?:```[^\n]*\n\s*)?/y;
  blanks.lastIndex = from;
  blanks.exec(text);
  return blanks.lastIndex;
}
