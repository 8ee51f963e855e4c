/**
 * Writes one row of a snapshot: Harn values, frames and the plain data of machines as JSON text.
 *
 * Form: strings, booleans, null and numbers that read back as the same kind stand as they are; all else is an array that starts with a tag.
 *   ["f", n|"NaN"|…] float   ["i", "…"] big int   ["_"] unset   ["l", …] list   ["d", k, v, …] dict   ["s", name, k, v, …] struct
 *   ["e", enum, variant, …] enum   ["r", a, b, x] range   ["p", a, b] pair   ["t", ms] duration   ["b", name] builtin   ["h", kind, id] handle
 *   ["S", …] set   ["c", chunk, fn, …captures] closure   ["u", source, index] cursor   ["x", cancel, error] caught
 *   ["a", …] plain array   ["o", k, v, …] plain object   ["L", id, length] list in pieces   ["D", id] dict in pieces   ["B", hash] long text
 *   ["V", n] the n-th of the row's `values`: a shared list or dict, or a frozen plain object, kept by the hash of its text
 *   ["#", n] the n-th shared thing of this row again. Tags of shared things carry "!" and are numbered in order of appearance.
 *
 * Invariants
 * 1. Sharing and cycles (closures of one block) within a row survive; what two rows share is marked shared on decoding.
 * 2. `refs` names everything outside the row that must be there before it can be decoded.
 */

import type { Scope } from "../../builtin/scope.ts";
import type { Chunk } from "../../bytecode/chunk.ts";
import type { Value } from "../../value/value.ts";
import {
  HBuiltin,
  HCaught,
  HClosure,
  HCursor,
  HDict,
  HDuration,
  HEnum,
  HFloat,
  HHandle,
  HList,
  HPair,
  HRange,
  HStruct,
} from "../../value/value.ts";
import type { ObjectId } from "../fiber.ts";

export interface Refs {
  readonly objects: ObjectId[];
  readonly lists: number[];
  readonly dicts: number[];
  readonly scopes: string[];
  readonly chunks: string[];
  readonly blobs: string[];
  /** Hashes of shared lists and dicts. */
  readonly values: string[];
}

/** What the encoder needs from the turn that it writes for. */
export interface EncodeContext {
  /** Hash of a chunk, which becomes a blob of the run when it is first named. */
  chunkHash(chunk: Chunk): string;
  /** Hash of a scope, which becomes a row when it is first named. */
  scopeHash(scope: Scope): string;
  /** Texts of this length and more are kept apart, by hash. */
  readonly blobLength: number;
  blob(text: string): string;
  /** Lists of this many items and more are kept in pieces. */
  readonly pieceThreshold: number;
  /** The hash under which a shared value is kept apart; null: it stands in the row. What is shared never changes, so it is written once. */
  sharedValue(value: HList | HDict | object): string | null;
  /** Writes what changed of a list that is kept in pieces; answers its id. */
  storeList(list: HList): number;
  storeDict(dict: HDict): number;
}

/** JSON text. Written as it goes: building arrays for `JSON.stringify` costs twice the time and half the garbage of a turn. */
type Text = string;

/** Keys come again and again: their quoted forms are a cache. */
const QUOTED_KEYS = new Map<string, Text>();
const MOST_KEYS = 4_096;

function quotedKey(key: string): Text {
  const known = QUOTED_KEYS.get(key);
  if (known !== undefined) return known;
  const quoted = JSON.stringify(key);
  if (QUOTED_KEYS.size < MOST_KEYS) QUOTED_KEYS.set(key, quoted);
  return quoted;
}

const REF_NAMES = ["objects", "lists", "dicts", "scopes", "chunks", "blobs", "values"] as const;

export class RowEncoder {
  readonly refs: Refs = { objects: [], lists: [], dicts: [], scopes: [], chunks: [], blobs: [], values: [] };
  private readonly context: EncodeContext;
  private readonly seen = new Map<object, number>();
  private count = 0;
  /** The shared value that this row is, which stands in it as it is. */
  private readonly root: object | null;

  constructor(context: EncodeContext, root: object | null = null) {
    this.context = context;
    this.root = root;
  }

  /** The row: `{"r": refs, "v": value}`; empty lists of refs are left out. */
  row(data: unknown): Text {
    const body = this.plain(data);
    let refs = "";
    for (const name of REF_NAMES) {
      const list = this.refs[name];
      if (list.length > 0) refs += `${refs === "" ? "" : ","}"${name}":${JSON.stringify(list)}`;
    }
    return `{"r":{${refs}},"v":${body}}`;
  }

  /** Harn values, and the plain objects and arrays that machines and rows are made of. */
  plain(data: unknown): Text {
    if (typeof data !== "object" || data === null) return this.value(data as Value | undefined);
    if (Array.isArray(data)) {
      let out = '["a"';
      for (let i = 0; i < data.length; i++) out += `,${this.plain(data[i])}`;
      return `${out}]`;
    }
    if (data instanceof Set) return this.plain([...data]);
    if (Object.getPrototypeOf(data) !== Object.prototype)
      return this.object(data as Exclude<Value, null | boolean | number | bigint | string>);
    if (Object.isFrozen(data) && data !== this.root) {
      const hash = this.context.sharedValue(data);
      if (hash !== null) return `["V",${this.valueRef(hash)}]`;
    }
    let out = '["o"';
    for (const key in data) out += `,${quotedKey(key)},${this.plain((data as Record<string, unknown>)[key])}`;
    return `${out}]`;
  }

  value(value: Value | undefined): Text {
    switch (typeof value) {
      case "undefined":
        return '["_"]';
      case "boolean":
        return value ? "true" : "false";
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0)
          ? String(value)
          : `["f","${Object.is(value, -0) ? "-0" : value}"]`;
      case "bigint":
        return `["i","${value}"]`;
      case "string":
        return this.text(value);
      default:
        return value === null ? "null" : this.object(value);
    }
  }

  private text(text: string): Text {
    if (text.length < this.context.blobLength) return JSON.stringify(text);
    const hash = this.context.blob(text);
    this.refs.blobs.push(hash);
    return `["B","${hash}"]`;
  }

  private object(value: Exclude<Value, null | boolean | number | bigint | string>): Text {
    if (value instanceof HList || value instanceof HDict) return this.container(value);
    if (value instanceof HFloat) return `["f",${Object.is(value.value, -0) ? '"-0"' : value.value}]`;
    if (value instanceof HRange) return `["r",${value.start},${value.end},${value.exclusive}]`;
    if (value instanceof HDuration) return `["t",${value.ms}]`;
    if (value instanceof HBuiltin) return `["b",${JSON.stringify(value.name)}]`;
    if (value instanceof HHandle) {
      this.refs.objects.push(value.id);
      return `["h","${value.kind}",${JSON.stringify(value.id)}]`;
    }
    if (value instanceof HPair) return `["p",${this.value(value.first)},${this.value(value.second)}]`;
    if (value instanceof HEnum) {
      return `["e",${JSON.stringify(value.enumName)},${JSON.stringify(value.variant)}${this.items(value.fields)}]`;
    }
    if (value instanceof HCursor) return `["u",${this.value(value.source)},${JSON.stringify(value.index)}]`;
    if (value instanceof HCaught) return `["x",${value.cancel},${this.plain({ ...value.error })},${value.below}]`;
    const known = this.seen.get(value);
    if (known !== undefined) return `["#",${known}]`;
    if (value instanceof HClosure) return this.closure(value);
    const mark = value.shared ? "!" : "";
    if (value.shared) this.seen.set(value, this.count++);
    if (value instanceof HStruct) return `["s${mark}",${JSON.stringify(value.name)}${this.entries(value.fields)}]`;
    return `["S${mark}"${this.items([...value.items.values()])}]`;
  }

  private closure(closure: HClosure): Text {
    this.seen.set(closure, this.count++);
    return `["c",${this.chunkRef(closure.proto.chunk)},${closure.proto.index}${this.items(closure.captures)}]`;
  }

  private container(value: HList | HDict): Text {
    if (!value.shared) return value instanceof HList ? this.list(value, "") : this.dict(value, "");
    const known = this.seen.get(value);
    if (known !== undefined) return `["#",${known}]`;
    if (value !== this.root) {
      const hash = this.context.sharedValue(value);
      if (hash !== null) return `["V",${this.valueRef(hash)}]`;
    }
    this.seen.set(value, this.count++);
    return value instanceof HList ? this.list(value, "!") : this.dict(value, "!");
  }

  private list(list: HList, mark: string): Text {
    if (list.stored === null && list.items.length < this.context.pieceThreshold) {
      return `["l${mark}"${this.items(list.items)}]`;
    }
    const id = this.context.storeList(list);
    this.refs.lists.push(id);
    return `["L${mark}",${id},${list.items.length}]`;
  }

  private dict(dict: HDict, mark: string): Text {
    if (dict.stored === null && dict.size < this.context.pieceThreshold) return `["d${mark}"${this.entries(dict)}]`;
    const id = this.context.storeDict(dict);
    this.refs.dicts.push(id);
    return `["D${mark}",${id}]`;
  }

  private items(items: readonly (Value | undefined)[]): Text {
    let out = "";
    for (let i = 0; i < items.length; i++) out += `,${this.value(items[i])}`;
    return out;
  }

  private entries(dict: HDict): Text {
    let out = "";
    for (const key of dict.keys()) out += `,${quotedKey(key)},${this.value(dict.get(key))}`;
    return out;
  }

  private valueRef(hash: string): number {
    const at = this.refs.values.indexOf(hash);
    return at >= 0 ? at : this.refs.values.push(hash) - 1;
  }

  chunkRef(chunk: Chunk): number {
    const hash = this.context.chunkHash(chunk);
    const at = this.refs.chunks.indexOf(hash);
    return at >= 0 ? at : this.refs.chunks.push(hash) - 1;
  }

  scopeRef(scope: Scope): string {
    const hash = this.context.scopeHash(scope);
    if (!this.refs.scopes.includes(hash)) this.refs.scopes.push(hash);
    return hash;
  }
}
