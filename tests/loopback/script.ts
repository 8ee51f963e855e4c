/**
 * The script of the loopback server: which answer a chat completion request gets, and how it is delivered.
 *
 * A file is JSON (`{"rules": [...]}` or a list) or JSONL, one rule a line; lines that begin with `#` or `//` are comments. The first rule that fits
 * answers. Rules look only at the request (its messages, how many answers the conversation already has), so calls may come in any order, and come
 * again after a crash. `failFirst` and `times` are the exceptions: they count.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A text without `*` must be contained; one with `*` must match the whole, `*` standing for any text. */
export type Pattern = string;

export interface RuleMatch {
  /** The last message, whichever role. */
  readonly last?: Pattern;
  readonly lastRole?: "user" | "assistant" | "tool";
  /** The first and the last user message, the last tool result, the system prompt, any message at all. */
  readonly firstUser?: Pattern;
  readonly user?: Pattern;
  readonly tool?: Pattern;
  readonly system?: Pattern;
  readonly any?: Pattern;
  readonly model?: Pattern;
  /** Answers the conversation already holds (its assistant messages): 0 for the first call. */
  readonly turn?: number;
  /** Messages without the system prompt. */
  readonly messages?: number;
  readonly minMessages?: number;
  readonly toolResults?: number;
  /** A tool that must be on offer. */
  readonly offers?: string;
}

export interface RuleToolCall {
  /** Absent: `call_<rule>_<n>`, stable. */
  readonly id?: string;
  readonly name: string;
  /** An object, or the exact text. */
  readonly arguments?: unknown;
}

export interface RuleAnswer {
  /** `{{last}}`, `{{user}}`, `{{turn}}` and `{{model}}` are filled in. */
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly RuleToolCall[];
  readonly finishReason?: string;
  readonly usage?: { readonly prompt?: number; readonly completion?: number; readonly cached?: number } | null;
  /** A recorded body, sent byte for byte in the place of all that. */
  readonly wire?: string;
  /** The same from a file, relative to the script. */
  readonly wireFile?: string;
  /** Of a recorded body; default `text/event-stream`. */
  readonly contentType?: string;
}

export interface RuleDelivery {
  /** `plain`: one JSON object, though a stream was asked for. Default: what was asked for. */
  readonly mode?: "stream" | "plain";
  /** The body in pieces of this many bytes, wherever they fall: in the middle of characters and events. */
  readonly chunkBytes?: number;
  /** Text deltas of this many characters. Default 8. */
  readonly textChars?: number;
  /** Argument deltas of this many characters. Default 12. */
  readonly argumentChars?: number;
  readonly firstDelayMs?: number;
  /** Between pieces. */
  readonly delayMs?: number;
  /** Break the connection after this many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** End the body in an orderly way after this many bytes: a stream that just stops. */
  readonly endAfterBytes?: number;
  /** An event that is no JSON before the last one; with `plain`: a broken object. */
  readonly badJson?: boolean;
  /** Sent as an event in the middle, after which the body ends. */
  readonly errorInStream?: Readonly<Record<string, unknown>>;
  readonly withoutDone?: boolean;
  readonly withoutFinish?: boolean;
  readonly withoutUsage?: boolean;
  /** Never answer. */
  readonly hang?: boolean;
  /** Send half of the body, then nothing. */
  readonly stall?: boolean;
  /** Send the whole body and leave the connection open. */
  readonly linger?: boolean;
}

export interface RuleRefusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or an object sent as JSON. */
  readonly body?: unknown;
}

export interface Rule {
  readonly name?: string;
  readonly match?: RuleMatch;
  readonly answer?: RuleAnswer;
  readonly deliver?: RuleDelivery;
  /** Answer with this status instead. */
  readonly refuse?: RuleRefusal;
  /** For the first `times` requests with one idempotency key (of one rule, without a key): `refuse`, or a delivery that fails. */
  readonly failFirst?: { readonly times: number; readonly refuse?: RuleRefusal; readonly deliver?: RuleDelivery };
  /** How often the rule may answer in all. */
  readonly times?: number;
}

export interface Script {
  readonly rules: readonly Rule[];
  /** Where `wireFile` is looked for; "" for a script that is no file. */
  readonly folder: string;
}

const KEYS = {
  rule: ["name", "match", "answer", "deliver", "refuse", "failFirst", "times"],
  match: [
    ...["last", "lastRole", "firstUser", "user", "tool", "system", "any", "model", "turn"],
    ...["messages", "minMessages", "toolResults", "offers"],
  ],
  answer: ["text", "thinking", "toolCalls", "finishReason", "usage", "wire", "wireFile", "contentType"],
  deliver: [
    ...[
      "mode",
      "chunkBytes",
      "textChars",
      "argumentChars",
      "firstDelayMs",
      "delayMs",
      "cutAfterBytes",
      "endAfterBytes",
    ],
    ...["badJson", "errorInStream", "withoutDone", "withoutFinish", "withoutUsage", "hang", "stall", "linger"],
  ],
  refuse: ["status", "headers", "body"],
  failFirst: ["times", "refuse", "deliver"],
} as const;

export function readScript(path: string): Script {
  return { rules: parseScript(readFileSync(path, "utf8"), path), folder: dirname(resolve(path)) };
}

/** Throws an `Error` that names file, line or rule, and key. */
export function parseScript(text: string, path: string): readonly Rule[] {
  const whole = tryParse(text);
  const rules: [place: string, value: unknown][] = [];
  if (
    whole !== undefined &&
    typeof whole === "object" &&
    whole !== null &&
    (Array.isArray(whole) || "rules" in whole)
  ) {
    const list: unknown = Array.isArray(whole) ? whole : (whole as { rules: unknown }).rules;
    if (!Array.isArray(list)) throw new Error(`${path}: expected \`rules\` to be a list`);
    list.forEach((value, index) => {
      rules.push([`${path} rule ${index + 1}`, value]);
    });
  } else {
    text.split("\n").forEach((line, index) => {
      const trimmed = line.trim();
      if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("//")) return;
      const value = tryParse(trimmed);
      if (value === undefined)
        throw new Error(`${path}:${index + 1}: expected a rule as one line of JSON, or one JSON document`);
      rules.push([`${path}:${index + 1}`, value]);
    });
  }
  if (rules.length === 0) throw new Error(`${path}: expected at least one rule`);
  return rules.map(([place, value]) => checkRule(place, value));
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function checkRule(place: string, value: unknown): Rule {
  const rule = checkKeys(place, value, "rule");
  if (rule.match !== undefined) checkKeys(`${place}: match`, rule.match, "match");
  if (rule.answer !== undefined) checkKeys(`${place}: answer`, rule.answer, "answer");
  if (rule.deliver !== undefined) checkKeys(`${place}: deliver`, rule.deliver, "deliver");
  if (rule.refuse !== undefined) checkKeys(`${place}: refuse`, rule.refuse, "refuse");
  if (rule.failFirst !== undefined) {
    const first = checkKeys(`${place}: failFirst`, rule.failFirst, "failFirst");
    if (!Number.isInteger(first.times)) throw new Error(`${place}: failFirst.times: expected a whole number`);
    if (first.refuse !== undefined) checkKeys(`${place}: failFirst.refuse`, first.refuse, "refuse");
    if (first.deliver !== undefined) checkKeys(`${place}: failFirst.deliver`, first.deliver, "deliver");
  }
  if (
    rule.answer === undefined &&
    rule.refuse === undefined &&
    (rule.deliver as RuleDelivery | undefined)?.hang !== true
  ) {
    throw new Error(`${place}: expected \`answer\`, \`refuse\` or \`deliver.hang\``);
  }
  return rule as Rule;
}

function checkKeys(place: string, value: unknown, kind: keyof typeof KEYS): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${place}: expected an object`);
  const known: readonly string[] = KEYS[kind];
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new Error(`${place}: unknown key \`${key}\`, expected one of ${known.join(", ")}`);
  }
  return value as Record<string, unknown>;
}
