/** Builtins over run records: keeping, loading, comparing and judging them (worker-runtime.md chapter 11). */
import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { joinPath } from "../base/path.ts";
import type { Call } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import { valueToJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { runRoot } from "./paths.ts";
import * as field from "./record-fields.ts";
import { diffRuns } from "./run-diff.ts";
import {
  evaluateManifest,
  evaluateRun,
  evaluateSuite,
  ownFixture,
  readFixture,
  readManifest,
} from "./run-evaluation.ts";
import { loadRun } from "./run-files.ts";
import { fixtureOf, observed, readRun } from "./run-record.ts";
import { WORKER_EXPORT } from "./worker-record.ts";

/** What a program measured of itself, in the order in which it did. */
const metrics = declareCell<HDict[]>("eval.metrics", () => []);

function runOf(call: VmCall, value: Value, who: string, what = "run record"): HDict {
  if (value === null) throw runtimeError(`${who}: missing ${what}`);
  return readRun(call, value, who);
}

function placeOf(call: Call, run: Value, path: Value): string {
  const given = typeof path === "string" && path.trim() !== "" ? path : null;
  const id = run instanceof HDict ? field.textAt(run, "id") : null;
  return joinPath(
    call.scope.cwd,
    given ?? joinPath(runRoot(call.ports.environment, call.scope.cwd), `${id ?? "run"}.json`),
  );
}

const reads = (call: Call, args: readonly Value[]): Need => {
  const path = typeof args[0] === "string" ? joinPath(call.scope.cwd, args[0]) : call.scope.cwd;
  return { grant: "workspace.read_text", over: "workspace.read_text", paths: [{ path, write: false }] };
};

/** All files that a manifest names. */
const readsCases = (call: Call, args: readonly Value[]): Need => {
  const manifest = args[0];
  if (!(manifest instanceof HDict)) return { grant: "workspace.read_text", over: "workspace.read_text" };
  const base = field.textAt(manifest, "base_dir") ?? "";
  const named = field
    .dictsAt(manifest, "cases")
    .flatMap((one) => ["run_path", "fixture_path", "compare_to"].flatMap((key) => field.textAt(one, key) ?? []));
  const paths = named.map((path) => ({ path: joinPath(call.scope.cwd, base, path), write: false }));
  return { grant: "workspace.read_text", over: "workspace.read_text", paths };
};

const RUN =
  'let run = run_record({id: "r1", workflow_id: "w", status: "completed", stages: [{id: "s1", node_id: "act", status: "completed", outcome: "success"}]})\n';

export const runBuiltins: readonly Builtin[] = [
  builtin("run_record", {
    sig: "(run: dict) -> dict",
    doc: "A run record with what is missing filled in: id, times, a fixture, and what a page shows of it.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: `${RUN}println([run._type, run.root_run_id, run.observability.schema_version])`,
        prints: "[run_record, r1, 2]",
      },
    ],
    run: (call, args) => runOf(vmCall(call), args.raw("run"), "run_record"),
  }),
  suspending("run_record_save", {
    sig: "(run: dict, path?: string | nil) -> dict",
    doc: "Writes a run record as JSON, under the project's run folder unless a path is given: {path, run}.",
    needs: (call, args) => ({
      grant: "workspace.write_text",
      effect: "workspace_write",
      over: "workspace write",
      paths: [{ path: placeOf(call, args[0] ?? null, args[1] ?? null), write: true }],
    }),
    examples: [
      {
        code: `${RUN}println(run_record_save(run, "saved/run.json").run.persisted_path.ends_with("saved/run.json"))`,
        prints: "true",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const run = runOf(vm, args.raw("run"), "run_record_save");
      const path = placeOf(call, run, args.raw("path"));
      run.set("persisted_path", path);
      run.set("observability", observed(vm, run));
      const record = vm.run.host.redact(valueToJson(run) as JsonObject);
      const effect = {
        kind: WORKER_EXPORT,
        version: 1,
        args: { path, record },
        repeat: "safe",
        place: "host",
      } as const;
      return awaitEffect(effect, share(HDict.of({ path, run: share(run) })));
    },
    finish(_call, outcome, data) {
      if (outcome.kind !== "failed") return data;
      if (outcome.category !== null) throw raiseFailure(outcome);
      throw runtimeError(`failed to persist run record: ${outcome.message}`);
    },
  }),
  builtin("run_record_load", {
    sig: "(path: string) -> dict",
    doc: "A run record of a file.",
    needs: reads,
    examples: [
      {
        code: `${RUN}let saved = run_record_save(run, "kept.json")\nprintln(run_record_load(saved.path).id)`,
        prints: "r1",
      },
    ],
    run(call, args) {
      const path = args.text("path");
      if (path === "") throw runtimeError("run_record_load: missing path");
      return loadRun(vmCall(call), path, "run_record_load");
    },
  }),
  builtin("load_run_tree", {
    sig: "(path: string) -> dict",
    doc: "A run record of a file with the runs of its workers below it: {run, children}.",
    needs: reads,
    examples: [
      { code: `${RUN}run_record_save(run, "tree.json")\nprintln(load_run_tree("tree.json").children)`, prints: "[]" },
    ],
    run(call, args) {
      const path = args.text("path");
      if (path === "") throw runtimeError("load_run_tree: missing path");
      return tree(vmCall(call), path, new Set());
    },
  }),
  builtin("run_record_fixture", {
    sig: "(run: dict) -> dict",
    doc: "What another run of the same workflow has to come to, made from this one.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${RUN}println(run_record_fixture(run).stage_assertions[0].node_id)`, prints: "act" }],
    run: (call, args) => fixtureOf(vmCall(call), runOf(vmCall(call), args.raw("run"), "run_record_fixture")),
  }),
  builtin("run_record_eval", {
    sig: "(run: dict, fixture?: dict | nil) -> dict",
    doc: "Did a run come to what a fixture says? {pass, failures, stage_count}. Without a fixture it must have completed.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${RUN}println(run_record_eval(run, run_record_fixture(run)).pass)`, prints: "true" }],
    run(call, args) {
      const run = runOf(vmCall(call), args.raw("run"), "run_record_eval");
      const given = args.raw("fixture");
      const fixture = given === null ? ownFixture(args.raw("run")) : readFixture(given, "run_record_eval fixture");
      return evaluateRun(run, fixture);
    },
  }),
  builtin("run_record_eval_suite", {
    sig: "(items: list) -> dict",
    doc: "Several runs at once: a list of runs, or of {run, fixture, path}. {pass, total, passed, failed, cases}.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${RUN}println(run_record_eval_suite([run]).passed)`, prints: "1" }],
    run(call, args) {
      const items = args.list("items");
      if (items === null) throw runtimeError("run_record_eval_suite: missing list");
      return evaluateSuite(vmCall(call), items.items);
    },
  }),
  builtin("run_record_diff", {
    sig: "(left: dict, right: dict) -> dict",
    doc: "How two runs differ in their stages, tools, workers and counts. Ids, times and paths do not matter.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${RUN}println(run_record_diff(run, run + {id: "r2"}).identical)`, prints: "true" }],
    run(call, args) {
      const vm = vmCall(call);
      const left = runOf(vm, args.raw("left"), "run_record_diff", "left run");
      return diffRuns(left, runOf(vm, args.raw("right"), "run_record_diff", "right run"));
    },
  }),
  builtin("eval_suite_manifest", {
    sig: "(manifest: dict) -> dict",
    doc: "A list of saved runs to be judged, with what is missing filled in.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      { code: 'println(eval_suite_manifest({cases: [{run_path: "a.json"}]}).cases[0].run_path)', prints: "a.json" },
    ],
    run(call, args) {
      if (args.raw("manifest") === null) throw runtimeError("eval_suite_manifest: missing manifest");
      return readManifest(vmCall(call), args.raw("manifest"), "eval_suite_manifest");
    },
  }),
  builtin("eval_suite_run", {
    sig: "(manifest: dict) -> dict",
    doc: "Judges the saved runs of a manifest, against fixtures and baselines: {pass, total, passed, failed, cases}.",
    needs: readsCases,
    examples: [
      {
        code: `${RUN}run_record_save(run, "suite.json")\nprintln(eval_suite_run({cases: [{run_path: "suite.json"}]}).pass)`,
        prints: "true",
      },
    ],
    run(call, args) {
      if (args.raw("manifest") === null) throw runtimeError("eval_suite_run: missing manifest");
      const vm = vmCall(call);
      return evaluateManifest(vm, readManifest(vm, args.raw("manifest"), "eval_suite_run"));
    },
  }),
  builtin("eval_metric", {
    sig: "(name: string, value: any, metadata?: any) -> nil",
    doc: "Notes a measured value under a name.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: 'eval_metric("accuracy", 0.9)\nprintln(eval_metrics()[0].name)', prints: "accuracy" }],
    run(call, args) {
      const name = args.text("name");
      if (name === "" || args.raw("name") === null) throw runtimeError("eval_metric: missing name");
      if (!args.has("value")) throw runtimeError("eval_metric: missing value");
      const metadata = args.raw("metadata");
      const entry = {
        name,
        value: share(args.raw("value")),
        ...(metadata === null ? {} : { metadata: share(metadata) }),
      };
      call.change(metrics).push(HDict.of(entry));
      const noted = valueToJson(HDict.of(entry));
      if (isJsonObject(noted)) call.emit({ type: "eval_metric", ...noted });
      return null;
    },
  }),
  builtin("eval_metrics", {
    sig: "() -> list",
    doc: "The values that were noted so far: {name, value, metadata}.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: "println(eval_metrics())", prints: "[]" }],
    run: (call) => new HList(call.read(metrics).map((entry) => share(entry))),
  }),
];

/** `above`: the files whose children these are; a run that is among them is not followed again. */
function tree(call: VmCall, path: string, above: ReadonlySet<string>): HDict {
  const file = joinPath(call.scope.cwd, path);
  const run = loadRun(call, file, "load_run_tree");
  const within = new Set([...above, file]);
  const children = field.dictsAt(run, "child_runs").map((child): Value => {
    const below = field.textAt(child, "run_path");
    const found = below === null ? null : joinPath(call.scope.cwd, below);
    if (found === null || within.has(found) || !call.ports.files.existsSync(found))
      return HDict.of({ worker: share(child), run: null, children: new HList([]) });
    return field.withFields(tree(call, found, within), { worker: child });
  });
  return HDict.of({ run: share(run), children: new HList(children) });
}
