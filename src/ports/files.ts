/**
 * The door to the file system.
 *
 * Invariants
 * 1. Paths are absolute: who calls resolves a relative path against its own working folder first (a port has none).
 * 2. A whole-file write is atomic (unique temporary file beside the target, then rename) and leaves no temporary file behind when it fails.
 * 3. Every failure is a `FileFailure` that names the path.
 * 4. The `…Sync` forms complete at once. They are for reads by builtins, which are no effects; all writes by a program are effects.
 */
import { Failure } from "../base/failure.ts";

export type FileKind = "file" | "directory" | "symlink" | "other";

export interface FileStat {
  /** Symbolic links are followed, except a dangling one, which reads `symlink`. */
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Last change of the content, milliseconds since the epoch, may have a fraction. */
  readonly modifiedMs: number;
  /** Permission bits, as in 0o644. */
  readonly mode: number;
}

export interface FileEntry {
  readonly name: string;
  /** Of the entry itself: links are not followed. */
  readonly kind: FileKind;
}

export interface ReadLimits {
  /** A longer file is refused with a `FileFailure` of code `too_large`. Default: no limit. */
  readonly maxBytes?: number;
}

export interface WriteOptions {
  /** Permission bits of a file that did not exist; an existing file keeps its own. Default 0o666 less the umask. */
  readonly mode?: number;
  /** Sync the file to the disk before the rename. Default false. */
  readonly sync?: boolean;
}

/** `errno` names as Node spells them, and our own. */
export type FileFailureCode =
  | "ENOENT"
  | "EEXIST"
  | "EACCES"
  | "ENOTDIR"
  | "EISDIR"
  | "ENOSPC"
  | "too_large"
  | "not_utf8"
  | "locked"
  | (string & {});

/** A file operation that failed. `reason` is the bare cause, worded as the operating system words it: for builtins that phrase their own error. */
export class FileFailure extends Failure {
  readonly code: FileFailureCode;
  readonly path: string;
  readonly reason: string;
  constructor(operation: string, path: string, code: FileFailureCode, reason: string) {
    super(`cannot ${operation} ${path}: ${reason}`);
    this.name = "FileFailure";
    this.code = code;
    this.path = path;
    this.reason = reason;
  }
}

/** Of the files that whole-file writes go through: one may be there while somebody writes, and after a process was killed. */
export const isTemporaryName = (name: string): boolean => /^\.harn-[0-9a-f]{8}-\d+-[0-9a-f]{18}\.tmp$/.test(name);

/** What completes at once. */
export interface FileReads {
  /** Text must be UTF-8; else code `not_utf8`. */
  readTextSync(path: string, limits?: ReadLimits): string;
  readBytesSync(path: string, limits?: ReadLimits): Uint8Array;
  /** At most `length` bytes from the offset `start` on: fewer, even none, at the end. */
  readRangeSync(path: string, start: number, length: number): Uint8Array;
  /** Null when nothing is there. */
  statSync(path: string): FileStat | null;
  /** Sorted by name in UTF-8 byte order. */
  listSync(path: string): readonly FileEntry[];
  /** A dangling link does not exist. */
  existsSync(path: string): boolean;
  /** The real path; of a path whose tail does not exist yet: the real path of its deepest existing ancestor, then the rest. */
  realpathSync(path: string): string;
}

export interface FilesPort extends FileReads {
  readText(path: string, limits?: ReadLimits): Promise<string>;
  readBytes(path: string, limits?: ReadLimits): Promise<Uint8Array>;
  stat(path: string): Promise<FileStat | null>;
  list(path: string): Promise<readonly FileEntry[]>;
  exists(path: string): Promise<boolean>;
  realpath(path: string): Promise<string>;

  /** Replaces the whole file. A link is written through: its target is replaced, the link stays. The folder must exist. */
  writeText(path: string, text: string, options?: WriteOptions): Promise<void>;
  writeBytes(path: string, bytes: Uint8Array, options?: WriteOptions): Promise<void>;
  /** Appends, creating the file. Without `offset`: at the end, whatever it is. With it: the bytes go exactly there, and what stood there is overwritten. */
  append(path: string, text: string, options?: { readonly offset?: number; readonly mode?: number }): Promise<void>;
  /** With missing parents; an existing folder is fine. `mode` is for folders that are created. */
  mkdir(path: string, options?: { readonly mode?: number }): Promise<void>;
  /** A file, a link (not its target) or a whole tree. Nothing there: `ENOENT`. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** One file, content and permission bits; the target is replaced atomically. */
  copy(from: string, to: string): Promise<void>;

  /**
   * Excludes all others who lock the same path, of this and of other processes; the file is created and stays. The answer lets go, as does the
   * death of the process. Code `locked`: somebody else holds it for all of `waitMs` (default 10,000).
   */
  lock(path: string, waitMs?: number): Promise<() => void>;
}
