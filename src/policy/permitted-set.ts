/**
 * A set that a policy allows: all, none, or those listed. Three values, so that an intersection that comes out empty stays empty.
 *
 * Invariant: `listed` is never empty; `listedOnly([])` is `none`.
 */
import type { Json } from "../base/json.ts";
import { unreachable } from "../base/unreachable.ts";
import { readTexts } from "./strict-reader.ts";

export type PermittedSet =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | { readonly kind: "listed"; readonly names: readonly string[] };

export const EVERYTHING: PermittedSet = { kind: "all" };
export const NOTHING: PermittedSet = { kind: "none" };

/**
 * How `[]` is meant. In a program it says that nothing is allowed; in a record of the reference it is what an absent key is written as, so there it
 * says nothing, and an empty set is spelt `"none"`.
 */
export type EmptyMeans = "none" | "all";

export function listedOnly(names: readonly string[]): PermittedSet {
  return names.length === 0 ? NOTHING : { kind: "listed", names };
}

export function permits(set: PermittedSet, name: string): boolean {
  switch (set.kind) {
    case "all":
      return true;
    case "none":
      return false;
    case "listed":
      return set.names.includes(name);
    default:
      return unreachable(set);
  }
}

/** What is in both. */
export function intersectSets(a: PermittedSet, b: PermittedSet): PermittedSet {
  if (a.kind === "all") return b;
  if (b.kind === "all") return a;
  return listedOnly(namesOf(b).filter((name) => permits(a, name)));
}

/** The names that `requested` lists beyond `ceiling`. Not to list any (`all`) is to inherit, and asks for no more. */
export function namesBeyond(ceiling: PermittedSet, requested: PermittedSet): readonly string[] {
  return namesOf(requested).filter((name) => !permits(ceiling, name));
}

/** Empty for `all`, too. */
export function namesOf(set: PermittedSet): readonly string[] {
  return set.kind === "listed" ? set.names : [];
}

export function readSet(json: Json | undefined, where: string, empty: EmptyMeans): PermittedSet {
  if (json === undefined || json === "all") return EVERYTHING;
  if (json === "none") return NOTHING;
  const names = readTexts(json, where);
  return names.length === 0 && empty === "all" ? EVERYTHING : listedOnly(names);
}

/** For a dict that is read with `empty` = "none": undefined (leave the key out), a list. */
export function writeSet(set: PermittedSet): readonly string[] | undefined {
  return set.kind === "all" ? undefined : namesOf(set);
}

/** For a record of the reference, where a key is never left out. */
export function writeRecordSet(set: PermittedSet): readonly string[] | "none" {
  return set.kind === "none" ? "none" : namesOf(set);
}

/** For messages. */
export function describeSet(set: PermittedSet): string {
  return set.kind === "listed" ? set.names.join(", ") : set.kind;
}
