/**
 * The walk through a file that all rules share: each says which nodes it wants to see.
 *
 * Invariants
 * 1. Nodes come in the order of the text, a statement's parts before the next statement; a name is declared after its value was walked.
 * 2. Code in interpolations is not walked.
 */

import type { Span } from "../../base/span.ts";
import { unreachable } from "../../base/unreachable.ts";
import { patternNames } from "../../check/module-interface.ts";
import type { Block, Decl, Expr, FnDecl, MatchArm, MatchPattern, Stmt, ToolDecl, TypeExpr } from "../../syntax/ast.ts";
import type { LintContext } from "./context.ts";

export interface Variable {
  readonly name: string;
  readonly span: Span;
  readonly kind: "let" | "var" | "param";
  /** Not part of a pattern. */
  readonly isSimple: boolean;
}

/** What a rule wants to see. `at` is where the walk stands: it changes as the walk goes on. */
export interface RuleVisitor {
  stmt?(stmt: Stmt, at: Walk): void;
  expr?(expr: Expr, at: Walk): void;
  block?(stmts: readonly Stmt[], at: Walk): void;
  /** Before it is in scope. */
  variable?(variable: Variable, at: Walk): void;
  /** Behind everything else. */
  end?(at: Walk): void;
}

interface Scope {
  readonly names: Set<string>;
  /** The body of something that takes the values around it when it is made. */
  readonly isCapture: boolean;
}

type Function = FnDecl | ToolDecl;

export class Walk {
  readonly context: LintContext;
  readonly #visitors: readonly RuleVisitor[];
  readonly #scopes: Scope[] = [{ names: new Set(), isCapture: false }];
  /** Loops around, up to the nearest function. */
  loopDepth = 0;
  testDepth = 0;
  /** `@complexity(allow)` around. */
  allowedComplexity = 0;
  isInImpl = false;
  /** Declared results of the functions around, the innermost last. */
  readonly results: (TypeExpr | null)[] = [];

  constructor(context: LintContext, visitors: readonly RuleVisitor[]) {
    this.context = context;
    this.#visitors = visitors;
  }

  run(): void {
    for (const item of this.context.file.items) this.#stmt(item);
    for (const visitor of this.#visitors) visitor.end?.(this);
  }

  get isTopLevel(): boolean {
    return this.#scopes.length === 1;
  }

  isInScope(name: string): boolean {
    return this.#scopes.at(-1)!.names.has(name);
  }

  isInOuterScope(name: string): boolean {
    return this.#scopes.slice(0, -1).some((scope) => scope.names.has(name));
  }

  /** Whether a name belongs to a function, pipeline or block outside of the capture that the walk is in. */
  isCaptured(name: string): boolean {
    let captured = false;
    for (let at = this.#scopes.length - 1; at > 0; at--) {
      const { names, isCapture } = this.#scopes[at]!;
      if (names.has(name)) return captured;
      captured ||= isCapture;
    }
    return false;
  }

  // -------------------------------------------------------------- scopes

  #scoped(walk: () => void, isCapture = false): void {
    this.#scopes.push({ names: new Set(), isCapture });
    walk();
    this.#scopes.pop();
  }

  #declare(variable: Variable): void {
    if (variable.name === "_") return;
    for (const visitor of this.#visitors) visitor.variable?.(variable, this);
    this.#bind(variable.name);
  }

  /** In scope, but nothing that rules ask about. */
  #bind(name: string): void {
    this.#scopes.at(-1)!.names.add(name);
  }

  #block(block: Block): void {
    for (const visitor of this.#visitors) visitor.block?.(block.stmts, this);
    // What stands behind a way out is reported once, and not looked at.
    for (const stmt of block.stmts) {
      this.#stmt(stmt);
      if (exits(stmt)) break;
    }
  }

  #inner(block: Block): void {
    this.#scoped(() => this.#block(block));
  }

  #loop(block: Block, names: readonly string[]): void {
    this.#scoped(() => {
      for (const name of names) this.#bind(name);
      this.loopDepth++;
      this.#block(block);
      this.loopDepth--;
    });
  }

  /** A body of its own: loops around it end here. */
  #outsideLoops(walk: () => void): void {
    const { loopDepth } = this;
    this.loopDepth = 0;
    walk();
    this.loopDepth = loopDepth;
  }

  // -------------------------------------------------------------- statements

  #stmt(stmt: Stmt): void {
    const isAllowed = "attributes" in stmt && allowsComplexity(stmt);
    if (isAllowed) this.allowedComplexity++;
    for (const visitor of this.#visitors) visitor.stmt?.(stmt, this);
    this.#stmtParts(stmt);
    if (isAllowed) this.allowedComplexity--;
  }

  #stmtParts(stmt: Stmt): void {
    switch (stmt.kind) {
      case "binding":
        this.#expr(stmt.value);
        for (const name of patternNames(stmt.pattern)) {
          const isSimple = stmt.pattern.kind === "pattern-name";
          this.#declare({ name, span: stmt, kind: stmt.mutable ? "var" : "let", isSimple });
        }
        break;
      case "assign":
        this.#expr(stmt.target);
        this.#expr(stmt.value);
        break;
      case "for":
        this.#expr(stmt.iterable);
        this.#loop(stmt.body, patternNames(stmt.pattern));
        break;
      case "while":
        this.#expr(stmt.condition);
        this.#loop(stmt.body, []);
        break;
      case "return":
        if (stmt.value) this.#expr(stmt.value);
        break;
      case "throw":
        this.#expr(stmt.value);
        break;
      case "guard":
        this.#expr(stmt.condition);
        this.#inner(stmt.elseBody);
        break;
      case "require":
        this.#expr(stmt.condition);
        if (stmt.message) this.#expr(stmt.message);
        break;
      case "defer":
        this.#block(stmt.body);
        break;
      case "expr":
        this.#expr(stmt.expr);
        break;
      case "break":
      case "continue":
      case "import":
      case "struct":
      case "enum":
      case "interface":
      case "type-alias":
        break;
      case "pipeline": {
        const isTest = isTestPipeline(stmt);
        if (isTest) this.testDepth++;
        this.#scoped(() => {
          for (const { name } of stmt.params) this.#bind(name);
          this.#block(stmt.body);
        });
        if (isTest) this.testDepth--;
        break;
      }
      case "fn":
      case "tool":
        this.#function(stmt);
        break;
      case "skill":
        for (const field of stmt.fields) this.#expr(field.value);
        break;
      case "impl":
        this.isInImpl = true;
        for (const method of stmt.methods) this.#stmt(method);
        this.isInImpl = false;
        break;
      case "override":
        this.#scoped(() => {
          for (const { name } of stmt.params) this.#bind(name);
          this.#outsideLoops(() => this.#block(stmt.body));
        });
        break;
      default:
        unreachable(stmt);
    }
  }

  #function(decl: Function): void {
    const span = this.context.declarationSpan(decl, decl.name);
    const body = () => {
      for (const param of decl.params) this.#declare({ name: param.name, span, kind: "param", isSimple: true });
      this.results.push(decl.result);
      this.#block(decl.body);
      this.results.pop();
    };
    // A function of a block takes the values around it, like a closure; one of the file shares the file's variables.
    this.#outsideLoops(() => this.#scoped(body, true));
  }

  // -------------------------------------------------------------- expressions

  #exprs(exprs: readonly Expr[]): void {
    for (const expr of exprs) this.#expr(expr);
  }

  #expr(expr: Expr): void {
    for (const visitor of this.#visitors) visitor.expr?.(expr, this);
    switch (expr.kind) {
      case "int":
      case "float":
      case "string":
      case "interpolation":
      case "bool":
      case "nil":
      case "duration":
      case "name":
        break;
      case "list":
        this.#exprs(expr.items);
        break;
      case "dict":
      case "struct-literal":
        for (const { key, value } of expr.entries) {
          if (key?.kind === "key-computed") this.#expr(key.expr);
          this.#expr(value);
        }
        break;
      case "spread":
      case "try-star":
      case "propagate":
        this.#expr(expr.value);
        break;
      case "unary":
        this.#expr(expr.operand);
        break;
      case "binary":
        this.#exprs([expr.left, expr.right]);
        break;
      case "ternary":
        this.#exprs([expr.condition, expr.whenTrue, expr.whenFalse]);
        break;
      case "call":
        this.#exprs(expr.args);
        break;
      case "method-call":
        this.#exprs([expr.object, ...expr.args]);
        break;
      case "property":
        this.#expr(expr.object);
        break;
      case "index":
        this.#exprs([expr.object, expr.index]);
        break;
      case "slice":
        this.#exprs([expr.object, ...(expr.from ? [expr.from] : []), ...(expr.to ? [expr.to] : [])]);
        break;
      case "range":
        this.#exprs([expr.from, expr.to]);
        break;
      case "closure":
        this.#outsideLoops(() =>
          this.#scoped(() => {
            for (const { name } of expr.params)
              this.#declare({ name: name, span: expr, kind: "param", isSimple: true });
            this.#block(expr.body);
          }, true),
        );
        break;
      case "if":
        this.#expr(expr.condition);
        this.#inner(expr.consequent);
        if (expr.otherwise?.kind === "block") this.#inner(expr.otherwise);
        else if (expr.otherwise) {
          const { otherwise } = expr;
          this.#scoped(() => this.#expr(otherwise));
        }
        break;
      case "match":
        this.#expr(expr.value);
        for (const arm of expr.arms) this.#arm(arm);
        break;
      case "try":
        this.#inner(expr.body);
        if (expr.catch) {
          const { name, body } = expr.catch;
          this.#scoped(() => {
            if (name) this.#bind(name.name);
            this.#block(body);
          });
        }
        if (expr.finally) this.#inner(expr.finally);
        break;
      case "retry":
        this.#expr(expr.count);
        this.#inner(expr.body);
        break;
      case "deadline":
        this.#expr(expr.duration);
        this.#inner(expr.body);
        break;
      case "mutex":
        this.#inner(expr.body);
        break;
      case "spawn":
        this.#scoped(() => this.#block(expr.body), true);
        break;
      case "yield":
        if (expr.value) this.#expr(expr.value);
        break;
      case "parallel": {
        const { variable, body } = expr;
        this.#expr(expr.over);
        for (const option of expr.options) this.#expr(option.value);
        this.#scoped(() => {
          if (variable) this.#bind(variable.name);
          this.#block(body);
        }, true);
        break;
      }
      case "select":
        for (const { name, channel, body } of expr.cases) {
          this.#expr(channel);
          this.#scoped(() => {
            this.#bind(name.name);
            this.#block(body);
          });
        }
        if (expr.timeout) {
          this.#expr(expr.timeout.duration);
          this.#inner(expr.timeout.body);
        }
        if (expr.defaultBody) this.#inner(expr.defaultBody);
        break;
      default:
        unreachable(expr);
    }
  }

  #arm(arm: MatchArm): void {
    this.#pattern(arm.pattern);
    if (arm.guard) this.#expr(arm.guard);
    this.#inner(arm.body);
  }

  /** Values that are compared; names that patterns bind are nothing that rules ask about. */
  #pattern(pattern: MatchPattern): void {
    switch (pattern.kind) {
      case "match-value":
        this.#expr(pattern.value);
        break;
      case "match-dict":
        for (const field of pattern.fields) this.#pattern(field.pattern);
        break;
      case "match-list":
        for (const element of pattern.elements) this.#pattern(element);
        break;
      case "match-or":
        for (const option of pattern.options) this.#pattern(option);
        break;
      case "match-wildcard":
      case "match-name":
      case "match-enum":
        break;
      default:
        unreachable(pattern);
    }
  }
}

function allowsComplexity(decl: Exclude<Decl, { kind: "import" }>): boolean {
  return decl.attributes.some(
    (attribute) =>
      attribute.name.name === "complexity" &&
      attribute.args.some((arg) => arg.name === null && arg.value.kind === "name" && arg.value.name === "allow"),
  );
}

export function isTestPipeline(decl: Extract<Decl, { kind: "pipeline" }>): boolean {
  const { name } = decl.name;
  return name === "test" || name.startsWith("test_") || decl.attributes.some((a) => a.name.name === "test");
}

/** Whether nothing behind the statement, in its block, can run. */
export function exits(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "return":
    case "throw":
    case "break":
    case "continue":
      return true;
    case "expr":
      return exprExits(stmt.expr);
    default:
      return false;
  }
}

function exprExits(expr: Expr): boolean {
  if (expr.kind !== "if" || expr.otherwise === null || !expr.consequent.stmts.some(exits)) return false;
  return expr.otherwise.kind === "block" ? expr.otherwise.stmts.some(exits) : exprExits(expr.otherwise);
}
