/**
 * What the parts of the check of one module share: where the problems go, what is known of each expression, and the function that is being
 * checked.
 *
 * Invariants
 * 1. Each expression is checked once; its type is in `types` from then on.
 * 2. An error is only reported when the program would certainly go wrong there, or when it says two things that cannot both be meant.
 */

import type { Label, Severity, TextEdit } from "../../base/diagnostic.ts";
import type { DiagnosticCode } from "../../base/diagnostic-code.ts";
import { type Span, spanOf } from "../../base/span.ts";
import { columnAt, indexLines, type LineIndex } from "../../base/text.ts";
import type { TypeExpr } from "../../syntax/ast.ts";
import { isAssignable } from "../../types/assignability.ts";
import type { FieldType, Type } from "../../types/type.ts";
import type { BuiltinSignatures } from "../builtin-signatures.ts";
import { readType } from "../declared-types.ts";
import { ProblemList } from "../problem-list.ts";
import type { Scope, Variable } from "../scope.ts";
import { ExprTypes } from "./expr-types.ts";
import type { CheckSession, ModuleEnvironment } from "./session.ts";

export interface FunctionFrame {
  /** null: not annotated, or the function is a generator. */
  readonly result: Type | null;
  readonly resultSpan: Span | null;
  /** Types of what it returns, for closures. */
  readonly returned: Type[];
}

export interface ProblemParts {
  readonly labels?: readonly Label[];
  readonly help?: string | null;
  readonly edits?: readonly TextEdit[] | null;
  readonly legacy?: string;
  /** Under the primary place. */
  readonly note?: string;
}

type Shape = Extract<Type, { kind: "shape" }>;
/** Of larger shapes fields are not looked for one by one: a literal with thousands of entries has such a type. */
const MOST_SEARCHED = 16;

const RUN_TIME_FAILURES: ReadonlySet<DiagnosticCode> = new Set([
  "argument",
  "operator",
  "no-properties",
  "may-be-nil",
  "not-callable",
  "comparison",
]);

export class Checker {
  readonly env: ModuleEnvironment;
  readonly session: CheckSession;
  readonly signatures: BuiltinSignatures;
  /** Names that the host defines beside the builtins. */
  readonly globals: ReadonlySet<string>;
  readonly problems = new ProblemList();
  /** Of what has been looked at in the statement or the body at hand: nobody asks for others. */
  types = new ExprTypes();
  frame: FunctionFrame | null = null;
  /** How many `try { … }` without a `catch` are around: what fails there while it runs is nobody's mistake. */
  probes = 0;
  /** Texts of values that were held against nil, or tested in another way: nobody is told twice that they may be nil. */
  readonly tested = new Set<string>();
  /** Variables that were given another value so far: what they hold depends on the way that was taken. */
  readonly reassigned = new Set<Variable>();
  /** How often a near name was looked for. */
  searches = 0;
  /** Function bodies of the top level, which are checked when all its bindings are known. */
  readonly later: (() => void)[] = [];
  private readonly shapeIndexes = new WeakMap<Shape, ReadonlyMap<string, FieldType>>();
  private lines: LineIndex | null = null;
  private readonly deprecated: Map<Span, { readonly since: string | null; readonly use: string | null }> = new Map();

  constructor(env: ModuleEnvironment) {
    this.env = env;
    this.session = env.session;
    this.signatures = env.session.signatures;
    this.globals = env.session.globals(env.module.key);
  }

  error(code: DiagnosticCode, message: string, span: Span, parts: ProblemParts = {}): void {
    this.report("error", code, message, span, parts);
  }

  warning(code: DiagnosticCode, message: string, span: Span, parts: ProblemParts = {}): void {
    this.report("warning", code, message, span, parts);
  }

  assignable(expected: Type, actual: Type): boolean {
    return isAssignable(expected, actual, this.session.methodsOf);
  }

  fieldOf(shape: Shape, name: string): FieldType | undefined {
    if (shape.fields.length <= MOST_SEARCHED) return shape.fields.find((field) => field.name === name);
    let index = this.shapeIndexes.get(shape);
    if (index === undefined) {
      index = new Map(shape.fields.map((field) => [field.name, field]));
      this.shapeIndexes.set(shape, index);
    }
    return index.get(name);
  }

  /** A type as it is written in this module. */
  read(type: TypeExpr, scope: Scope): Type {
    return readType(this.env, type, scope);
  }

  textOf(span: Span): string {
    return this.env.module.text.slice(span.start, span.end);
  }

  columnOf(span: Span): number {
    this.lines ??= indexLines(this.env.module.text);
    return columnAt(this.lines, span.start);
  }

  deprecate(declared: Span, since: string | null, use: string | null): void {
    this.deprecated.set(declared, { since, use });
  }

  deprecation(declared: Span | null): { readonly since: string | null; readonly use: string | null } | null {
    return declared === null ? null : (this.deprecated.get(declared) ?? null);
  }

  private report(severity: Severity, code: DiagnosticCode, message: string, span: Span, parts: ProblemParts): void {
    if (this.probes > 0 && RUN_TIME_FAILURES.has(code)) return;
    if (!this.problems.takes(severity, code, span)) return;
    const { labels = [], help, edits, legacy, note } = parts;
    this.problems.add({
      severity,
      code,
      message,
      labels: [{ span, ...(note === undefined ? {} : { text: note }) }, ...labels].map(withPlace),
      ...(help ? { help } : {}),
      ...(edits ? { edits: edits.map(withPlace) } : {}),
      ...(legacy === undefined ? {} : { legacy }),
    });
  }
}

/** A report outlives the tree: it keeps the place, not the node that stands there. */
function withPlace<T extends { readonly span: Span }>(part: T): T {
  return { ...part, span: spanOf(part.span) };
}
