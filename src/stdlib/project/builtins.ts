/** Builtins under `std/project`, and `scan_directory`: what kind of project a folder holds, and what lies in it. */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import type { Call, Outcome, Suspension } from "../../builtin/call.ts";
import { awaitEffect } from "../../builtin/call.ts";
import type { Builtin, Example, Need } from "../../builtin/declaration.ts";
import { builtin, suspending, withExamples } from "../../builtin/declaration.ts";
import { raiseFailure, thrownError } from "../../builtin/raise.ts";
import { displayValue } from "../../value/display.ts";
import { jsonToValue } from "../../value/json.ts";
import { makeFloat } from "../../value/numbers.ts";
import { HDict, HList, type Value } from "../../value/value.ts";
import { resolvePath } from "../files.ts";
import { asWhole } from "../number-reading.ts";
import { PROJECT_KINDS } from "./catalog.ts";

function reading(call: Call, args: readonly Value[]): Need {
  const path = resolvePath(call, args[0] === undefined || args[0] === null ? "." : displayValue(args[0]));
  return { grant: "workspace.list", over: "workspace.list", paths: [{ path, write: false }] };
}

/** The folder, or that of the file, with links followed. */
export function projectFolder(call: Call, path: string, who: string): string {
  const { files } = call.ports;
  const resolved = resolvePath(call, path);
  const folder = files.statSync(resolved)?.kind === "directory" ? resolved : parentPath(resolved);
  if (!files.existsSync(folder)) throw thrownError(`${who}: path does not exist: ${folder}`);
  return files.realpathSync(folder);
}

export function scanOptions(options: HDict | null): JsonObject {
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = options?.get(key);
    return typeof value === "boolean" ? value : otherwise;
  };
  const depth = options?.get("depth");
  const whole = asWhole(depth ?? null);
  const tiers = options?.get("tiers");
  return {
    depth: depth === undefined ? 3 : whole === null ? null : Math.max(0, whole),
    hidden: flag("include_hidden", false),
    vendor: flag("include_vendor", false),
    gitignore: flag("respect_gitignore", true),
    config: tiers instanceof HList && tiers.items.includes("config"),
  };
}

/** Waits for the effect `project.scan`. */
export function scanProject(
  call: Call,
  what: string,
  path: string,
  options: JsonObject,
  data: Value = null,
): Suspension {
  const root = call.ports.files.realpathSync(call.scope.cwd);
  return awaitEffect(
    { kind: "project.scan", version: 1, args: { what, path, root, options }, repeat: "safe", place: "host" },
    data,
  );
}

/** Scores are floats, whatever they are. */
export function evidenceValue(json: Json): Value {
  const evidence = jsonToValue(json);
  const confidence = evidence instanceof HDict ? evidence.get("confidence") : null;
  if (!(evidence instanceof HDict) || !(confidence instanceof HDict)) return evidence;
  const scores = [...confidence.entries()].map(
    ([key, score]) => [key, makeFloat(Number(score instanceof Object ? 0 : score))] as const,
  );
  evidence.set("confidence", HDict.from(scores));
  return evidence;
}

export function resultOf(outcome: Outcome): Json {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  return outcome.kind === "result" ? outcome.result : null;
}

const scanner = (name: string, what: string, result: string, doc: string, finish: (json: Json) => Value): Builtin =>
  suspending(name, {
    sig: `(path?: any, options?: any) -> ${result}` as "(path?: any, options?: any) -> any",
    doc,
    needs: reading,
    borrows: true,
    run(call, args) {
      const path = args.raw("path") === null ? "." : args.text("path");
      return scanProject(call, what, projectFolder(call, path, "project.scan"), scanOptions(args.dict("options")));
    },
    finish: (_call, outcome) => finish(resultOf(outcome)),
  });

function listingOptions(pattern: Value, options: HDict | null): JsonObject {
  const dicts = [pattern instanceof HDict ? pattern : null, options];
  const last = (key: string): Value => dicts.reduce<Value>((before, dict) => dict?.get(key) ?? before, null);
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = last(key);
    return typeof value === "boolean" ? value : otherwise;
  };
  const named = last("pattern");
  const wanted = named === null || displayValue(named) === "" ? pattern : displayValue(named);
  const depth = asWhole(last("max_depth"));
  return {
    pattern: typeof wanted === "string" ? wanted : null,
    maxDepth: depth === null || depth < 0 ? 5 : depth,
    hidden: flag("include_hidden", false),
    folders: flag("include_dirs", true),
    files: flag("include_files", true),
  };
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  project_scan_native: {
    code: 'mkdir("crate")\nwrite_file("crate/Cargo.toml", "[package]")\nprintln(project_scan_native("crate").languages)',
    prints: "[rust]",
  },
  project_scan_tree_native: {
    code: 'mkdir("many/web")\nwrite_file("many/web/package.json", "{}")\nprintln(project_scan_tree_native("many").keys())',
    prints: "[., web]",
  },
  project_walk_tree_native: {
    code: 'mkdir("walk/in")\nprintln(project_walk_tree_native("walk").map({ folder -> folder.path }))',
    prints: "[., in]",
  },
};

export const projectBuiltins: readonly Builtin[] = withExamples(
  [
    scanner(
      "project_scan_native",
      "folder",
      "dict",
      "What a folder's files say of it: languages, frameworks, build systems, anchors, lockfiles; with tier `config` also names, scripts and targets.",
      evidenceValue,
    ),
    scanner(
      "project_scan_tree_native",
      "tree",
      "dict",
      "The same of the folder and of each project below it, by relative path. What .gitignore files name is left out.",
      (json) =>
        HDict.from(
          Object.entries(isJsonObject(json) ? json : {}).map(([path, found]) => [path, evidenceValue(found!)]),
        ),
    ),
    scanner(
      "project_walk_tree_native",
      "walk",
      "list",
      "The folders of a tree with hashes of what is in each: {path, dir, structure_hash, content_hash}.",
      jsonToValue,
    ),
    builtin("project_catalog_native", {
      sig: "() -> list",
      doc: "The kinds of projects that a scan knows.",
      needs: "nothing",
      examples: [{ code: "println(project_catalog_native()[0].id)", prints: "rust" }],
      run: () => new HList(PROJECT_KINDS.map(({ anchorScore: _, ...kind }) => jsonToValue({ ...kind }))),
    }),
    suspending("scan_directory", {
      sig: "(path?: any, pattern?: any, options?: any) -> list",
      doc: "All below a folder: {path, size, modified, is_dir}. Options: pattern, max_depth (5), include_hidden, include_dirs, include_files.",
      needs: reading,
      borrows: true,
      examples: [
        {
          code: 'mkdir("scan")\nwrite_file("scan/a.md", "")\nwrite_file("scan/b.txt", "")\nprintln(scan_directory("scan", "*.md").map({ file -> file.path }))',
          prints: "[scan/a.md]",
        },
      ],
      run(call, args) {
        const path = args.raw("path") === null ? "" : args.text("path");
        const base = call.scope.cwd;
        const options = listingOptions(args.raw("pattern"), args.dict("options"));
        const start = joinPath(base, path);
        return awaitEffect({
          kind: "project.scan",
          version: 1,
          args: { what: "listing", path: start, root: base, options },
          repeat: "safe",
          place: "host",
        });
      },
      finish: (_call, outcome) => jsonToValue(resultOf(outcome)),
    }),
  ],
  EXAMPLES,
);
