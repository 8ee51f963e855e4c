import { expect, test } from "vitest";
import { createMemoryPorts } from "../../ports/memory/ports.ts";
import { ManifestFinder } from "../manifest.ts";
import { discoverSkills, type SkillPlaces } from "./discovery.ts";
import { readSkillFile, splitHead } from "./skill-file.ts";

const skill = (name: string, more = "") =>
  `---\nname: ${name}\ndescription: From ${name}\n${more}---\nBody of ${name}\n`;

function discover(files: Readonly<Record<string, string>>, more: Partial<SkillPlaces> = {}) {
  const ports = createMemoryPorts({ files: { "/project/src/main.harn": "", ...files } });
  const manifest = new ManifestFinder(ports.files).nearest("/project/src");
  return discoverSkills({
    files: ports.files,
    folder: "/project/src",
    manifest,
    given: [],
    path: undefined,
    home: "/home/tester",
    config: undefined,
    isWindows: false,
    ...more,
  });
}

test("each layer is found; the higher one hides those below", () => {
  const { skills, hidden } = discover(
    {
      "/project/harn.toml":
        '[skills]\npaths = ["more/*/skills"]\n[[skill.source]]\ntype = "fs"\npath = "shared"\nnamespace = "acme"\n',
      "/given/deploy/SKILL.md": skill("deploy"),
      "/one/SKILL.md": skill("single"),
      "/env/b/SKILL.md": skill("from_env"),
      "/project/.harn/skills/deploy/SKILL.md": skill("deploy"),
      "/project/.harn/skills/review/SKILL.md": skill("review"),
      "/project/more/x/skills/m/SKILL.md": skill("m"),
      "/project/more/not/here/skills/n/SKILL.md": skill("n"),
      "/project/shared/deploy/SKILL.md": skill("deploy"),
      "/project/.harn/packages/p/skills/packed/SKILL.md": skill("packed"),
      "/home/tester/.harn/skills/review/SKILL.md": skill("review"),
      "/home/tester/.config/harn/skills/managed/SKILL.md": skill("managed"),
    },
    { given: ["/given", "/one"], path: "/nowhere::/env" },
  );
  expect(skills.map(({ id, layer }) => `${id} ${layer}`)).toEqual([
    "acme/deploy manifest",
    "deploy cli",
    "from_env env",
    "m manifest",
    "managed system",
    "packed package",
    "review project",
    "single cli",
  ]);
  expect(hidden.map(({ id, layer }) => `${id} ${layer}`)).toEqual(["deploy project", "review user"]);
  expect(skills[0]!.entry).toMatchObject({ name: "deploy", namespace: "acme", source: "manifest" });
});

test("layers may be turned off and put into another order", () => {
  const files = {
    "/project/.harn/skills/a/SKILL.md": skill("a", "effort: high\n"),
    "/home/tester/.harn/skills/a/SKILL.md": skill("a", "effort: low\n"),
  };
  const effort = (toml: string) =>
    discover({ ...files, "/project/harn.toml": toml }).skills.map(({ entry }) => entry.effort);
  expect(effort("")).toEqual(["high"]);
  expect(effort('[skills]\nlookup_order = ["user"]\n')).toEqual(["low"]);
  expect(effort('[skills]\ndisable = ["project", "user"]\n')).toEqual([]);
  expect(() => effort('[skills]\ndisable = ["users"]\n')).toThrow(
    /disable: users is no layer; the layers are cli, env/,
  );
});

test("the home folder's skills are the user's, though it lies above the project", () => {
  const { skills } = discover(
    { "/project/.harn/skills/a/SKILL.md": skill("a") },
    { home: "/project", folder: "/project/src" },
  );
  expect(skills.map(({ layer }) => layer)).toEqual(["user"]);
});

test("a broken skill is told and left out, the others are there", () => {
  const { skills, warnings } = discover({
    "/project/.harn/skills/bad/SKILL.md": "---\nname: [\n---\n",
    "/project/.harn/skills/kind/SKILL.md": "---\npaths: {a: 1}\n---\n",
    "/project/.harn/skills/odd/SKILL.md": skill("odd", "later-key: 1\n"),
  });
  expect(skills.map(({ id }) => id)).toEqual(["odd"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^\/project\/\.harn\/skills\/bad\/SKILL\.md:\d+: /),
    '/project/.harn/skills/kind/SKILL.md: paths: expected a list of texts, got {"a":1}',
    "/project/.harn/skills/odd/SKILL.md: nobody knows the key later-key",
  ]);
});

test("keys in both spellings, lists in both forms, hooks in both forms", () => {
  const text =
    "---\nwhen-to-use: Now\nallowed_tools: bash, git\nuser-invocable: true\ndisable-model-invocation: false\nhooks:\n  - event: on-activate\n    command: echo hi\n---\n\n# Title\n";
  expect(readSkillFile(text, "S", "/x/named").entry).toEqual({
    name: "named",
    description: "",
    when_to_use: "Now",
    allowed_tools: ["bash", "git"],
    user_invocable: true,
    hooks: { "on-activate": "echo hi" },
    body: "\n# Title\n",
    skill_dir: "/x/named",
  });
});

test.each([
  ["no head at all", { head: "", body: "no head at all" }],
  ["---\na: 1\n", { head: "", body: "---\na: 1\n" }],
  ["\ufeff---\r\na: 1\r\n---\r\nbody", { head: "a: 1\r\n", body: "body" }],
  ["---\na: 1\n---", { head: "a: 1\n", body: "" }],
  ["text\n---\na: 1\n---\n", { head: "", body: "text\n---\na: 1\n---\n" }],
])("%j is split", (text, parts) => {
  expect(splitHead(text)).toEqual(parts);
});
