/** Skill registries: dicts `{_type: "skill_registry", skills: [entry…]}`, values like any other. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { compareUtf8 } from "../value/key-order.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { copyDict, HBuiltin, HClosure, HDict, HList, share } from "../value/value.ts";
import { catalogEntries, renderCatalog, substituteBody } from "./skill-text.ts";

const TEXT_KEYS = ["description", "when_to_use", "prompt", "invocation", "model", "effort"];
const LIST_KEYS = ["paths", "allowed_tools", "mcp", "requires_mcp"];
const CATALOG_BUDGET = 2_000;

/** Raises unless it is a registry. */
function requireRegistry(value: Value, who: string, what = "requires a skill registry"): HDict {
  if (!(value instanceof HDict)) throw thrownError(`${who}: ${what}`);
  if (value.get("_type") === "skill_registry") return value;
  throw thrownError(`${who}: argument must be a skill registry (created with skill_registry())`);
}

export function skillEntries(registry: HDict): readonly HDict[] {
  const skills = registry.get("skills");
  return skills instanceof HList ? skills.items.filter((item): item is HDict => item instanceof HDict) : [];
}

function withSkills(registry: HDict, entries: readonly HDict[]): HDict {
  const changed = copyDict(registry);
  changed.set("skills", new HList(entries.map((entry) => share(entry))));
  return changed;
}

const FIRST = "first argument must be a skill registry";

function checkConfig(config: HDict): void {
  for (const [keys, wanted] of [
    [TEXT_KEYS, "a string"],
    [LIST_KEYS, "a list"],
  ] as const) {
    for (const key of keys) {
      const value = config.get(key) ?? null;
      const fits = value === null || (wanted === "a string" ? typeof value === "string" : value instanceof HList);
      if (!fits) throw thrownError(`skill_define: '${key}' must be ${wanted}, got ${typeName(value)}`);
    }
  }
  const allowed = config.get("allowed_tools");
  for (const entry of allowed instanceof HList ? allowed.items : []) {
    const text = displayValue(entry);
    if (text === "namespace:")
      throw thrownError("skill_define: 'allowed_tools' entry 'namespace:' missing a tag after the colon");
    if (text.includes(":") && !text.startsWith("namespace:"))
      throw thrownError(
        `skill_define: 'allowed_tools' entry '${text}' contains ':' — only the \`namespace:<tag>\` prefix is recognized`,
      );
  }
}

function defineSkill(registry: HDict, name: string, config: HDict): HDict {
  checkConfig(config);
  const entry = HDict.from([["name", name], ["description", ""], ...config.entries()]);
  for (const value of config.entries()) share(value[1]);
  const known = skillEntries(registry);
  const at = known.findIndex((other) => other.get("name") === name);
  return withSkills(registry, at < 0 ? [...known, entry] : known.with(at, entry));
}

function describe(entries: readonly HDict[]): string {
  if (entries.length === 0) return "Available skills:\n(none)";
  const text = (entry: HDict, key: string): string => displayValue(entry.get(key) ?? "");
  const sorted = [...entries].sort((a, b) => compareUtf8(text(a, "name"), text(b, "name")));
  const lines = sorted.flatMap((entry) => {
    const [name, description, when] = ["name", "description", "when_to_use"].map((key) => text(entry, key));
    return [
      description === "" ? `- ${name}` : `- ${name}: ${description}`,
      ...(when === "" ? [] : [`  when: ${when}`]),
    ];
  });
  return ["Available skills:", ...lines].join("\n");
}

const reader = (
  name: string,
  result: string,
  doc: string,
  prints: string,
  read: (entries: readonly HDict[]) => Value,
) =>
  builtin(name, {
    sig: `(registry: any) -> ${result}` as "(registry: any) -> any",
    doc,
    needs: "nothing",
    examples: [{ code: `println(${name}(skill_define(skill_registry(), "a", {description: "A"})))`, prints }],
    run: (_call, args) => read(skillEntries(requireRegistry(args.raw("registry"), name))),
  });

const isHook = (value: Value): boolean => value instanceof HClosure || value instanceof HBuiltin;

export const skillBuiltins: readonly Builtin[] = [
  builtin("skill_registry", {
    sig: "() -> dict",
    doc: "A registry without skills.",
    needs: "nothing",
    examples: [{ code: "println(skill_count(skill_registry()))", prints: "0" }],
    run: () => HDict.of({ _type: "skill_registry", skills: new HList([]) }),
  }),
  builtin("skill_define", {
    sig: "(registry: any, name: any, config: any) -> dict",
    doc: "The registry with a skill, which takes the place of one of that name. Known fields are checked, others are kept.",
    needs: "nothing",
    examples: [
      {
        code: 'let r = skill_define(skill_registry(), "a", {prompt: "Do it."})\nprintln(skill_find(r, "a").prompt)',
        prints: "Do it.",
      },
    ],
    run(_call, args) {
      if (args.count < 3) throw thrownError("skill_define: requires registry, name, and config dict");
      const registry = requireRegistry(args.raw("registry"), "skill_define", FIRST);
      const name = args.text("name");
      if (args.raw("name") === null || name === "")
        throw thrownError("skill_define: skill name must be a non-empty string");
      const config = args.raw("config") ?? HDict.empty();
      if (!(config instanceof HDict)) throw thrownError("skill_define: third argument must be a config dict");
      return defineSkill(registry, name, config);
    },
  }),
  reader(
    "skill_list",
    "list",
    "The skills without their hooks.",
    "[{description: A, name: a}]",
    (entries) =>
      new HList(
        entries.map((entry) =>
          HDict.from(
            [...entry.entries()].filter(([, value]) => !isHook(value)).map(([key, value]) => [key, share(value)]),
          ),
        ),
      ),
  ),
  reader("skill_count", "int", "How many skills there are.", "1", (entries) => entries.length),
  reader("skill_describe", "string", "The skills as text, by name.", "Available skills:\n- a: A", describe),
  reader(
    "skills_catalog_entries",
    "list",
    "The skills by id (`namespace/name`), in order: {name, description, when_to_use}.",
    "[{description: A, name: a, when_to_use: }]",
    (entries) => new HList([...catalogEntries(entries)]),
  ),
  builtin("skill_find", {
    sig: "(registry: any, name: any) -> dict | nil",
    doc: "The skill of a name; nil: none.",
    needs: "nothing",
    examples: [{ code: 'println(skill_find(skill_registry(), "a"))', prints: "nil" }],
    run(_call, args) {
      if (args.count < 2) throw thrownError("skill_find: requires registry and name");
      const registry = requireRegistry(args.raw("registry"), "skill_find", FIRST);
      return share(skillEntries(registry).find((entry) => entry.get("name") === args.text("name")) ?? null);
    },
  }),
  builtin("skill_select", {
    sig: "(registry: any, names: any) -> dict",
    doc: "The registry with the skills of these names only.",
    needs: "nothing",
    examples: [
      {
        code: 'let r = skill_define(skill_registry(), "a", {})\nprintln(skill_count(skill_select(r, ["b"])))',
        prints: "0",
      },
    ],
    run(_call, args) {
      if (args.count < 2) throw thrownError("skill_select: requires registry and names list");
      const registry = requireRegistry(args.raw("registry"), "skill_select", FIRST);
      const list = args.list("names");
      if (list === null) throw thrownError("skill_select: second argument must be a list of skill names");
      const names = new Set(list.items.map((name) => displayValue(name)));
      return withSkills(
        registry,
        skillEntries(registry).filter((entry) => names.has(displayValue(entry.get("name") ?? ""))),
      );
    },
  }),
  builtin("skill_remove", {
    sig: "(registry: any, name: any) -> dict",
    doc: "The registry without the skill of a name.",
    needs: "nothing",
    examples: [
      {
        code: 'let r = skill_define(skill_registry(), "a", {})\nprintln(skill_count(skill_remove(r, "a")))',
        prints: "0",
      },
    ],
    run(_call, args) {
      if (args.count < 2) throw thrownError("skill_remove: requires registry and name");
      const registry = requireRegistry(args.raw("registry"), "skill_remove", FIRST);
      return withSkills(
        registry,
        skillEntries(registry).filter((entry) => entry.get("name") !== args.text("name")),
      );
    },
  }),
  builtin("skill_render", {
    sig: "(skill: any, arguments?: any) -> string",
    doc: "A skill's body (or a text) with $ARGUMENTS, $1, $2, …, ${HARN_SKILL_DIR} and other variables in place. What is not given stays.",
    needs: "nothing",
    deep: true,
    borrows: true,
    examples: [{ code: 'println(skill_render("hi $1, $2", ["you"]))', prints: "hi you, $2" }],
    run(call, args) {
      const skill = args.raw("skill");
      if (!(skill instanceof HDict) && typeof skill !== "string")
        throw thrownError("skill_render: first argument must be a skill entry or a string body");
      const given = args.raw("arguments");
      if (given !== null && !(given instanceof HList))
        throw thrownError("skill_render: second argument must be a list of strings");
      const folder = skill instanceof HDict ? displayValue(skill.get("skill_dir") ?? "") : "";
      return substituteBody(skill instanceof HDict ? displayValue(skill.get("body") ?? "") : skill, {
        arguments: given === null ? [] : given.items.map((item) => displayValue(item)),
        variable(name) {
          if (name === "HARN_SKILL_DIR") return folder === "" ? null : folder;
          if (name === "HARN_SESSION_ID") return call.scope.session ?? call.ports.environment.get(name) ?? null;
          return call.ports.environment.get(name) ?? null;
        },
      });
    },
  }),
  builtin("render_always_on_catalog", {
    sig: "(catalog: any, budget?: any) -> string",
    doc: "A section for a system prompt that lists skills, of at most so many bytes (2000), with a note when some are left out.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(contains(render_always_on_catalog([]), "(none)"))', prints: "true" }],
    run(_call, args) {
      const catalog = args.raw("catalog");
      const who = "render_always_on_catalog";
      const what = "first argument must be a catalog entry list or skill registry";
      const entries =
        catalog instanceof HList
          ? catalog.items.filter((item): item is HDict => item instanceof HDict)
          : catalogEntries(skillEntries(requireRegistry(catalog, who, what)));
      const budget = args.raw("budget") ?? CATALOG_BUDGET;
      if (typeof budget !== "number" || !Number.isInteger(budget) || budget <= 0)
        throw thrownError(`${who}: second argument must be a positive integer budget`);
      return renderCatalog(entries, budget);
    },
  }),
];
