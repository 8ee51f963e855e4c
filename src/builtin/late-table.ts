/**
 * Tables of what a program may use, of which nearly nothing is loaded until something of it is asked for. Names are known at once.
 *
 * Invariant: whoever reads such a table cannot tell it from one that holds everything.
 */
import type { Builtin, BuiltinTable } from "./declaration.ts";

/** Names as one text, a space in front of and behind each: to make a list of them is work that most starts do not need. */
export type NameText = string;

/** A map that is filled from `load`, all at once, with the first question for a value that is not ready. */
class LateMap<V> extends Map<string, V> {
  /** Null: they are in the map. */
  private names: NameText | null = null;
  private load: (() => Iterable<readonly [string, V]>) | null = null;

  /** `names` in the order that the loaded entries have, too. */
  static of<V>(names: NameText, ready: ReadonlyMap<string, V>, load: () => Iterable<readonly [string, V]>) {
    const map = new LateMap<V>();
    for (const [name, value] of ready) map.set(name, value);
    map.names = names;
    map.load = load;
    return map;
  }

  override get(name: string): V | undefined {
    const value = super.get(name);
    if (value !== undefined || this.load === null || !this.has(name)) return value;
    this.fill();
    return super.get(name);
  }

  override has(name: string): boolean {
    return super.has(name) || (this.names !== null && !name.includes(" ") && this.names.includes(` ${name} `));
  }

  override get size(): number {
    this.nameAll();
    return super.size;
  }

  override keys(): MapIterator<string> {
    this.nameAll();
    return super.keys();
  }

  override values(): MapIterator<V> {
    this.fill();
    return super.values();
  }

  override entries(): MapIterator<[string, V]> {
    this.fill();
    return super.entries();
  }

  override [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  override forEach(each: (value: V, name: string, map: Map<string, V>) => void): void {
    this.fill();
    super.forEach(each);
  }

  private nameAll(): void {
    if (this.names === null) return;
    const names = this.names.trim().split(" ");
    this.names = null;
    const ready = [...super.entries()];
    super.clear();
    for (const name of names) this.set(name, undefined as V);
    for (const [name, value] of ready) this.set(name, value);
  }

  private fill(): void {
    if (this.load === null) return;
    this.nameAll();
    const entries = this.load();
    this.load = null;
    for (const [name, value] of entries) this.set(name, value);
  }
}

export interface DeclaredNames {
  readonly builtins: NameText;
  /** Kinds of receivers. */
  readonly receivers: NameText;
}

/** `ready`: those that need not be loaded. `whole` is asked once, with the first of the others. */
export function lateTable(names: DeclaredNames, ready: readonly Builtin[], whole: () => BuiltinTable): BuiltinTable {
  let table: BuiltinTable | null = null;
  const loaded = () => (table ??= whole());
  return {
    builtins: LateMap.of(names.builtins, new Map(ready.map((entry) => [entry.name, entry])), () => loaded().builtins),
    methods: LateMap.of(names.receivers, new Map(), () => loaded().methods),
  };
}

export function lateByKind<V extends { readonly kind: string }>(
  kinds: NameText,
  ready: readonly V[],
  load: () => ReadonlyMap<string, V>,
): ReadonlyMap<string, V> {
  return LateMap.of(kinds, new Map(ready.map((entry) => [entry.kind, entry])), load);
}

/** `load` is asked once, with the first value. */
export function lateMap<V>(names: NameText, load: () => ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return LateMap.of(names, new Map<string, V>(), load);
}
