/**
 * Writes one row of a snapshot: Harn values, frames and the plain data of machines as JSON text.
 *
 * Form: strings, booleans, null and numbers that read back as the same kind stand as they are; all else is an array that starts with a tag.
 *   ["f", n|"NaN"|…] float   ["i", "…"] big int   ["_"] unset   ["l", …] list   ["d", k, v, …] dict   ["k", n, v, …] dict with the keys of
 *   the n-th dict of the row that stands with its keys (counted from 0, of 2 to 12 keys without secrets, up to MOST_SHAPES)   ["s", name, k, v, …] struct
 *   ["e", enum, variant, …] enum   ["r", a, b, x] range   ["p", a, b] pair   ["t", ms] duration   ["b", name] builtin   ["h", kind, id] handle
 *   ["S", …] set   ["c", chunk, fn, …captures] closure   ["u", source, index] cursor   ["x", cancel, error] caught
 *   ["a", …] plain array   ["o", k, v, …] plain object   ["L", id, length] list in pieces   ["D", id] dict in pieces   ["B", hash] long text
 *   ["$", part, …] text with secrets: its parts, of which objects {env, form} stand for the value of that variable
 *   ["V", n] the n-th of the row's `values`: a shared list or dict, or a frozen plain object, kept by the hash of its text
 *   ["#", n] the n-th shared thing of this row again. Tags of shared things carry "!" and are numbered in order of appearance.
 *
 * Invariants
 * 1. Sharing and cycles (closures of one block) within a row survive; what two rows share is marked shared on decoding.
 * 2. `refs` names everything outside the row that must be there before it can be decoded.
 */

import type { Scope } from "../../builtin/scope.ts";
import type { Chunk } from "../../bytecode/chunk.ts";
import type { Shape, Value } from "../../value/value.ts";
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
  type HRecord,
  type HSet,
  HStruct,
  SMALL_DICT,
  slotAt,
} from "../../value/value.ts";
import type { ObjectId } from "../fiber.ts";
import type { TextPart } from "./secret-texts.ts";

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
  /** The parts of a text that holds secrets, or null. */
  secretParts(text: string): readonly TextPart[] | null;
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
  /** A handle is named: its object must have a row. */
  enter(handle: HHandle): void;
}

/** Keys come again and again: their quoted forms, with the commas around them, are a cache. */
const QUOTED_KEYS = new Map<string, string>();
const MOST_KEYS = 4_096;

function quotedKey(key: string): string {
  const known = QUOTED_KEYS.get(key);
  if (known !== undefined) return known;
  const quoted = `,${JSON.stringify(key)},`;
  if (QUOTED_KEYS.size < MOST_KEYS) QUOTED_KEYS.set(key, quoted);
  return quoted;
}

/** Sets of keys of one row that are remembered: what is looked for in a list must be few. */
export const MOST_SHAPES = 16;

const REF_NAMES = ["objects", "lists", "dicts", "scopes", "chunks", "blobs", "values"] as const;

export class RowEncoder {
  readonly refs: Refs = { objects: [], lists: [], dicts: [], scopes: [], chunks: [], blobs: [], values: [] };
  private readonly context: EncodeContext;
  /**
   * JSON text, a part at a time, joined at the end: as one growing string a row stays a rope of many nodes until the commit, and collecting garbage
   * costs more than encoding.
   */
  private readonly parts: string[] = [];
  private seen: Map<object, number> | null = null;
  private readonly shapes: Shape[] = [];
  private count = 0;
  /** The shared value that this row is, which stands in it as it is. */
  private readonly root: object | null;

  constructor(context: EncodeContext, root: object | null = null) {
    this.context = context;
    this.root = root;
  }

  /** The row: `{"r": refs, "v": value}`; empty lists of refs are left out. */
  row(data: unknown): string {
    const { parts } = this;
    parts.push("");
    this.plain(data);
    parts.push("}");
    let refs = "";
    for (const name of REF_NAMES) {
      const list = this.refs[name];
      if (list.length > 0) refs += `${refs === "" ? "" : ","}"${name}":${JSON.stringify(list)}`;
    }
    parts[0] = `{"r":{${refs}},"v":`;
    return parts.join("");
  }

  /** Harn values, and the plain objects and arrays that machines and rows are made of. */
  private plain(data: unknown): void {
    if (typeof data !== "object" || data === null) {
      this.value(data as Value | undefined);
      return;
    }
    const { parts } = this;
    if (Array.isArray(data)) {
      parts.push('["a"');
      for (let i = 0; i < data.length; i++) {
        parts.push(",");
        this.plain(data[i]);
      }
      parts.push("]");
      return;
    }
    if (data instanceof Set) {
      this.plain([...data]);
      return;
    }
    if (Object.getPrototypeOf(data) !== Object.prototype) {
      this.object(data as Exclude<Value, null | boolean | number | bigint | string>);
      return;
    }
    if (Object.isFrozen(data) && data !== this.root) {
      const hash = this.context.sharedValue(data);
      if (hash !== null) {
        parts.push(`["V",${this.valueRef(hash)}]`);
        return;
      }
    }
    parts.push('["o"');
    for (const key in data) {
      this.key(key);
      this.plain((data as Record<string, unknown>)[key]);
    }
    parts.push("]");
  }

  private value(value: Value | undefined): void {
    switch (typeof value) {
      case "undefined":
        this.parts.push('["_"]');
        return;
      case "boolean":
        this.parts.push(value ? "true" : "false");
        return;
      case "number":
        this.parts.push(
          Number.isFinite(value) && !Object.is(value, -0)
            ? String(value)
            : `["f","${Object.is(value, -0) ? "-0" : value}"]`,
        );
        return;
      case "bigint":
        this.parts.push(`["i","${value}"]`);
        return;
      case "string":
        this.text(value);
        return;
      default:
        if (value === null) this.parts.push("null");
        else this.object(value);
    }
  }

  private text(text: string): void {
    const secret = this.context.secretParts(text);
    if (secret !== null) {
      this.parts.push('["$"');
      for (const part of secret) {
        this.parts.push(",");
        if (typeof part === "string") this.text(part);
        else this.parts.push(JSON.stringify(part));
      }
      this.parts.push("]");
    } else if (text.length < this.context.blobLength) {
      this.parts.push(JSON.stringify(text));
    } else {
      const hash = this.context.blob(text);
      this.refs.blobs.push(hash);
      this.parts.push(`["B","${hash}"]`);
    }
  }

  private object(value: Exclude<Value, null | boolean | number | bigint | string>): void {
    const { parts } = this;
    if (value instanceof HList || value instanceof HDict) this.container(value);
    else if (value instanceof HFloat) parts.push(`["f",${Object.is(value.value, -0) ? '"-0"' : value.value}]`);
    else if (value instanceof HRange) parts.push(`["r",${value.start},${value.end},${value.exclusive}]`);
    else if (value instanceof HDuration) parts.push(`["t",${value.ms}]`);
    else if (value instanceof HBuiltin) parts.push(`["b",${JSON.stringify(value.name)}]`);
    else if (value instanceof HHandle) {
      this.context.enter(value);
      this.refs.objects.push(value.id);
      parts.push(`["h","${value.kind}",${JSON.stringify(value.id)}]`);
    } else if (value instanceof HPair) {
      parts.push('["p"');
      this.items([value.first, value.second]);
    } else if (value instanceof HEnum) {
      parts.push(`["e",${JSON.stringify(value.enumName)},${JSON.stringify(value.variant)}`);
      this.items(value.fields);
    } else if (value instanceof HCursor) {
      parts.push('["u",');
      this.value(value.source);
      parts.push(`,${JSON.stringify(value.index)}]`);
    } else if (value instanceof HCaught) {
      parts.push(`["x",${value.cancel},`);
      this.plain({ ...value.error });
      parts.push(`,${value.below}]`);
    } else this.identified(value);
  }

  /** What may stand in a row twice and is then one thing. */
  private identified(value: HClosure | HStruct | HSet): void {
    if (this.again(value)) return;
    const { parts } = this;
    if (value instanceof HClosure) {
      this.note(value);
      parts.push(`["c",${this.chunkRef(value.proto.chunk)},${value.proto.index}`);
      this.items(value.captures);
      return;
    }
    const mark = value.shared ? "!" : "";
    if (value.shared) this.note(value);
    if (value instanceof HStruct) {
      parts.push(`["s${mark}",${JSON.stringify(value.name)}`);
      this.entries(value);
      return;
    }
    parts.push(`["S${mark}"`);
    this.items([...value.items.values()]);
  }

  private container(value: HList | HDict): void {
    if (!value.shared) {
      if (value instanceof HList) this.list(value, "");
      else this.dict(value, "");
      return;
    }
    if (this.again(value)) return;
    if (value !== this.root) {
      const hash = this.context.sharedValue(value);
      if (hash !== null) {
        this.parts.push(`["V",${this.valueRef(hash)}]`);
        return;
      }
    }
    this.note(value);
    if (value instanceof HList) this.list(value, "!");
    else this.dict(value, "!");
  }

  private again(value: object): boolean {
    const known = this.seen?.get(value);
    if (known === undefined) return false;
    this.parts.push(`["#",${known}]`);
    return true;
  }

  private note(value: object): void {
    this.seen ??= new Map();
    this.seen.set(value, this.count++);
  }

  private list(list: HList, mark: string): void {
    if (list.stored === null && list.length < this.context.pieceThreshold) {
      this.parts.push(`["l${mark}"`);
      this.items(list.values());
      return;
    }
    const id = this.context.storeList(list);
    this.refs.lists.push(id);
    this.parts.push(`["L${mark}",${id},${list.length}]`);
  }

  private dict(dict: HDict, mark: string): void {
    if ((dict.large === null || dict.large.stored === null) && dict.size < this.context.pieceThreshold) {
      const known = this.shapeOf(dict);
      if (known < 0) {
        this.parts.push(`["d${mark}"`);
        this.entries(dict);
      } else {
        this.parts.push(`["k${mark}",${known}`);
        this.items(dict.values());
      }
      return;
    }
    const id = this.context.storeDict(dict);
    this.refs.dicts.push(id);
    this.parts.push(`["D${mark}",${id}]`);
  }

  /** Which dict of the row has the same keys; −1: it stands with its keys. */
  private shapeOf(dict: HDict): number {
    if (dict.size < 2 || dict.size > SMALL_DICT) return -1;
    const known = dict.shape.large ? -1 : this.shapes.indexOf(dict.shape);
    if (known < 0 && this.shapes.length < MOST_SHAPES) {
      // A secret may be another one when it is read, and then stands elsewhere in the order.
      if (dict.keys().every((key) => this.context.secretParts(key) === null)) this.shapes.push(dict.shape);
    }
    return known;
  }

  /** The rest of an array that is begun. */
  private items(items: readonly (Value | undefined)[]): void {
    for (let i = 0; i < items.length; i++) {
      this.parts.push(",");
      this.value(items[i]);
    }
    this.parts.push("]");
  }

  private key(key: string): void {
    const { parts } = this;
    if (this.context.secretParts(key) === null) {
      parts.push(quotedKey(key));
      return;
    }
    parts.push(",");
    this.text(key);
    parts.push(",");
  }

  private entries(record: HRecord): void {
    const keys = record.keys();
    const { large } = record.shape;
    for (let i = 0; i < keys.length; i++) {
      this.key(keys[i]!);
      this.value(large ? record.get(keys[i]!) : slotAt(record, i));
    }
    this.parts.push("]");
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
