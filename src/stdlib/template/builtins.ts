/** `render` and its kin. A template is looked for beside the source file that asks for it; what it includes, beside the template. */
import { joinPath, parentPath } from "../../base/path.ts";
import type { Call } from "../../builtin/call.ts";
import { declareCell } from "../../builtin/cells.ts";
import type { Builtin, Need } from "../../builtin/declaration.ts";
import { builtin } from "../../builtin/declaration.ts";
import { categoryError, thrownError, typeError } from "../../builtin/raise.ts";
import { readScopePolicy } from "../../policy/capability.ts";
import { refuseNeed } from "../../policy/gate.ts";
import { FileFailure } from "../../ports/files.ts";
import { displayValue } from "../../value/display.ts";
import { HDict, HList, type Value } from "../../value/value.ts";
import { reserveGrowing } from "../reserve.ts";
import { sourceDir } from "../surroundings.ts";
import type { Reader, Span, Template } from "./renderer.ts";
import { renderTemplate } from "./renderer.ts";
import { TemplateProblem } from "./syntax.ts";

/** A file that is larger is no template. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Renderings whose origins are kept for editors. */
const KEPT_PROMPTS = 64;

interface Prompts {
  /** Renderings with provenance so far: the ids count them. */
  made: number;
  marks: number;
  /** The newest, oldest first, with the marks of each. */
  kept: { readonly id: string; readonly file: string; readonly marks: number[] }[];
}

const prompts = declareCell<Prompts>("prompts", () => ({ made: 0, marks: 0, kept: [] }));

/** Templates beside the program are part of it; others are files that are read. */
function templateNeed(call: Call, path: string): Need {
  const folder = sourceDir(call);
  if (path.startsWith(`${folder}/`)) return "nothing";
  return { grant: "workspace.read_text", over: "workspace.read_text", paths: [{ path, write: false }] };
}

const pathOf = (call: Call, path: string): string => joinPath(sourceDir(call), path);

function readAt(call: Call, file: string): Template {
  const text = call.ports.files.readTextSync(file, { maxBytes: MAX_BYTES });
  return { file, real: call.ports.files.realpathSync(file), folder: parentPath(file), text };
}

function readerOf(call: Call): Reader {
  const known = new Map<string, Template>();
  return {
    written: reserveGrowing(call),
    read(path, folder) {
      const file = joinPath(folder, path);
      const before = known.get(file);
      if (before !== undefined) return before;
      const need = templateNeed(call, file);
      for (const json of need === "nothing" ? [] : call.scope.policies) {
        const refusal = refuseNeed(call, readScopePolicy(json), need as Exclude<Need, "nothing">);
        if (refusal !== null)
          throw categoryError("tool_rejected", `an included template exceeds the policy: ${refusal.wants}`);
      }
      const template = readAt(call, file);
      known.set(file, template);
      return template;
    },
  };
}

/** Renders the file at `path`. `failing` begins the error for a file that cannot be read. */
export function renderFile(
  call: Call,
  path: string,
  bindings: HDict | null,
  failing: string,
  spans: Span[] | null = null,
): { readonly text: string; readonly file: string } {
  const file = pathOf(call, path);
  let template: Template;
  try {
    template = readAt(call, file);
  } catch (error) {
    if (error instanceof FileFailure) throw thrownError(`${failing} ${file}: ${error.reason}`);
    throw error;
  }
  try {
    return { text: renderTemplate(template, bindings, readerOf(call), spans), file };
  } catch (thrown) {
    if (thrown instanceof TemplateProblem) throw thrownError(thrown.text());
    throw thrown;
  }
}

/** Renders a text that stands in no file; what it includes is looked for in `folder`. */
export function renderText(call: Call, text: string, bindings: HDict | null, folder: string): string {
  try {
    return renderTemplate({ file: "", real: "", folder, text }, bindings, readerOf(call), null);
  } catch (thrown) {
    if (!(thrown instanceof TemplateProblem)) throw thrown;
    if (thrown.file === "") thrown.file = null;
    throw thrownError(thrown.text());
  }
}

function spanValue(span: Span): HDict {
  return HDict.from([
    ["template_line", span.at.line],
    ["template_col", span.at.column],
    ["output_start", span.start],
    ["output_end", span.end],
    ["kind", span.kind],
    ["template_uri", span.file],
    ...(span.preview === null ? [] : [["bound_value", span.preview] as const]),
    ...(span.parent === null ? [] : [["parent_span", spanValue(span.parent)] as const]),
  ] as readonly (readonly [string, Value])[]);
}

const NEEDS = (call: Call, args: readonly Value[]): Need =>
  templateNeed(call, pathOf(call, displayValue(args[0] ?? "")));

const FAILING = "Failed to read template";

const renderer = (name: string, doc: string): Builtin =>
  builtin(name, {
    sig: "(path: any, bindings?: any) -> string",
    doc,
    needs: NEEDS,
    examples: [{ code: `println(is_err(try { ${name}("no such.prompt") }))`, prints: "true" }],
    run: (call, args) => renderFile(call, args.text("path"), args.dict("bindings"), FAILING).text,
  });

export const templateBuiltins: readonly Builtin[] = [
  renderer(
    "render",
    "The template in a file beside this source, filled with bindings. Errors name file, line and column.",
  ),
  renderer("render_prompt", "As `render`, for prompts."),
  builtin("render_with_provenance", {
    sig: "(path: any, bindings?: any) -> dict",
    doc: "As `render`, and where each part came from: {text, template_uri, prompt_id, spans}; offsets count bytes.",
    needs: NEEDS,
    examples: [
      {
        code: 'let file = path_join(cwd(), "note.harn.prompt")\nwrite_file(file, "Dear {{ name }}")\nprintln(render_with_provenance(file, {name: "Ada"}).text)',
        prints: "Dear Ada",
      },
    ],
    run(call, args) {
      const spans: Span[] = [];
      const { text, file } = renderFile(call, args.text("path"), args.dict("bindings"), FAILING, spans);
      const state = call.change(prompts);
      const id = `prompt-${++state.made}`;
      state.kept.push({ id, file, marks: [] });
      if (state.kept.length > KEPT_PROMPTS) state.kept.shift();
      return HDict.of({ text, template_uri: file, prompt_id: id, spans: new HList(spans.map(spanValue)) });
    },
  }),
  builtin("prompt_mark_rendered", {
    sig: "(prompt_id: any) -> int",
    doc: "Notes that a rendered prompt is used now; gives the ordinal of this note.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(prompt_mark_rendered("prompt-1"))', prints: "1" }],
    run(call, args) {
      const id = args.raw("prompt_id");
      if (typeof id !== "string") throw typeError("prompt_mark_rendered: prompt_id must be a string");
      const state = call.change(prompts);
      const ordinal = ++state.marks;
      state.kept.find((prompt) => prompt.id === id)?.marks.push(ordinal);
      return ordinal;
    },
  }),
];
