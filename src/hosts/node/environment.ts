/** The environment port: a copy of what the process was given. */
import os from "node:os";
import type { EnvironmentPort } from "../../ports/environment.ts";
import { startTimeOf } from "./process-identity.ts";

const PLATFORMS: Readonly<Record<string, string>> = { win32: "windows" };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64", ia32: "x86" };

export function createEnvironmentPort(): EnvironmentPort {
  const env = { ...process.env } as Record<string, string>;
  let startTime: string | null = null;
  return {
    get: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    all: () => env,
    cwd: () => process.cwd(),
    home: env.HOME ?? env.USERPROFILE ?? "",
    user: env.USER ?? env.USERNAME ?? "",
    get hostName() {
      return env.HOSTNAME ?? env.COMPUTERNAME ?? os.hostname();
    },
    // Asked for when it is needed: `node:os` is not loaded at a start otherwise.
    get tempDir() {
      return os.tmpdir();
    },
    get machine() {
      return os.hostname();
    },
    platform: PLATFORMS[process.platform] ?? process.platform,
    arch: ARCHITECTURES[process.arch] ?? process.arch,
    pid: process.pid,
    get startTime() {
      return (startTime ??= startTimeOf(process.pid) ?? "unknown");
    },
  };
}
