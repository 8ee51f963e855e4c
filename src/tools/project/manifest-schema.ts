/**
 * The JSON Schema of `harn.toml`, for editors. `docs/harn.schema.json` is written from it by `npm run docs:stdlib`; a test compares the two.
 *
 * Invariant: keys that nobody knows are allowed, since a newer version may know them.
 */
import { HOOK_EVENTS } from "../../agents/hooks.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { RULES } from "../lint/rule-table.ts";

const text = (description: string): JsonObject => ({ type: "string", description });
const flag = (description: string): JsonObject => ({ type: "boolean", default: false, description });
const texts = (description: string): JsonObject => ({ type: "array", items: { type: "string" }, description });
const count = (least: number, otherwise: number, description: string): JsonObject => ({
  type: "integer",
  minimum: least,
  default: otherwise,
  description,
});
const choice = (names: readonly string[], description: string): JsonObject => ({ enum: [...names], description });
const table = (description: string, properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: "object",
  description,
  properties,
  ...(required.length === 0 ? {} : { required: [...required] }),
});
const list = (description: string, items: Json): JsonObject => ({ type: "array", description, items });
const mapOf = (description: string, values: Json): JsonObject => ({
  type: "object",
  description,
  additionalProperties: values,
});

const rules = RULES.map(({ name }) => name);
const ruleList = (description: string): JsonObject => ({
  type: "array",
  description,
  items: { enum: [...rules] },
  uniqueItems: true,
});

export const MANIFEST_SCHEMA: JsonObject = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "harn.toml",
  description: "The manifest of a Harn project.",
  type: "object",
  properties: {
    package: table("The project.", {
      name: text("Its name."),
      version: text("Its version, as in 1.2.3."),
    }),
    dependencies: mapOf("Packages by the name under which they are imported.", {
      anyOf: [
        text("A folder, relative to this file."),
        table("A git repository or a folder.", {
          git: text("Where the repository is."),
          tag: text("A tag or branch of it."),
          path: text("A folder, relative to this file."),
        }),
      ],
    }),
    exports: mapOf("Modules that other packages import, by name.", text("A file, relative to this one.")),
    workspace: table("Programs that belong together.", {
      pipelines: texts("Files and folders that `harn check --workspace` looks at."),
    }),
    check: table("`harn check`, and how strict linting is.", {
      strict: flag("A warning of the linter makes it end with 1."),
      strict_types: flag("Values without a known type must be checked before use."),
      disable_rules: ruleList("Lint rules that are off."),
      host_functions: texts("Functions that the program gets from the one that embeds it, `host_tools` among them."),
      host_capabilities: mapOf(
        "What the host offers beside the known: operations by capability.",
        texts("Operations."),
      ),
      host_capabilities_path: text("A file with the same."),
      bundle_root: text("The folder where templates and other files of programs are looked up."),
      preflight_severity: choice(["error", "warning", "off"], "How missing files and operations are reported."),
      preflight_allow: texts("Capabilities or operations that are not reported."),
    }),
    lint: table("`harn lint`.", {
      disabled: ruleList("Rules that are off."),
      severity: {
        type: "object",
        description: "How rules are reported.",
        properties: Object.fromEntries(
          RULES.map(({ name, doc }) => [name, choice(["off", "note", "warning", "error"], doc)]),
        ),
      },
      require_file_header: flag("Every file begins with a header comment."),
      complexity_threshold: count(1, 25, "How many ways through a function are too many."),
    }),
    fmt: table("`harn fmt`.", {
      line_width: count(1, 100, "The longest line."),
      separator_width: count(1, 80, "The length of section bars."),
    }),
    skills: table("Where skills are looked for.", {
      paths: texts("Folders."),
      lookup_order: texts("Layers, first hit wins."),
      disable: texts("Layers that are left out."),
      defaults: table("For skills that do not say it.", {
        tool_search: text("How tools are searched."),
        always_loaded: texts("Tools that are always there."),
      }),
    }),
    skill: table("Further sources of skills.", {
      source: list("In order.", {
        type: "object",
        required: ["type"],
        properties: {
          type: choice(["fs", "git", "registry"], "What kind of source it is."),
          path: text("Of fs: a folder."),
          url: text("Of git and registry."),
          tag: text("Of git: a tag or branch."),
          name: text("Of registry."),
          namespace: text("What stands in front of the skills' names."),
        },
      }),
    }),
    mcp: list(
      "MCP servers that programs may use.",
      table(
        "One server.",
        {
          name: text("How programs call it."),
          transport: choice(["stdio", "http"], "How it is reached."),
          command: text("Of stdio: the program."),
          args: texts("Its arguments."),
          env: mapOf("Variables that it gets.", text("A value.")),
          url: text("Of http: where it is."),
          auth_token: text("Sent with each request."),
          client_id: text("Of OAuth."),
          client_secret: text("Of OAuth."),
          scopes: text("Of OAuth, with spaces between."),
          protocol_version: text("The version that is spoken."),
          proxy_server_name: text("The server's name behind a proxy."),
          lazy: flag("It starts when a skill or a call first needs it."),
          card: text("A file or URL that describes it."),
          keep_alive_ms: count(0, 0, "How long it stays after its last use, in milliseconds."),
        },
        ["name"],
      ),
    ),
    hooks: list(
      "Functions that run when something happens.",
      table(
        "One hook.",
        {
          event: choice(HOOK_EVENTS, "What happens."),
          pattern: { ...text("Which tools or workers; `*` stands for any text."), default: "*" },
          handler: text("The function, as in module::name."),
        },
        ["event", "handler"],
      ),
    ),
    llm: { type: "object", description: "Providers, aliases and defaults of models." },
    capabilities: {
      type: "object",
      description: "What models of a provider can do, where the built-in table is wrong.",
    },
  },
};
