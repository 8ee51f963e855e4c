/** Path text, without looking at any disk. Slashes only; an absolute part starts anew. */

export function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
}

/** Joins and normalises: `.` and `..` are resolved in the text, doubled slashes vanish. */
export function joinPath(...parts: readonly string[]): string {
  let whole = "";
  for (const part of parts) {
    if (part === "") continue;
    whole = isAbsolute(part) || whole === "" ? part : `${whole}/${part}`;
  }
  const absolute = whole.startsWith("/");
  const out: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && out.length > 0 && out[out.length - 1] !== "..") out.pop();
    else if (part !== ".." || !absolute) out.push(part);
  }
  return `${absolute ? "/" : ""}${out.join("/")}` || (absolute ? "/" : ".");
}

export function lastComponent(path: string): string {
  const parts = joinPath(path).split("/");
  return parts[parts.length - 1] ?? "";
}

export function parentPath(path: string): string {
  const whole = joinPath(path);
  const at = whole.lastIndexOf("/");
  return at > 0 ? whole.slice(0, at) : at === 0 ? "/" : ".";
}
