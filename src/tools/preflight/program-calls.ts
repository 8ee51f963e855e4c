/** What a program's text says it will want from outside: templates, folders, operations of the host. Only literal texts are known before it runs. */
import type { Span } from "../../base/span.ts";
import { declarationsOf, forEachNode } from "../../check/walk.ts";
import type { Expr, SourceFile } from "../../syntax/ast.ts";

export type OutsideCall =
  | { readonly kind: "template"; readonly via: TemplateVia; readonly target: string; readonly span: Span }
  | { readonly kind: "folder"; readonly via: FolderVia; readonly target: string; readonly span: Span }
  | { readonly kind: "host"; readonly capability: string; readonly operation: string; readonly span: Span }
  /** `host_call` of something that is only known when it runs. */
  | { readonly kind: "unnamed-host"; readonly span: Span }
  /** `host_invoke`, which is gone. */
  | { readonly kind: "removed"; readonly span: Span }
  | { readonly kind: "mock"; readonly capability: string; readonly operation: string; readonly span: Span };

export type TemplateVia = "render" | "render_prompt" | "host_call(template.render)";
export type FolderVia = "exec_at" | "shell_at" | "worker cwd" | "worktree repo";

type Call = Extract<Expr, { kind: "call" }>;

/** Quick: may a text have any of them? */
export const mayCallOutside = (text: string): boolean =>
  /\b(?:render|render_prompt|exec_at|shell_at|spawn_agent|host_call|host_invoke|host_mock)\b/.test(text);

/** In the order of the text. A function of the file that has the name of a builtin is not taken for it. */
export function outsideCalls(file: SourceFile): readonly OutsideCall[] {
  const own = new Set(declarationsOf(file, "fn").map(({ name }) => name.name));
  const found: OutsideCall[] = [];
  forEachNode(file, (node) => {
    if (node.kind !== "call" || node.callee.kind !== "name" || own.has(node.callee.name)) return;
    found.push(...callsBy(node.callee.name, node));
  });
  return found;
}

function callsBy(name: string, call: Call): readonly OutsideCall[] {
  const [first, second] = call.args;
  switch (name) {
    case "render":
    case "render_prompt": {
      const target = textOf(first);
      return target === null ? [] : [{ kind: "template", via: name, target, span: first! }];
    }
    case "exec_at":
    case "shell_at": {
      const target = textOf(first);
      return target === null ? [] : [{ kind: "folder", via: name, target, span: first! }];
    }
    case "spawn_agent":
      return first === undefined ? [] : foldersOfWorker(first);
    case "host_invoke":
      return [{ kind: "removed", span: call }];
    case "host_call":
      return hostCalls(call, first, second);
    case "host_mock": {
      const [capability, operation] = [textOf(first), textOf(second)];
      return capability === null || operation === null ? [] : [{ kind: "mock", capability, operation, span: call }];
    }
    default:
      return [];
  }
}

function hostCalls(call: Call, name: Expr | undefined, params: Expr | undefined): readonly OutsideCall[] {
  const text = textOf(name);
  const dot = text?.indexOf(".") ?? -1;
  if (text === null || dot < 0) return name === undefined ? [] : [{ kind: "unnamed-host", span: name }];
  const [capability, operation] = [text.slice(0, dot), text.slice(dot + 1)];
  const host: OutsideCall = { kind: "host", capability, operation, span: call };
  const target = text === "template.render" ? textOf(fieldOf(params, "path")) : null;
  if (target === null) return [host];
  return [host, { kind: "template", via: "host_call(template.render)", target, span: params! }];
}

function foldersOfWorker(config: Expr): readonly OutsideCall[] {
  const execution = fieldOf(config, "execution");
  const worktree = fieldOf(execution, "worktree");
  const cwd = textOf(fieldOf(execution, "cwd"));
  const repo = textOf(fieldOf(worktree, "repo"));
  return [
    ...(cwd === null ? [] : [{ kind: "folder", via: "worker cwd", target: cwd, span: execution! } as const]),
    ...(repo === null ? [] : [{ kind: "folder", via: "worktree repo", target: repo, span: worktree! } as const]),
  ];
}

const textOf = (expr: Expr | undefined): string | null => (expr?.kind === "string" ? expr.value : null);

/** The value of a field in a dict that is written out. */
export function fieldOf(expr: Expr | undefined, name: string): Expr | undefined {
  if (expr?.kind !== "dict") return undefined;
  return expr.entries.find(({ key }) => key?.kind === "key-name" && key.name === name)?.value;
}
