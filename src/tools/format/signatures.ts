/** Parameters, their lists, and the patterns that bindings have. Types are printed as the syntax printer prints them. */
import { unreachable } from "../../base/unreachable.ts";
import type { Expr, Ident, Param, Pattern } from "../../syntax/ast.ts";
import { printAnnotation } from "../../syntax/printer/types.ts";
import { formatExpr } from "./expressions.ts";
import type { Layout } from "./layout.ts";
import { DEFAULT_FORMAT } from "./options.ts";

/** Values in the midst of a declaration's head are laid out as if they stood alone in a file of the usual width. */
export function formatAlone(l: Layout, expr: Expr): string {
  const outer = l.width;
  l.width = DEFAULT_FORMAT.lineWidth;
  const text = l.at(0, () => formatExpr(l, expr));
  l.width = outer;
  return text;
}

export function formatParam(l: Layout, param: Param): string {
  const value = param.defaultValue ? ` = ${formatAlone(l, param.defaultValue)}` : "";
  return `${param.rest ? "..." : ""}${param.name}${printAnnotation(param.type)}${value}`;
}

/** Between parentheses. `open`: where the text in front of them ends; `close`: where what follows begins. */
export function formatParams(l: Layout, params: readonly Param[], prefix: number, range: ListRange): string {
  const isTight = params.at(-1)?.rest === true;
  return l.sequence(params, { ...range, prefix, isTight }, (param) => formatParam(l, param));
}

export function formatNames(l: Layout, names: readonly Ident[], prefix: number, range: ListRange): string {
  return l.sequence(names, { ...range, prefix }, ({ name }) => name);
}

/** The offsets just inside the parentheses of a list. */
export interface ListRange {
  readonly open: number;
  readonly close: number;
}

/** The first list in parentheses behind `offset`. */
export function listRange(l: Layout, offset: number): ListRange {
  const { tokens } = l.file;
  let at = l.tokenAt(offset);
  while (at < tokens.length - 1 && tokens.kind(at) !== "(") at++;
  const open = tokens.end(at);
  for (let depth = 0; at < tokens.length; at++) {
    const kind = tokens.kind(at);
    if (kind === "(") depth++;
    else if (kind === ")" && --depth === 0) return { open, close: tokens.start(at) };
  }
  return { open, close: open };
}

export function formatPattern(l: Layout, pattern: Pattern): string {
  const value = (expr: Expr | null) => (expr ? ` = ${formatAlone(l, expr)}` : "");
  switch (pattern.kind) {
    case "pattern-name":
      return pattern.name;
    case "pattern-dict": {
      const fields = pattern.fields.map((field) => {
        if (field.rest) return `...${field.key.name}`;
        return field.key.name + (field.alias ? `: ${field.alias.name}` : "") + value(field.defaultValue);
      });
      return `{${fields.join(", ")}}`;
    }
    case "pattern-list": {
      const elements = pattern.elements.map((element) =>
        element.rest ? `...${element.name.name}` : element.name.name + value(element.defaultValue),
      );
      return `[${elements.join(", ")}]`;
    }
    case "pattern-pair":
      return `(${pattern.first.name}, ${pattern.second.name})`;
    default:
      return unreachable(pattern);
  }
}
