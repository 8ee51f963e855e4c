/** Reads an effect's arguments, which are JSON from a program or an older process: each reader names effect and key when they do not fit. */
import path from "node:path";
import { Failure } from "../../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../base/json.ts";

export class EffectArguments {
  readonly kind: string;
  readonly #args: JsonObject;

  constructor(kind: string, args: JsonObject) {
    this.kind = kind;
    this.#args = args;
  }

  text(key: string): string {
    const value = this.#args[key];
    if (typeof value !== "string") throw this.#wrong(key, "a string", value);
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  integer(key: string): number {
    const value = this.#args[key];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw this.#wrong(key, "a whole number from 0", value);
    return value;
  }

  optionalInteger(key: string): number | undefined {
    return this.has(key) ? this.integer(key) : undefined;
  }

  flag(key: string, otherwise = false): boolean {
    if (!this.has(key)) return otherwise;
    const value = this.#args[key];
    if (typeof value !== "boolean") throw this.#wrong(key, "true or false", value);
    return value;
  }

  texts(key: string): readonly string[] {
    const value = this.#args[key];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
      throw this.#wrong(key, "a list of strings", value);
    return value;
  }

  dict(key: string): JsonObject {
    const value = this.#args[key];
    if (!isJsonObject(value)) throw this.#wrong(key, "a dict", value);
    return value;
  }

  /** A path, resolved against the argument `cwd`, which is needed only for a relative one. */
  path(key: string): string {
    const value = this.text(key);
    if (value === "" || value.includes("\0")) throw this.#wrong(key, "a path", value);
    if (path.isAbsolute(value)) return path.normalize(value);
    const cwd = this.text("cwd");
    if (!path.isAbsolute(cwd)) throw this.#wrong("cwd", "an absolute path", cwd);
    return path.resolve(cwd, value);
  }

  has(key: string): boolean {
    return this.#args[key] !== undefined && this.#args[key] !== null;
  }

  #wrong(key: string, expected: string, value: Json | undefined): Failure {
    const found = value === undefined ? "nothing" : (JSON.stringify(value).slice(0, 80) ?? "nothing");
    return new Failure(`${this.kind}: argument \`${key}\` must be ${expected}, found ${found}`);
  }
}
