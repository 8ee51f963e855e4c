/**
 * What of a module those see that import it, as text that can be compared: an edit that leaves it as it was changes nothing for them.
 *
 * Invariants
 * 1. It is made of tokens: comments, line breaks and bodies do not count.
 * 2. `types` holds every type of the file and what impl blocks give them, whether they are exported: signatures may mention them.
 */
import type { FnDecl, SourceFile, Stmt } from "../syntax/ast.ts";
import type { TokenKind } from "../syntax/tokens.ts";
import { boundNames } from "./module-interface.ts";
import { forEachNode } from "./walk.ts";

export interface InterfacePrint {
  /** By name, of what an import may name. */
  readonly values: ReadonlyMap<string, string>;
  readonly types: string;
  /** Names that stand in it, among them all types that its meaning depends on. */
  readonly mentions: ReadonlySet<string>;
}

/** The tree must have its tokens. */
export function printInterface(file: SourceFile): InterfacePrint {
  return new Printer(file).print();
}

const TYPE_WORDS: ReadonlySet<TokenKind> = new Set(["struct", "enum", "interface", "type", "impl"]);
const TYPE_ITEMS: ReadonlySet<Stmt["kind"]> = new Set(["struct", "enum", "interface", "type-alias", "impl"]);

class Printer {
  private readonly file: SourceFile;
  private readonly mentions = new Set<string>();
  private readonly values = new Map<string, string>();
  private readonly types: string[] = [];
  /** Types may be declared in bodies. Most files have none there, and need no walk. */
  private readonly mayHaveInner: boolean;

  constructor(file: SourceFile) {
    this.file = file;
    let words = 0;
    for (let at = 0; at < file.tokens.length; at++) if (TYPE_WORDS.has(file.tokens.kind(at))) words++;
    const atTop = file.items.reduce((count, { kind }) => count + (TYPE_ITEMS.has(kind) ? 1 : 0), 0);
    this.mayHaveInner = words > atTop;
  }

  print(): InterfacePrint {
    for (const item of this.file.items) this.item(item);
    return { values: this.values, types: this.types.join("\n"), mentions: this.mentions };
  }

  private item(item: Stmt): void {
    switch (item.kind) {
      case "fn":
      case "tool":
      case "pipeline":
        this.values.set(item.name.name, this.text(item.start, item.body.start));
        this.typesInside(item.body);
        return;
      case "skill":
        this.values.set(item.name.name, this.text(item.start, item.name.end));
        return;
      case "binding":
        for (const { name } of boundNames(item.pattern)) this.values.set(name, "value");
        this.typesInside(item.value);
        return;
      case "struct":
      case "enum":
      case "interface":
      case "type-alias":
        this.types.push(this.text(item.start, item.end));
        return;
      case "impl":
        this.types.push(`impl ${item.typeName.name} ${item.methods.map((method) => this.signature(method)).join(" ")}`);
        this.mentions.add(item.typeName.name);
        for (const method of item.methods) this.typesInside(method.body);
        return;
      default:
        this.typesInside(item);
    }
  }

  private signature(method: FnDecl): string {
    return this.text(method.start, method.body.start);
  }

  /** Types that are declared inside of a body are known in the whole file. */
  private typesInside(part: object): void {
    if (!this.mayHaveInner) return;
    forEachNode(part, (node) => {
      switch (node.kind) {
        case "struct":
        case "enum":
        case "interface":
        case "type-alias":
        case "impl":
          this.item(node);
          return false;
        default:
          return true;
      }
    });
  }

  /** The tokens that lie in `[start, end)`. */
  private text(start: number, end: number): string {
    const { tokens, text } = this.file;
    const parts: string[] = [];
    for (let at = tokens.indexAt(start); at < tokens.length && tokens.end(at) <= end; at++) {
      const part = text.slice(tokens.start(at), tokens.end(at));
      if (tokens.kind(at) === "name") this.mentions.add(part);
      parts.push(part);
    }
    return parts.join(" ");
  }
}
