/** Files in memory, with a size limit that works like a full disk. No links: the real path of a path is the path. */
import type { ClockPort } from "../clock.ts";
import { type FileEntry, FileFailure, type FileStat, type FilesPort, type ReadLimits } from "../files.ts";
import type { Faults } from "./faults.ts";

interface MemoryFile {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
  readonly mode: number;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory (os error 2)",
  EISDIR: "Is a directory (os error 21)",
  ENOTDIR: "Not a directory (os error 20)",
  EEXIST: "File exists (os error 17)",
  ENOSPC: "No space left on device (os error 28)",
};

export class MemoryFiles implements FilesPort {
  readonly #files = new Map<string, MemoryFile>();
  readonly #folders = new Set<string>(["/"]);
  /** By path: settled when the last who asked has let go. */
  readonly #locks = new Map<string, Promise<void>>();
  readonly #clock: ClockPort;
  readonly #faults: Faults;
  /** Bytes that all files together may have; a write beyond fails with ENOSPC and changes nothing. */
  capacity = Number.POSITIVE_INFINITY;

  constructor(initial: Readonly<Record<string, string>>, clock: ClockPort, faults: Faults) {
    this.#clock = clock;
    this.#faults = faults;
    for (const [path, text] of Object.entries(initial)) {
      this.#makeFolders(parentOf(path));
      this.#put("write", path, new TextEncoder().encode(text));
    }
  }

  readTextSync(path: string, limits?: ReadLimits): string {
    const bytes = this.readBytesSync(path, limits);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new FileFailure("read", path, "not_utf8", "stream did not contain valid UTF-8");
    }
  }

  readBytesSync(path: string, limits?: ReadLimits): Uint8Array {
    this.#faults.check("files.read", path);
    const { bytes } = this.#file("read", path);
    if (limits?.maxBytes !== undefined && bytes.length > limits.maxBytes) {
      throw new FileFailure(
        "read",
        path,
        "too_large",
        `it has ${bytes.length} bytes or more, at most ${limits.maxBytes} are allowed`,
      );
    }
    return bytes;
  }

  readRangeSync(path: string, start: number, length: number): Uint8Array {
    this.#faults.check("files.read", path);
    return this.#file("read", path).bytes.subarray(start, start + length);
  }

  statSync(path: string): FileStat | null {
    const file = this.#files.get(path);
    if (file !== undefined)
      return { kind: "file", size: file.bytes.length, modifiedMs: file.modifiedMs, mode: file.mode };
    return this.#folders.has(path) ? { kind: "directory", size: 0, modifiedMs: 0, mode: 0o755 } : null;
  }

  listSync(path: string): readonly FileEntry[] {
    this.#faults.check("files.list", path);
    if (!this.#folders.has(path)) throw failure("list", path, this.#files.has(path) ? "ENOTDIR" : "ENOENT");
    const inside = (all: Iterable<string>) =>
      [...all].filter((other) => other !== "/" && parentOf(other) === path).map(nameOf);
    return [
      ...inside(this.#folders).map((name) => ({ name, kind: "directory" as const })),
      ...inside(this.#files.keys()).map((name) => ({ name, kind: "file" as const })),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  existsSync(path: string): boolean {
    return this.statSync(path) !== null;
  }

  realpathSync(path: string): string {
    const parts: string[] = [];
    for (const part of path.split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    return `/${parts.join("/")}`;
  }

  readText = async (path: string, limits?: ReadLimits) => this.readTextSync(path, limits);
  readBytes = async (path: string, limits?: ReadLimits) => this.readBytesSync(path, limits);
  stat = async (path: string) => this.statSync(path);
  list = async (path: string) => this.listSync(path);
  exists = async (path: string) => this.existsSync(path);
  realpath = async (path: string) => this.realpathSync(path);

  async writeText(path: string, text: string, options?: { readonly mode?: number }): Promise<void> {
    await this.writeBytes(path, new TextEncoder().encode(text), options);
  }

  async writeBytes(path: string, bytes: Uint8Array, options: { readonly mode?: number } = {}): Promise<void> {
    await this.#faults.pass("files.write", path);
    this.#put("write", path, bytes, options.mode);
  }

  async append(
    path: string,
    text: string,
    options: { readonly offset?: number; readonly mode?: number } = {},
  ): Promise<void> {
    await this.#faults.pass("files.append", path);
    const before = this.#files.get(path)?.bytes ?? new Uint8Array();
    const added = new TextEncoder().encode(text);
    const offset = options.offset ?? before.length;
    const bytes = new Uint8Array(Math.max(before.length, offset + added.length));
    bytes.set(before);
    bytes.set(added, offset);
    this.#put("append to", path, bytes, options.mode);
  }

  async mkdir(path: string): Promise<void> {
    await this.#faults.pass("files.mkdir", path);
    this.#makeFolders(path);
  }

  async remove(path: string): Promise<void> {
    await this.#faults.pass("files.remove", path);
    if (!this.existsSync(path)) throw failure("delete", path, "ENOENT");
    for (const other of this.#below(path)) {
      this.#files.delete(other);
      this.#folders.delete(other);
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#faults.pass("files.rename", from);
    if (!this.existsSync(from) || !this.#folders.has(parentOf(to))) throw failure("rename", from, "ENOENT");
    for (const other of this.#below(from)) {
      const target = to + other.slice(from.length);
      const file = this.#files.get(other);
      if (file !== undefined) this.#files.set(target, file);
      else this.#folders.add(target);
      this.#files.delete(other);
      this.#folders.delete(other);
    }
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#faults.pass("files.copy", from);
    const file = this.#file("copy", from);
    this.#put("copy", to, file.bytes, file.mode);
  }

  async lock(path: string): Promise<() => void> {
    await this.#faults.pass("files.lock", path);
    if (!this.existsSync(path)) this.#put("lock", path, new Uint8Array());
    let release = (): void => {};
    const before = this.#locks.get(path);
    this.#locks.set(path, new Promise((resolve) => (release = resolve)));
    await before;
    return release;
  }

  #below(path: string): readonly string[] {
    return [...this.#files.keys(), ...this.#folders].filter((other) => other === path || other.startsWith(`${path}/`));
  }

  #file(operation: string, path: string): MemoryFile {
    const file = this.#files.get(path);
    if (file === undefined) throw failure(operation, path, this.#folders.has(path) ? "EISDIR" : "ENOENT");
    return file;
  }

  #put(operation: string, path: string, bytes: Uint8Array, mode = 0o644): void {
    if (this.#folders.has(path)) throw failure(operation, path, "EISDIR");
    if (!this.#folders.has(parentOf(path)))
      throw failure(operation, path, this.#files.has(parentOf(path)) ? "ENOTDIR" : "ENOENT");
    const before = this.#files.get(path);
    let used = bytes.length - (before?.bytes.length ?? 0);
    for (const file of this.#files.values()) used += file.bytes.length;
    if (used > this.capacity) throw failure(operation, path, "ENOSPC");
    this.#files.set(path, { bytes, mode: before?.mode ?? mode, modifiedMs: this.#clock.nowMs() });
  }

  #makeFolders(path: string): void {
    if (this.#files.has(path)) throw failure("create folder", path, "EEXIST");
    if (this.#folders.has(path)) return;
    this.#makeFolders(parentOf(path));
    this.#folders.add(path);
  }
}

const parentOf = (path: string) => path.slice(0, Math.max(path.lastIndexOf("/"), 1));
const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const failure = (operation: string, path: string, code: string) =>
  new FileFailure(operation, path, code, REASONS[code]!);
