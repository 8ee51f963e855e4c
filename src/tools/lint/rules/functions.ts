/** unused-function, undefined-function, naming-convention, pipeline-return-type, cyclomatic-complexity. */
import { closestName } from "../../../check/suggestion.ts";
import type { Decl, Expr } from "../../../syntax/ast.ts";
import { complexityOf } from "../complexity.ts";
import type { LintContext } from "../context.ts";
import { isTestPipeline, type RuleVisitor } from "../walk.ts";

/** Pipelines that are started by the host. */
const ENTRIES: ReadonlySet<string> = new Set(["default", "main", "auto"]);

export function functionRules(c: LintContext): RuleVisitor {
  const calls: Extract<Expr, { kind: "call" }>[] = [];
  const declared = new Set<string>();
  return {
    stmt(stmt, at) {
      switch (stmt.kind) {
        case "fn":
        case "tool":
          declared.add(stmt.name.name);
          checkFunctionName(c, stmt);
          if (at.allowedComplexity === 0) checkComplexity(c, stmt);
          if (!(stmt.kind === "fn" && at.isInImpl)) checkUse(c, stmt);
          break;
        case "skill":
          declared.add(stmt.name.name);
          checkUse(c, stmt);
          break;
        case "pipeline":
          declared.add(stmt.name.name);
          checkResult(c, stmt);
          break;
        case "struct":
        case "enum":
        case "interface":
        case "type-alias":
          declared.add(stmt.name.name);
          if (stmt.kind === "type-alias") checkTypeName(c, "type", stmt);
          else checkTypeName(c, stmt.kind, stmt);
          break;
      }
    },
    expr(expr) {
      if (expr.kind === "call" && expr.callee.kind === "name") calls.push(expr);
    },
    end() {
      checkCalls(c, calls, declared);
    },
  };
}

type Named = Extract<Decl, { kind: "fn" | "tool" | "skill" | "struct" | "enum" | "interface" | "type-alias" }>;

function checkUse(c: LintContext, decl: Extract<Decl, { kind: "fn" | "tool" | "skill" }>): void {
  const { name } = decl.name;
  if (decl.isPub || name.startsWith("_")) return;
  if (c.around.importedNames.has(name) || c.names.functionReferences.has(name)) return;
  const span = c.declarationSpan(decl, decl.name);
  c.report("unused-function", span, `function \`${name}\` is never used`, `remove it, or call it \`_${name}\``);
}

function checkFunctionName(c: LintContext, decl: Named): void {
  const { name } = decl.name;
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return;
  const help = `for example \`${snakeCase(name)}\``;
  c.report("naming-convention", c.declarationSpan(decl, decl.name), `function \`${name}\` is not in snake_case`, help);
}

function checkTypeName(c: LintContext, kind: string, decl: Named): void {
  const { name } = decl.name;
  if (/^[A-Z][A-Za-z0-9]*$/.test(name)) return;
  const help = `for example \`${pascalCase(name)}\``;
  c.report("naming-convention", c.declarationSpan(decl, decl.name), `${kind} \`${name}\` is not in PascalCase`, help);
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}

function checkResult(c: LintContext, decl: Extract<Decl, { kind: "pipeline" }>): void {
  const { name } = decl.name;
  if (!decl.isPub || decl.result !== null || ENTRIES.has(name) || isTestPipeline(decl)) return;
  c.report(
    "pipeline-return-type",
    c.declarationSpan(decl, decl.name),
    `public pipeline \`${name}\` does not say what it returns`,
    `declare it: \`pub pipeline ${name}(…) -> TYPE { … }\``,
  );
}

function checkComplexity(c: LintContext, decl: Extract<Decl, { kind: "fn" | "tool" }>): void {
  const limit = c.options.complexityThreshold;
  const complexity = complexityOf(decl.body);
  if (complexity <= limit) return;
  c.report(
    "cyclomatic-complexity",
    c.declarationSpan(decl, decl.name),
    `function \`${decl.name.name}\` has a cyclomatic complexity of ${complexity} (more than ${limit})`,
    "split it, or say that it must be so: `@complexity(allow)`",
  );
}

function checkCalls(
  c: LintContext,
  calls: readonly Extract<Expr, { kind: "call" }>[],
  declared: ReadonlySet<string>,
): void {
  const wildcard = wildcardNames(c);
  if (wildcard === null) return;
  for (const call of calls) {
    if (call.callee.kind !== "name") continue;
    const { name } = call.callee;
    if (name.startsWith("__") || declared.has(name) || c.names.bound.has(name)) continue;
    if (wildcard.has(name) || c.around.isBuiltin(name)) continue;
    const near = closestName(name, [...declared, ...wildcard, ...c.around.builtinNames()]);
    const help = near === null ? `check the spelling, or import \`${name}\`` : `did you mean \`${near}\`?`;
    c.report("undefined-function", call, `function \`${name}\` is not defined`, help);
  }
}

/** What imports of whole modules bring in; null: one of them cannot be read. */
function wildcardNames(c: LintContext): ReadonlySet<string> | null {
  const names = new Set<string>();
  for (const item of c.file.items) {
    if (item.kind !== "import" || item.names !== null) continue;
    const module = c.around.importedModule(item.path);
    if (module === null) return null;
    for (const name of module.interface.wildcard) names.add(name);
  }
  return names;
}
