/** Skills as text: the catalogue in a system prompt, and bodies with their arguments in place. */
import { displayValue } from "../value/display.ts";
import { compareUtf8 } from "../value/key-order.ts";
import { HDict } from "../value/value.ts";

const textOf = (entry: HDict, key: string): string => displayValue(entry.get(key) ?? "");

/** What names a skill: `namespace/name`, or its name. */
export function skillId(entry: HDict): string {
  const namespace = textOf(entry, "namespace");
  return namespace === "" ? textOf(entry, "name") : `${namespace}/${textOf(entry, "name")}`;
}

/** `{name (the id), description, when_to_use}`, by id. */
export function catalogEntries(skills: readonly HDict[]): readonly HDict[] {
  return skills
    .map((skill) => [skillId(skill), skill] as const)
    .filter(([id]) => id !== "")
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([id, skill]) =>
      HDict.of({
        name: id,
        description: textOf(skill, "description"),
        when_to_use: textOf(skill, "when_to_use"),
      }),
    );
}

/** The wording is part of the protocol: models and tests of existing programs know it. */
const HEADER =
  '## Available skills\n\nThese skills are available. Call `load_skill({ name: "<skill-id>" })` to load the full body of a skill when it becomes relevant.\n\n';

const omission = (count: number): string => `\n\n... ${count} more skill(s) omitted to stay within budget.`;

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** At most `budget` bytes, but always the header and room for the note. */
export function renderCatalog(entries: readonly HDict[], budget: number): string {
  const blocks = entries.flatMap((entry) => {
    const [name, description, when] = ["name", "description", "when_to_use"].map((key) => textOf(entry, key));
    if (name === "") return [];
    return `- \`${name}\`${description === "" ? "" : `: ${description}`}${when === "" ? "" : `\n  when: ${when}`}`;
  });
  if (blocks.length === 0) return `${HEADER}(none)`;
  const room = Math.max(budget, bytes(HEADER) + bytes(omission(1)));
  const whole = (count: number): string => HEADER + blocks.slice(0, count).join("\n");
  let shown = 0;
  for (let size = bytes(HEADER); shown < blocks.length; shown++) {
    size += bytes(blocks[shown]!) + (shown > 0 ? 1 : 0);
    if (size > room) break;
  }
  if (shown === blocks.length) return whole(shown);
  while (shown > 0 && bytes(whole(shown) + omission(blocks.length - shown)) > room) shown--;
  const note = omission(blocks.length - shown);
  return bytes(HEADER + note) > room && shown === 0 ? HEADER : whole(shown) + note;
}

export interface Substitution {
  readonly arguments: readonly string[];
  /** null: not known. */
  variable(name: string): string | null;
}

/** `$$` is a dollar, `$ARGUMENTS` all arguments, `$N` one, `${NAME}` a variable; everything else stays. */
export function substituteBody(body: string, values: Substitution): string {
  return body.replace(/\$\$|\$ARGUMENTS|\$(\d+)|\$\{([^}]*)\}/g, (whole, index?: string, name?: string) => {
    if (whole === "$$") return "$";
    if (whole === "$ARGUMENTS") return values.arguments.join(" ");
    if (index !== undefined) return values.arguments[Number(index) - 1] ?? whole;
    return values.variable(name ?? "") ?? whole;
  });
}
