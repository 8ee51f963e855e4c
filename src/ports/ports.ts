/** All doors to the outside, in one value that is constructed once and handed down. Nothing below `hosts/` reaches outside in another way. */
import type { ClockPort } from "./clock.ts";
import type { DatabasePort } from "./database.ts";
import type { EnvironmentPort } from "./environment.ts";
import type { FilesPort } from "./files.ts";
import type { HashPort } from "./hash.ts";
import type { HeapPort } from "./heap.ts";
import type { NetworkPort } from "./network.ts";
import type { ProcessesPort } from "./processes.ts";
import type { IdsPort, RandomPort } from "./random.ts";
import type { TerminalPort } from "./terminal.ts";

export interface Ports {
  readonly files: FilesPort;
  readonly processes: ProcessesPort;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly ids: IdsPort;
  readonly network: NetworkPort;
  readonly database: DatabasePort;
  readonly terminal: TerminalPort;
  readonly environment: EnvironmentPort;
  readonly hash: HashPort;
  readonly heap: HeapPort;
}
