/**
 * Paths under workspace roots. Whether a call stays inside is decided on real paths at the moment of the call (links followed, also of a file that does
 * not exist yet); how policies are narrowed is decided on their text.
 *
 * Invariants
 * 1. Never case-folded: a path spelt otherwise than its real one is judged by the real one, and what does not exist cannot lie under a folder that does.
 * 2. A path that cannot be resolved (a loop of links, no permission) is outside.
 */
import { isAbsolute, joinPath, parentPath } from "../base/path.ts";
import type { FileReads } from "../ports/files.ts";
import { listedOnly, namesOf, type PermittedSet } from "./permitted-set.ts";

/** Is `path` the folder `root` or below? Both absolute, normalised. */
export function liesUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

/** Roots that lie neither under a root of the parent nor around one. */
export function rootsBeyond(parent: PermittedSet, child: PermittedSet): readonly string[] {
  if (parent.kind === "all") return [];
  const outer = namesOf(parent);
  return namesOf(child).filter((root) => !outer.some((other) => liesUnder(root, other) || liesUnder(other, root)));
}

/** The parts that are under a root of both. */
export function intersectRoots(parent: PermittedSet, child: PermittedSet): PermittedSet {
  if (parent.kind === "all") return child;
  if (child.kind === "all") return parent;
  const common = new Set<string>();
  for (const outer of namesOf(parent)) {
    for (const inner of namesOf(child)) {
      if (liesUnder(inner, outer)) common.add(inner);
      else if (liesUnder(outer, inner)) common.add(outer);
    }
  }
  return listedOnly([...common]);
}

export function absoluteRoots(roots: PermittedSet, base: string): PermittedSet {
  return roots.kind === "listed" ? listedOnly(roots.names.map((root) => joinPath(base, root))) : roots;
}

/** Where a path of a call really leads, or null. Two places when `..` after a link means another thing to the system than to the text. */
export function realPlaces(files: FileReads, cwd: string, path: string): readonly string[] | null {
  try {
    const places = [files.realpathSync(joinPath(cwd, path))];
    if (path.includes("..")) places.push(systemPlace(files, isAbsolute(path) ? path : `${cwd}/${path}`));
    return places.map((place) => place.replaceAll("\\", "/"));
  } catch {
    return null;
  }
}

/** As the system reads the path: a step up leads to the folder that holds the link's target. */
function systemPlace(files: FileReads, path: string): string {
  let at = path.startsWith("/") ? "/" : "";
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") at = parentPath(files.realpathSync(at));
    else at = at === "" || at.endsWith("/") ? `${at}${part}` : `${at}/${part}`;
  }
  return files.realpathSync(at);
}

/** Is the path inside one of the roots, by real paths? Roots that are `all` hold everything. */
export function insideRoots(files: FileReads, cwd: string, path: string, roots: PermittedSet): boolean {
  if (roots.kind === "all") return true;
  const places = realPlaces(files, cwd, path);
  if (places === null) return false;
  const real = namesOf(roots).flatMap((root) => realPlaces(files, cwd, root) ?? []);
  return places.every((place) => real.some((root) => liesUnder(place, root)));
}
