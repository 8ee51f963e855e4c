/**
 * The file port over node:fs.
 *
 * Whole-file writes go to a fresh temporary file in the target's folder and are renamed over it. Where a rename cannot keep what is there (a device or
 * pipe, a file in a folder that we may not write to, a bind-mounted file) the bytes are written in place instead: less atomic, but what was asked for.
 */
import fs from "node:fs";
import fsp from "node:fs/promises";
import path from "node:path";
import {
  type FileEntry,
  FileFailure,
  type FileKind,
  type FileStat,
  type FilesPort,
  type ReadLimits,
  type WriteOptions,
} from "../../ports/files.ts";
import { errorCode, fileFailure } from "./errno.ts";
import { lockFile } from "./file-lock.ts";
import { createTemporaryFiles, type TemporaryFiles } from "./temporary-files.ts";

/** Codes with which the way over a temporary file is closed although the target itself may be writable. */
const IN_PLACE: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV", "ENAMETOOLONG"]);

export function createFilesPort(): FilesPort {
  const temporaries = createTemporaryFiles();
  return {
    readTextSync: (file, limits) => decode(file, readSync(file, limits)),
    readBytesSync: readSync,
    readRangeSync,
    statSync: (file) =>
      guardSync("stat", file, () => toStat(absent(() => fs.statSync(file)) ?? absent(() => fs.lstatSync(file)))),
    listSync: (folder) => guardSync("list", folder, () => entries(fs.readdirSync(folder, { withFileTypes: true }))),
    existsSync: (file) => fs.existsSync(file),
    realpathSync: (file) => guardSync("resolve", file, () => deepestReal(file)),

    readText: async (file, limits) => decode(file, await read(file, limits)),
    readBytes: read,
    stat: (file) =>
      guard("stat", file, async () =>
        toStat((await absentLater(fsp.stat(file))) ?? (await absentLater(fsp.lstat(file)))),
      ),
    list: (folder) => guard("list", folder, async () => entries(await fsp.readdir(folder, { withFileTypes: true }))),
    exists: (file) =>
      fsp.access(file).then(
        () => true,
        () => false,
      ),
    realpath: (file) => guard("resolve", file, async () => deepestReal(file)),

    writeText: (file, text, options) =>
      guard("write", file, () => replace(temporaries, file, Buffer.from(text, "utf8"), options)),
    writeBytes: (file, bytes, options) => guard("write", file, () => replace(temporaries, file, bytes, options)),
    append: (file, text, options) => guard("append to", file, () => append(file, text, options)),
    mkdir: (folder, options) =>
      guard("create folder", folder, async () => void (await fsp.mkdir(folder, { recursive: true, ...options }))),
    remove: (file) => guard("delete", file, () => fsp.rm(file, { recursive: true, force: false })),
    rename: (from, to) => guard("rename", from, () => fsp.rename(from, to)),
    copy: (from, to) => guard("copy", from, () => copy(temporaries, from, to)),
    lock: lockFile,
  };
}

async function guard<T>(operation: string, file: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw fileFailure(operation, file, error);
  }
}

function guardSync<T>(operation: string, file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw fileFailure(operation, file, error);
  }
}

const isAbsent = (error: unknown) => errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR";

/** `alsoInvalid`: reading as a link what is none. */
function absent<T>(body: () => T, alsoInvalid = false): T | null {
  try {
    return body();
  } catch (error) {
    if (isAbsent(error) || (alsoInvalid && errorCode(error) === "EINVAL")) return null;
    throw error;
  }
}

async function absentLater<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function readSync(file: string, limits?: ReadLimits): Buffer {
  return guardSync("read", file, () => {
    const most = limits?.maxBytes;
    if (most === undefined) return fs.readFileSync(file);
    const handle = fs.openSync(file, "r");
    try {
      const reader = new BoundedRead(file, most, fs.fstatSync(handle).size);
      while (reader.wantsMore(fs.readSync(handle, reader.room))) {}
      return reader.result();
    } finally {
      fs.closeSync(handle);
    }
  });
}

function readRangeSync(file: string, start: number, length: number): Buffer {
  return guardSync("read", file, () => {
    const bytes = Buffer.allocUnsafe(length);
    const handle = fs.openSync(file, "r");
    try {
      let used = 0;
      for (let count = 1; count > 0 && used < length; used += count) {
        count = fs.readSync(handle, bytes, used, length - used, start + used);
      }
      return bytes.subarray(0, used);
    } finally {
      fs.closeSync(handle);
    }
  });
}

function read(file: string, limits?: ReadLimits): Promise<Buffer> {
  return guard("read", file, async () => {
    const most = limits?.maxBytes;
    if (most === undefined) return fsp.readFile(file);
    const handle = await fsp.open(file, "r");
    try {
      const reader = new BoundedRead(file, most, (await handle.stat()).size);
      while (reader.wantsMore((await handle.read(reader.room)).bytesRead)) {}
      return reader.result();
    } finally {
      await handle.close();
    }
  });
}

/** Reads to the end or to the bound, whatever size the file claims: devices claim none, and a file may grow while it is read. */
class BoundedRead {
  readonly #file: string;
  readonly #most: number;
  #bytes: Buffer;
  #used = 0;

  constructor(file: string, most: number, claimed: number) {
    this.#file = file;
    this.#most = most;
    this.#refuseAbove(claimed);
    this.#bytes = Buffer.allocUnsafe(claimed + 1);
  }

  /** Where the next bytes go; never empty. */
  get room(): Buffer {
    if (this.#used === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(Math.max(this.#used, 4_096))]);
    return this.#bytes.subarray(this.#used);
  }

  wantsMore(count: number): boolean {
    this.#used += count;
    this.#refuseAbove(this.#used);
    return count > 0;
  }

  result(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  #refuseAbove(size: number): void {
    if (size > this.#most) {
      throw new FileFailure(
        "read",
        this.#file,
        "too_large",
        `it has ${size} bytes or more, at most ${this.#most} are allowed`,
      );
    }
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    // ignoreBOM keeps a byte order mark in the text: reading and writing back must not change a file.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileFailure("read", file, "not_utf8", "stream did not contain valid UTF-8");
  }
}

function kindOf(entry: fs.Stats | fs.Dirent): FileKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}

function toStat(stats: fs.Stats | null): FileStat | null {
  if (stats === null) return null;
  return { kind: kindOf(stats), size: stats.size, modifiedMs: stats.mtimeMs, mode: stats.mode & 0o7777 };
}

function entries(list: readonly fs.Dirent[]): readonly FileEntry[] {
  return list
    .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/** Walks up until something exists; a dangling link on the way is followed, so that its target's folder is what counts. */
function deepestReal(file: string): string {
  const rest: string[] = [];
  let head = path.resolve(file);
  for (let links = 0; ; ) {
    try {
      return path.join(fs.realpathSync.native(head), ...rest);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    const link = absent(() => fs.readlinkSync(head), true);
    if (link !== null && links++ < 40) {
      head = path.resolve(path.dirname(head), link);
      continue;
    }
    const parent = path.dirname(head);
    if (parent === head) return path.join(head, ...rest);
    rest.unshift(path.basename(head));
    head = parent;
  }
}

async function replace(
  temporaries: TemporaryFiles,
  file: string,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const target = deepestReal(file);
  const before = await absentLater(fsp.stat(target));
  if (before?.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR", errno: -21 });
  if (before !== null && !before.isFile()) return fsp.writeFile(target, bytes);
  // A rename would also replace a file that is write-protected.
  if (before !== null) await fsp.access(target, fs.constants.W_OK);

  const temporary = await temporaries.nameIn(path.dirname(target));
  try {
    await writeNew(temporary, bytes, before, options);
    await fsp.rename(temporary, target);
  } catch (error) {
    await fsp.rm(temporary, { force: true }).catch(() => {});
    if (before === null || !IN_PLACE.has(errorCode(error) ?? "")) throw error;
    await fsp.writeFile(target, bytes);
  }
  if (options.sync) await syncFolder(path.dirname(target));
}

async function writeNew(
  temporary: string,
  bytes: Uint8Array,
  before: fs.Stats | null,
  options: WriteOptions,
): Promise<void> {
  const handle = await fsp.open(temporary, "wx", before === null ? (options.mode ?? 0o666) : 0o600);
  try {
    await handle.writeFile(bytes);
    if (before !== null) {
      if (before.uid !== process.getuid?.() || before.gid !== process.getgid?.())
        await handle.chown(before.uid, before.gid).catch(() => {});
      await handle.chmod(before.mode & 0o7777);
    }
    if (options.sync) await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await fsp.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function append(
  file: string,
  text: string,
  options: { readonly offset?: number; readonly mode?: number } = {},
): Promise<void> {
  if (options.offset === undefined) return fsp.appendFile(file, text, { mode: options.mode ?? 0o666 });
  // No flag of open(2) in Node means "create, do not truncate, do not force the end": say it in bits.
  const handle = await fsp.open(file, fs.constants.O_WRONLY | fs.constants.O_CREAT, options.mode ?? 0o666);
  try {
    const bytes = Buffer.from(text, "utf8");
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, options.offset + done)).bytesWritten;
    }
  } finally {
    await handle.close();
  }
}

async function copy(temporaries: TemporaryFiles, from: string, to: string): Promise<void> {
  const source = await fsp.stat(from);
  if (source.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR", errno: -21 });
  const target = deepestReal(to);
  if (target === fs.realpathSync.native(from)) return;
  const before = await absentLater(fsp.stat(target));
  if (before?.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR", errno: -21 });
  if (before !== null && !before.isFile()) return fsp.copyFile(from, target);
  if (before !== null) await fsp.access(target, fs.constants.W_OK);
  const temporary = await temporaries.nameIn(path.dirname(target));
  try {
    await fsp.copyFile(from, temporary, fs.constants.COPYFILE_FICLONE);
    await fsp.rename(temporary, target);
  } catch (error) {
    await fsp.rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
