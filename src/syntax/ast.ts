/**
 * The syntax tree of Harn: readonly unions on `kind`. Every node is a span too.
 *
 * Invariants
 * 1. A tree is data: no methods, no parents, no resolution results. Later layers keep what they learn in maps beside it.
 * 2. `start` and `end` are those of the node's own text, from its first to its last token, without surrounding trivia.
 * 3. Comments and blank lines live in the token list of `SourceFile`; a printer finds them by offset.
 * 4. No path from the root is deeper than about 500 nodes, whatever the text: a consumer may recurse.
 * 5. A file with error diagnostics has a tree too: statements that could not be parsed are missing from it.
 */
import type { Span } from "../base/span.ts";
import type { TokenTable } from "./token-table.ts";

export interface Ident extends Span {
  readonly name: string;
}

export interface SourceFile extends Span {
  readonly kind: "source-file";
  /** Name shown in diagnostics. */
  readonly path: string;
  readonly text: string;
  readonly items: readonly Stmt[];
  /** All tokens in order, the last one `eof`; with their leading trivia they are the whole text. None in the trees of a module graph. */
  readonly tokens: TokenTable;
}

// ---------------------------------------------------------------- types

export type TypeExpr = Span &
  (
    | { readonly kind: "type-name"; readonly name: string; readonly args: readonly TypeExpr[] }
    | { readonly kind: "type-union"; readonly members: readonly TypeExpr[] }
    | { readonly kind: "type-shape"; readonly fields: readonly ShapeField[] }
    | {
        readonly kind: "type-fn";
        readonly params: readonly TypeExpr[];
        readonly result: TypeExpr;
      }
    | { readonly kind: "type-string"; readonly value: string }
    | { readonly kind: "type-int"; readonly value: number | bigint }
  );

export interface ShapeField extends Span {
  readonly name: Ident;
  readonly type: TypeExpr;
  readonly optional: boolean;
}

export interface TypeParam {
  readonly name: Ident;
  readonly variance: "invariant" | "covariant" | "contravariant";
}

export interface WhereClause {
  readonly param: Ident;
  readonly bound: Ident;
}

export interface Param extends Span {
  readonly name: string;
  /** Where the name stands: of a rest parameter behind the dots. */
  readonly nameStart: number;
  readonly type: TypeExpr | null;
  readonly defaultValue: Expr | null;
  /** `...name`: collects the remaining arguments. */
  readonly rest: boolean;
}

// ---------------------------------------------------------------- patterns

/** What `let`, `var` and `for` bind. `pair` occurs in `for` only. */
export type Pattern = Span &
  (
    | { readonly kind: "pattern-name"; readonly name: string }
    | { readonly kind: "pattern-dict"; readonly fields: readonly DictPatternField[] }
    | { readonly kind: "pattern-list"; readonly elements: readonly ListPatternElement[] }
    | { readonly kind: "pattern-pair"; readonly first: Ident; readonly second: Ident }
  );

export interface DictPatternField extends Span {
  readonly key: Ident;
  /** `{key: alias}`. */
  readonly alias: Ident | null;
  readonly rest: boolean;
  readonly defaultValue: Expr | null;
}

export interface ListPatternElement extends Span {
  readonly name: Ident;
  readonly rest: boolean;
  readonly defaultValue: Expr | null;
}

// ---------------------------------------------------------------- statements and declarations

export interface Block extends Span {
  readonly kind: "block";
  readonly stmts: readonly Stmt[];
  /** From `{` to `}`. */
}

export interface AttributeArg extends Span {
  readonly name: Ident | null;
  readonly value: Expr;
}

export interface Attribute extends Span {
  readonly name: Ident;
  readonly args: readonly AttributeArg[];
}

interface DeclBase extends Span {
  readonly attributes: readonly Attribute[];
  /** The doc comment above it: its text without the comment marks. */
  readonly doc: string | null;
  readonly isPub: boolean;
}

export interface PipelineDecl extends DeclBase {
  readonly kind: "pipeline";
  readonly name: Ident;
  readonly params: readonly Ident[];
  readonly result: TypeExpr | null;
  readonly extends: Ident | null;
  readonly body: Block;
}

export interface FnDecl extends DeclBase {
  readonly kind: "fn";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly params: readonly Param[];
  readonly result: TypeExpr | null;
  readonly where: readonly WhereClause[];
  readonly body: Block;
}

export interface ToolDecl extends DeclBase {
  readonly kind: "tool";
  readonly name: Ident;
  readonly description: string | null;
  readonly params: readonly Param[];
  readonly result: TypeExpr | null;
  readonly body: Block;
}

export interface SkillDecl extends DeclBase {
  readonly kind: "skill";
  readonly name: Ident;
  readonly fields: readonly { readonly name: Ident; readonly value: Expr }[];
}

export interface StructField extends Span {
  readonly name: Ident;
  readonly type: TypeExpr | null;
  readonly optional: boolean;
}

export interface StructDecl extends DeclBase {
  readonly kind: "struct";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly fields: readonly StructField[];
}

export interface EnumVariant extends Span {
  readonly name: Ident;
  readonly fields: readonly Param[];
}

export interface EnumDecl extends DeclBase {
  readonly kind: "enum";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly variants: readonly EnumVariant[];
}

export interface MethodSignature extends Span {
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly params: readonly Param[];
  readonly result: TypeExpr | null;
}

export interface InterfaceDecl extends DeclBase {
  readonly kind: "interface";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly associatedTypes: readonly { readonly name: Ident; readonly type: TypeExpr | null }[];
  readonly methods: readonly MethodSignature[];
}

export interface ImplDecl extends DeclBase {
  readonly kind: "impl";
  readonly typeName: Ident;
  readonly methods: readonly FnDecl[];
}

export interface TypeAliasDecl extends DeclBase {
  readonly kind: "type-alias";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly type: TypeExpr;
}

export interface OverrideDecl extends DeclBase {
  readonly kind: "override";
  readonly name: Ident;
  readonly params: readonly Ident[];
  readonly body: Block;
}

export interface ImportDecl extends Span {
  readonly kind: "import";
  /** null: all exports. */
  readonly names: readonly Ident[] | null;
  readonly path: string;
  readonly pathSpan: Span;
}

export type Decl =
  | PipelineDecl
  | FnDecl
  | ToolDecl
  | SkillDecl
  | StructDecl
  | EnumDecl
  | InterfaceDecl
  | ImplDecl
  | TypeAliasDecl
  | OverrideDecl
  | ImportDecl;

export type Stmt =
  | Decl
  | (Span &
      (
        | {
            readonly kind: "binding";
            readonly mutable: boolean;
            readonly pattern: Pattern;
            readonly type: TypeExpr | null;
            readonly value: Expr;
          }
        | {
            readonly kind: "assign";
            readonly target: Expr;
            /** `+` for `+=`; null for `=`. */
            readonly op: BinaryOp | null;
            readonly value: Expr;
          }
        | {
            readonly kind: "for";
            readonly pattern: Pattern;
            readonly iterable: Expr;
            readonly body: Block;
          }
        | { readonly kind: "while"; readonly condition: Expr; readonly body: Block }
        | { readonly kind: "return"; readonly value: Expr | null }
        | { readonly kind: "throw"; readonly value: Expr }
        | { readonly kind: "break" }
        | { readonly kind: "continue" }
        | { readonly kind: "guard"; readonly condition: Expr; readonly elseBody: Block }
        | { readonly kind: "require"; readonly condition: Expr; readonly message: Expr | null }
        | { readonly kind: "defer"; readonly body: Block }
        | { readonly kind: "expr"; readonly expr: Expr }
      ));

// ---------------------------------------------------------------- expressions

export type BinaryOp =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "**"
  | "=="
  | "!="
  | "<"
  | ">"
  | "<="
  | ">="
  | "&&"
  | "||"
  | "??"
  | "|>"
  | "in"
  | "not in";

/** `name: v`, `"text": v` (both give the text), or `[expression]: v`. */
export type DictKey = Span &
  ({ readonly kind: "key-name"; readonly name: string } | { readonly kind: "key-computed"; readonly expr: Expr });

export interface DictEntry extends Span {
  /** null for `...value`. */
  readonly key: DictKey | null;
  readonly value: Expr;
}

export interface MatchArm extends Span {
  readonly pattern: MatchPattern;
  readonly guard: Expr | null;
  readonly body: Block;
}

/**
 * The grammar reads a pattern as an expression; its outermost form says which kind it is. Inside a dict, list or enum pattern
 * a bare name binds, `_` matches anything, and everything else is a value compared by `==`: patterns do not nest further.
 */
export type MatchPattern = Span &
  (
    | { readonly kind: "match-wildcard" }
    /** A literal, or any expression that is compared by `==`: also a bare call such as `Ok(v)`, and a name among or-options. */
    | { readonly kind: "match-value"; readonly value: Expr }
    /** A bare name other than `_`: binds. */
    | { readonly kind: "match-name"; readonly name: string }
    /** `Name.Variant` or `Name.Variant(a, b)`. If `Name` turns out to be no enum it is `value`, compared by `==`. */
    | {
        readonly kind: "match-enum";
        readonly enumName: Ident;
        readonly variant: Ident;
        readonly args: readonly MatchPattern[] | null;
        /** The same text as an expression. */
        readonly value: Expr;
      }
    | {
        readonly kind: "match-dict";
        readonly fields: readonly (Span & { readonly key: string; readonly pattern: MatchPattern })[];
      }
    | {
        readonly kind: "match-list";
        readonly elements: readonly MatchPattern[];
        readonly rest: Ident | null;
      }
    | { readonly kind: "match-or"; readonly options: readonly MatchPattern[] }
  );

export interface SelectCase extends Span {
  readonly name: Ident;
  readonly channel: Expr;
  readonly body: Block;
}

export type StringPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expr"; readonly expr: Expr };

export type Expr = Span &
  (
    | { readonly kind: "int"; readonly value: number | bigint }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "string"; readonly value: string; readonly style: "plain" | "raw" | "multi" }
    | {
        readonly kind: "interpolation";
        readonly parts: readonly StringPart[];
        readonly style: "plain" | "multi";
      }
    | { readonly kind: "bool"; readonly value: boolean }
    | { readonly kind: "nil" }
    /** Milliseconds. */
    | { readonly kind: "duration"; readonly ms: number }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "list"; readonly items: readonly Expr[] }
    | { readonly kind: "dict"; readonly entries: readonly DictEntry[] }
    /** `Name { field: value }`. */
    | {
        readonly kind: "struct-literal";
        readonly name: Ident;
        readonly entries: readonly DictEntry[];
      }
    /** In list items and call arguments. */
    | { readonly kind: "spread"; readonly value: Expr }
    | { readonly kind: "unary"; readonly op: "-" | "!"; readonly operand: Expr }
    | {
        readonly kind: "binary";
        readonly op: BinaryOp;
        readonly left: Expr;
        readonly right: Expr;
        /** Where the operator stands. */
        readonly opStart: number;
      }
    | {
        readonly kind: "ternary";
        readonly condition: Expr;
        readonly whenTrue: Expr;
        readonly whenFalse: Expr;
      }
    /** `callee(args)`; the grammar allows a name only (`select` included), and never a call of a call. */
    | { readonly kind: "call"; readonly callee: Expr; readonly args: readonly Expr[] }
    | {
        readonly kind: "method-call";
        readonly object: Expr;
        readonly method: Ident;
        readonly args: readonly Expr[];
        readonly optional: boolean;
      }
    | {
        readonly kind: "property";
        readonly object: Expr;
        readonly name: Ident;
        readonly optional: boolean;
      }
    | { readonly kind: "index"; readonly object: Expr; readonly index: Expr }
    | {
        readonly kind: "slice";
        readonly object: Expr;
        readonly from: Expr | null;
        readonly to: Expr | null;
      }
    | {
        readonly kind: "range";
        readonly from: Expr;
        readonly to: Expr;
        readonly exclusive: boolean;
      }
    /** `fn(x) { … }` or `{ x -> … }`. */
    | {
        readonly kind: "closure";
        readonly params: readonly Param[];
        readonly body: Block;
        readonly style: "fn" | "arrow";
      }
    | {
        readonly kind: "if";
        readonly condition: Expr;
        readonly consequent: Block;
        /** A block, or the `if` of an `else if`. */
        readonly otherwise: Block | Expr | null;
      }
    | { readonly kind: "match"; readonly value: Expr; readonly arms: readonly MatchArm[] }
    | {
        readonly kind: "try";
        readonly body: Block;
        /** null: `try { … }` as an expression, which gives a Result. */
        readonly catch: { readonly name: Ident | null; readonly type: TypeExpr | null; readonly body: Block } | null;
        readonly finally: Block | null;
      }
    /** `try* expr`. */
    | { readonly kind: "try-star"; readonly value: Expr }
    /** `expr?`. */
    | { readonly kind: "propagate"; readonly value: Expr }
    | { readonly kind: "retry"; readonly count: Expr; readonly body: Block }
    | { readonly kind: "deadline"; readonly duration: Expr; readonly body: Block }
    | { readonly kind: "mutex"; readonly body: Block }
    | { readonly kind: "spawn"; readonly body: Block }
    | { readonly kind: "yield"; readonly value: Expr | null }
    | {
        readonly kind: "parallel";
        readonly mode: "count" | "each" | "settle";
        readonly over: Expr;
        readonly variable: Ident | null;
        readonly options: readonly { readonly name: Ident; readonly value: Expr }[];
        readonly body: Block;
      }
    | {
        readonly kind: "select";
        readonly cases: readonly SelectCase[];
        readonly timeout: { readonly duration: Expr; readonly body: Block } | null;
        readonly defaultBody: Block | null;
      }
  );

/** Where the operator stands. */
export function operatorOf({ op, opStart }: Extract<Expr, { kind: "binary" }>): Span {
  return { start: opStart, end: opStart + op.length };
}

/** The name of a parameter, with its place. */
export function nameOf({ name, nameStart }: Param): Ident {
  return { name, start: nameStart, end: nameStart + name.length };
}
