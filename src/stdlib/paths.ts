/** Builtins on paths: text only, but for the two that ask what a path means in the workspace. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { displayCounted } from "../value/display.ts";
import { HDict, HList, type Value } from "../value/value.ts";
import { SEGMENTS } from "./paces.ts";
import {
  isAbsoluteText,
  joinParts,
  normalizePath,
  osBaseName,
  osDirName,
  osExtension,
  pathExtension,
  pathName,
  pathParent,
  pathStem,
  relativePath,
  splitPath,
  toPosix,
  withName,
} from "./path-text.ts";
import { classifyPath, workspacePathDict } from "./workspace-paths.ts";

const onPath = (
  name: string,
  result: string,
  doc: string,
  code: string,
  prints: string,
  run: (path: string) => Value,
) =>
  builtin(name, {
    sig: `(path: any) -> ${result}` as "(path: any) -> any",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code: `println(${name}("${code}"))`, prints }],
    pace: SEGMENTS,
    run: (_call, args) => run(args.text("path")),
  });

export const pathBuiltins: readonly Builtin[] = [
  builtin("path_join", {
    sig: "(...parts: any) -> string",
    doc: "The parts as one path; an absolute part replaces what stands before it.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(path_join("a", "b", "c.txt"))', prints: "a/b/c.txt" }],
    pace: SEGMENTS,
    run: (call, args) => joinParts(args.rest("parts").map((part) => displayCounted(part, call))),
  }),
  onPath("dirname", "string", "Everything before the last segment.", "/a/b.txt", "/a", osDirName),
  onPath("basename", "string", "The last segment.", "/a/b.txt", "b.txt", osBaseName),
  onPath("extname", "string", "The extension with its dot; empty when there is none.", "/a/b.txt", ".txt", osExtension),
  onPath("path_parent", "string", "Everything before the last segment.", "a/b/c.txt", "a/b", pathParent),
  onPath("path_basename", "string", "The last segment.", "a/b/c.txt", "c.txt", pathName),
  onPath("path_stem", "string", "The last segment without its extension.", "a/c.tar.gz", "c.tar", pathStem),
  onPath(
    "path_extension",
    "string",
    "The extension with its dot; empty when there is none.",
    "a/.env",
    "",
    pathExtension,
  ),
  onPath(
    "path_normalize",
    "string",
    "Without `.`, `..` and doubled slashes, as far as the text tells.",
    "a/./b/../c",
    "a/c",
    normalizePath,
  ),
  onPath("path_to_posix", "string", "With slashes for backslashes.", "a/b", "a/b", toPosix),
  onPath("path_to_native", "string", "As the system writes paths: with slashes.", "a/b", "a/b", toPosix),
  onPath("path_is_absolute", "bool", "Does it start at a root or a drive?", "/a", "true", isAbsoluteText),
  onPath("path_is_relative", "bool", "Does it not?", "/a", "false", (path) => !isAbsoluteText(path)),
  onPath(
    "path_segments",
    "list",
    "Its segments.",
    "/a/b",
    "[a, b]",
    (path) => new HList(splitPath(path).segments.slice()),
  ),
  onPath(
    "path_parts",
    "dict",
    "{dir, file, stem, ext, segments}.",
    "a/b.txt",
    "{dir: a, ext: .txt, file: b.txt, segments: [a, b.txt], stem: b}",
    (path) =>
      HDict.of({
        dir: pathParent(path),
        file: pathName(path),
        stem: pathStem(path),
        ext: pathExtension(path),
        segments: new HList(splitPath(path).segments.slice()),
      }),
  ),
  builtin("path_with_extension", {
    sig: "(path: any, extension: any) -> string",
    doc: "The path with another extension; its dot may be left out.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(path_with_extension("a/b.txt", "md"))', prints: "a/b.md" }],
    pace: SEGMENTS,
    run(_call, args) {
      const path = args.text("path");
      const extension = args.text("extension");
      const dotted = extension === "" || extension.startsWith(".") ? extension : `.${extension}`;
      return withName(path, pathStem(path) + dotted);
    },
  }),
  builtin("path_with_stem", {
    sig: "(path: any, stem: any) -> string",
    doc: "The path with another name before its extension.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(path_with_stem("a/b.txt", "c"))', prints: "a/c.txt" }],
    pace: SEGMENTS,
    run: (_call, args) => withName(args.text("path"), args.text("stem") + pathExtension(args.text("path"))),
  }),
  builtin("path_relative_to", {
    sig: "(path: any, base: any) -> any",
    doc: "The way from `base` to `path`; nil when only one of them is absolute.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(path_relative_to("/a/c", "/a/b"))', prints: "../c" }],
    pace: SEGMENTS,
    run: (_call, args) => relativePath(args.text("path"), args.text("base")),
  }),
  builtin("path_workspace_info", {
    sig: "(path: any, root?: any) -> dict",
    doc: "What a path means in the workspace: {kind: workspace_relative | host_absolute | invalid, workspace_path, host_path, normalized, recovered_root_drift, reason, input}.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(path_workspace_info("a/../b.txt").workspace_path)', prints: "b.txt" }],
    pace: SEGMENTS,
    run: (call, args) => workspacePathDict(classifyPath(call, args.text("path"), args.text("root") || call.scope.cwd)),
  }),
  builtin("path_workspace_normalize", {
    sig: "(path: any, root?: any) -> any",
    doc: "The path relative to the workspace's root; nil when it lies outside.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(path_workspace_normalize("../x"))', prints: "nil" }],
    pace: SEGMENTS,
    run: (call, args) => classifyPath(call, args.text("path"), args.text("root") || call.scope.cwd).workspacePath,
  }),
];
