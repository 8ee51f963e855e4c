/**
 * The command line's entry: reads the words, runs the command, and turns whatever goes wrong into a message and an exit code.
 *
 * Invariants
 * 1. A person never sees a JavaScript stack, unless HARN_DEBUG is set.
 * 2. Nothing is loaded before the command that needs it.
 * 3. A reader that went away (`harn … | head`) is no error.
 */
import { Failure } from "../base/failure.ts";
import { EXIT, UsageFailure } from "./exit-codes.ts";
import { TEST_WORKER } from "./test-worker-word.ts";

/** Ends the process. `onWrite` hears of it before a program's output leaves the process. */
export async function main(words: readonly string[], onWrite: () => void = () => {}): Promise<void> {
  const used = watchStreams();
  const unexpected = (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return;
    report(error);
    process.exit(EXIT.failed);
  };
  process.on("uncaughtException", unexpected);
  process.on("unhandledRejection", unexpected);
  let code: number;
  try {
    code = await runWords(words, onWrite);
  } catch (error) {
    report(error);
    code = error instanceof UsageFailure ? EXIT.usage : EXIT.failed;
  }
  await Promise.all([...used].map((name) => drained(process[name])));
  process.exit(code);
}

/** The commonest command is told without the parser of all the others, whose loading takes as long as a short program. */
async function runWords(words: readonly string[], onWrite: () => void): Promise<number> {
  const [first = "", ...others] = words[0] === "run" ? words.slice(1) : words;
  const isFile = !first.startsWith("-") && (words[0] === "run" ? first !== "" : first.endsWith(".harn"));
  if (isFile && (others.length === 0 || others[0] === "--")) {
    const { runProgram } = await import("./commands/run.ts");
    return runProgram(first, others.slice(1), {}, onWrite);
  }
  if (words[0] === TEST_WORKER) return (await import("./commands/test-worker.ts")).runTestWorker();
  const { runCommandLine } = await import("./command-line.ts");
  return runCommandLine(words);
}

type StreamName = "stdout" | "stderr";

/** Which of the streams have been used: making one takes 2 ms, so none is made to be looked at. */
function watchStreams(): ReadonlySet<StreamName> {
  const used = new Set<StreamName>();
  for (const name of ["stdout", "stderr"] as const) {
    const get = Object.getOwnPropertyDescriptor(process, name)?.get;
    if (get === undefined) used.add(name);
    else
      Object.defineProperty(process, name, {
        configurable: true,
        enumerable: true,
        get() {
          used.add(name);
          return get.call(process);
        },
      });
  }
  return used;
}

function report(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const ours = error instanceof Failure;
  process.stderr.write(`error: ${ours ? message : `internal error: ${message}`}\n`);
  if (process.env.HARN_DEBUG) process.stderr.write(`${error instanceof Error ? error.stack : ""}\n`);
  else if (!ours) process.stderr.write("this is a defect of harn itself; HARN_DEBUG=1 shows where it happened\n");
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writable) stream.write("", () => resolve());
    else resolve();
  });
}
