/**
 * Tables of what a program may use, of which nearly nothing is loaded until something of it is asked for. Names are known at once.
 *
 * Invariant: whoever reads such a table cannot tell it from one that holds everything.
 */
import type { Builtin, BuiltinTable } from "./declaration.ts";

/** A map that gets what it has no value of yet from `load`, all at once. */
class LateMap<V> extends Map<string, V> {
  private load: (() => Iterable<readonly [string, V]>) | null = null;

  /** `names` in the order that the loaded entries have, too. */
  static of<V>(names: readonly string[], ready: ReadonlyMap<string, V>, load: () => Iterable<readonly [string, V]>) {
    const map = new LateMap<V>();
    for (const name of names) map.set(name, ready.get(name) as V);
    for (const [name, value] of ready) map.set(name, value);
    map.load = load;
    return map;
  }

  override get(name: string): V | undefined {
    const value = super.get(name);
    if (value !== undefined || this.load === null || !super.has(name)) return value;
    this.fill();
    return super.get(name);
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

  private fill(): void {
    if (this.load === null) return;
    const entries = this.load();
    this.load = null;
    for (const [name, value] of entries) this.set(name, value);
  }
}

export interface DeclaredNames {
  readonly builtins: readonly string[];
  /** Kinds of receivers. */
  readonly receivers: readonly string[];
  readonly machines: readonly string[];
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
  kinds: readonly string[],
  ready: readonly V[],
  load: () => ReadonlyMap<string, V>,
): ReadonlyMap<string, V> {
  return LateMap.of(kinds, new Map(ready.map((entry) => [entry.kind, entry])), load);
}

/** `load` is asked once, with the first value. */
export function lateMap<V>(names: readonly string[], load: () => ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return LateMap.of(names, new Map<string, V>(), load);
}
