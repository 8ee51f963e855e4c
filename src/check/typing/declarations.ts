/** Declarations where they stand: bodies, variance, attributes. */
import type { TextEdit } from "../../base/diagnostic.ts";
import type { Span } from "../../base/span.ts";
import type { Attribute, Decl, FnDecl, ImplDecl, PipelineDecl, Stmt } from "../../syntax/ast.ts";
import { ANY, named, type Type } from "../../types/type.ts";
import { findVarianceBreaches, type Position } from "../../types/variance.ts";
import type { TypeDecl } from "../declared-types.ts";
import { patternNames } from "../module-interface.ts";
import { Scope } from "../scope.ts";
import { closestName } from "../suggestion.ts";
import type { Checker } from "./checker.ts";
import { checkExpr } from "./expressions.ts";
import { checkBody, checkFunctionBody } from "./functions.ts";
import { plainVariable, predeclare } from "./session.ts";

export function checkDeclaration(c: Checker, decl: Decl, scope: Scope): void {
  if (decl.kind !== "import") checkAttributes(c, decl.attributes, decl.kind);
  switch (decl.kind) {
    case "fn":
      checkVariance(c, "function", decl, () => functionPositions(decl), scope);
      atTheEnd(c, scope, () => checkFunctionBody(c, decl, scope));
      return;
    case "tool":
      atTheEnd(c, scope, () => checkFunctionBody(c, decl, scope));
      return;
    case "pipeline":
      atTheEnd(c, scope, () => checkPipeline(c, decl, scope));
      return;
    case "override": {
      const inner = new Scope(scope, true);
      for (const param of decl.params) inner.declare(plainVariable(param.name, "param", param));
      atTheEnd(c, scope, () => checkBody(c, decl.body, inner, null, null));
      return;
    }
    case "impl":
      atTheEnd(c, scope, () => checkImpl(c, decl, scope));
      return;
    case "skill":
      for (const field of decl.fields) checkExpr(c, field.value, scope);
      return;
    case "struct":
    case "enum":
    case "interface":
    case "type-alias":
      checkTypeDecl(c, decl, scope);
      return;
    case "import":
      return;
  }
}

/** Functions of the top level see all its bindings, which have their types when the whole top level is checked. */
function atTheEnd(c: Checker, scope: Scope, check: () => void): void {
  if (scope === c.env.scope) c.later.push(check);
  else check();
}

/** What the host gives every pipeline. */
const INJECTED = ["task", "project", "context"];

function checkPipeline(c: Checker, decl: PipelineDecl, scope: Scope): void {
  const inner = new Scope(scope, true);
  for (const name of INJECTED) inner.declare(plainVariable(name, "other", null));
  for (const parent of ancestors(c, decl)) {
    predeclare(c.env, parent.body.stmts, inner);
    for (const stmt of parent.body.stmts) {
      if (stmt.kind !== "binding") continue;
      // Its own check has looked at the types.
      for (const name of patternNames(stmt.pattern))
        inner.declare(plainVariable(name, stmt.mutable ? "var" : "let", null));
    }
  }
  for (const param of decl.params) inner.declare(plainVariable(param.name, "param", param));
  checkBody(c, decl.body, inner, decl.result === null ? null : c.read(decl.result, scope), decl.result, decl.params);
}

/** The pipelines whose statements run before those of `decl`, the furthest first. */
function ancestors(c: Checker, decl: PipelineDecl): readonly PipelineDecl[] {
  const line = new Set<PipelineDecl>();
  for (let at = decl; at.extends !== null; ) {
    const parent = c.env.pipelines.get(at.extends.name);
    if (parent === undefined || parent === decl || line.has(parent)) break;
    line.add(parent);
    at = parent;
  }
  return [...line].reverse();
}

function checkImpl(c: Checker, decl: ImplDecl, scope: Scope): void {
  const info = scope.findType(decl.typeName.name);
  if (info === null) c.env.unknownType(decl.typeName.name, decl.typeName, scope);
  const self: Type =
    info === null || !("kind" in info) || info.kind === "alias"
      ? ANY
      : named(
          info.name,
          info.params.map(() => ANY),
          info,
        );
  for (const method of decl.methods) checkFunctionBody(c, method, scope, self);
}

function checkTypeDecl(c: Checker, decl: TypeDecl, scope: Scope): void {
  const info = c.env.typeInfo(decl, scope);
  // Reads what nobody may ask for, so that wrong type names in it are found.
  switch (info.kind) {
    case "struct":
      info.fields();
      break;
    case "enum":
      info.variants();
      break;
    case "interface":
      info.methods();
      info.associated();
      break;
    case "alias":
      info.body();
      break;
  }
  checkVariance(c, WORDS[decl.kind], decl, () => positionsOf(decl), scope);
}

const WORDS = { struct: "struct", enum: "enum", interface: "interface", "type-alias": "type alias" } as const;

function positionsOf(decl: TypeDecl): readonly Position[] {
  switch (decl.kind) {
    case "struct":
      // Fields are read and written.
      return decl.fields.map(({ type }) => [type, "invariant"]);
    case "enum":
      return decl.variants.flatMap(({ fields }) => fields.map(({ type }): Position => [type, "covariant"]));
    case "interface":
      return decl.methods.flatMap(functionPositions);
    case "type-alias":
      return [[decl.type, "covariant"]];
  }
}

function functionPositions(decl: Pick<FnDecl, "params" | "result">): readonly Position[] {
  return [...decl.params.map(({ type }): Position => [type, "contravariant"]), [decl.result, "covariant"]];
}

const MARKS = { covariant: "out", contravariant: "in", invariant: "" } as const;
const USES = {
  covariant: "where values come out",
  contravariant: "where values go in",
  invariant: "where values go in and come out",
} as const;

function checkVariance(
  c: Checker,
  word: string,
  decl: Pick<TypeDecl | FnDecl, "name" | "typeParams">,
  positions: () => readonly Position[],
  scope: Scope,
): void {
  if (decl.typeParams.length === 0) return;
  for (const { param, position, span } of findVarianceBreaches(decl.typeParams, positions(), (name) =>
    scope.findType(name),
  )) {
    const mark = MARKS[param.variance];
    c.error(
      "variance",
      `type parameter '${param.name.name}' of ${word} '${decl.name.name}' is declared '${mark}', but stands ${USES[position]}`,
      span,
      {
        labels: [{ span: param.name, text: `declared '${mark}' here` }],
        edits: withoutMark(c, param.name, mark),
        help: position === "invariant" ? `remove '${mark}'` : `declare it '${MARKS[position]}', or remove '${mark}'`,
      },
    );
  }
}

function withoutMark(c: Checker, name: Span, mark: string): readonly TextEdit[] | null {
  const before = c.env.module.text.slice(Math.max(0, name.start - 20), name.start);
  const found = new RegExp(`${mark}\\s+$`).exec(before);
  return found === null
    ? null
    : [{ span: { ...name, start: name.start - found[0].length, end: name.start }, replacement: "" }];
}

const ATTRIBUTES = ["deprecated", "test", "complexity", "acp_tool", "acp_skill"];
const FOR_FUNCTIONS = new Set(["test", "acp_tool", "acp_skill"]);

function checkAttributes(c: Checker, attributes: readonly Attribute[], kind: Decl["kind"]): void {
  for (const { name } of attributes) {
    if (!ATTRIBUTES.includes(name.name)) {
      const near = closestName(name.name, ATTRIBUTES);
      c.warning("unknown-attribute", `there is no attribute \`@${name.name}\``, name, {
        help:
          near === null
            ? `attributes are ${ATTRIBUTES.map((known) => `@${known}`).join(", ")}`
            : `did you mean \`@${near}\`?`,
        edits: near === null ? null : [{ span: name, replacement: near }],
      });
    } else if (FOR_FUNCTIONS.has(name.name) && kind !== "fn" && !(kind === "pipeline" && name.name === "test")) {
      c.warning("misplaced-attribute", `\`@${name.name}\` belongs to functions only`, name);
    }
  }
}

/** Notes the functions that are marked `@deprecated`, before their calls are checked. */
export function markDeprecations(c: Checker, stmts: readonly Stmt[]): void {
  for (const stmt of stmts) {
    const mark = stmt.kind === "fn" ? stmt.attributes.find(({ name }) => name.name === "deprecated") : undefined;
    if (mark === undefined || stmt.kind !== "fn") continue;
    c.deprecate(stmt.name, textArgument(mark, "since"), textArgument(mark, "use"));
  }
}

function textArgument(attribute: Attribute, name: string): string | null {
  const value = attribute.args.find((arg) => arg.name?.name === name)?.value;
  return value?.kind === "string" ? value.value : null;
}
