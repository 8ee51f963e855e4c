/**
 * A compiled program as a text of the code cache, and back.
 *
 * Invariants
 * 1. What is read is what this compiler would make now of the same sources: the record holds every text that went in, and how each import was found,
 *    and both are compared. Modules of the library go with the compiler.
 * 2. The chunks of a record are verified like any that come from outside; a record that is damaged is none.
 */
import type { Chunk } from "../bytecode/chunk.ts";
import { decodeChunk, encodeChunk } from "../bytecode/serialize.ts";
import type { CodeCachePort } from "../ports/code-cache.ts";

/** What of a program's making is not in the texts of its modules. */
export interface ProgramSetting {
  /** Key and shown path of the entry. */
  readonly entry: string;
  readonly name: string;
  readonly text: string;
  /** Names that the host adds to the language, sorted. */
  readonly names: readonly string[];
}

/** How an import was found: importer, path as written, key of the module. */
export type ImportEdge = readonly [importer: string, path: string, key: string];

export interface CompiledParts {
  readonly edges: readonly ImportEdge[];
  /** Texts of the modules but for the entry and the library's. */
  readonly texts: Readonly<Record<string, string>>;
  readonly chunks: readonly Chunk[];
}

interface Record_ extends Omit<CompiledParts, "chunks"> {
  readonly build: string;
  readonly setting: ProgramSetting;
  readonly chunks: readonly string[];
}

/** Finds the module of an import as the compiler does: its key and text; null: not there. */
export type FindModule = (importer: string, path: string) => { readonly key: string; readonly text: string } | null;

export function readCompiled(cache: CodeCachePort, setting: ProgramSetting, find: FindModule): readonly Chunk[] | null {
  const stored = cache.read(recordName(cache.build, setting));
  if (stored === null) return null;
  try {
    const record = JSON.parse(stored) as Record_;
    if (record.build !== cache.build || !sameSetting(record.setting, setting)) return null;
    for (const [importer, path, key] of record.edges) {
      const found = find(importer, path);
      if (found?.key !== key) return null;
      if (key.startsWith("std/")) continue;
      if (found.text !== (key === setting.entry ? setting.text : record.texts[key])) return null;
    }
    return record.chunks.map(decodeChunk);
  } catch {
    // Not a record of ours, or damaged: compiling replaces it.
    return null;
  }
}

export function writeCompiled(cache: CodeCachePort, setting: ProgramSetting, parts: CompiledParts): void {
  const { edges, texts, chunks } = parts;
  const record: Record_ = { build: cache.build, setting, edges, texts, chunks: chunks.map(encodeChunk) };
  cache.write(recordName(cache.build, setting), JSON.stringify(record));
}

function sameSetting(a: ProgramSetting, b: ProgramSetting): boolean {
  return (
    a.entry === b.entry &&
    a.name === b.name &&
    a.text === b.text &&
    a.names.length === b.names.length &&
    a.names.every((name, at) => name === b.names[at])
  );
}

/** A hash of the content that needs no library: what it lets through is compared. */
function recordName(build: string, { entry, name, text, names }: ProgramSetting): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  const content = [build, entry, name, ...names, text].join("\0");
  for (let i = 0; i < content.length; i++) {
    const unit = content.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high ^= Math.imul(high ^ (low >>> 15), 0x735a2d97);
  low ^= Math.imul(low ^ (high >>> 15), 0xcaf649a9);
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
