/** The parts of random syntax trees that have no expressions in them: names, literals, types, heads of declarations. Spans are empty. */
import fc from "fast-check";
import type { Attribute, Expr, Ident, TypeExpr } from "../../src/syntax/ast.ts";
import { stringText } from "../../src/syntax/printer/literals.ts";

export const span = { start: 0, end: 0 };

/** Declared at the top of each file, so that `Name {` is a struct. */
export const STRUCTS = ["S", "other"] as const;

export const NAMES = ["a", "b", "x", "name1", "_", "_y", "Big", "é"];
/** Words that mean something in some places only. */
export const WORDS = [
  "each",
  "settle",
  "with",
  "timeout",
  "default",
  "not",
  "where",
  "out",
  "description",
  "self",
  "r",
  "select",
];

export const binder: fc.Arbitrary<Ident> = fc.constantFrom(...NAMES).map((name) => ({ name, ...span }));
export const member: fc.Arbitrary<Ident> = fc
  .constantFrom(...NAMES, "type", "from", "match", "in", "not")
  .map((name) => ({ name, ...span }));
export const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { nil: null, freq: 2 });
export const few = <T>(arbitrary: fc.Arbitrary<T>, least = 0): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength: least, maxLength: 3, depthIdentifier: "tree" });

export const text = fc.string({
  unit: fc.constantFrom(
    "a",
    " ",
    "é",
    "😀",
    "\n",
    "\t",
    '"',
    "\\",
    "$",
    "{",
    "}",
    "${",
    "\\n",
    '"""',
    "//",
    "/*",
    "'",
    "#",
    "\u2028",
    "\0",
  ),
  maxLength: 6,
});

// ---------------------------------------------------------------- literals

const int = fc.oneof(fc.nat(), fc.constantFrom(2 ** 53 - 1, 2n ** 53n, 2n ** 63n - 1n));
const float = fc.double({ min: 0, noNaN: true });
const string: fc.Arbitrary<Expr> = fc
  .tuple(text, fc.constantFrom("plain", "plain", "raw", "multi"))
  .map(([value, style]): Extract<Expr, { kind: "string" }> => ({ kind: "string", value, style, ...span }))
  .filter((expr) => styleOf(stringText(expr)) === expr.style);

export function styleOf(printed: string): "plain" | "raw" | "multi" {
  return printed.startsWith('"""') ? "multi" : printed.startsWith("r") ? "raw" : "plain";
}

export const literal: fc.Arbitrary<Expr> = fc.oneof(
  int.map((value): Expr => ({ kind: "int", value, ...span })),
  float.map((value): Expr => ({ kind: "float", value, ...span })),
  string,
  fc.boolean().map((value): Expr => ({ kind: "bool", value, ...span })),
  fc.constant<Expr>({ kind: "nil", ...span }),
  fc.nat({ max: 10 ** 9 }).map((ms): Expr => ({ kind: "duration", ms, ...span })),
);
export const name: fc.Arbitrary<Expr> = fc
  .constantFrom(...NAMES, ...WORDS.filter((word) => word !== "select"), ...STRUCTS)
  .map((word): Expr => ({ kind: "name", name: word, ...span }));

// ---------------------------------------------------------------- types

export const { type } = fc.letrec<{ type: TypeExpr; single: TypeExpr }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("single"),
    // What follows the result of a function type belongs to it.
    fc
      .array(tie("single"), { minLength: 2, maxLength: 3 })
      .filter((members) => members.slice(0, -1).every(({ kind }) => kind !== "type-fn"))
      .map((members): TypeExpr => ({ kind: "type-union", members, ...span })),
  ),
  single: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc
      .constantFrom("int", "string", "nil", "bool", "T", "never")
      .map((of): TypeExpr => ({ kind: "type-name", name: of, args: [], ...span })),
    text.map((value): TypeExpr => ({ kind: "type-string", value, ...span })),
    fc
      .oneof(fc.integer(), fc.constantFrom(-(2n ** 63n) + 1n))
      .map((value): TypeExpr => ({ kind: "type-int", value, ...span })),
    few(tie("type"), 1).map((args): TypeExpr => ({ kind: "type-name", name: "list", args, ...span })),
    few(fc.tuple(member, tie("type"), fc.boolean())).map(
      (fields): TypeExpr => ({
        kind: "type-shape",
        fields: fields.map(([field, of, isOptional]) => ({ name: field, type: of, optional: isOptional, ...span })),
        ...span,
      }),
    ),
    fc
      .tuple(few(tie("type")), tie("type"))
      .map(([params, result]): TypeExpr => ({ kind: "type-fn", params, result, ...span })),
  ),
}));

export const typeParams = few(
  fc.record({ name: binder, variance: fc.constantFrom("invariant", "covariant", "contravariant") }),
);

// ---------------------------------------------------------------- heads of declarations

const attributeValue: fc.Arbitrary<Expr> = fc.oneof(
  literal.filter(({ kind }) => kind !== "duration"),
  fc.integer().map((value): Expr => ({ kind: "int", value, ...span })),
  fc.constantFrom(...NAMES).map((of): Expr => ({ kind: "name", name: of, ...span })),
);
const attribute: fc.Arbitrary<Attribute> = fc
  .tuple(binder, few(fc.tuple(optional(binder), attributeValue)))
  .map(([of, args]) => ({ name: of, args: args.map(([arg, value]) => ({ name: arg, value, ...span })), ...span }));
/** As a comment gives it: no blanks at the ends of its lines. */
export const doc = fc
  .array(fc.constantFrom("what it does", "- a list", "  indented", "`code`", "ends with */", "é 😀"), {
    minLength: 1,
    maxLength: 3,
  })
  .map((lines) => lines.join("\n").trim());
export const head = fc.record({
  attributes: few(attribute),
  doc: optional(doc),
  isPub: fc.boolean(),
  start: fc.constant(0),
  end: fc.constant(0),
});
