/**
 * One case at one size: `node measure.ts CASE SIZE [twin]` prints milliseconds for one pass, of its twin in JavaScript if that is asked for. Small sizes are passed
 * over many times, so that all are warm.
 */
import { compileModule } from "../../src/compiler/module.ts";
import type { ModuleEnv } from "../../src/compiler/module-context.ts";
import { createNodePorts, createRuntime } from "../../src/hosts/node/index.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { inspectProgram } from "../../src/runtime/program.ts";
import { parseSource } from "../../src/syntax/parser.ts";
import { cases, type GrowthCase } from "./cases.ts";

/** A round lasts this long at least, in milliseconds. */
const ROUND_MS = 100;
const WARM_SIZE = 1_000;
const ROUNDS = 3;

/** Milliseconds of a pass, for each size in turn. */
type Runner = (sizes: readonly number[]) => Promise<readonly number[]>;

function programRunner(code: string): Runner {
  // The clock stands in the program: from outside, the start of the run would count.
  const whole = `${code}
fn bench_round(size) {
  let began = timestamp()
  var passes = 0
  while (timestamp() - began) * 1000.0 < ${ROUND_MS}.0 {
    run(size)
    passes = passes + 1
  }
  return (timestamp() - began) * 1000.0 / passes
}
pipeline default() {
  return json_parse(argv[0]).map({ size -> bench_round(size) })
}`;
  const runtime = createRuntime({ volatile: true });
  return async (sizes) => {
    const outcome = await runtime.run({ code: whole, args: [JSON.stringify(sizes)] }).result;
    if (outcome.kind !== "value") throw new Error(JSON.stringify(outcome).slice(0, 500));
    return outcome.value as readonly number[];
  };
}

function twinRunner(code: string): Runner {
  const pass = new Function(`${code}\nreturn run;`)() as (size: number) => unknown;
  return async (sizes) =>
    sizes.map((size) => {
      const began = performance.now();
      let passes = 0;
      for (; performance.now() - began < ROUND_MS; passes++) pass(size);
      return (performance.now() - began) / passes;
    });
}

function sourceRunner(given: Exclude<GrowthCase, { kind: "program" }>): Runner {
  const ports = createNodePorts();
  const host = createVmHost({ ports, tools: [], graceMs: 0 });
  const pass = async (text: string) => {
    if (given.kind === "parse") return parseSource("growth.harn", text).diagnostics.length;
    if (given.kind === "compile")
      return compileModule(parseSource("growth.harn", text).file, NO_MODULES).diagnostics.length;
    const source = { entry: "/growth.harn", name: "growth.harn", code: text };
    return (await inspectProgram(source, { files: ports.files, table: host.table, globals: new Set() })).length;
  };
  return async (sizes) => {
    const rounds: number[] = [];
    for (const size of sizes) {
      const text = given.text(size);
      const began = performance.now();
      let passes = 0;
      do {
        if ((await pass(text)) > 0) throw new Error("the program is not right");
        passes++;
      } while (performance.now() - began < ROUND_MS);
      rounds.push((performance.now() - began) / passes);
    }
    return rounds;
  };
}

/** What surrounds a module that is compiled alone. */
const NO_MODULES: ModuleEnv = {
  key: "growth.harn",
  resolveImport: () => "there are no other modules",
  isBuiltin: () => false,
  isGlobal: () => false,
  builtinBorrows: () => false,
};

const [name = "", given = "", which = ""] = process.argv.slice(2);
const size = Number(given);
const found = cases.get(name)!;
const run =
  found.kind !== "program"
    ? sourceRunner(found)
    : which === "twin"
      ? twinRunner(found.twin!)
      : programRunner(found.code);
// A pass over a million lines takes seconds: one is enough, and its garbage is large.
const rounds = found.kind !== "program" && size >= 1e6 ? 1 : ROUNDS;
const times = await run([WARM_SIZE, ...Array.from({ length: rounds }, () => size)]);
console.log(Math.min(...times.slice(1)));
process.exit(0);
