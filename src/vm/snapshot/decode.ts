/** Reads rows of a snapshot back (see encode.ts). Everything a row refers to must have been loaded before. */
import { Failure } from "../../base/failure.ts";
import type { Chunk } from "../../bytecode/chunk.ts";
import { UNMETERED } from "../../value/cost.ts";
import { hashKey } from "../../value/equality.ts";
import type { Shape, Value } from "../../value/value.ts";
import {
  EMPTY_SHAPE,
  type HandleKind,
  HBuiltin,
  HCaught,
  HClosure,
  HCursor,
  type HDict,
  HDuration,
  HEnum,
  HFloat,
  HHandle,
  HList,
  HPair,
  HRange,
  type HRecord,
  HSet,
  type HStruct,
  newDict,
  newStruct,
  type RaisedError,
  SMALL_DICT,
  setSlotAt,
  shapeOf,
  structShape,
} from "../../value/value.ts";
import { MOST_SHAPES, type Refs } from "./encode.ts";
import type { SecretPart } from "./secret-texts.ts";

export interface DecodeContext {
  chunk(hash: string): Chunk;
  blob(hash: string): string;
  list(id: number): HList;
  dict(id: number): HDict;
  /** A shared list or dict, or a frozen plain object, that is kept by its hash. */
  sharedValue(hash: string): HList | HDict | object;
  /** Throws a `Failure` that names the variable when it is not set. */
  secret(part: SecretPart): string;
  /** A list or dict in pieces that may be referred to from rows that are not loaded. */
  pin(id: string): void;
}

export interface Row {
  readonly refs: Partial<Refs>;
  readonly body: unknown;
}

export function parseRow(text: string): Row {
  try {
    const row = JSON.parse(text) as { r: Partial<Refs>; v: unknown };
    return { refs: row.r, body: row.v };
  } catch {
    throw new Failure("a stored row of this run is damaged");
  }
}

export class RowDecoder {
  private readonly context: DecodeContext;
  private readonly refs: Partial<Refs>;
  private readonly seen: Value[] = [];
  private readonly shapes: Shape[] = [];

  constructor(context: DecodeContext, refs: Partial<Refs>) {
    this.context = context;
    this.refs = refs;
  }

  /** Plain data or a value, as it was given to `RowEncoder.plain`. */
  plain(body: unknown): unknown {
    if (!Array.isArray(body)) return body;
    switch (body[0]) {
      case "a":
        return body.slice(1).map((item) => this.plain(item));
      case "o": {
        const out: Record<string, unknown> = {};
        for (let i = 1; i < body.length; i += 2) out[this.value(body[i]) as string] = this.plain(body[i + 1]);
        return out;
      }
      default:
        return this.value(body);
    }
  }

  value(body: unknown): Value | undefined {
    if (!Array.isArray(body)) return body as Value;
    const tag = body[0] as string;
    switch (tag) {
      case "_":
        return undefined;
      case "f":
        return typeof body[1] === "number" ? new HFloat(body[1]) : specialFloat(body[1] as string);
      case "i":
        return BigInt(body[1]);
      case "r":
        return new HRange(body[1], body[2], body[3]);
      case "t":
        return new HDuration(body[1]);
      case "b":
        return new HBuiltin(body[1]);
      case "h":
        return new HHandle(body[1] as HandleKind, body[2]);
      case "p":
        return new HPair(this.value(body[1])!, this.value(body[2])!);
      case "e":
        return new HEnum(body[1], body[2], this.values(body, 3));
      case "u":
        return new HCursor(this.value(body[1])!, body[2]);
      case "x":
        return new HCaught(this.plain(body[2]) as unknown as RaisedError, body[1], body[3] as number);
      case "$":
        return this.secretText(body);
      case "B":
        return this.context.blob(body[1]);
      case "V":
        return this.context.sharedValue(this.refs.values![body[1] as number]!) as Value;
      case "#":
        return this.seen[body[1]];
      case "c":
        return this.closure(body);
      case "l":
      case "l!": {
        const list = this.mark(new HList([]), tag);
        list.items = this.values(body, 1);
        return list;
      }
      case "d":
      case "d!":
        return this.dict(body, tag);
      case "k":
      case "k!": {
        const dict = this.mark(newDict(this.shapes[body[1] as number]!), tag);
        for (let i = 2; i < body.length; i++) setSlotAt(dict, i - 2, this.value(body[i]));
        return dict;
      }
      case "s":
      case "s!": {
        const shape = this.storedShape(body, 2);
        const struct = newStruct(structShape(shape ?? EMPTY_SHAPE, body[1] as string));
        return this.fill(this.mark(struct, tag), body, 2, shape !== null);
      }
      case "S":
      case "S!": {
        const set = this.mark(new HSet(new Map()), tag);
        for (const item of this.values(body, 1)) set.items.set(hashKey(item, UNMETERED), item);
        return set;
      }
      case "L":
      case "L!":
        return this.stored(this.context.list(body[1]), tag);
      case "D":
      case "D!":
        return this.stored(this.context.dict(body[1]), tag);
      default:
        throw new Failure(`a stored row of this run has an unknown mark ${JSON.stringify(tag)}`);
    }
  }

  private secretText(body: unknown[]): string {
    let text = "";
    for (const part of body.slice(1)) {
      const secret = typeof part === "object" && part !== null && !Array.isArray(part);
      text += secret ? this.context.secret(part as SecretPart) : (this.value(part) as string);
    }
    return text;
  }

  private values(body: unknown[], from: number): Value[] {
    const out: Value[] = new Array(body.length - from);
    for (let i = from; i < body.length; i++) out[i - from] = this.value(body[i]) as Value;
    return out;
  }

  private mark<T extends HList | HDict | HStruct | HSet>(value: T, tag: string): T {
    if (tag.endsWith("!")) {
      value.shared = true;
      this.seen.push(value);
    }
    return value;
  }

  private stored<T extends HList | HDict>(value: T, tag: string): T {
    if (tag.endsWith("!")) {
      this.context.pin(value instanceof HList ? `l${value.stored!.id}` : `d${value.large!.stored!.id}`);
      value.shared = true;
      this.seen.push(value);
    }
    return value;
  }

  /** Later dicts of the row may have the same keys. They count before those of the dicts inside. */
  private dict(body: unknown[], tag: string): HDict {
    const shape = this.storedShape(body, 1);
    if (shape !== null && shape.keys.length > 1 && this.shapes.length < MOST_SHAPES) this.shapes.push(shape);
    return this.fill(this.mark(newDict(shape ?? EMPTY_SHAPE), tag), body, 1, shape !== null);
  }

  /** Null: there are too many keys for one, or a secret among them, which may have changed, so that they are not in order. */
  private storedShape(body: unknown[], from: number): Shape | null {
    const keys: string[] = [];
    for (let i = from; i < body.length; i += 2) {
      const key = body[i];
      if (typeof key !== "string") return null;
      keys.push(key);
    }
    return keys.length <= SMALL_DICT ? shapeOf(keys) : null;
  }

  /** The record exists before its values are read: one of them may refer to it. */
  private fill<R extends HRecord>(record: R, body: unknown[], from: number, inOrder: boolean): R {
    for (let i = from; i < body.length; i += 2) {
      const value = this.value(body[i + 1]) as Value;
      if (inOrder) setSlotAt(record, (i - from) >> 1, value);
      else record.set(this.value(body[i]) as string, value);
    }
    return record;
  }

  private closure(body: unknown[]): HClosure {
    const chunk = this.chunkAt(body[1] as number);
    const captures: (Value | undefined)[] = [];
    const closure = new HClosure(chunk.functions[body[2] as number]!, captures);
    this.seen.push(closure);
    for (let i = 3; i < body.length; i++) captures.push(this.value(body[i]));
    return closure;
  }

  chunkAt(index: number): Chunk {
    return this.context.chunk(this.refs.chunks![index]!);
  }
}

function specialFloat(text: string): Value {
  if (text === "-0") return new HFloat(-0);
  return text === "NaN" ? Number.NaN : text === "Infinity" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
