/** Paths as text, without looking at any disk. Backslashes count as slashes; a drive letter counts as part of the root. */

export const toPosix = (path: string): string => path.replaceAll("\\", "/");

interface Split {
  readonly absolute: boolean;
  /** `C:` or "". */
  readonly drive: string;
  readonly segments: readonly string[];
}

export function splitPath(path: string): Split {
  const posix = toPosix(path);
  const drive = /^[A-Za-z]:/.exec(posix)?.[0] ?? "";
  const rest = posix.slice(drive.length);
  return { absolute: rest.startsWith("/"), drive, segments: rest.split("/").filter((segment) => segment !== "") };
}

function build({ absolute, drive }: Split, segments: readonly string[]): string {
  return `${drive}${absolute ? "/" : ""}${segments.join("/")}`;
}

/** `.` and `..` resolved, doubled slashes gone. "" stays; what comes out empty is `.`. */
export function normalizePath(path: string): string {
  if (path === "") return "";
  const split = splitPath(path);
  const stack: string[] = [];
  for (const segment of split.segments) {
    if (segment === ".") continue;
    if (segment !== "..") stack.push(segment);
    else if (stack.length > 0 && stack.at(-1) !== "..") stack.pop();
    else if (!split.absolute) stack.push("..");
  }
  return build(split, stack) || ".";
}

export const pathName = (path: string): string => splitPath(path).segments.at(-1) ?? "";

/** "" of a single relative segment; the root of the root. */
export function pathParent(path: string): string {
  const split = splitPath(path);
  return split.segments.length <= 1 && !split.absolute ? "" : build(split, split.segments.slice(0, -1));
}

/** Where the extension begins in a name; the name's end when it has none (also `.hidden`). */
function extensionStart(name: string): number {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? dot : name.length;
}

export function pathExtension(path: string): string {
  const name = pathName(path);
  return name.slice(extensionStart(name));
}

export function pathStem(path: string): string {
  const name = pathName(path);
  return name.slice(0, extensionStart(name));
}

/** The path with another last segment. */
export function withName(path: string, name: string): string {
  const parent = pathParent(path);
  if (parent === "") return name;
  return parent.endsWith("/") ? parent + name : `${parent}/${name}`;
}

export const isAbsoluteText = (path: string): boolean => toPosix(path).startsWith("/") || /^[A-Za-z]:/.test(path);

/** From `base` to `path`; null when only one of them is absolute. */
export function relativePath(path: string, base: string): string | null {
  const to = splitPath(normalizePath(path));
  const from = splitPath(normalizePath(base));
  if (to.absolute !== from.absolute) return null;
  let common = 0;
  while (common < to.segments.length && to.segments[common] === from.segments[common]) common++;
  const up = from.segments.slice(common).map(() => "..");
  return [...up, ...to.segments.slice(common)].join("/") || ".";
}

/** As the operating system joins: a later absolute part replaces what stands before it; nothing is normalised. */
export function joinParts(parts: readonly string[]): string {
  let whole = "";
  for (const part of parts) {
    if (part.startsWith("/") || whole === "") whole = part;
    else whole = whole.endsWith("/") ? whole + part : `${whole}/${part}`;
  }
  return whole;
}

/** Segments as the operating system sees them, without `.` but at the beginning; of `/a//b/.` the root, `a` and `b`. */
function components(path: string): { readonly root: boolean; readonly names: readonly string[] } {
  const names = path
    .split("/")
    .filter((name, i) => name !== "" && (name !== "." || (i === 0 && !path.startsWith("/"))));
  return { root: path.startsWith("/"), names };
}

/** The last segment; "" of a path that ends in `..` or has none. */
export function osBaseName(path: string): string {
  const last = components(path).names.at(-1);
  return last === undefined || last === ".." || last === "." ? "" : last;
}

/** Everything before the last segment; "" when there is nothing. */
export function osDirName(path: string): string {
  const { root, names } = components(path);
  return names.length === 0 ? "" : `${root ? "/" : ""}${names.slice(0, -1).join("/")}`;
}

export function osExtension(path: string): string {
  const name = osBaseName(path);
  return name.slice(extensionStart(name));
}
