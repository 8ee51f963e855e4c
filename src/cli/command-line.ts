/**
 * The grammar of the command line: every command with its flags, a line of help and examples. Commands themselves are loaded when they run.
 *
 * Invariants
 * 1. Words behind `--` are the program's and are never looked at.
 * 2. Wrong usage ends with 2, names the wrong word and suggests the nearest right one.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { BenchFlags } from "./commands/bench.ts";
import type { CheckFlags } from "./commands/check.ts";
import type { ContractsFlags } from "./commands/contracts.ts";
import type { DocFlags } from "./commands/doc.ts";
import type { FmtFlags } from "./commands/fmt.ts";
import type { InitFlags } from "./commands/init.ts";
import type { LintFlags } from "./commands/lint.ts";
import type { AddFlags } from "./commands/packages.ts";
import type { RecordFlags } from "./commands/records.ts";
import { EXIT, UsageFailure } from "./exit-codes.ts";
/** What the commands get, as commander reads it. */
export interface RunFlags {
  readonly eval?: string;
  readonly json?: boolean;
  readonly durable?: boolean;
  readonly jitless?: boolean;
  readonly stateRoot?: string;
  readonly trace?: boolean;
  readonly deny?: string;
  readonly allow?: string;
  readonly llmMock?: string;
  readonly llmMockRecord?: string;
  readonly memoryLimit?: string;
  readonly skillDir?: readonly string[];
}

export interface StoreFlags {
  readonly json?: boolean;
  readonly stateRoot?: string;
}

export interface ResumeFlags extends StoreFlags {
  readonly tail?: boolean;
  readonly trace?: boolean;
}

export interface TestFlags {
  readonly jitless?: boolean;
  readonly filter?: string;
  readonly timeout: number;
  readonly parallel?: boolean;
  readonly junit?: string;
  readonly verbose?: boolean;
  readonly timing?: boolean;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly jobs?: number;
  readonly record?: boolean;
  readonly replay?: boolean;
  readonly coverage?: boolean;
  readonly coverageLcov?: string;
  readonly skillDir?: readonly string[];
}

export interface McpServeFlags {
  readonly card?: string;
  readonly skillDir?: readonly string[];
}

/** Answers the exit code. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const cut = words.indexOf("--");
  const own = cut === -1 ? words : words.slice(0, cut);
  const rest = cut === -1 ? [] : words.slice(cut + 1);
  let code: number = EXIT.ok;
  const program = declare(rest, (result) => {
    code = result;
  });
  const [first] = own;
  const isProgram = own.length === 1 && first !== undefined && first.endsWith(".harn");
  try {
    if (own.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync(isProgram ? ["run", ...own] : [...own], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end with 0.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return code;
}

function declare(rest: readonly string[], finish: (code: number) => void): Command {
  const program = new Command("harn");
  program
    .description("Runs Harn programs: agents that delegate real work, and go on after a crash.")
    .usage("COMMAND [OPTIONS]  |  FILE.harn")
    .helpCommand("help [command]", "Shows the help of a command")
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .showSuggestionAfterError(true)
    .version(version(), "-V, --version", "Prints the version");
  const command = (usage: string, summary: string, examples: readonly string[]): Command => {
    const made = program.command(usage).description(summary).exitOverride().showSuggestionAfterError(true);
    made.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}\n`).join("")}`);
    return made;
  };
  const stateRoot = () =>
    new Option("--state-root <folder>", "where runs are kept (default: $HARN_STATE_DIR, else .harn)");

  command("run [file]", "Runs a program", [
    "harn run main.harn",
    "harn run main.harn -- first second     the program reads them from argv",
    "harn run -e 'println(1 + 2)'",
    "harn run --durable main.harn           kept from the first step on; harn resume goes on with it",
  ])
    .option("-e, --eval <code>", "runs this text instead of a file")
    .option("--json", "prints events, the program's output among them, as JSON lines")
    .option("--jitless", "generates no JavaScript for the program: slower, same answers")
    .option("--durable", "keeps the run from its first step on, not from its first worker on")
    .addOption(stateRoot())
    .option("--trace", "prints a summary of the model calls at the end")
    .addOption(new Option("--deny <list>", "refuses these builtins (comma-separated)").conflicts("allow"))
    .option("--allow <list>", "refuses all builtins but these and the basic ones (comma-separated)")
    .addOption(
      new Option("--llm-mock <file>", "answers model calls from a file of JSON lines").conflicts("llmMockRecord"),
    )
    .option("--skill-dir <folder>", "skills from there go before all others (may be repeated)", collect)
    .option("--memory-limit <mb>", "what the program may hold in memory, in megabytes; default: 3/4 of Node's limit")
    .option("--llm-mock-record <file>", "writes the answers of model calls to such a file")
    .allowExcessArguments(true)
    .action(async (file: string | undefined, flags: RunFlags, self: Command) => {
      const [, extra] = self.args;
      if (extra !== undefined) throw new UsageFailure(`unexpected ${extra}: words for the program stand behind \`--\``);
      finish(await (await import("./commands/run.ts")).runProgram(file, rest, flags));
    });

  command("resume [run]", "Goes on with a run that was interrupted; without a name lists what can be resumed", [
    "harn resume",
    "harn resume 0199e1c2-…           prints the output from the start",
    "harn resume --tail 0199e1c2       an unambiguous beginning of the id is enough",
  ])
    .option("--tail", "prints only what is new")
    .option("--json", "prints events, or the list, as JSON")
    .option("--trace", "prints a summary of the model calls at the end")
    .addOption(stateRoot())
    .action(async (run: string | undefined, flags: ResumeFlags) => {
      finish(await (await import("./commands/resume.ts")).resumeRun(run, flags));
    });

  const runs = command("runs", "Lists the runs that are kept, newest first", [
    "harn runs",
    "harn runs --json",
    "harn runs show 0199e1c2",
  ])
    .option("--json", "prints JSON")
    .addOption(stateRoot())
    .action(async (flags: StoreFlags) => finish(await (await import("./commands/runs.ts")).listRuns(flags)));
  runs
    .command("show <run>")
    .description("Shows one run: what it is, its workers, its output")
    .option("--json", "prints JSON")
    .addOption(stateRoot())
    .exitOverride()
    .action(async (run: string, _flags: StoreFlags, self: Command) => {
      finish(await (await import("./commands/runs.ts")).showRun(run, self.optsWithGlobals()));
    });

  runs
    .command("inspect <file>")
    .description("Shows what the run record in a file says, and how it differs from another")
    .option("--compare <file>", "another run record")
    .option("--json", "prints JSON")
    .exitOverride()
    .action(async (file: string, flags: RecordFlags, self: Command) => {
      const all = { ...self.optsWithGlobals<RecordFlags>(), ...flags };
      finish(await (await import("./commands/records.ts")).inspectRecord(file, all));
    });

  command("replay <file>", "Shows what a recorded run did, and whether that is what its fixture wants", [
    "harn replay .harn-runs/0199e1c2-….json",
  ])
    .option("--json", "prints JSON")
    .action(async (file: string, flags: RecordFlags) =>
      finish(await (await import("./commands/records.ts")).showReplay(file, flags)),
    );

  command(
    "eval <path>",
    "Judges recorded runs: a record, a folder of them, or a manifest; ends with 1 unless all pass",
    ["harn eval .harn-runs/0199e1c2-….json --compare good.json", "harn eval suite.json"],
  )
    .option("--compare <file>", "a run record that they must not differ from")
    .option("--json", "prints JSON")
    .action(async (target: string, flags: RecordFlags) =>
      finish(await (await import("./commands/records.ts")).evaluateRecords(target, flags)),
    );

  const workers = command("workers [run]", "Lists the workers of a run, or of all runs", [
    "harn workers",
    "harn workers 0199e1c2 --json",
    "harn workers export worker_0199e1c2 --out record.json",
  ])
    .option("--json", "prints JSON")
    .addOption(stateRoot())
    .action(async (run: string | undefined, flags: StoreFlags) => {
      finish(await (await import("./commands/workers.ts")).listWorkers(run, flags));
    });
  workers
    .command("export <worker>")
    .description("Writes a worker's record (task, config, result, transcript, artifacts) to a file and prints its path")
    .option("--out <file>", "the file, or - to print the record; default: the record's snapshot_path")
    .addOption(stateRoot())
    .exitOverride()
    .action(async (worker: string, flags: StoreFlags & { readonly out?: string }, self: Command) => {
      const all = { ...self.optsWithGlobals<StoreFlags>(), ...flags };
      finish(await (await import("./commands/workers.ts")).exportWorker(worker, all));
    });

  command("cancel <run>", "Cancels a run, whichever process has it", ["harn cancel 0199e1c2"])
    .addOption(stateRoot())
    .action(async (run: string, flags: StoreFlags) =>
      finish(await (await import("./commands/cancel.ts")).cancelRun(run, flags)),
    );

  command(
    "parse <file...>",
    "Reads programs and reports syntax errors; prints one program as its parser understood it",
    ["harn parse main.harn", "harn parse --check src tests          folders are searched for .harn files"],
  )
    .option("--check", "prints errors only")
    .action(async (files: string[], flags: { readonly check?: boolean }) => {
      finish(await (await import("./commands/parse.ts")).parseFiles(files, flags.check ?? false));
    });

  command("check [file...]", "Looks for mistakes in programs without running them: names, types, forgotten cases", [
    "harn check main.harn",
    "harn check src tests              folders are searched for .harn files",
    "harn check --json main.harn       one JSON line for each problem",
    "harn check --watch src            again at each change, what it concerns",
    "harn check --workspace            what harn.toml lists as pipelines below [workspace]",
    "harn check --strict-types main.harn",
  ])
    .option("--json", "prints problems as JSON lines")
    .option("--workspace", "also the programs that the nearest harn.toml lists")
    .option("--strict-types", "warns where a field of a value from outside is used that nothing has checked")
    .option(
      "--preflight <severity>",
      "how missing templates, folders and host operations are reported: error, warning, off",
    )
    .option("--host-capabilities <file>", "operations of the host beside the known: JSON or TOML")
    .option("--bundle-root <folder>", "templates are looked for there, too")
    .option("--watch", "goes on, and checks again when a program or a module changes")
    .action(async (files: string[], flags: CheckFlags) => {
      finish(await (await import("./commands/check.ts")).checkPrograms(files, flags));
    });

  command("fmt [path...]", "Lays out programs: files, or all .harn files below folders (default: here)", [
    "harn fmt",
    "harn fmt --check src tests        names what would change, and ends with 1 if anything would",
    "harn fmt --range 10:20 main.harn  only the statements on these lines",
    "harn fmt - < main.harn            from the standard input to the standard output",
  ])
    .option("--check", "changes nothing")
    .option("--json", "with --check: prints what would change as a JSON list")
    .option("--line-width <n>", "longest line (default: line_width in [fmt] of harn.toml, else 100)", readCount)
    .option("--separator-width <n>", "length of section bars (default: separator_width there, else 80)", readCount)
    .option("--stdin-path <file>", "with `-`: the name in messages, and where to look for harn.toml")
    .option("--range <first:last>", "formats only these lines, from 1, of one file")
    .action(async (paths: string[], flags: FmtFlags) => {
      finish(await (await import("./commands/fmt.ts")).formatPrograms(paths, flags));
    });

  command("lint [path...]", "Looks for what is odd, unused or against the conventions (default: here)", [
    "harn lint",
    "harn lint --fix src               mends what can be mended without changing what a program does",
    "harn lint --explain unused-type   what a rule is about; so does `harn explain unused-type`",
  ])
    .option("--fix", "mends what can be mended safely")
    .option("--unsafe-fixes", "mends also where the program may do something else afterwards")
    .option("--require-file-header", "asks for a header in each file")
    .option("--json", "prints the findings as a JSON list")
    .option("--sarif", "prints them as SARIF 2.1.0")
    .option("--explain <rule>", "prints what a rule is about")
    .action(async (paths: string[], flags: LintFlags) => {
      finish(await (await import("./commands/lint.ts")).lintPrograms(paths, flags));
    });

  command("explain [code]", "Prints what a code in brackets behind a message means; without one lists all", [
    "harn explain",
    "harn explain declared-type        an example of the mistake, and how to mend it",
    "harn explain unused-variable      a lint rule",
  ])
    .option("--json", "prints JSON")
    .action(async (code: string | undefined, flags: { readonly json?: boolean }) => {
      finish((await import("./commands/explain.ts")).explain(code, flags.json ?? false));
    });

  command("builtins [name]", "Lists the builtins and methods; of one: its signature, what it does, an example", [
    "harn builtins",
    "harn builtins json_parse",
    "harn builtins map                 the methods of that name",
    "harn builtins regex               a topic",
    "harn builtins std/math            a module of the library",
  ])
    .option("--json", "prints a JSON list")
    .action(async (name: string | undefined, flags: { readonly json?: boolean }) => {
      finish((await import("./commands/builtins.ts")).listBuiltins(name, flags.json ?? false));
    });

  command("disasm <file>", "Prints the bytecode of a program", ["harn disasm main.harn", "harn disasm --all main.harn"])
    .option("--all", "with the modules that it imports")
    .action(async (file: string, flags: { readonly all?: boolean }) => {
      finish(await (await import("./commands/disasm.ts")).disassembleFile(file, flags.all ?? false));
    });

  command(
    "test [path...]",
    "Runs tests: pipelines test_NAME and those with @test (default: below ./tests); or `conformance`, a suite of programs with their output",
    [
      "harn test                                 all tests below ./tests",
      "harn test src/math.harn --filter add      tests of one file whose name has `add`",
      "harn test --watch                         again at each change",
      "harn test --coverage                      which lines of the program ran",
      "harn test conformance                     NAME.harn against NAME.expected or NAME.error, below ./conformance",
      "harn test conformance language/match      a file or folder of it",
      "HARN_SNAPSHOT_EVERY_WAIT=1 harn test conformance",
      "HARN_TIER=1 harn test conformance         0: the interpreter alone, 1: generated code from the first call on",
    ],
  )
    .option("--filter <pattern>", "part of a test's name or of its path, `a|b`, a glob, or re:REGEX")
    .option("--timeout <ms>", "for one test", readCount, 30_000)
    .option("--parallel", "several tests at once")
    .option("-j, --jobs <n>", "so many at once", readCount)
    .option("--watch", "runs what is concerned again when a file changes")
    .option("--record", "keeps the answers of models in .harn-fixtures/")
    .option("--replay", "answers model calls from there, and from nowhere else")
    .option("--coverage", "prints which lines ran")
    .option("--coverage-lcov <file>", "writes it in lcov's format")
    .option("--skill-dir <folder>", "skills from there go before all others (may be repeated)", collect)
    .option("--jitless", "generates no JavaScript for the programs")
    .option("--json", "prints the results as a JSON list")
    .option("--junit <file>", "writes a JUnit report")
    .option("--timing", "prints how long each took")
    .option("-v, --verbose", "shows also what tests print that pass; of conformance both texts where they differ")
    .action(async (names: string[], flags: TestFlags) => {
      finish(await (await import("./commands/test.ts")).runTests(names, flags));
    });

  const contracts = command("contracts <what>", "Prints what programs and hosts have agreed on, as JSON", [
    "harn contracts builtins",
    "harn contracts host-capabilities --host-capabilities host.json",
    "harn contracts bundle --verify main.harn      modules, templates, folders and operations of the host",
  ]);
  contracts
    .argument("[file...]", "programs and folders, for bundle")
    .option("--host-capabilities <file>", "operations of the host beside the known: JSON or TOML")
    .option("--bundle-root <folder>", "for bundle: templates are looked for there, too")
    .option("--verify", "for bundle: checks the programs, and ends with 1 if they have errors")
    .option("--pretty <bool>", "false: on one line", readBool, true)
    .action(async (what: string, names: string[], flags: ContractsFlags) => {
      finish(await (await import("./commands/contracts.ts")).printContracts(what, names, flags));
    });

  command("watch <file>", "Runs a program, and again whenever it or a module of it changes", [
    "harn watch main.harn",
    "harn watch main.harn -- first second     the program reads them from argv",
  ])
    .addOption(new Option("--deny <list>", "refuses these builtins (comma-separated)").conflicts("allow"))
    .option("--allow <list>", "refuses all builtins but these and the basic ones (comma-separated)")
    .addOption(stateRoot())
    .action(async (file: string, flags: RunFlags) => {
      finish(await (await import("./commands/watch.ts")).watchProgram(file, rest, flags));
    });

  command(
    "mcp-serve <file>",
    "Runs a program, then offers what it gave to `mcp_tools` and its kin to an MCP client on standard input and output",
    ["harn mcp-serve agent.harn", "harn mcp-serve agent.harn --card card.json"],
  )
    .option("--card <file>", "a server card that clients get: a file, or the JSON itself")
    .option("--skill-dir <folder>", "skills from there go before all others (may be repeated)", collect)
    .action(async (file: string, flags: McpServeFlags) => {
      finish(await (await import("./commands/mcp-serve.ts")).serveMcpProgram(file, rest, flags));
    });

  command("bench <file>", "Measures how long a program takes; what it prints is dropped", [
    "harn bench main.harn",
    "harn bench -n 100 --warmup 10 main.harn",
  ])
    .option("-n, --iterations <n>", "how often it is run", readCount, 10)
    .option("--warmup <n>", "runs before that, which do not count", readNumber, 0)
    .option("--jitless", "generates no JavaScript for the program")
    .option("--json", "prints every run as JSON")
    .action(async (file: string, flags: BenchFlags) => {
      finish(await (await import("./commands/bench.ts")).benchProgram(file, flags));
    });

  command("doc [path...]", "Makes pages of the doc comments of modules (default: here)", [
    "harn doc lib/greeting.harn            prints the page",
    "harn doc lib --out docs/api           writes a page a module, and an index",
    "harn doc lib --out docs/api --check   ends with 1 when they are out of date",
  ])
    .option("--out <folder>", "where the pages are written")
    .option("--check", "writes nothing")
    .option("--json", "prints a JSON list")
    .action(async (paths: string[], flags: DocFlags) => {
      finish(await (await import("./commands/doc.ts")).documentPrograms(paths, flags));
    });

  for (const word of ["init", "new"]) {
    command(`${word} [name]`, "Makes a project: in a new folder NAME, or here", [
      `harn ${word}`,
      `harn ${word} helper --template agent`,
      `harn ${word} --schema                   with the schema of harn.toml, for editors`,
    ])
      .option("--template <name>", "basic, agent, mcp-server, eval or pipeline-lab", "basic")
      .option("--schema", "writes harn.schema.json, to which harn.toml refers")
      .option("--json", "prints what was made as JSON")
      .action(async (name: string | undefined, flags: InitFlags) => {
        finish(await (await import("./commands/init.ts")).initProject(name, flags));
      });
  }

  command("install", "Brings the packages that harn.toml names to .harn/packages, and writes harn.lock", [
    "harn install",
  ])
    .option("--json", "prints what was done as a JSON list")
    .action(async (flags: { readonly json?: boolean }) => {
      finish(await (await import("./commands/packages.ts")).installAll(flags.json ?? false));
    });

  command("add <name>", "Adds a package to harn.toml", [
    "harn add shapes --path ../shapes",
    "harn add shapes --git https://example.com/shapes --tag v1.2",
  ])
    .option("--git <url>", "a git repository")
    .option("--tag <tag>", "a tag or branch of it")
    .option("--path <folder>", "a folder, relative to harn.toml")
    .action(async (name: string, flags: AddFlags) => {
      finish(await (await import("./commands/packages.ts")).addPackage(name, flags));
    });

  command("version", "Prints the version", ["harn version"]).action(async () => {
    process.stdout.write(`${version()}\n`);
  });
  return program;
}

export function version(): string {
  return `harn ${PACKAGE_VERSION} (language 0.7.22, node ${process.versions.node})`;
}

/** That of package.json; a test compares them. */
export const PACKAGE_VERSION = "0.1.0";

function readBool(text: string): boolean {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("expected true or false");
  return text === "true";
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function readCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError("expected a whole number above 0");
  return value;
}

function readNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("expected a whole number of at least 0");
  return value;
}
