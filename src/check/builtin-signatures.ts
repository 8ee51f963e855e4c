/**
 * The signatures of builtins and methods, read from their declarations when they are first asked for.
 *
 * Invariant: a result that may be nil is `any` here. Programs use such results without looking, and the language means them to.
 */
import type { BuiltinTable } from "../builtin/declaration.ts";
import { parseSource } from "../syntax/parser.ts";
import { resolveType, type TypeNames } from "../types/resolution.ts";
import { ANY, isNamed, type ParamType, type Signature, type Type } from "../types/type.ts";

export class BuiltinSignatures {
  readonly table: BuiltinTable;
  private readonly known = new Map<string, Signature>();

  constructor(table: BuiltinTable) {
    this.table = table;
  }

  of(name: string): Signature | null {
    const declared = this.table.builtins.get(name);
    return declared === undefined ? null : this.read(name, name, declared.sig);
  }

  /** `kind`: what `type_of` says of the receiver. */
  method(kind: string, name: string): Signature | null {
    const declared = this.table.methods.get(kind)?.get(name);
    return declared === undefined ? null : this.read(`${kind}.${name}`, name, declared.sig);
  }

  methodNames(kind: string): Iterable<string> {
    return this.table.methods.get(kind)?.keys() ?? [];
  }

  private read(key: string, name: string, sig: string): Signature {
    let signature = this.known.get(key);
    if (signature === undefined) {
      signature = readSignature(name, sig);
      this.known.set(key, signature);
    }
    return signature;
  }
}

const NO_NAMES: TypeNames = { lookup: () => null, unknownName: () => {} };

function readSignature(name: string, sig: string): Signature {
  const end = sig.lastIndexOf(") -> ");
  const result = readType(sig.slice(end + 5));
  const params = splitParameters(sig.slice(1, end)).map(readParameter);
  const mayBeNil = result.kind === "union" && result.members.some((member) => isNamed(member, "nil"));
  return { name, typeParams: [], params, result: mayBeNil ? ANY : result, span: null, path: null };
}

function readParameter(text: string): ParamType {
  const colon = text.indexOf(":");
  let name = text.slice(0, colon).trim();
  const rest = name.startsWith("...");
  if (rest) name = name.slice(3);
  const optional = name.endsWith("?");
  if (optional) name = name.slice(0, -1);
  const type = readType(text.slice(colon + 1).trim());
  return { name, type, optional: optional || rest, nilDefault: optional, rest, span: null };
}

/** At the commas that stand outside brackets. */
function splitParameters(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if ("({<[".includes(char)) depth++;
    else if (")}]".includes(char) || (char === ">" && text[at - 1] !== "-")) depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (text.slice(start).trim() !== "") parts.push(text.slice(start));
  return parts;
}

function readType(text: string): Type {
  // Plain names are most of them, and `fn` alone is none of the grammar's.
  if (/^[a-z_]+$/.test(text)) {
    const at = { start: 0, end: 0 };
    return resolveType({ kind: "type-name", name: text, args: [], ...at }, NO_NAMES);
  }
  const { file, diagnostics } = parseSource("signature", `type Of = ${text}\n`);
  const [item] = file.items;
  if (diagnostics.length > 0 || item?.kind !== "type-alias") throw new Error(`not a type: ${text}`);
  return resolveType(item.type, NO_NAMES);
}
