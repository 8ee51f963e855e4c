import { expect, test } from "vitest";
import { createMemoryPorts } from "../ports/memory/ports.ts";
import { readExtensions } from "./run-extensions.ts";

function hooksOf(files: Readonly<Record<string, string>>) {
  const ports = createMemoryPorts({ files });
  return readExtensions({
    folder: "/project/src",
    files: ports.files,
    environment: ports.environment,
    skillFolders: [],
  }).hooks;
}

const hook = (more: string) => `[package]\nname = "p"\n\n[[hooks]]\n${more}\n`;

test("hooks of installed packages come first, by name; then the project's own", () => {
  const hooks = hooksOf({
    "/project/harn.toml": hook('event = "PreToolUse"\nhandler = "p::own"'),
    "/project/.harn/packages/b/harn.toml": hook('event = "PostToolUse"\nhandler = "p::b"\npattern = "x"'),
    "/project/.harn/packages/a/harn.toml": hook('event = "PostToolUse"\nhandler = "p::a"'),
    "/project/.harn/packages/plain/lib.harn": "",
    "/project/src/main.harn": "",
  });
  expect(hooks.map(({ handler, pattern }) => [handler, pattern])).toEqual([
    ["p::a", "*"],
    ["p::b", "x"],
    ["p::own", "*"],
  ]);
  expect(hooks[0]).toMatchObject({ package: "p", manifest: "/project/.harn/packages/a/harn.toml" });
});

test("without a manifest there is nothing", () => {
  expect(hooksOf({ "/project/src/main.harn": "" })).toEqual([]);
});

test.each([
  ['event = "PreTool"\nhandler = "p::x"', /\[\[hooks\]\] 1: event must be one of PreToolUse, .*got "PreTool"/],
  ['event = "PreToolUse"', /\[\[hooks\]\] 1: handler must be a text/],
  ['event = "PreToolUse"\nhandler = "p::x"\npattern = 3', /pattern must be a text/],
])("%s", (text, problem) => {
  expect(() => hooksOf({ "/project/harn.toml": hook(text) })).toThrow(problem);
});
