/** What a new project consists of, by template. Each passes its own check, lint, fmt and test: a test makes them all. */
import { agentFiles } from "./templates/agent.ts";
import { basicFiles } from "./templates/basic.ts";
import { evalFiles } from "./templates/eval.ts";
import { mcpServerFiles } from "./templates/mcp-server.ts";
import { pipelineLabFiles } from "./templates/pipeline-lab.ts";

export interface Template {
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** Text by path; without the manifest. */
  readonly files: Readonly<Record<string, string>>;
  /** Commands to go on with, and what they do. */
  readonly next: readonly (readonly [string, string])[];
}

const RUN = ["harn run main.harn", "runs the program"] as const;
const TEST = ["harn test", "runs the tests; with --watch again at each change"] as const;

export const TEMPLATES: readonly Template[] = [
  { name: "basic", about: "a program, a module and their tests", files: basicFiles, next: [RUN, TEST] },
  {
    name: "agent",
    about: "an agent that reads files with a tool, tested with a mocked model",
    files: agentFiles,
    next: [['HARN_TASK="What is here?" harn run main.harn', "gives the agent a task"], TEST],
  },
  {
    name: "mcp-server",
    about: "tools for other programs, with their schemas",
    files: mcpServerFiles,
    next: [["harn run main.harn", "prints the tools as JSON"], TEST],
  },
  {
    name: "eval",
    about: "cases with expected answers, and how many a model gets right",
    files: evalFiles,
    next: [["harn run main.harn", "asks the model every case"], TEST],
  },
  {
    name: "pipeline-lab",
    about: "a pipeline with its host beside it, to try prompts on",
    files: pipelineLabFiles,
    next: [['HARN_TASK="Explain this folder" harn run pipeline.harn', "runs the pipeline"], TEST],
  },
];

/** All files of a new project, `harn.toml` first. */
export function projectFiles(template: Template, name: string, schema: boolean): ReadonlyMap<string, string> {
  return new Map([
    ["harn.toml", manifest(name, schema)],
    [".gitignore", ".harn/\n.harn-runs/\n"],
    ...Object.entries(template.files),
  ]);
}

function manifest(name: string, schema: boolean): string {
  const directive = schema ? `#:schema ./${SCHEMA_FILE}\n\n` : "";
  return `${directive}[package]\nname = ${JSON.stringify(name)}\nversion = "0.1.0"\n\n[dependencies]\n`;
}

/** Where a project keeps the schema of its manifest, when it wants one. */
export const SCHEMA_FILE = "harn.schema.json";
