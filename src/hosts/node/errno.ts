/** Turns Node's system errors into failures that name the path, worded as the operating system words them. */
import { getSystemErrorMap } from "node:util";
import { FileFailure } from "../../ports/files.ts";

/** libuv's lower-case wordings differ from strerror's in these; for the rest the first letter is enough. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EEXIST: "File exists",
  EISDIR: "Is a directory",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENOSPC: "No space left on device",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  EXDEV: "Invalid cross-device link",
  ELOOP: "Too many levels of symbolic links",
  ENAMETOOLONG: "File name too long",
  EMFILE: "Too many open files",
  ETXTBSY: "Text file busy",
  EBUSY: "Device or resource busy",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
};

export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** As in `No such file or directory (os error 2)`. */
export function systemReason(error: unknown): string {
  const code = errorCode(error);
  const errno = (error as NodeJS.ErrnoException).errno;
  if (code === undefined || errno === undefined) return error instanceof Error ? error.message : String(error);
  const words = REASONS[code] ?? capitalise(getSystemErrorMap().get(errno)?.[1] ?? code);
  return `${words} (os error ${Math.abs(errno)})`;
}

/** A `FileFailure` passes through; a system error becomes one; anything else is a defect and is thrown as it is. */
export function fileFailure(operation: string, path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof FileFailure || code === undefined) return error;
  return new FileFailure(operation, path, code, systemReason(error));
}

const capitalise = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
