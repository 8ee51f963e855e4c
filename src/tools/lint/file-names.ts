/**
 * All names of a file by what is done with them. Names are not told apart by scope: a name that is read anywhere counts as read everywhere,
 * so that no rule calls something unused that is used.
 */

import { patternNames } from "../../check/module-interface.ts";
import { forEachNode } from "../../check/walk.ts";
import type { Expr, SourceFile, TypeExpr } from "../../syntax/ast.ts";

export interface FileNames {
  /** Read, called or assigned to, also in interpolations. */
  readonly references: ReadonlySet<string>;
  /** The same without what is only the name of a parameter or loop variable: what may be a use of a function. */
  readonly functionReferences: ReadonlySet<string>;
  readonly assignments: ReadonlySet<string>;
  /** In signatures, fields, aliases, `impl`s and struct literals. */
  readonly types: ReadonlySet<string>;
  /** Anywhere a type may stand. */
  readonly allTypes: ReadonlySet<string>;
  /** Every name that the file binds. */
  readonly bound: ReadonlySet<string>;
  /** Those that it binds in several places. */
  readonly boundAgain: ReadonlySet<string>;
}

export function collectNames(file: SourceFile): FileNames {
  const uses = new Set<string>();
  const silent = new Set<string>();
  const assignments = new Set<string>();
  const allTypes = new Set<string>();
  const elsewhere = new Set<TypeExpr>();
  const types = new Set<string>();
  const bound = new Set<string>();
  const boundAgain = new Set<string>();
  const bind = (name: string) => {
    if (bound.has(name)) boundAgain.add(name);
    bound.add(name);
  };
  forEachNode(file.items, (node) => {
    switch (node.kind) {
      case "name":
        uses.add(node.name);
        break;
      case "interpolation":
        for (const part of node.parts) if (part.kind === "expr") wordsIn(file, part.expr, uses);
        break;
      case "assign": {
        const root = rootName(node.target);
        if (root !== null) assignments.add(root);
        break;
      }
      case "pipeline":
        for (const { name } of node.params) silent.add(name);
        silent.add(node.name.name);
        bind(node.name.name);
        for (const { name } of node.params) bind(name);
        break;
      case "fn":
      case "tool":
        bind(node.name.name);
        for (const param of node.params) bind(param.name);
        if (node.kind === "fn") for (const { bound: limit } of node.where) types.add(limit.name);
        break;
      case "closure":
        for (const param of node.params) bind(param.name);
        break;
      case "binding":
        for (const name of patternNames(node.pattern)) bind(name);
        if (node.type) elsewhere.add(node.type);
        break;
      case "for":
        for (const name of patternNames(node.pattern)) {
          silent.add(name);
          bind(name);
        }
        break;
      case "try":
        if (node.catch?.name) {
          silent.add(node.catch.name.name);
          bind(node.catch.name.name);
        }
        if (node.catch?.type) elsewhere.add(node.catch.type);
        break;
      case "parallel":
        if (node.variable) {
          silent.add(node.variable.name);
          bind(node.variable.name);
        }
        break;
      case "select":
        for (const { name } of node.cases) bind(name.name);
        break;
      case "match-name":
        silent.add(node.name);
        bind(node.name);
        break;
      case "match-enum":
        silent.add(node.enumName.name);
        break;
      case "struct":
      case "enum":
      case "interface":
      case "type-alias":
        bind(node.name.name);
        break;
      case "import":
        for (const { name } of node.names ?? []) bind(name);
        break;
      case "struct-literal":
        types.add(node.name.name);
        allTypes.add(node.name.name);
        break;
      case "impl":
        types.add(node.typeName.name);
        allTypes.add(node.typeName.name);
        break;
      case "type-name":
        allTypes.add(node.name);
        break;
    }
  });
  collectTypes(file, elsewhere, types);
  return {
    references: new Set([...uses, ...silent]),
    functionReferences: uses,
    assignments,
    types,
    allTypes,
    bound,
    boundAgain,
  };
}

/** The type names outside of the annotations of variables and handlers, and of pipelines' results. */
function collectTypes(file: SourceFile, elsewhere: ReadonlySet<TypeExpr>, types: Set<string>): void {
  forEachNode(file.items, (node) => {
    if (elsewhere.has(node as TypeExpr)) return false;
    if (node.kind === "type-name") types.add(node.name);
    return true;
  });
}

/** All words of the code of an interpolation: a method's name there may be a function's elsewhere. */
function wordsIn(file: SourceFile, expr: Expr, words: Set<string>): void {
  for (const [word] of file.text.slice(expr.start, expr.end).matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)) {
    words.add(word);
  }
}

/** The variable that an assignment changes. */
export function rootName(target: Expr): string | null {
  switch (target.kind) {
    case "name":
      return target.name;
    case "property":
    case "index":
    case "slice":
      return rootName(target.object);
    default:
      return null;
  }
}
