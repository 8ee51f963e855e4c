/** What a project's own files say: its name, scripts, targets, commands. A file that cannot be read or understood says nothing. */
import { parse as parseToml } from "smol-toml";
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { joinPath } from "../../base/path.ts";
import type { FilesPort } from "../../ports/files.ts";

/** A manifest that is larger is none. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface ConfigFacts {
  readonly packageName: string | null;
  readonly scripts: Readonly<Record<string, string>>;
  readonly fences: readonly string[];
  readonly dockerCommands: readonly string[];
  readonly makeTargets: readonly string[];
  /** In the order in which they are worth trying. */
  readonly commands: readonly string[];
}

export async function readConfigFacts(files: FilesPort, folder: string): Promise<ConfigFacts> {
  const text = async (...names: readonly string[]): Promise<string> => {
    for (const name of names) {
      const path = joinPath(folder, name);
      const found = await files.readText(path, { maxBytes: MAX_BYTES }).catch(() => null);
      if (found !== null) return found;
    }
    return "";
  };
  const manifest = jsonObject(await text("package.json"));
  const scripts = textEntries(manifest.scripts);
  const makeTargets = readMakeTargets(await text("GNUmakefile", "Makefile", "makefile"));
  const runs = ["build", "test", "lint", "dev", "start"].filter((key) => key in scripts);
  const makes = ["build", "test"].filter((key) => makeTargets.includes(key));
  return {
    packageName:
      pythonName(tomlTable(await text("pyproject.toml"))) ??
      textOf(manifest.name) ??
      goName(await text("go.mod")) ??
      textOf(tableIn(tomlTable(await text("Cargo.toml")), "package").name),
    scripts,
    fences: readFences(await text("README.md", "README.MD", "README", "Readme.md")),
    dockerCommands: readDockerCommands(await text("Dockerfile")),
    makeTargets,
    commands: [
      ...runs.map((key) => (key === "test" ? "npm test" : `npm run ${key}`)),
      ...makes.map((key) => `make ${key}`),
    ],
  };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

function jsonObject(text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed as JsonObject) ? (parsed as JsonObject) : {};
  } catch {
    return {};
  }
}

function tomlTable(text: string): Readonly<Record<string, unknown>> {
  try {
    return parseToml(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function tableIn(table: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = table[key];
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

const pythonName = (table: Readonly<Record<string, unknown>>): string | null =>
  textOf(tableIn(table, "project").name) ?? textOf(tableIn(tableIn(table, "tool"), "poetry").name);

function goName(text: string): string | null {
  const path = /^\s*module (\S+)/m.exec(text)?.[1];
  return path === undefined ? null : path.slice(path.lastIndexOf("/") + 1);
}

function textEntries(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry) => typeof entry[1] === "string"));
}

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

/** Languages of fenced blocks. */
function readFences(text: string): readonly string[] {
  return unique([...text.matchAll(/^[^\S\n]*```[^\S\n]*([^\s`]\S*)/gm)].map((match) => match[1]!));
}

/** What RUN, CMD and ENTRYPOINT run; lines that go on are joined. */
function readDockerCommands(text: string): readonly string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const whole: string[] = [];
  let pending = "";
  for (const line of lines) {
    pending = pending === "" ? line : `${pending} ${line}`;
    if (pending.endsWith("\\")) pending = pending.slice(0, -1).trimEnd();
    else {
      whole.push(pending);
      pending = "";
    }
  }
  return unique(
    whole.flatMap((line) => {
      const command = /^(?:RUN|CMD|ENTRYPOINT) (.*)$/is.exec(line)?.[1];
      return command === undefined ? [] : [command.trim()];
    }),
  );
}

function readMakeTargets(text: string): readonly string[] {
  return unique(
    text.split(/\r?\n/).flatMap((line) => {
      const trimmed = line.trim();
      if (/^[#.]|=/.test(trimmed)) return [];
      const target = /^([A-Za-z0-9_.-]+):/.exec(trimmed)?.[1];
      return target === undefined ? [] : [target];
    }),
  );
}
