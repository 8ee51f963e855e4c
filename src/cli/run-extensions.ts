/** What the project of a program gives to its run. Nothing is loaded for it unless there is a manifest. */
import fs from "node:fs";
import path from "node:path";
import { createNodePorts } from "../hosts/node/ports.ts";
import type { RunExtensions } from "../runtime/index.ts";

/** Of a file; undefined: of the working folder. */
export async function projectExtensions(file: string | undefined): Promise<RunExtensions | undefined> {
  const folder = file === undefined ? process.cwd() : path.dirname(path.resolve(file));
  if (!hasManifest(folder)) return undefined;
  const { readExtensions } = await import("../tools/run-extensions.ts");
  return readExtensions(folder, createNodePorts().files);
}

function hasManifest(folder: string): boolean {
  if (fs.existsSync(path.join(folder, "harn.toml"))) return true;
  const parent = path.dirname(folder);
  return parent !== folder && !fs.existsSync(path.join(folder, ".git")) && hasManifest(parent);
}
