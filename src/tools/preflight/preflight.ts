/**
 * What of the outside a program will miss when it runs: templates, folders and operations of the host that its text names. Part of `harn check`.
 *
 * Invariant: only what stands in the text as it is, is judged; a path that is put together when the program runs is not.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import { type Span, spanOf } from "../../base/span.ts";
import { unreachable } from "../../base/unreachable.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import { parseTemplate } from "../../stdlib/template/parser.ts";
import { TemplateProblem } from "../../stdlib/template/syntax.ts";
import { type HostCapabilities, hasOperation } from "./host-capabilities.ts";
import type { FolderVia, OutsideCall } from "./program-calls.ts";
import { isAllowed, type PreflightSettings } from "./settings.ts";

/** The code of these diagnostics. */
export const PREFLIGHT = "preflight";

export interface PreflightSubject {
  /** Absolute path of the module. */
  readonly path: string;
  readonly calls: readonly OutsideCall[];
  /** Operations that the program mocks, wherever. */
  readonly mocked: HostCapabilities;
}

/** Where a path in a module may be: beside it, then in the bundle. */
export function candidatePaths(module: string, target: string, bundleRoot: string | null): readonly string[] {
  const paths = [joinPath(parentPath(module), target)];
  if (bundleRoot !== null) paths.push(joinPath(bundleRoot, target));
  return [...new Set(paths)];
}

export function preflight(
  { path, calls, mocked }: PreflightSubject,
  settings: PreflightSettings,
  files: FilesPort,
): readonly Diagnostic[] {
  const { severity } = settings;
  if (severity === "off") return [];
  const problem = (span: Span, message: string, help: string): Diagnostic => ({
    severity,
    code: PREFLIGHT,
    message: `preflight: ${message}`,
    labels: [{ span: spanOf(span) }],
    help,
  });
  return calls.flatMap((call) => {
    switch (call.kind) {
      case "template": {
        const paths = candidatePaths(path, call.target, settings.bundleRoot);
        const found = paths.find((candidate) => files.existsSync(candidate));
        if (found === undefined) {
          const what = call.via === "host_call(template.render)" ? "host template render target" : "render target";
          return [
            problem(call.span, `${what} '${call.target}' does not exist at ${paths.join(" or ")}`, TEMPLATE_HELP),
          ];
        }
        const fault = templateFault(found, files);
        const message = `template '${call.target}' has a syntax error: ${fault}`;
        return fault === null
          ? []
          : [problem(call.span, message, "templates are described in docs/stdlib/templates.md")];
      }
      case "folder": {
        const [folder] = candidatePaths(path, call.target, null);
        if (files.statSync(folder!)?.kind === "directory") return [];
        return [problem(call.span, `${FOLDERS[call.via]} '${call.target}' does not exist at ${folder}`, FOLDER_HELP)];
      }
      case "host": {
        const { capability, operation } = call;
        if (hasOperation(settings.capabilities, capability, operation) || hasOperation(mocked, capability, operation))
          return [];
        if (isAllowed(settings.allow, capability, operation)) return [];
        return [problem(call.span, `unknown host capability/operation '${capability}.${operation}'`, HOST_HELP)];
      }
      case "unnamed-host":
        return [
          problem(
            call.span,
            'host_call(...) requires a literal "capability.operation" name for static validation',
            "write the name as a text, so that it can be looked up before the program runs",
          ),
        ];
      case "removed":
        return [
          problem(
            call.span,
            'host_invoke(...) was removed; use host_call("capability.operation", args)',
            'host_invoke("project", "scan", {}) is now host_call("project.scan", {})',
          ),
        ];
      case "mock":
        return [];
      default:
        return unreachable(call);
    }
  });
}

const TEMPLATE_HELP =
  "paths of templates start at the folder of the source file; --bundle-root, or bundle_root below [check] in harn.toml, names another";
const FOLDER_HELP = "the path starts at the folder of the source file; it must be there before the program runs";
const HOST_HELP =
  "name it in harn.toml below [check], in host_capabilities or preflight_allow, or in a file for --host-capabilities";

const FOLDERS: Readonly<Record<FolderVia, string>> = {
  exec_at: "execution directory",
  shell_at: "execution directory",
  "worker cwd": "worker execution cwd",
  "worktree repo": "worker worktree repo",
};

function templateFault(path: string, files: FilesPort): string | null {
  try {
    parseTemplate(files.readTextSync(path));
    return null;
  } catch (error) {
    if (error instanceof TemplateProblem) return error.text();
    if (error instanceof FileFailure) return error.reason;
    throw error;
  }
}

/** The operations that modules mock. */
export function mockedIn(calls: Iterable<OutsideCall>): HostCapabilities {
  const mocked = new Map<string, Set<string>>();
  for (const call of calls) {
    if (call.kind !== "mock") continue;
    const operations = mocked.get(call.capability) ?? new Set();
    mocked.set(call.capability, operations.add(call.operation));
  }
  return mocked;
}
