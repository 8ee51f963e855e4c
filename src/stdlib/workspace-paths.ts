/** What a path means in a workspace: below its root, elsewhere on the host, or nowhere allowed. */
import { isAbsolute, joinPath } from "../base/path.ts";
import type { Call } from "../builtin/call.ts";
import { HDict } from "../value/value.ts";
import { isAbsoluteText, normalizePath, splitPath, toPosix } from "./path-text.ts";

export interface WorkspacePath {
  readonly input: string;
  readonly kind: "workspace_relative" | "host_absolute" | "invalid";
  readonly normalized: string;
  /** Relative to the root; null: outside of it. */
  readonly workspacePath: string | null;
  /** Absolute. */
  readonly hostPath: string | null;
  /** A leading slash that meant the workspace's root was taken as that. */
  readonly recovered: boolean;
  readonly reason: string | null;
}

const escapes = (path: string) => path === ".." || path.startsWith("../");

export function classifyPath(call: Call, input: string, root: string): WorkspacePath {
  const trimmed = input.trim();
  const base = { input, workspacePath: null, hostPath: null, recovered: false, reason: null };
  if (trimmed === "") return { ...base, kind: "invalid", normalized: "", reason: "path is empty" };
  if (trimmed.includes("\0")) {
    return { ...base, kind: "invalid", normalized: toPosix(trimmed), reason: "path contains NUL bytes" };
  }
  const normalized = normalizePath(trimmed);
  const absoluteRoot = normalizePath(isAbsolute(root) ? root : joinPath(call.scope.cwd, root));
  const below = (path: string) => normalizePath(`${absoluteRoot}/${path}`);
  if (!isAbsoluteText(trimmed)) {
    const hostPath = below(normalized);
    if (!escapes(normalized)) {
      return { ...base, kind: "workspace_relative", normalized, workspacePath: normalized, hostPath };
    }
    const reason = "workspace-relative path escapes the workspace root";
    return { ...base, kind: "invalid", normalized, hostPath, reason };
  }
  const inside = relativeToRoot(normalized, absoluteRoot);
  if (inside !== null) {
    return { ...base, kind: "host_absolute", normalized, workspacePath: inside, hostPath: normalized };
  }
  const meant = meantBelowRoot(call, trimmed, below);
  if (meant !== null) {
    return {
      ...base,
      kind: "workspace_relative",
      normalized: meant,
      workspacePath: meant,
      hostPath: below(meant),
      recovered: true,
    };
  }
  return { ...base, kind: "host_absolute", normalized, hostPath: normalized };
}

function relativeToRoot(path: string, root: string): string | null {
  const inner = splitPath(path);
  const outer = splitPath(root);
  if (!inner.absolute || !outer.absolute || inner.drive !== outer.drive) return null;
  if (outer.segments.some((segment, i) => inner.segments[i] !== segment)) return null;
  return inner.segments.slice(outer.segments.length).join("/") || ".";
}

/** `/src/a.ts` for `src/a.ts`: nothing is there on the host, but the file or its folder is in the workspace. */
function meantBelowRoot(call: Call, path: string, below: (path: string) => string): string | null {
  const { files } = call.ports;
  const rest = toPosix(path).replace(/^\/+/, "");
  if (!toPosix(path).startsWith("/") || rest === "") return null;
  const relative = normalizePath(rest);
  if (relative === "." || escapes(relative) || files.existsSync(path)) return null;
  const candidate = below(relative);
  const parent = candidate.slice(0, candidate.lastIndexOf("/")) || "/";
  return files.existsSync(candidate) || files.existsSync(parent) ? relative : null;
}

export function workspacePathDict(info: WorkspacePath): HDict {
  return HDict.of({
    input: info.input,
    kind: info.kind,
    normalized: info.normalized,
    workspace_path: info.workspacePath,
    host_path: info.hostPath,
    recovered_root_drift: info.recovered,
    reason: info.reason,
  });
}
