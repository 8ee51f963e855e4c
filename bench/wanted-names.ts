/** What a command of this folder or of the fuzzer is asked for by name. */
import { closestName } from "../src/check/suggestion.ts";

/** The exit code of a command that was called in a way it does not know. */
const USAGE = 2;

/** Says in one line how the command was meant to be called, and ends the process. */
export function endWithUsage(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(USAGE);
}

/** The names that are given, all of which there must be. `what`: a word for one of them. */
export function wantedNames<N extends string>(
  what: string,
  given: readonly string[],
  known: readonly N[],
): readonly N[] {
  return given.map((name) => {
    const found = known.find((one) => one === name);
    if (found !== undefined) return found;
    const near = closestName(name, known);
    return endWithUsage(
      `no ${what} ${name}${near === null ? "" : ` (did you mean ${near}?)`}: there are ${known.join(", ")}`,
    );
  });
}
