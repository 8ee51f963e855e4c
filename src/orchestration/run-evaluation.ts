/** Runs against what they were expected to come to: fixtures, suites, manifests (worker-runtime.md 3.9, 11.4). */
import { isAbsolute, joinPath } from "../base/path.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import * as field from "./record-fields.ts";
import { diffRuns } from "./run-diff.ts";
import { loadRun, readJsonFile } from "./run-files.ts";
import { readRun, stagesOf } from "./run-record.ts";

const ASSERTION: field.Fields = {
  node_id: field.textOr(""),
  expected_status: field.textOr(""),
  expected_outcome: field.textOr(""),
  expected_branch: field.optionalText,
  required_artifact_kinds: field.texts,
  visible_text_contains: field.optionalText,
};

const FIXTURE: field.Fields = {
  _type: field.textOr("replay_fixture"),
  id: field.textOr(""),
  source_run_id: field.textOr(""),
  workflow_id: field.textOr(""),
  workflow_name: field.optionalText,
  created_at: field.textOr(""),
  expected_status: field.textOr(""),
  stage_assertions: field.listOf(ASSERTION),
};

const CASE: field.Fields = {
  label: field.optionalText,
  run_path: field.textOr(""),
  fixture_path: field.optionalText,
  compare_to: field.optionalText,
};

const MANIFEST: field.Fields = {
  _type: field.textOr("eval_suite_manifest"),
  id: field.textOr(""),
  name: field.optionalText,
  base_dir: field.optionalText,
  cases: field.listOf(CASE),
};

export function readFixture(value: Value, label: string): HDict {
  return field.readRecord(value, FIXTURE, `${label} parse error at`);
}

export function readManifest(call: VmCall, value: Value, label: string): HDict {
  const manifest = field.readRecord(value, MANIFEST, `${label} parse error at`);
  if (manifest.get("id") === "") manifest.set("id", `eval_suite_${call.ports.ids.uuidv7()}`);
  return manifest;
}

const shown = (value: Value | undefined): string => (value === null || value === undefined ? "none" : String(value));

/** `{pass, failures, stage_count}`. Without a fixture, a run that did not complete has failed. */
export function evaluateRun(run: HDict, fixture: HDict | null): HDict {
  const failures: string[] = [];
  const stages = stagesOf(run);
  if (fixture === null) {
    if (run.get("status") !== "completed")
      failures.push(`run status is ${run.get("status")}, and there is no fixture that expects it`);
  } else failures.push(...against(run, stages, fixture));
  return HDict.of({ pass: failures.length === 0, failures: new HList(failures), stage_count: stages.length });
}

function against(run: HDict, stages: readonly HDict[], fixture: HDict): readonly string[] {
  const failures: string[] = [];
  const status = fixture.get("expected_status");
  if (run.get("status") !== status) failures.push(`run status mismatch: expected ${status}, got ${run.get("status")}`);
  const assertions = field.dictsAt(fixture, "stage_assertions");
  const visits = new Map<string, number>();
  for (const assertion of assertions) {
    const node = String(assertion.get("node_id"));
    const visit = visits.get(node) ?? 0;
    visits.set(node, visit + 1);
    const found = stages.filter((stage) => stage.get("node_id") === node);
    // A fixture with fewer assertions about a node than it was visited means the last visits.
    const all = assertions.filter((one) => one.get("node_id") === node).length;
    const stage = found[Math.max(0, found.length - all) + visit];
    if (stage === undefined) failures.push(`missing stage ${node}`);
    else failures.push(...stageFailures(node, stage, assertion));
  }
  return failures;
}

function stageFailures(node: string, stage: HDict, assertion: HDict): readonly string[] {
  const failures: string[] = [];
  for (const key of ["status", "outcome", "branch"]) {
    const [expected, actual] = [assertion.get(`expected_${key}`) ?? null, stage.get(key) ?? null];
    if (expected !== actual)
      failures.push(`stage ${node} ${key} mismatch: expected ${shown(expected)}, got ${shown(actual)}`);
  }
  const kinds = field.dictsAt(stage, "artifacts").map((artifact) => artifact.get("kind"));
  for (const kind of field.textsAt(assertion, "required_artifact_kinds"))
    if (!kinds.includes(kind)) failures.push(`stage ${node} missing artifact kind ${kind}`);
  const snippet = field.textAt(assertion, "visible_text_contains");
  if (snippet !== null && !(field.textAt(stage, "visible_text") ?? "").includes(snippet))
    failures.push(`stage ${node} visible text does not contain expected snippet ${JSON.stringify(snippet)}`);
  return failures;
}

interface CaseParts {
  readonly run: HDict;
  readonly fixture: HDict | null;
  readonly label: string | null;
  readonly path: string | null;
  readonly baseline: { readonly path: string; readonly run: HDict } | null;
}

function caseReport(parts: CaseParts): HDict {
  const report = evaluateRun(parts.run, parts.fixture);
  const failures = [...field.textsAt(report, "failures")];
  let comparison: HDict | null = null;
  if (parts.baseline !== null) {
    comparison = diffRuns(parts.baseline.run, parts.run);
    const changes = field.listAt(comparison, "stage_diffs").length;
    if (comparison.get("identical") !== true)
      failures.push(`run differs from baseline ${parts.baseline.path} with ${changes} stage changes`);
  }
  return HDict.of({
    run_id: parts.run.get("id") ?? "",
    workflow_id: parts.run.get("workflow_id") ?? "",
    label: parts.label,
    pass: failures.length === 0,
    failures: new HList(failures),
    stage_count: report.get("stage_count") ?? 0,
    source_path: parts.path,
    comparison,
  });
}

function suiteReport(cases: readonly HDict[]): HDict {
  const passed = cases.filter((one) => one.get("pass") === true).length;
  const failed = cases.length - passed;
  return HDict.of({ pass: failed === 0, total: cases.length, passed, failed, cases: new HList([...cases]) });
}

/** Items: runs, or `{run, fixture?, path?}`. */
export function evaluateSuite(call: VmCall, items: readonly Value[]): HDict {
  const who = "run_record_eval_suite";
  return suiteReport(
    items.map((item, i) => {
      if (!(item instanceof HDict)) throw runtimeError(`${who}: item ${i} must be a run or {run, fixture, path}`);
      const wrapped = item.get("run") ?? null;
      const run = readRun(call, wrapped ?? item, `${who} item ${i}`);
      const given = wrapped === null ? null : (item.get("fixture") ?? null);
      const fixture = given === null ? ownFixture(wrapped ?? item) : readFixture(given, `${who} item ${i} fixture`);
      return caseReport({ run, fixture, label: null, path: field.textAt(item, "path"), baseline: null });
    }),
  );
}

/** The fixture that a record brings along, not one that was made of itself just now. */
export function ownFixture(given: Value): HDict | null {
  const fixture = given instanceof HDict ? (given.get("replay_fixture") ?? null) : null;
  const own = fixture instanceof HDict && given instanceof HDict && fixture.get("source_run_id") !== given.get("id");
  return own ? readFixture(fixture, "replay_fixture") : null;
}

export function evaluateManifest(call: VmCall, manifest: HDict): HDict {
  const who = "eval_suite_run";
  const base = field.textAt(manifest, "base_dir");
  const at = (path: string) => (isAbsolute(path) || base === null ? path : joinPath(base, path));
  return suiteReport(
    field.dictsAt(manifest, "cases").map((one) => {
      const path = at(String(one.get("run_path")));
      const run = loadRun(call, path, who);
      const fixturePath = field.textAt(one, "fixture_path");
      const fixture =
        fixturePath === null
          ? ownFixture(run)
          : readFixture(readJsonFile(call, at(fixturePath), "replay fixture"), who);
      const compare = field.textAt(one, "compare_to");
      const baseline = compare === null ? null : { path: at(compare), run: loadRun(call, at(compare), who) };
      // Compared with a baseline, a run need not have completed if that one did not either.
      const own =
        fixture ?? (baseline !== null && baseline.run.get("status") === run.get("status") ? trivial(run) : null);
      return caseReport({ run, fixture: own, label: field.textAt(one, "label"), path, baseline });
    }),
  );
}

function trivial(run: HDict): HDict {
  return HDict.of({ expected_status: share(run.get("status") ?? ""), stage_assertions: new HList([]) });
}
