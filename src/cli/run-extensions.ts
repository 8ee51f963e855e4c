/** What the project of a program gives to its run. Nothing is loaded for it unless there is a manifest or a folder of skills. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createNodePorts } from "../hosts/node/ports.ts";
import type { ReadExtensions } from "../tools/run-extensions.ts";

/** Of a file; undefined: of the working folder. `skillFolders`: of `--skill-dir`. */
export async function projectExtensions(
  file: string | undefined,
  skillFolders: readonly string[] = [],
): Promise<ReadExtensions | undefined> {
  const folder = file === undefined ? process.cwd() : path.dirname(path.resolve(file));
  if (skillFolders.length === 0 && !hasSkills() && !hasProject(folder)) return undefined;
  const { readExtensions } = await import("../tools/run-extensions.ts");
  const { files, environment } = createNodePorts();
  return readExtensions({
    folder,
    files,
    environment,
    skillFolders: skillFolders.map((name) => path.resolve(name)),
  });
}

export function warnOf(extensions: ReadExtensions | undefined, write: (text: string) => void): void {
  for (const warning of extensions?.warnings ?? []) write(`warning: skills: ${warning}\n`);
}

function hasProject(folder: string): boolean {
  if (fs.existsSync(path.join(folder, "harn.toml")) || fs.existsSync(path.join(folder, ".harn", "skills"))) return true;
  const parent = path.dirname(folder);
  return parent !== folder && !fs.existsSync(path.join(folder, ".git")) && hasProject(parent);
}

/** Of the user, of the machine. */
function hasSkills(): boolean {
  const { HARN_SKILLS_PATH, XDG_CONFIG_HOME, HOME } = process.env;
  if (HARN_SKILLS_PATH) return true;
  // As os.homedir() has it; the module is loaded only where that must look further.
  const home = process.platform !== "win32" && HOME ? HOME : os.homedir();
  const config = XDG_CONFIG_HOME || path.join(home, ".config");
  return [path.join(home, ".harn", "skills"), path.join(config, "harn", "skills"), "/etc/harn/skills"].some((place) =>
    fs.existsSync(place),
  );
}
