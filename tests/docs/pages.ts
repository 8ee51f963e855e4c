/**
 * The programs in the pages of `docs/language`, and what they say they print.
 *
 * Invariants
 * 1. A ```harn block is a whole program. A ```text block directly behind it is all that it prints; without one it prints nothing.
 * 2. An uncaught error is the last line of that text: `error: MESSAGE`.
 * 3. ```harn error is a program that the checker objects to; its text is a line `SEVERITY: MESSAGE [CODE]` for each problem.
 * 4. ```harn file=PATH (or ```toml file=PATH, and so on) is written to that path first; the programs of the page find it there.
 */
import fs from "node:fs";
import path from "node:path";
import { legacyMessage } from "../../src/base/diagnostic.ts";
import { BuiltinTable } from "../../src/builtin/declaration.ts";
import { createNodePorts, createRuntime, type Runtime } from "../../src/hosts/node/index.ts";
import { allBuiltins } from "../../src/runtime/language.ts";
import { inspectProgram } from "../../src/runtime/program.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";

export type BlockKind =
  | { readonly kind: "run" }
  | { readonly kind: "error" }
  | { readonly kind: "file"; readonly path: string };

export interface Block {
  readonly kind: BlockKind;
  readonly code: string;
  /** Of its first line in the page, from 1. */
  readonly line: number;
  /** What the page says it prints, line breaks at the end taken off. */
  readonly prints: string;
  /** Lines of the page, from 0, that hold the text: `[from, to)`; null when there is none. */
  readonly text: readonly [from: number, to: number] | null;
}

export function readBlocks(page: string): readonly Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const info = /^```(\w+) ?(.*)$/.exec(lines[at]!);
    if (info === null) continue;
    const end = lines.indexOf("```", at + 1);
    if (end === -1) throw new Error(`line ${at + 1}: a block that does not end`);
    if (info[1] === "harn" || info[2]!.startsWith("file=")) {
      let next = end + 1;
      while (lines[next] === "") next++;
      const close = lines[next] === "```text" ? lines.indexOf("```", next) : -1;
      blocks.push({
        kind: kindOf(info[2]!, at + 1),
        code: `${lines.slice(at + 1, end).join("\n")}\n`,
        line: at + 2,
        prints: close === -1 ? "" : lines.slice(next + 1, close).join("\n"),
        text: close === -1 ? null : [next + 1, close],
      });
    }
    at = end;
  }
  return blocks;
}

function kindOf(info: string, line: number): BlockKind {
  if (info === "") return { kind: "run" };
  if (info === "error") return { kind: "error" };
  const file = /^file=(\S+)$/.exec(info)?.[1];
  if (file === undefined)
    throw new Error(`line ${line}: a harn block is plain, \`error\` or \`file=PATH\`, not ${info}`);
  return { kind: "file", path: file };
}

/** Runs programs of pages, all in one runtime. */
export class PageRunner {
  readonly #runtime: Runtime = createRuntime({ volatile: true });
  readonly #doors = {
    files: createNodePorts().files,
    table: new BuiltinTable([allBuiltins()]),
    globals: new Set(["argv", ...stdlibGlobals.keys()]),
  };

  /** What a block prints, or the problems of an `error` block. `folder` is the page's own. */
  async output({ kind, code }: Block, folder: string): Promise<string> {
    switch (kind.kind) {
      case "file":
        fs.mkdirSync(path.dirname(path.join(folder, kind.path)), { recursive: true });
        fs.writeFileSync(path.join(folder, kind.path), code);
        return "";
      case "error":
        return await this.problems(code, folder);
      case "run": {
        const odd = await this.problems(code, folder);
        return odd === "" ? await this.#run(code, folder) : odd;
      }
    }
  }

  async problems(code: string, folder: string): Promise<string> {
    const source = { entry: path.join(folder, "page.harn"), name: "page.harn", code };
    const found = await inspectProgram(source, this.#doors);
    return found.map(({ diagnostic: d }) => `${d.severity}: ${d.message} [${d.code}]`).join("\n");
  }

  async #run(code: string, folder: string): Promise<string> {
    const run = this.#runtime.run({ code, cwd: folder });
    let printed = "";
    run.onEvent((event) => {
      if (event.type === "output") printed += String(event.text);
    });
    const outcome = await run.result;
    if (outcome.kind === "value") return printed.trimEnd();
    if (outcome.kind !== "failed") throw new Error(`the program ended as ${outcome.kind}`);
    const [first] = outcome.problems;
    return `${printed}error: ${first === undefined ? outcome.message : legacyMessage(first.diagnostic)}`;
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}
