/**
 * The door to a local SQL database (SQLite). Everything completes at once; a transaction is a plain function, so no lock can be held across an await.
 */
import { Failure } from "../base/failure.ts";

export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** `process`: what is committed survives the death of the process. `power`: each commit is synced to the disk. */
export type DurabilityLevel = "process" | "power";

export interface Statement {
  /** Rows changed. */
  run(...parameters: readonly SqlValue[]): number;
  get(...parameters: readonly SqlValue[]): SqlRow | undefined;
  all(...parameters: readonly SqlValue[]): SqlRow[];
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  /** `write` takes the write lock at the start, waiting up to the busy time; a throw rolls back. Not nested. */
  transaction<T>(mode: "read" | "write", body: () => T): T;
  close(): void;
}

export interface DatabaseOptions {
  readonly level: DurabilityLevel;
  /** The file must exist and is never changed. Default false. */
  readonly readOnly?: boolean;
  /** Permission bits of a file that is created. Default 0o600. */
  readonly mode?: number;
  /** How long to wait for another process's lock before `busy`. Default 5,000. */
  readonly busyMs?: number;
}

export type DatabaseFailureCode =
  | "busy"
  | "corrupt"
  | "not_a_database"
  | "read_only"
  | "full"
  | "cannot_open"
  | "constraint"
  | "io"
  | "other";

export class DatabaseFailure extends Failure {
  readonly code: DatabaseFailureCode;
  readonly path: string;
  constructor(path: string, code: DatabaseFailureCode, reason: string) {
    super(`database ${path}: ${reason}`);
    this.name = "DatabaseFailure";
    this.code = code;
    this.path = path;
  }
}

export interface DatabasePort {
  /** Opens or creates. Throws `DatabaseFailure`. */
  open(path: string, options: DatabaseOptions): Database;
}
