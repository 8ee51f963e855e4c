/** `harn install` and `harn add`. */
import { execFile } from "node:child_process";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { ManifestFinder } from "../../tools/manifest.ts";
import { addDependency } from "../../tools/packages/add.ts";
import { type Source, showSource } from "../../tools/packages/dependencies.ts";
import { installPackages } from "../../tools/packages/install.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

export interface AddFlags {
  readonly git?: string;
  readonly tag?: string;
  readonly path?: string;
}

/** For the project of the current folder. `--json` prints a list of `{name, did, source}`. */
export async function installAll(json: boolean): Promise<number> {
  const { files } = createNodePorts();
  const manifest = new ManifestFinder(files).nearest(process.cwd());
  if (manifest === null) throw new Failure("there is no harn.toml here: `harn init` makes one");
  const done = await installPackages(path.dirname(manifest.path), { files, git });
  if (json) process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
  else {
    const width = Math.max(0, ...done.map(({ name }) => name.length));
    for (const { name, did, source } of done)
      process.stdout.write(`${did.padEnd(9)}  ${name.padEnd(width)}  ${source}\n`);
    if (done.length === 0) process.stdout.write("harn.toml has no [dependencies]\n");
  }
  return EXIT.ok;
}

export async function addPackage(name: string, flags: AddFlags): Promise<number> {
  const { files } = createNodePorts();
  const source = sourceOf(flags);
  const found = new ManifestFinder(files).nearest(process.cwd())?.path ?? path.resolve("harn.toml");
  const text = (await files.exists(found)) ? await files.readText(found) : "";
  await files.writeText(found, addDependency(text, name, source));
  process.stdout.write(`${name} from ${showSource(source)} is in ${path.relative(process.cwd(), found)}\n`);
  process.stdout.write("`harn install` brings it here\n");
  return EXIT.ok;
}

function sourceOf({ git: url, tag, path: folder }: AddFlags): Source {
  if (folder !== undefined && url === undefined && tag === undefined) return { kind: "path", path: folder };
  if (url !== undefined && folder === undefined) return { kind: "git", url, tag: tag ?? null };
  throw new UsageFailure("where is it? Give --git URL, perhaps with --tag TAG, or --path FOLDER");
}

function git(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // Nobody is there to be asked for a password.
    const env = { ...process.env, GIT_TERMINAL_PROMPT: "0" };
    execFile("git", [...args], { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT")
        reject(new Failure("git is not installed, which brings packages of repositories"));
      else reject(new Failure(`git ${args[0]}: ${stderr.trim() || error.message}`));
    });
  });
}
