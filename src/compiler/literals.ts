/** List, dict and struct literals, with spreads. */
import type { Span } from "../base/span.ts";
import type { DictEntry, Expr } from "../syntax/ast.ts";
import { compareUtf8 } from "../value/key-order.ts";
import { compileRun } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { compileInto, compileOperand, compileToTemp, emitString } from "./operands.ts";
import { compileAliasSchema } from "./schemas.ts";

/** Items that are built with one instruction; longer lists are filled one by one, to spare registers. */
const LONGEST_RUN = 64;

export function compileList(f: FunctionContext, items: readonly Expr[], dst: number): void {
  const { code } = f;
  const firstSpread = items.findIndex((item) => item.kind === "spread");
  const head = Math.min(firstSpread < 0 ? items.length : firstSpread, LONGEST_RUN);
  const mark = code.top;
  const base = compileRun(f, items.slice(0, head), "keep");
  code.emit("LIST", dst, base, head);
  code.top = mark;
  for (const item of items.slice(head)) {
    if (item.kind === "spread") {
      const source = compileOperand(f, item.value);
      code.at(item);
      code.emit("LIST_EXTEND", dst, source);
    } else {
      code.emit("LIST_PUSH", dst, compileToTemp(f, item));
    }
    code.top = mark;
  }
}

export function compileDict(f: FunctionContext, entries: readonly DictEntry[], dst: number): void {
  const { code, module } = f;
  const mark = code.top;
  // The plain keys in front become one instruction; each value is evaluated in source order, straight to its key's place.
  let plain = 0;
  const keys = new Set<string>();
  for (; plain < entries.length && plain < LONGEST_RUN; plain++) {
    const key = entries[plain]!.key;
    if (key?.kind !== "key-name" || keys.has(key.name)) break;
    keys.add(key.name);
  }
  const shape = [...keys].sort(compareUtf8);
  const base = code.takeRun(shape.length);
  for (const entry of entries.slice(0, plain)) {
    const name = entry.key?.kind === "key-name" ? entry.key.name : "";
    compileEntryValue(f, name, entry.value, base + shape.indexOf(name));
  }
  code.emit("DICT", dst, module.pool.shape(shape), base);
  code.top = mark;
  for (const entry of entries.slice(plain)) {
    compileEntry(f, entry, dst);
    code.top = mark;
  }
}

function compileEntry(f: FunctionContext, entry: DictEntry, dict: number): void {
  const { code } = f;
  if (entry.key === null) {
    const source = compileOperand(f, entry.value.kind === "spread" ? entry.value.value : entry.value);
    code.at(entry);
    code.emit("DICT_SPREAD", dict, source);
    return;
  }
  const key = code.take();
  if (entry.key.kind === "key-name") emitString(f, entry.key.name, key);
  else compileInto(f, entry.key.expr, key);
  const value = code.take();
  compileEntryValue(f, entry.key.kind === "key-name" ? entry.key.name : "", entry.value, value);
  code.at(entry);
  code.emit("DICT_SET", dict, key, value);
}

/** `output_schema: Alias` means the schema of the type alias. */
function compileEntryValue(f: FunctionContext, key: string, value: Expr, dst: number): void {
  if (key === "output_schema" && value.kind === "name" && compileAliasSchema(f, value.name, dst)) return;
  compileInto(f, value, dst);
}

export function compileStructLiteral(
  f: FunctionContext,
  name: string,
  entries: readonly DictEntry[],
  dst: number,
  span: Span,
): void {
  const fields = f.code.take();
  compileDict(f, entries, fields);
  f.code.at(span);
  f.code.emit("STRUCT", dst, f.module.pool.string(name), fields);
}
