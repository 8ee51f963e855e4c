/** How a command ends: the exit codes, and the failure that means wrong usage. */
import { Failure } from "../base/failure.ts";

export const EXIT = {
  ok: 0,
  /** The program, a check or a test failed. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Ended by a signal. */
  interrupted: 124,
} as const;

/** The command line is wrong in a way that its grammar does not show. */
export class UsageFailure extends Failure {}
