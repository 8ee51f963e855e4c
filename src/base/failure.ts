/** How a Harn operation fails: the closed list of categories, and the one exception that hosts throw for a failed effect. */

export const ERROR_CATEGORIES = [
  "timeout",
  "auth",
  "rate_limit",
  "overloaded",
  "server_error",
  "transient_network",
  "schema_validation",
  "tool_error",
  "tool_rejected",
  "cancelled",
  "not_found",
  "circuit_open",
  "effect_unknown",
  "generic",
] as const;

export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

/**
 * An effect, a port or a stored file said no. `message` names the culprit and what was expected; a program sees it as a `HarnError`.
 * `category` null: shown as a plain runtime error, as the reference does for files and processes.
 */
export class Failure extends Error {
  readonly category: ErrorCategory | null;
  constructor(message: string, category: ErrorCategory | null = null) {
    super(message);
    this.name = "Failure";
    this.category = category;
  }
}
