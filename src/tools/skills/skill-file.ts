/**
 * `SKILL.md`: YAML between two `---` lines, then the instructions. What stands in the YAML becomes the entry of a skill registry; keys may be written
 * with hyphens or underscores.
 *
 * Invariant: keys that nobody knows are told, not refused; a value of the wrong kind is a failure that names file and key.
 */
import { parse as parseYaml, YAMLParseError } from "yaml";
import { Failure } from "../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { lastComponent } from "../../base/path.ts";

export interface SkillFile {
  /** As programs see it, without the layer that it comes from. */
  readonly entry: JsonObject & { readonly name: string };
  readonly unknownKeys: readonly string[];
}

type Kind = "text" | "flag" | "texts";

/** Flags are only there when they are set, lists when they have something. */
const KEYS: Readonly<Record<string, Kind>> = {
  name: "text",
  description: "text",
  when_to_use: "text",
  disable_model_invocation: "flag",
  allowed_tools: "texts",
  user_invocable: "flag",
  paths: "texts",
  context: "text",
  agent: "text",
  model: "text",
  effort: "text",
  shell: "text",
  argument_hint: "text",
  requires_mcp: "texts",
  mcp: "texts",
};

const EXPECTED: Readonly<Record<Kind, string>> = { text: "a text", flag: "true or false", texts: "a list of texts" };

/** `folder` is the skill's; without a name of its own the skill has that of its folder. */
export function readSkillFile(text: string, path: string, folder: string): SkillFile {
  const { head, body } = splitHead(text);
  const { data, unknownKeys } = readHead(head, path);
  const { name, description, ...rest } = data;
  const own = typeof name === "string" && name !== "" ? name : lastComponent(folder);
  return {
    entry: { name: own, description: description ?? "", ...rest, body, skill_dir: folder },
    unknownKeys,
  };
}

/** Without a closed head all is body. */
export function splitHead(text: string): { readonly head: string; readonly body: string } {
  const whole = text.replace(/^\ufeff/, "");
  const found = /^\s*---[ \t]*\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m.exec(whole);
  if (found === null || found.index !== 0) return { head: "", body: whole };
  return { head: found[1]!, body: whole.slice(found[0].length) };
}

function readHead(head: string, path: string): { readonly data: Record<string, Json>; readonly unknownKeys: string[] } {
  const parsed = parseHead(head, path);
  const data: Record<string, Json> = {};
  const unknownKeys: string[] = [];
  for (const [written, value] of Object.entries(parsed)) {
    const key = written.trim().replaceAll("-", "_");
    if (key === "hooks") data.hooks = readHooks(value, path);
    else if (KEYS[key] === undefined) unknownKeys.push(written);
    else {
      const read = readValue(value, KEYS[key], `${path}: ${written}`);
      if (read !== null) data[key] = read;
    }
  }
  return { data, unknownKeys };
}

function parseHead(head: string, path: string): JsonObject {
  if (head.trim() === "") return {};
  try {
    const parsed: unknown = parseYaml(head);
    if (parsed === null) return {};
    if (isJsonObject(parsed)) return parsed;
    throw new Failure(`${path}: the head must be a mapping of keys to values`);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const [place] = error.linePos ?? [];
    throw new Failure(`${path}:${(place?.line ?? 1) + 1}: ${error.message.split("\n")[0]}`);
  }
}

/** Null: as if it were not there. */
function readValue(value: Json, kind: Kind, where: string): Json {
  if (value === null) return null;
  if (kind === "text" && typeof value === "string") return value;
  if (kind === "text" && (typeof value === "number" || typeof value === "boolean")) return String(value);
  if (kind === "flag" && typeof value === "boolean") return value ? true : null;
  if (kind === "texts" && typeof value === "string") return value.split(/[\s,]+/).filter((word) => word !== "");
  if (kind === "texts" && Array.isArray(value) && value.every((item) => typeof item === "string"))
    return value.length === 0 ? null : value;
  throw new Failure(`${where}: expected ${EXPECTED[kind]}, got ${JSON.stringify(value)}`);
}

/** Commands by event: a mapping, or a list of `{event, command}`. */
function readHooks(value: Json, path: string): JsonObject {
  const pairs: readonly (readonly [Json | undefined, Json | undefined])[] = Array.isArray(value)
    ? value.map((item) =>
        isJsonObject(item) ? [item.event ?? item.name, item.command ?? item.run] : [undefined, item],
      )
    : isJsonObject(value)
      ? Object.entries(value)
      : [[undefined, value]];
  return Object.fromEntries(
    pairs.map(([event, command]) => {
      if (typeof event === "string" && typeof command === "string") return [event, command];
      throw new Failure(`${path}: hooks: expected commands by event, got ${JSON.stringify(value)}`);
    }),
  );
}
