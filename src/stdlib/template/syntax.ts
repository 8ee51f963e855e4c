/** The tree of a template. Positions are of the directive's `{{`: line and column from 1, columns in characters. */
import type { Value } from "../../value/value.ts";

export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Segment =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type Expression =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "path"; readonly name: string; readonly segments: readonly Segment[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "filter";
      readonly operand: Expression;
      readonly name: string;
      readonly args: readonly Expression[];
    };

export interface Branch {
  readonly condition: Expression;
  readonly at: Position;
  readonly body: readonly Node[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly expression: Expression; readonly at: Position }
  /** `{{ name }}`: without such a binding it stays as it was written. */
  | { readonly kind: "name"; readonly name: string; readonly source: string }
  | {
      readonly kind: "if";
      readonly branches: readonly Branch[];
      readonly otherwise: readonly Node[] | null;
      readonly at: Position;
    }
  | {
      readonly kind: "for";
      readonly key: string | null;
      readonly item: string;
      readonly over: Expression;
      readonly body: readonly Node[];
      /** Instead, when there is nothing to go through. */
      readonly otherwise: readonly Node[] | null;
      readonly at: Position;
    }
  | {
      readonly kind: "include";
      readonly path: Expression;
      readonly bindings: readonly (readonly [string, Expression])[];
      readonly at: Position;
    };

/** What is wrong with a template, and where. `file` is filled in by whoever knows it. */
export class TemplateProblem {
  readonly at: Position;
  readonly message: string;
  file: string | null = null;
  constructor(at: Position, message: string) {
    this.at = at;
    this.message = message;
  }
  /** `/prompts/a.prompt at 3:7: unknown filter …`. */
  text(): string {
    const { line, column } = this.at;
    return `${this.file === null ? "" : `${this.file} `}at ${line}:${column}: ${this.message}`;
  }
}
