/**
 * `harn init` and `harn new`: a project of a template.
 *
 * `--json` prints `{folder, name, template, files: [{path, status: "created" | "kept"}]}`.
 */
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { createProject, findTemplate } from "../../tools/project/create-project.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

export interface InitFlags {
  readonly template: string;
  readonly schema?: boolean;
  readonly json?: boolean;
}

/** With a name in a new folder of that name, which must not be there; else in the current one. */
export async function initProject(name: string | undefined, flags: InitFlags): Promise<number> {
  const template = wantedTemplate(flags.template);
  const { files } = createNodePorts();
  const folder = path.resolve(name ?? ".");
  if (name !== undefined && (await files.exists(folder))) {
    throw new Failure(`${name} is there already: \`harn init\` inside of it makes what is missing`);
  }
  const project = path.basename(folder) || "project";
  const made = await createProject(files, { folder, name: project, template, schema: flags.schema ?? false });
  if (flags.json) {
    const report = { folder, name: project, template: template.name, files: made };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return EXIT.ok;
  }
  const shown = (file: string) => (name === undefined ? file : path.join(name, file));
  const lines = made.map(({ path: file, status }) =>
    status === "created" ? `created  ${shown(file)}\n` : `kept     ${shown(file)} (it was there)\n`,
  );
  const steps = [...(name === undefined ? [] : [[`cd ${name}`, ""] as const]), ...template.next];
  const width = Math.max(...steps.map(([command]) => command.length));
  const next = steps.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd());
  process.stdout.write(`${lines.join("")}\nnext:\n${next.join("\n")}\n`);
  return EXIT.ok;
}

function wantedTemplate(name: string) {
  try {
    return findTemplate(name);
  } catch (error) {
    throw error instanceof Failure ? new UsageFailure(error.message) : error;
  }
}
