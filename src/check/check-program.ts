/**
 * The check of a program's modules: names, types, exhaustiveness.
 *
 * Invariants
 * 1. All problems of a module come from one run, in the order of the text.
 * 2. A module is checked against what its imports declare, never against their bodies.
 * 3. A tree with syntax errors can be checked; whether that is wanted is the caller's decision.
 */

import type { SourceDiagnostic } from "../base/diagnostic-code.ts";
import { spanOf } from "../base/span.ts";
import type { BuiltinTable } from "../builtin/declaration.ts";
import type { Stmt } from "../syntax/ast.ts";
import { BuiltinSignatures } from "./builtin-signatures.ts";
import type { ModuleGraph } from "./module-graph.ts";
import { Checker } from "./typing/checker.ts";
import { markDeprecations } from "./typing/declarations.ts";
import { ExprTypes } from "./typing/expr-types.ts";
import { warnRedeclared } from "./typing/redeclarations.ts";
import { CheckSession } from "./typing/session.ts";
import { checkStatement } from "./typing/statements.ts";

export interface CheckOptions {
  readonly table: BuiltinTable;
  /** Names that the host defines beside the builtins. */
  readonly globals: ReadonlySet<string>;
}

/** One session serves all modules of a graph. */
export function startCheck(graph: ModuleGraph, options: CheckOptions): CheckSession {
  return new CheckSession(graph, new BuiltinSignatures(options.table), () => options.globals);
}

/** Errors and warnings, in the order of the text; of many only the first ones, and behind them how many there are more. */
export function checkModule(session: CheckSession, key: string): readonly SourceDiagnostic[] {
  const env = session.environment(key);
  if (env === null) throw new Error(`no module ${key} in the graph`);
  const c = new Checker(env);
  env.isUsedUp = true;
  markDeprecations(c, env.module.file.items);
  for (const stmt of env.module.file.items) {
    checkStatement(c, stmt, env.scope);
    c.types = new ExprTypes();
  }
  for (const check of c.later) check();
  warnRedeclared(c, env.module.file.items);
  warnLeftOut(c, env.module.file.items);
  const found = [...env.problems.found, ...c.problems.found].sort((a, b) => startOf(a) - startOf(b));
  return [...found, ...env.problems.leftOut, ...c.problems.leftOut];
}

/** Beside a pipeline only declarations and bindings of the top level run. */
function warnLeftOut(c: Checker, items: readonly Stmt[]): void {
  const pipeline = items.find(({ kind }) => kind === "pipeline");
  if (pipeline === undefined || pipeline.kind !== "pipeline") return;
  for (const stmt of items) {
    if (!STATEMENTS.has(stmt.kind)) continue;
    c.warning("unreachable-code", "this never runs: the file has a pipeline", stmt, {
      labels: [{ span: spanOf(pipeline.name), text: "the program starts in a pipeline" }],
      help: "move it into the pipeline, or give its value to a `let`",
    });
  }
}

const STATEMENTS: ReadonlySet<Stmt["kind"]> = new Set([
  "expr",
  "assign",
  "for",
  "while",
  "return",
  "throw",
  "guard",
  "require",
  "defer",
]);

function startOf(diagnostic: SourceDiagnostic): number {
  return diagnostic.labels[0]?.span.start ?? 0;
}
