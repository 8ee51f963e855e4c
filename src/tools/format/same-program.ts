/**
 * Whether two texts are the same program: the guard in front of every write of the formatter. A program is known by a digest of its tree, so that the trees of both
 * texts need not be there at the same time.
 *
 * Invariant: only what the layout may change is overlooked: places, comments, the order of the imports at the top and of the names in them,
 * quotes, how a key is quoted, and `else { if … }` for `else if …`.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { SourceFile, Stmt } from "../../syntax/ast.ts";
import { compareImports } from "./declarations.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Two programs have the same digest if they are the same. */
export function programDigest(file: SourceFile): string {
  const writer = new TreeWriter();
  for (const item of ordered(file.items)) writer.write(item);
  return writer.digest();
}

function ordered(items: readonly Stmt[]): readonly Stmt[] {
  const count = items.findIndex((item) => item.kind !== "import");
  const imports = items.slice(0, count === -1 ? items.length : count).filter((item) => item.kind === "import");
  return [...imports.sort(compareImports), ...items.slice(imports.length)];
}

const OVERLOOKED: ReadonlySet<string> = new Set(["start", "end", "opStart", "nameStart", "pathSpan", "doc", "style"]);

/** Characters that are digested at once. */
const MOST_PENDING = 1 << 14;

/** Feeds trees to a digest, as a text from which they could be read again. */
class TreeWriter {
  readonly #hash = sha256.create();
  #pending = "";

  digest(): string {
    this.#flush();
    return bytesToHex(this.#hash.digest());
  }

  write(value: unknown): void {
    if (typeof value === "string") this.#add(JSON.stringify(value));
    else if (typeof value !== "object" || value === null) this.#add(Object.is(value, -0) ? "-0" : String(value));
    else if (Array.isArray(value)) {
      this.#add(`[${value.length}`);
      for (const item of value) this.write(item);
    } else this.#writeNode(unified(value as Fields));
  }

  #writeNode(node: Fields): void {
    this.#add("{");
    if (node["kind"] === "tool" && node["description"] === null) this.write(wordsOf(node["doc"]));
    for (const key of Object.keys(node).sort()) {
      // A closure's style is meaning, a string's is not.
      if (OVERLOOKED.has(key) && !(key === "style" && node["kind"] === "closure")) continue;
      this.#add(key);
      this.write(node[key]);
    }
    this.#add("}");
  }

  #add(piece: string): void {
    this.#pending += `${piece} `;
    if (this.#pending.length >= MOST_PENDING) this.#flush();
  }

  #flush(): void {
    this.#hash.update(utf8ToBytes(this.#pending));
    this.#pending = "";
  }
}

/** Blanks aside. */
function wordsOf(text: unknown): string {
  return typeof text === "string" ? text.split(/\s+/).filter(Boolean).join(" ") : "";
}

/** One form for what can be written in several. */
function unified(node: Fields): Fields {
  switch (node["kind"]) {
    case "if":
      return { ...node, otherwise: soleIf(node["otherwise"]) };
    case "key-computed": {
      const expr = node["expr"] as Fields;
      return expr["kind"] === "string" ? { kind: "key-name", name: expr["value"] } : node;
    }
    case "import": {
      const names = node["names"] as readonly { readonly name: string }[] | null;
      return { ...node, names: names?.map(({ name }) => name).sort() };
    }
    default:
      return node;
  }
}

function soleIf(otherwise: unknown): unknown {
  const block = otherwise as { readonly kind?: string; readonly stmts?: readonly Fields[] } | null;
  if (block?.kind !== "block" || block.stmts?.length !== 1) return otherwise;
  const [only] = block.stmts;
  const expr = only!["kind"] === "expr" ? (only!["expr"] as Fields) : null;
  return expr?.["kind"] === "if" ? expr : otherwise;
}
