/**
 * Says, a line of JSON for each form of dense text, what the parser's result for one of so many characters takes in memory. Needs `--expose-gc`: only what can be
 * reached counts, in the heap and beside it.
 */
import { parseSource } from "../../src/syntax/parser.ts";
import { DENSE_FORMS, type DenseForm, denseText } from "./dense.ts";
import { byteLength } from "./limits.ts";

export interface DenseReport {
  readonly form: DenseForm;
  readonly bytes: number;
  /** Tree, tokens and reports. */
  readonly held: number;
  /** The first mistake in it: there should be none. */
  readonly problem: string | null;
}

const WARM_ROUNDS = 3;
const WARM_SIZE = 2_000;

function bytesInUse(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function measure(form: DenseForm, size: number): DenseReport {
  // As if it had been read from a file: not a rope of pieces.
  const text = Buffer.from(denseText(form, size)).toString();
  const before = bytesInUse();
  const parsed = parseSource("dense.harn", text);
  const held = bytesInUse() - before;
  const problem = parsed.diagnostics.find(({ severity }) => severity === "error");
  return { form, bytes: byteLength(text), held, problem: problem?.message ?? null };
}

const size = Number(process.argv[2]);
// What is loaded and compiled on the way stays for good.
for (let round = 0; round < WARM_ROUNDS; round++) for (const form of DENSE_FORMS) measure(form, WARM_SIZE);
for (const form of DENSE_FORMS) process.stdout.write(`${JSON.stringify(measure(form, size))}\n`);
