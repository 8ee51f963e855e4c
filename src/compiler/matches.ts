/** `match`: arms are tried in order; each is a chain of tests that branch to the next arm, then bindings, a guard and the body. */
import type { Expr, MatchArm, MatchPattern } from "../syntax/ast.ts";
import { compileBlock } from "./blocks.ts";
import { compileCondition } from "./conditions.ts";
import type { CodeBlock } from "./function-builder.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileOperand, compileToTemp, emitInt, emitString, mayRun, ownsResult } from "./operands.ts";

export function compileMatch(f: FunctionContext, expr: Extract<Expr, { kind: "match" }>, dst: number): void {
  const { code } = f;
  const given = compileScrutinee(f, expr);
  const end = code.openBlock();
  for (const arm of expr.arms) compileArm(f, arm, given, end, dst);
  code.at(expr);
  const message = code.take();
  emitString(f, "No match arm matched the value", message);
  code.emit("THROW", message);
  code.close(end);
}

/** What is matched, or a part of it. `owns`: the register owns the value or has it marked; else it is only looked at. */
interface Matched {
  readonly register: number;
  readonly owns: boolean;
}

/** Tests run no code of the program as a rule: then the value can be looked at where it is, since nothing reads it once an arm is chosen. */
function compileScrutinee(f: FunctionContext, { value, arms }: Extract<Expr, { kind: "match" }>): Matched {
  const tests = arms.flatMap(({ pattern, guard }) => (guard === null ? [pattern] : [pattern, guard]));
  if (tests.some(mayRun)) return { register: compileToTemp(f, value), owns: true };
  return { register: compileOperand(f, value), owns: ownsResult(f, value) };
}

function compileArm(f: FunctionContext, arm: MatchArm, value: Matched, end: CodeBlock, dst: number): void {
  const { code } = f;
  const mark = code.top;
  const next = code.openBlock();
  f.openScope();
  code.at(arm);
  compileTests(f, arm.pattern, value, next);
  if (arm.guard !== null) compileCondition(f, arm.guard, next, false);
  compileBlock(f, arm.body, dst);
  f.closeScope(mark);
  code.branchToEnd(end);
  code.close(next);
}

/** Branches to the end of `next` unless the value fits; declares what the pattern binds. */
function compileTests(f: FunctionContext, pattern: MatchPattern, matched: Matched, next: CodeBlock): void {
  const { code, module } = f;
  const value = matched.register;
  switch (pattern.kind) {
    case "match-wildcard":
      return;
    case "match-name":
      bind(f, pattern.name, matched);
      return;
    case "match-value":
      compileEqual(f, pattern.value, value, next);
      return;
    case "match-enum": {
      if (!f.isEnum(pattern.enumName.name)) {
        compileEqual(f, pattern.value, value, next);
        return;
      }
      const test = code.take();
      code.emit(
        "IS_VARIANT",
        test,
        value,
        module.pool.string(pattern.enumName.name),
        module.pool.string(pattern.variant.name),
      );
      code.branchOn("BR_UNLESS", test, next);
      (pattern.args ?? []).forEach((part, i) => {
        compilePart(f, part, next, (into) => code.emit("VARIANT_FIELD", into, value, i));
      });
      return;
    }
    case "match-dict": {
      const test = code.take();
      code.emit("IS_KIND", test, value, module.pool.string("dict"));
      code.branchOn("BR_UNLESS", test, next);
      for (const field of testsFirst(pattern.fields, (field) => field.pattern)) {
        compilePart(f, field.pattern, next, (into) => {
          const key = code.take();
          emitString(f, field.key, key);
          code.emit("GET_INDEX", into, value, key);
          code.emit("SHARE", into);
        });
      }
      return;
    }
    case "match-list": {
      const test = code.take();
      code.emit("LEN_AT_LEAST", test, value, pattern.elements.length);
      code.branchOn("BR_UNLESS", test, next);
      const elements = pattern.elements.map((part, index) => ({ part, index }));
      for (const { part, index } of testsFirst(elements, (element) => element.part)) {
        compilePart(f, part, next, (into) => {
          const at = code.take();
          emitInt(f, index, at);
          code.emit("GET_INDEX", into, value, at);
          code.emit("SHARE", into);
        });
      }
      if (pattern.rest !== null) {
        const rest = code.take();
        code.emit("REST_LIST", rest, value, pattern.elements.length);
        bind(f, pattern.rest.name, { register: rest, owns: true });
      }
      return;
    }
    case "match-or": {
      const found = code.openBlock();
      pattern.options.forEach((option, i) => {
        if (i === pattern.options.length - 1) {
          compileTests(f, asValue(option), matched, next);
          return;
        }
        const other = code.openBlock();
        compileTests(f, asValue(option), matched, other);
        code.branchToEnd(found);
        code.close(other);
      });
      code.close(found);
      return;
    }
  }
}

/** A name among or-options is a value, not a binding. */
function asValue(option: MatchPattern): MatchPattern {
  if (option.kind !== "match-name") return option;
  const { start, end } = option;
  return { kind: "match-value", value: { kind: "name", name: option.name, start, end }, start, end };
}

/** A part of an enum, dict or list: a name binds, `_` matches, anything else is a value. */
function compilePart(f: FunctionContext, part: MatchPattern, next: CodeBlock, read: (into: number) => void): void {
  if (part.kind === "match-wildcard") return;
  const { code } = f;
  const register = code.take();
  read(register);
  code.top = register + 1;
  compileTests(f, part, { register, owns: true }, next);
}

/** Values are compared before names are bound. */
function testsFirst<T>(parts: readonly T[], pattern: (part: T) => MatchPattern): readonly T[] {
  const binds = (part: T): boolean => pattern(part).kind === "match-name";
  return [...parts.filter((part) => !binds(part)), ...parts.filter(binds)];
}

function compileEqual(f: FunctionContext, expected: Expr, value: number, next: CodeBlock): void {
  const { code } = f;
  const mark = code.top;
  const other = compileOperand(f, expected);
  const test = code.take();
  code.emit("EQ", test, value, other);
  code.branchOn("BR_UNLESS", test, next);
  code.top = mark;
}

function bind(f: FunctionContext, name: string, { register, owns }: Matched): void {
  const { code } = f;
  // A register of its own: the value stays where it is for the arms that follow.
  const copy = code.take();
  if (owns) code.emitClaim("COPY", copy, register);
  else {
    code.emit("MOVE", copy, register);
    code.emit("SHARE", copy);
  }
  f.declare(name, copy, false);
}
