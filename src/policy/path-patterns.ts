/**
 * Patterns over paths (write-path lists, constraints on path arguments), held against where a path really leads.
 *
 * Invariants
 * 1. A relative pattern is about the workspace, the scope's folder: nothing outside it matches one, not even `*`.
 * 2. Links inside the workspace are followed in the path, never in the pattern: who can turn `src` into a link does not move what `src/*` means.
 */
import { isAbsolute, joinPath } from "../base/path.ts";
import type { FileReads } from "../ports/files.ts";
import { matchesGlob, splitGlob } from "./globs.ts";
import { liesUnder, realPlaces } from "./workspace-roots.ts";

export function matchesPath(files: FileReads, cwd: string, path: string, patterns: readonly string[]): boolean {
  const places = realPlaces(files, cwd, path);
  const workspace = realPlaces(files, cwd, ".")?.[0];
  if (places === null || workspace === undefined) return false;
  return places.every((place) => patterns.some((pattern) => matchesPlace(files, cwd, workspace, place, pattern)));
}

function matchesPlace(files: FileReads, cwd: string, workspace: string, place: string, pattern: string): boolean {
  const { base, rest } = splitGlob(pattern);
  const folder = joinPath(cwd, base === "" ? "." : base);
  // Everything but the pattern's own characters is compared as text, so that a `[` in a folder's name is a `[`.
  const anchor = liesUnder(folder, joinPath(cwd))
    ? joinPath(workspace, folder.slice(joinPath(cwd).length).replace(/^\//, ""))
    : isAbsolute(base)
      ? realPlaces(files, cwd, folder)?.[0]
      : folder;
  if (anchor === undefined) return false;
  if (rest === "") return place === anchor;
  if (place === anchor || !liesUnder(place, anchor)) return false;
  return matchesGlob(rest, place.slice(anchor.endsWith("/") ? anchor.length : anchor.length + 1));
}
