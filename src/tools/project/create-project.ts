/** Makes a project of a template. What is there already is never touched. */
import { Failure } from "../../base/failure.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import { closestName } from "../../check/suggestion.ts";
import type { FilesPort } from "../../ports/files.ts";
import { MANIFEST_SCHEMA } from "./manifest-schema.ts";
import { projectFiles, SCHEMA_FILE, TEMPLATES, type Template } from "./templates.ts";

export interface MadeFile {
  /** Relative to the project. */
  readonly path: string;
  readonly status: "created" | "kept";
}

export interface ProjectWish {
  /** Absolute. Made if it is not there. */
  readonly folder: string;
  readonly name: string;
  readonly template: Template;
  /** With the schema of `harn.toml` beside it, for editors. */
  readonly schema: boolean;
}

/** Throws a `Failure` that suggests a name. */
export function findTemplate(name: string): Template {
  const found = TEMPLATES.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = TEMPLATES.map((template) => template.name);
  const near = closestName(name, names);
  throw new Failure(
    `there is no template ${name}: ${near === null ? `the templates are ${names.join(", ")}` : `did you mean ${near}?`}`,
  );
}

export async function createProject(files: FilesPort, wish: ProjectWish): Promise<readonly MadeFile[]> {
  const wanted = new Map(projectFiles(wish.template, wish.name, wish.schema));
  if (wish.schema) wanted.set(SCHEMA_FILE, `${JSON.stringify(MANIFEST_SCHEMA, null, 2)}\n`);
  const made: MadeFile[] = [];
  for (const [path, text] of wanted) {
    const target = joinPath(wish.folder, path);
    if (await files.exists(target)) {
      made.push({ path, status: "kept" });
      continue;
    }
    await files.mkdir(parentPath(target));
    await files.writeText(target, text);
    made.push({ path, status: "created" });
  }
  return made;
}
