/**
 * Writes one row of a snapshot: Harn values, frames and the plain data of machines as JSON text.
 *
 * Form: strings, booleans, null and numbers that read back as the same kind stand as they are; all else is an array that starts with a tag.
 *   ["f", n|"NaN"|…] float   ["i", "…"] big int   ["_"] unset   ["l", …] list   ["d", k, v, …] dict   ["s", name, k, v, …] struct
 *   ["e", enum, variant, …] enum   ["r", a, b, x] range   ["p", a, b] pair   ["t", ms] duration   ["b", name] builtin   ["h", kind, id] handle
 *   ["S", …] set   ["c", chunk, fn, …captures] closure   ["u", source, index] cursor   ["x", cancel, error] caught
 *   ["a", …] plain array   ["o", k, v, …] plain object   ["L", id, length] list in pieces   ["D", id] dict in pieces   ["B", hash] long text
 *   ["V", n] the n-th of the row's `values`: a shared list or dict kept by the hash of its text
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
  HSet,
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
  sharedValue(value: HList | HDict): string | null;
  /** Writes what changed of a list that is kept in pieces; answers its id. */
  storeList(list: HList): number;
  storeDict(dict: HDict): number;
}

type Out = null | boolean | number | string | Out[];

export class RowEncoder {
  readonly refs: Refs = { objects: [], lists: [], dicts: [], scopes: [], chunks: [], blobs: [], values: [] };
  private readonly context: EncodeContext;
  private readonly seen = new Map<object, number>();
  private count = 0;

  /** `root`: the shared value that this row is, which stands in it as it is. */
  private readonly root: HList | HDict | null;

  constructor(context: EncodeContext, root: HList | HDict | null = null) {
    this.context = context;
    this.root = root;
  }

  /** The row: `{"r": refs, "v": value}`; empty lists of refs are left out. */
  row(data: unknown): string {
    const body = this.plain(data);
    const refs: Record<string, unknown> = {};
    for (const [name, list] of Object.entries(this.refs)) if (list.length > 0) refs[name] = list;
    return JSON.stringify({ r: refs, v: body });
  }

  /** Harn values, and the plain objects and arrays that machines and rows are made of. */
  plain(data: unknown): Out {
    if (data === undefined) return ["_"];
    if (Array.isArray(data)) return ["a", ...data.map((item) => this.plain(item))];
    if (data instanceof Set) return ["a", ...[...data].map((item) => this.plain(item))];
    if (typeof data === "object" && data !== null && Object.getPrototypeOf(data) === Object.prototype) {
      const out: Out[] = ["o"];
      for (const [key, value] of Object.entries(data)) out.push(key, this.plain(value));
      return out;
    }
    return this.value(data as Value);
  }

  value(value: Value | undefined): Out {
    switch (typeof value) {
      case "undefined":
        return ["_"];
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? (Object.is(value, -0) ? ["f", "-0"] : value) : ["f", String(value)];
      case "bigint":
        return ["i", value.toString()];
      case "string":
        return this.text(value);
      default:
        return value === null ? null : this.object(value);
    }
  }

  private text(text: string): Out {
    if (text.length < this.context.blobLength) return text;
    const hash = this.context.blob(text);
    this.refs.blobs.push(hash);
    return ["B", hash];
  }

  private object(value: Exclude<Value, null | boolean | number | bigint | string>): Out {
    if (value instanceof HFloat) return ["f", Object.is(value.value, -0) ? "-0" : value.value];
    if (value instanceof HRange) return ["r", value.start, value.end, value.exclusive];
    if (value instanceof HDuration) return ["t", value.ms];
    if (value instanceof HBuiltin) return ["b", value.name];
    if (value instanceof HHandle) {
      this.refs.objects.push(value.id);
      return ["h", value.kind, value.id];
    }
    if (value instanceof HPair) return ["p", this.value(value.first), this.value(value.second)];
    if (value instanceof HEnum) return ["e", value.enumName, value.variant, ...value.fields.map((f) => this.value(f))];
    if (value instanceof HCursor) return ["u", this.value(value.source), value.index];
    if (value instanceof HCaught) return ["x", value.cancel, this.plain({ ...value.error })];
    const known = this.seen.get(value);
    if (known !== undefined) return ["#", known];
    if (value instanceof HClosure) return this.closure(value);
    if (value.shared && (value instanceof HDict || value instanceof HList) && value !== this.root) {
      const hash = this.context.sharedValue(value);
      if (hash !== null) return ["V", this.valueRef(hash)];
    }
    const mark = value.shared ? "!" : "";
    if (value.shared) this.seen.set(value, this.count++);
    if (value instanceof HList) return this.list(value, mark);
    if (value instanceof HDict) return this.dict(value, mark);
    if (value instanceof HStruct) return [`s${mark}`, value.name, ...this.entries(value.fields)];
    return [`S${mark}`, ...[...value.items.values()].map((item) => this.value(item))];
  }

  private closure(closure: HClosure): Out {
    this.seen.set(closure, this.count++);
    const hash = this.context.chunkHash(closure.proto.chunk);
    if (!this.refs.chunks.includes(hash)) this.refs.chunks.push(hash);
    return ["c", this.refs.chunks.indexOf(hash), closure.proto.index, ...closure.captures.map((c) => this.value(c))];
  }

  private list(list: HList, mark: string): Out {
    if (list.stored !== null || list.items.length >= this.context.pieceThreshold) {
      const id = this.context.storeList(list);
      this.refs.lists.push(id);
      return [`L${mark}`, id, list.items.length];
    }
    return [`l${mark}`, ...list.items.map((item) => this.value(item))];
  }

  private dict(dict: HDict, mark: string): Out {
    if (dict.stored !== null || dict.size >= this.context.pieceThreshold) {
      const id = this.context.storeDict(dict);
      this.refs.dicts.push(id);
      return [`D${mark}`, id];
    }
    return [`d${mark}`, ...this.entries(dict)];
  }

  private entries(dict: HDict): Out[] {
    const out: Out[] = [];
    for (const key of dict.keys()) out.push(key, this.value(dict.get(key)));
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
