/**
 * Random syntax trees with nodes of every kind of ast.ts: those that the parser can make of some text. Spans are empty.
 *
 * What is left out because no text gives it: negative literals outside of attributes and types, calls of anything but names, unions in unions, texts that
 * their style of string cannot hold, an interpolation with two texts in a row.
 */
import fc from "fast-check";
import type {
  BinaryOp,
  Block,
  Decl,
  DictEntry,
  Expr,
  MatchArm,
  Param,
  Pattern,
  SourceFile,
  Stmt,
  StringPart,
} from "../../src/syntax/ast.ts";
import { toMatchOption, toMatchPattern } from "../../src/syntax/parser/patterns.ts";
import { interpolationText } from "../../src/syntax/printer/literals.ts";
import { TokenTable } from "../../src/syntax/token-table.ts";
import {
  binder,
  doc,
  few,
  head,
  literal,
  member,
  NAMES,
  name,
  optional,
  STRUCTS,
  span,
  styleOf,
  text,
  type,
  typeParams,
  WORDS,
} from "./tree-leaves.ts";

// ---------------------------------------------------------------- expressions

const OPERATORS: readonly BinaryOp[] = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "**",
  "==",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "&&",
  "||",
  "??",
  "|>",
  "in",
  "not in",
];

function ifNode(condition: Expr, consequent: Block, otherwise: Block | Expr | null): Expr {
  return { kind: "if", condition, consequent, otherwise, ...span };
}

interface Nodes {
  expr: Expr;
  simple: Expr;
  block: Block;
  stmt: Stmt;
  items: Expr[];
  entries: DictEntry[];
  params: Param[];
  pattern: Pattern;
  arm: MatchArm;
}

export const trees = fc.letrec<Nodes>((tie: fc.LetrecTypedTie<Nodes>): fc.LetrecValue<Nodes> => {
  const expr = tie("expr");
  const block = tie("block");
  const node = <T>(parts: fc.Arbitrary<T>, make: (parts: T) => Expr): fc.Arbitrary<Expr> => parts.map(make);
  return {
    items: few(
      fc.oneof(
        { weight: 5, arbitrary: expr },
        expr.map((value): Expr => ({ kind: "spread", value, ...span })),
      ),
    ),
    entries: few(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .tuple(
              fc.oneof(
                member.map((key) => key.name),
                text,
              ),
              expr,
            )
            .map(([key, value]): DictEntry => ({ key: { kind: "key-name", name: key, ...span }, value, ...span })),
        },
        fc
          .tuple(expr, expr)
          .map(([key, value]): DictEntry => ({ key: { kind: "key-computed", expr: key, ...span }, value, ...span })),
        expr.map((value): DictEntry => ({ key: null, value, ...span })),
      ),
    ),
    params: fc
      .tuple(few(fc.tuple(binder, optional(type), optional(tie("simple")))), fc.boolean())
      .map(([list, hasRest]) => {
        // Those with defaults stand behind the others.
        const sorted = list.toSorted((a, b) => Number(a[2] !== null) - Number(b[2] !== null));
        const params = sorted.map(
          ([of, annotation, defaultValue]): Param => ({
            name: of.name,
            nameStart: 0,
            type: annotation,
            defaultValue,
            rest: false,
            ...span,
          }),
        );
        const last = params.at(-1);
        return hasRest && last !== undefined
          ? [...params.slice(0, -1), { ...last, defaultValue: null, rest: true }]
          : params;
      }),
    pattern: fc.oneof(
      { weight: 3, arbitrary: binder.map(({ name: of }): Pattern => ({ kind: "pattern-name", name: of, ...span })) },
      fc.tuple(few(fc.tuple(binder, optional(binder), optional(tie("simple")))), optional(binder)).map(
        ([fields, rest]): Pattern => ({
          kind: "pattern-dict",
          fields: [
            ...fields.map(([key, alias, defaultValue]) => ({ key, alias, rest: false, defaultValue, ...span })),
            ...(rest === null ? [] : [{ key: rest, alias: null, rest: true, defaultValue: null, ...span }]),
          ],
          ...span,
        }),
      ),
      fc.tuple(few(fc.tuple(binder, optional(tie("simple")))), optional(binder)).map(
        ([elements, rest]): Pattern => ({
          kind: "pattern-list",
          elements: [
            ...elements.map(([of, defaultValue]) => ({ name: of, rest: false, defaultValue, ...span })),
            ...(rest === null ? [] : [{ name: rest, rest: true, defaultValue: null, ...span }]),
          ],
          ...span,
        }),
      ),
    ),
    arm: fc.tuple(few(expr, 1), optional(tie("simple")), block).map(([options, guard, body]): MatchArm => {
      const [first] = options;
      const pattern =
        options.length === 1
          ? toMatchPattern(first!)
          : { kind: "match-or" as const, options: options.map(toMatchOption), ...span };
      return { pattern, guard, body, ...span };
    }),
    simple: fc.oneof(
      literal,
      name,
      fc
        .tuple(name, member)
        .map(([object, of]): Expr => ({ kind: "property", object, name: of, optional: false, ...span })),
    ),
    block: few(tie("stmt")).map((stmts): Block => ({ kind: "block", stmts, ...span })),
    expr: fc.oneof(
      { depthSize: "small", depthIdentifier: "tree", withCrossShrink: true },
      { weight: 6, arbitrary: tie("simple") },
      node(tie("items"), (items) => ({ kind: "list", items, ...span })),
      node(tie("entries"), (entries) => ({ kind: "dict", entries, ...span })),
      node(fc.tuple(fc.constantFrom(...STRUCTS), tie("entries")), ([of, entries]) => ({
        kind: "struct-literal",
        name: { name: of, ...span },
        entries,
        ...span,
      })),
      fc
        .tuple(few(text), few(expr, 1), fc.constantFrom("plain", "multi"))
        .map(([texts, holes, style]): Extract<Expr, { kind: "interpolation" }> => {
          const parts = holes.flatMap((hole, i): StringPart[] => [
            ...(texts[i] ? [{ kind: "text" as const, text: texts[i] }] : []),
            { kind: "expr" as const, expr: hole },
          ]);
          return { kind: "interpolation", parts, style, ...span };
        })
        .filter(
          (of) =>
            styleOf(
              interpolationText(
                of,
                of.parts.filter(({ kind }) => kind === "expr").map(() => "x"),
              ),
            ) === of.style,
        ),
      node(fc.tuple(fc.constantFrom("-", "!"), expr), ([op, operand]) => ({ kind: "unary", op, operand, ...span })),
      {
        weight: 4,
        arbitrary: node(fc.tuple(fc.constantFrom(...OPERATORS), expr, expr), ([op, left, right]) => ({
          kind: "binary",
          op,
          left,
          right,
          opStart: 0,
          ...span,
        })),
      },
      {
        weight: 2,
        arbitrary: node(fc.tuple(expr, expr, expr), ([condition, whenTrue, whenFalse]) => ({
          kind: "ternary",
          condition,
          whenTrue,
          whenFalse,
          ...span,
        })),
      },
      node(fc.tuple(fc.constantFrom(...NAMES, ...WORDS), tie("items")), ([callee, args]) => ({
        kind: "call",
        callee: { kind: "name", name: callee, ...span },
        args,
        ...span,
      })),
      node(fc.tuple(expr, member, tie("items"), fc.boolean()), ([object, method, args, isOptional]) => ({
        kind: "method-call",
        object,
        method,
        args,
        optional: isOptional,
        ...span,
      })),
      node(fc.tuple(expr, member, fc.boolean()), ([object, of, isOptional]) => ({
        kind: "property",
        object,
        name: of,
        optional: isOptional,
        ...span,
      })),
      node(fc.tuple(expr, expr), ([object, index]) => ({ kind: "index", object, index, ...span })),
      node(fc.tuple(expr, optional(expr), optional(expr)), ([object, from, to]) => ({
        kind: "slice",
        object,
        from,
        to,
        ...span,
      })),
      node(fc.tuple(expr, expr, fc.boolean()), ([from, to, exclusive]) => ({
        kind: "range",
        from,
        to,
        exclusive,
        ...span,
      })),
      node(fc.tuple(tie("params"), block, fc.constantFrom("fn", "arrow")), ([params, body, style]) => ({
        kind: "closure",
        params,
        body,
        style,
        ...span,
      })),
      node(fc.tuple(expr, block, expr, block, fc.nat({ max: 2 })), ([first, body, second, last, form]) => {
        if (form === 0) return ifNode(first, body, null);
        return ifNode(first, body, form === 1 ? last : ifNode(second, last, null));
      }),
      node(fc.tuple(expr, few(tie("arm"))), ([value, arms]) => ({ kind: "match", value, arms, ...span })),
      node(
        fc.tuple(block, optional(fc.tuple(optional(binder), optional(type), block)), optional(block)),
        ([body, caught, last]) => ({
          kind: "try",
          body,
          catch:
            caught === null ? null : { name: caught[0], type: caught[0] === null ? null : caught[1], body: caught[2] },
          finally: last,
          ...span,
        }),
      ),
      node(expr, (value) => ({ kind: "try-star", value, ...span })),
      node(expr, (value) => ({ kind: "propagate", value, ...span })),
      node(fc.tuple(expr, block), ([count, body]) => ({ kind: "retry", count, body, ...span })),
      node(fc.tuple(expr, block), ([duration, body]) => ({ kind: "deadline", duration, body, ...span })),
      node(block, (body) => ({ kind: "spawn", body, ...span })),
      node(
        fc.tuple(fc.constantFrom("count", "each", "settle"), expr, optional(binder), optional(expr), block),
        ([mode, over, variable, cap, body]) => ({
          kind: "parallel",
          mode,
          over,
          variable,
          options: cap === null ? [] : [{ name: { name: "max_concurrent", ...span }, value: cap }],
          body,
          ...span,
        }),
      ),
    ),
    stmt: statements(tie, expr, block),
  };
});

type Tie = fc.LetrecTypedTie<Nodes>;

function statements(tie: Tie, expr: fc.Arbitrary<Expr>, block: fc.Arbitrary<Block>): fc.Arbitrary<Stmt> {
  const ofExpr = (inner: fc.Arbitrary<Expr>) => inner.map((value): Stmt => ({ kind: "expr", expr: value, ...span }));
  const cases = few(fc.tuple(binder, expr, block), 1);
  return fc.oneof(
    { depthSize: "small", depthIdentifier: "tree", withCrossShrink: true },
    { weight: 4, arbitrary: ofExpr(expr) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.boolean(), tie("pattern"), optional(type), expr).map(
        ([mutable, pattern, of, value]): Stmt => ({
          kind: "binding",
          mutable,
          pattern,
          type: pattern.kind === "pattern-name" ? of : null,
          value,
          ...span,
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.oneof(
            binder.map((of): Expr => ({ kind: "name", name: of.name, ...span })),
            fc
              .tuple(expr, member)
              .map(([object, of]): Expr => ({ kind: "property", object, name: of, optional: false, ...span })),
            fc.tuple(expr, expr).map(([object, index]): Expr => ({ kind: "index", object, index, ...span })),
          ),
          fc.constantFrom(null, "+", "-", "*", "/", "%"),
          expr,
        )
        .map(([target, op, value]): Stmt => ({ kind: "assign", target, op, value, ...span })),
    },
    fc
      .tuple(
        fc.oneof(
          tie("pattern"),
          fc
            .tuple(binder, binder)
            .map(([first, second]): Pattern => ({ kind: "pattern-pair", first, second, ...span })),
        ),
        expr,
        block,
      )
      .map(([pattern, iterable, body]): Stmt => ({ kind: "for", pattern, iterable, body, ...span })),
    fc.tuple(expr, block).map(([condition, body]): Stmt => ({ kind: "while", condition, body, ...span })),
    optional(expr).map((value): Stmt => ({ kind: "return", value, ...span })),
    expr.map((value): Stmt => ({ kind: "throw", value, ...span })),
    fc.constantFrom<Stmt>({ kind: "break", ...span }, { kind: "continue", ...span }),
    fc.tuple(expr, block).map(([condition, elseBody]): Stmt => ({ kind: "guard", condition, elseBody, ...span })),
    fc
      .tuple(expr, optional(expr))
      .map(([condition, message]): Stmt => ({ kind: "require", condition, message, ...span })),
    block.map((body): Stmt => ({ kind: "defer", body, ...span })),
    ofExpr(block.map((body): Expr => ({ kind: "mutex", body, ...span }))),
    ofExpr(optional(expr).map((value): Expr => ({ kind: "yield", value, ...span }))),
    ofExpr(
      fc.tuple(cases, optional(fc.tuple(expr, block)), optional(block)).map(
        ([list, timeout, last]): Expr => ({
          kind: "select",
          cases: list.map(([of, channel, body]) => ({ name: of, channel, body, ...span })),
          timeout: timeout === null ? null : { duration: timeout[0], body: timeout[1] },
          defaultBody: timeout === null ? last : null,
          ...span,
        }),
      ),
    ),
    { weight: 2, arbitrary: declarations(tie, block) },
  );
}

// ---------------------------------------------------------------- declarations

function declarations(tie: Tie, block: fc.Arbitrary<Block>): fc.Arbitrary<Decl> {
  const params = tie("params");
  const result = optional(type);
  const where = few(fc.record({ param: binder, bound: binder }));
  const fn = fc.record({ name: binder, typeParams, params, result, where, body: block });
  const methods = few(fc.tuple(fn, optional(doc), fc.boolean()));
  const priv = head.map((of) => ({ ...of, isPub: false }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(head, fn).map(([h, of]): Decl => ({ kind: "fn", ...h, ...of })) },
    fc
      .tuple(head, fc.record({ name: binder, description: optional(text), params, result, body: block }))
      .map(([h, of]): Decl => ({ kind: "tool", ...h, ...of })),
    fc
      .tuple(head, binder, few(fc.record({ name: binder, value: tie("expr") })))
      .map(([h, of, fields]): Decl => ({ kind: "skill", ...h, name: of, fields })),
    fc
      .tuple(
        head,
        binder,
        typeParams,
        few(
          fc.record({
            name: binder,
            type: optional(type),
            optional: fc.boolean(),
            start: fc.constant(0),
            end: fc.constant(0),
          }),
        ),
      )
      .map(([h, of, generics, fields]): Decl => ({ kind: "struct", ...h, name: of, typeParams: generics, fields })),
    fc
      .tuple(
        head,
        binder,
        typeParams,
        few(fc.record({ name: binder, fields: params, start: fc.constant(0), end: fc.constant(0) })),
      )
      .map(([h, of, generics, variants]): Decl => ({ kind: "enum", ...h, name: of, typeParams: generics, variants })),
    fc
      .tuple(
        priv,
        binder,
        typeParams,
        few(fc.record({ name: binder, type: optional(type) })),
        few(fc.record({ name: binder, typeParams, params, result, start: fc.constant(0), end: fc.constant(0) })),
      )
      .map(
        ([h, of, generics, associatedTypes, list]): Decl => ({
          kind: "interface",
          ...h,
          name: of,
          typeParams: generics,
          associatedTypes,
          methods: list,
        }),
      ),
    fc.tuple(priv, binder, methods).map(
      ([h, of, list]): Decl => ({
        kind: "impl",
        ...h,
        typeName: of,
        methods: list.map(([method, comment, isPub]) => ({
          kind: "fn",
          attributes: [],
          doc: comment,
          isPub,
          ...span,
          ...method,
        })),
      }),
    ),
    fc.tuple(priv, binder, typeParams, type).map(
      ([h, of, generics, meaning]): Decl => ({
        kind: "type-alias",
        ...h,
        name: of,
        typeParams: generics,
        type: meaning,
      }),
    ),
    fc.tuple(optional(doc), binder, few(binder), block).map(
      ([comment, of, list, body]): Decl => ({
        kind: "override",
        attributes: [],
        doc: comment,
        isPub: false,
        ...span,
        name: of,
        params: list,
        body,
      }),
    ),
  );
}

const topLevel: fc.Arbitrary<Stmt> = fc.oneof(
  { weight: 6, arbitrary: trees.stmt },
  fc
    .tuple(optional(few(binder)), text)
    .map(([names, path]): Stmt => ({ kind: "import", names, path, pathSpan: span, ...span })),
  fc
    .tuple(
      head,
      fc.record({
        name: binder,
        params: few(binder),
        result: optional(type),
        extends: optional(binder),
        body: trees.block,
      }),
    )
    .map(([h, of]): Stmt => ({ kind: "pipeline", ...h, ...of })),
);

/** A whole file, with the declarations that its struct literals need in front. */
export const sourceFile: fc.Arbitrary<SourceFile> = fc.array(topLevel, { maxLength: 4 }).map((items) => ({
  kind: "source-file",
  path: "t.harn",
  text: "",
  items: [...STRUCTS.map(structNamed), ...items],
  tokens: new TokenTable(""),
  ...span,
}));

function structNamed(of: string): Stmt {
  return {
    kind: "struct",
    attributes: [],
    doc: null,
    isPub: false,
    ...span,
    name: { name: of, ...span },
    typeParams: [],
    fields: [],
  };
}

/** Kinds of nodes that occur in a tree. */
export function kindsIn(node: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof node !== "object" || node === null) return found;
  if ("kind" in node && typeof node.kind === "string") found.add(node.kind);
  for (const part of Object.values(node)) kindsIn(part, found);
  return found;
}
