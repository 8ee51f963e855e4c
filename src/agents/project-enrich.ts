/**
 * `project_enrich_native`: lets a model say what a folder is, from a prompt template that sees its files. Answers are kept in the project's cache
 * while files, prompt and schema stay the same.
 *
 * Steps: evidence (unless given), source files, the cache, the model, the cache again.
 */

import type { JsonObject } from "../base/json.ts";
import { joinPath, parentPath } from "../base/path.ts";
import type { PendingEffect } from "../builtin/call.ts";
import { runMachine } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { raiseFailure, thrownError } from "../builtin/raise.ts";
import { resolvePath } from "../stdlib/files.ts";
import { asWhole } from "../stdlib/number-reading.ts";
import { evidenceValue, projectFolder, scanOptions } from "../stdlib/project/builtins.ts";
import { renderText } from "../stdlib/template/builtins.ts";
import { UNMETERED } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, parseJson, stringifyJson } from "../value/json.ts";
import { compareUtf8 } from "../value/key-order.ts";
import { codePointLength, sliceCodePoints } from "../value/strings.ts";
import { copyDict, HBuiltin, HDict, HList, share, type Value } from "../value/value.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { NEEDS_MODEL } from "./llm-builtins.ts";

const PROJECT_ENRICH_MACHINE = "project_enrich";
const MAX_FILES = 12;
const MAX_FILE_CHARACTERS = 4_000;
const MAX_CHARACTERS = 24_000;
/** A larger file is not shown to a model. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const BUDGET_TOKENS = 4_000;

/** Files that say much about a project, whatever its kind. */
const TELLING: readonly string[] = [
  "README.md",
  "README.MD",
  "README",
  "Readme.md",
  "Dockerfile",
  "GNUmakefile",
  "Makefile",
  "makefile",
  "package.json",
  "Cargo.toml",
  "pyproject.toml",
  "go.mod",
  "tsconfig.json",
  "next.config.js",
  "next.config.mjs",
  "next.config.ts",
  "setup.py",
  "requirements.txt",
  "Gemfile",
];

interface EnrichState {
  readonly folder: string;
  readonly options: HDict;
  phase: "start" | "evidence" | "sources" | "model" | "cache_folder" | "cache_file";
  evidence: HDict | null;
  cachePath: string;
  /** Of the prompt and the schema, estimated. */
  tokens: number;
  result: Value;
}

const textOption = (options: HDict, key: string): string | null => {
  const value = options.get(key);
  return typeof value === "string" ? value : null;
};

const scanEffect = (what: string, path: string, options: JsonObject): PendingEffect => ({
  kind: "project.scan",
  version: 1,
  args: { what, path, root: path, options },
  repeat: "safe",
  place: "host",
});

const waitFor = (effect: PendingEffect): Directive => ({ kind: "wait", sources: [{ kind: "effect", effect }] });

export const projectEnrichMachine: Machine = machine<EnrichState>({
  kind: PROJECT_ENRICH_MACHINE,
  version: 1,
  step(state, input, call) {
    switch (input.kind) {
      case "start":
        if (state.evidence !== null) return findSources(state);
        state.phase = "evidence";
        return waitFor(scanEffect("folder", state.folder, { ...scanOptions(null), config: true }));
      case "outcome": {
        const { outcome } = input;
        if (outcome.kind === "failed") return { kind: "raise", error: raiseFailure(outcome).error };
        const json = outcome.kind === "result" ? outcome.result : null;
        if (state.phase === "evidence") {
          state.evidence = evidenceValue(json) as HDict;
          return findSources(state);
        }
        if (state.phase === "sources") return ask(state, call, Array.isArray(json) ? json.map(String) : []);
        return keep(state);
      }
      case "returned":
        return answered(state, input.value);
      case "raised":
        if (input.error.category !== "schema_validation") return { kind: "raise", error: input.error };
        return { kind: "done", value: unfit(state, input.error.message, null, state.tokens, 0) };
      case "cancelled":
        return { kind: "done", value: null };
    }
  },
});

function findSources(state: EnrichState): Directive {
  state.phase = "sources";
  const languages = state.evidence!.get("languages");
  const names = languages instanceof HList ? languages.items.map((name) => displayValue(name)) : [];
  return waitFor(scanEffect("sources", state.folder, { languages: names }));
}

interface ShownFile {
  readonly path: string;
  readonly content: string;
  readonly truncated: boolean;
  readonly digest: string;
}

function readFiles(call: VmCall, state: EnrichState, sources: readonly string[]): readonly ShownFile[] {
  const named = ["anchors", "lockfiles"].flatMap((key) => {
    const list = state.evidence!.get(key);
    return list instanceof HList ? list.items.map((name) => displayValue(name).replace(/\/$/, "")) : [];
  });
  const { files, hash } = call.ports;
  const wanted = [...new Set([...named, ...TELLING, ...sources])]
    .filter((path) => path !== "" && files.statSync(joinPath(state.folder, path))?.kind === "file")
    .sort(compareUtf8);
  const shown: ShownFile[] = [];
  let total = 0;
  for (const path of wanted.slice(0, MAX_FILES)) {
    if (total >= MAX_CHARACTERS) break;
    let text: string;
    try {
      text = files.readTextSync(joinPath(state.folder, path), { maxBytes: MAX_FILE_BYTES });
    } catch {
      // Binary, too large or unreadable: the others still say something.
      continue;
    }
    const content = sliceCodePoints(text, 0, MAX_FILE_CHARACTERS, UNMETERED);
    total += codePointLength(content, UNMETERED);
    shown.push({ path, content, truncated: content.length < text.length, digest: hash.sha256(text) });
  }
  return shown;
}

function ask(state: EnrichState, call: VmCall, sources: readonly string[]): Directive {
  const { options, folder } = state;
  const evidence = state.evidence!;
  const files = readFiles(call, state, sources);
  const bindings = new Map<string, Value>(evidence.entries());
  for (const name of ["base_evidence", "evidence"]) bindings.set(name, share(evidence));
  bindings.set("path", folder);
  bindings.set("files", new HList(files.map(({ path, content, truncated }) => HDict.of({ path, content, truncated }))));
  const prompt = renderText(call, textOption(options, "prompt")!, HDict.fromMap(bindings), call.scope.cwd);
  const schema = stringifyJson(options.get("schema") ?? null);
  const { hash } = call.ports;
  const identity = JSON.stringify({
    cache_key: textOption(options, "cache_key") ?? "default",
    content_hash: hash.sha256(files.map(({ path, digest }) => `${path}:${digest}`).join("|")),
    path: folder,
    prompt_hash: hash.sha256(prompt),
    schema_hash: hash.sha256(schema),
  });
  const cacheFolder = textOption(options, "cache_dir");
  const cache = cacheFolder === null ? joinPath(folder, ".harn/cache/enrichment") : resolvePath(call, cacheFolder);
  state.cachePath = joinPath(cache, `${hash.sha256(identity)}.json`);
  const cached = readCache(call, state.cachePath);
  if (cached !== null) return { kind: "done", value: cached };

  state.tokens = estimate(prompt) + estimate(schema);
  if (state.tokens > Math.max(0, asWhole(options.get("budget_tokens") ?? null) ?? BUDGET_TOKENS)) {
    const result = copyDict(evidence);
    result.set("budget_exceeded", true);
    result.set("_provenance", provenance(null, state.tokens, 0, false));
    return { kind: "done", value: result };
  }
  state.phase = "model";
  return { kind: "call", fn: new HBuiltin("llm_call"), args: [null, null, modelOptions(options, prompt)] };
}

const estimate = (text: string): number => Math.floor((codePointLength(text, UNMETERED) + 3) / 4);

function modelOptions(options: HDict, prompt: string): HDict {
  const chosen = ["provider", "model", "temperature"].flatMap((key) => {
    const value = options.get(key) ?? null;
    return value === null ? [] : [[key, share(value)] as const];
  });
  const schema = options.get("schema") ?? null;
  return HDict.from([
    ...chosen,
    ...(schema === null ? [] : [["output_schema", share(schema)] as const]),
    ["output_validation", "error"],
    ["response_format", "json"],
    ["schema_retries", Math.max(0, asWhole(options.get("schema_retries") ?? null) ?? 1)],
    ["messages", new HList([HDict.of({ role: "user", content: prompt })])],
  ]);
}

function answered(state: EnrichState, response: Value): Directive {
  const dict = response instanceof HDict ? response : HDict.empty();
  const model = textOption(dict, "model");
  const used = asWhole(dict.get("input_tokens") ?? null) ?? state.tokens;
  const made = asWhole(dict.get("output_tokens") ?? null) ?? 0;
  const data = dict.get("data");
  if (data === undefined) {
    return { kind: "done", value: unfit(state, "the model's answer holds no structured data", model, used, made) };
  }
  const result = data instanceof HDict ? copyDict(data) : HDict.of({ data: share(data) });
  result.set("_provenance", provenance(model, used, made, false));
  state.result = result;
  state.phase = "cache_folder";
  const path = parentPath(state.cachePath);
  return waitFor({ kind: "file.mkdir", version: 1, args: { path }, repeat: "safe", place: "any" });
}

/** After the cache's folder its file, then the result. */
function keep(state: EnrichState): Directive {
  if (state.phase === "cache_file") return { kind: "done", value: state.result };
  state.phase = "cache_file";
  const text = stringifyJson(HDict.of({ result: share(state.result) }), { indent: 2, keepFloats: true });
  return waitFor({
    kind: "file.write",
    version: 1,
    args: { path: state.cachePath, text },
    repeat: "safe",
    place: "any",
  });
}

function readCache(call: VmCall, path: string): Value {
  if (!call.ports.files.existsSync(path)) return null;
  const parsed = parseJson(call.ports.files.readTextSync(path));
  if (!parsed.ok)
    throw thrownError(`project.enrich: failed to parse cache ${path}: ${parsed.message}; repair or remove it`);
  const result = parsed.value instanceof HDict ? (parsed.value.get("result") ?? null) : null;
  if (!(result instanceof HDict)) return result;
  const before = result.get("_provenance");
  const origin = before instanceof HDict ? copyDict(before) : HDict.empty();
  origin.set("cached", true);
  const marked = copyDict(result);
  marked.set("_provenance", origin);
  return marked;
}

function unfit(state: EnrichState, message: string, model: string | null, used: number, made: number): HDict {
  return HDict.of({
    base_evidence: share(state.evidence!),
    validation_error: message,
    _provenance: provenance(model, used, made, false),
  });
}

function provenance(model: string | null, used: number, made: number, cached: boolean): HDict {
  return HDict.of({ model, tokens: jsonToValue({ in: used, out: made }), cached });
}

export const projectEnrichBuiltins: readonly Builtin[] = [
  suspending("project_enrich_native", {
    sig: "(path?: any, options?: any) -> any",
    doc: "What a model says of a folder, by a prompt template that sees its files. Options: prompt, schema, base_evidence, budget_tokens, model.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: 'mkdir("small")\nllm_mock({text: "{\\"kind\\": \\"tool\\"}"})\nlet found = project_enrich_native("small", {prompt: "What is this?", schema: {type: "object"}, provider: "mock"})\nprintln(type_of(found))',
        prints: "dict",
      },
    ],
    run(call, args) {
      const folder = projectFolder(call, args.raw("path") === null ? "." : args.text("path"), "project.enrich");
      const options = args.dict("options");
      if (options === null) throw thrownError("project.enrich: options dict is required");
      if ((textOption(options, "prompt") ?? "") === "")
        throw thrownError("project.enrich: options.prompt must be a non-empty string");
      if (!options.has("schema")) throw thrownError("project.enrich: options.schema is required");
      const evidence = options.get("base_evidence") ?? null;
      if (evidence !== null && !(evidence instanceof HDict))
        throw thrownError("project.enrich: base_evidence must be a dict");
      const state: EnrichState = {
        folder,
        options: share(options),
        phase: "start",
        evidence: share(evidence),
        cachePath: "",
        tokens: 0,
        result: null,
      };
      return runMachine(PROJECT_ENRICH_MACHINE, state);
    },
  }),
];
