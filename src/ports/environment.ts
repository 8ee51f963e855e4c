/** The door to what the process was given when it started. Constant for its life, hence sync. */

export interface EnvironmentPort {
  get(name: string): string | undefined;
  all(): Readonly<Record<string, string>>;
  /** Absolute. */
  cwd(): string;
  /** "" when unknown, as for the next three. */
  readonly home: string;
  readonly user: string;
  readonly hostName: string;
  readonly tempDir: string;
  /** Names this machine in leases; unlike `hostName` never taken from the environment, so all processes of a machine agree. */
  readonly machine: string;
  /** `linux`, `darwin`, `windows`, or the system's own name. */
  readonly platform: string;
  /** `x86_64`, `aarch64`, or the system's own name. */
  readonly arch: string;
  readonly pid: number;
  /** As in `ProcessIdentity`. */
  readonly startTime: string;
}
