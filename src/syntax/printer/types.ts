/** Prints types, parameters and binding patterns. */
import { unreachable } from "../../base/unreachable.ts";
import type { Expr, Ident, Param, Pattern, TypeExpr, TypeParam, WhereClause } from "../ast.ts";
import { plainText } from "./literals.ts";

/** How an expression inside one of these is printed. */
export type PrintExpr = (expr: Expr) => string;

export function printType(type: TypeExpr): string {
  switch (type.kind) {
    case "type-name":
      return type.args.length === 0 ? type.name : `${type.name}<${type.args.map(printType).join(", ")}>`;
    case "type-union":
      return type.members.map(printType).join(" | ");
    case "type-shape": {
      const fields = type.fields.map(
        (field) => `${field.name.name}${field.optional ? "?" : ""}: ${printType(field.type)}`,
      );
      return `{${fields.join(", ")}}`;
    }
    case "type-fn":
      return `fn(${type.params.map(printType).join(", ")}) -> ${printType(type.result)}`;
    case "type-string":
      return plainText(type.value);
    case "type-int":
      return String(type.value);
    default:
      return unreachable(type);
  }
}

export function printAnnotation(type: TypeExpr | null): string {
  return type ? `: ${printType(type)}` : "";
}

export function printResult(type: TypeExpr | null): string {
  return type ? ` -> ${printType(type)}` : "";
}

export function printTypeParams(params: readonly TypeParam[]): string {
  if (params.length === 0) return "";
  const marks = { invariant: "", covariant: "out ", contravariant: "in " };
  return `<${params.map((param) => marks[param.variance] + param.name.name).join(", ")}>`;
}

export function printWhere(clauses: readonly WhereClause[]): string {
  if (clauses.length === 0) return "";
  return ` where ${clauses.map((clause) => `${clause.param.name}: ${clause.bound.name}`).join(", ")}`;
}

export function printNames(names: readonly Ident[]): string {
  return names.map((name) => name.name).join(", ");
}

export function printParams(params: readonly Param[], print: PrintExpr): string {
  return params
    .map(
      (param) =>
        (param.rest ? "..." : "") + param.name + printAnnotation(param.type) + printDefault(param.defaultValue, print),
    )
    .join(", ");
}

function printDefault(value: Expr | null, print: PrintExpr): string {
  return value ? ` = ${print(value)}` : "";
}

export function printPattern(pattern: Pattern, print: PrintExpr): string {
  switch (pattern.kind) {
    case "pattern-name":
      return pattern.name;
    case "pattern-dict": {
      const fields = pattern.fields.map((field) => {
        if (field.rest) return `...${field.key.name}`;
        return field.key.name + (field.alias ? `: ${field.alias.name}` : "") + printDefault(field.defaultValue, print);
      });
      return `{${fields.join(", ")}}`;
    }
    case "pattern-list": {
      const elements = pattern.elements.map((element) =>
        element.rest ? `...${element.name.name}` : element.name.name + printDefault(element.defaultValue, print),
      );
      return `[${elements.join(", ")}]`;
    }
    case "pattern-pair":
      return `(${pattern.first.name}, ${pattern.second.name})`;
    default:
      return unreachable(pattern);
  }
}
