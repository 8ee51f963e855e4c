/** Pages of modules in Markdown. */
import type { DocEntry, ModuleDoc } from "./module-doc.ts";

const TITLES: Readonly<Record<DocEntry["kind"], string>> = {
  pipeline: "Pipelines",
  tool: "Tools",
  skill: "Skills",
  struct: "Types",
  enum: "Types",
  interface: "Types",
  type: "Types",
  method: "Methods",
  fn: "Functions",
};

/** With a final line break. Groups come in the order of their titles, entries in that of the text. */
export function renderModulePage({ module, header, entries }: ModuleDoc): string {
  const groups = [...new Set(Object.values(TITLES))].flatMap((title) => {
    const own = entries.filter(({ kind }) => TITLES[kind] === title);
    return own.length === 0 ? [] : [`## ${title}\n\n${own.map(renderEntry).join("\n")}`];
  });
  return `# ${module}\n\n${[...(header === "" ? [] : [`${header}\n`]), ...groups].join("\n")}`;
}

function renderEntry({ name, signature, doc }: DocEntry): string {
  return `### ${name}\n\n\`\`\`harn\n${signature}\n\`\`\`\n${doc === "" ? "" : `\n${doc}\n`}`;
}

/** The page of a module, relative to the folder of pages. */
export function pageName(module: string): string {
  return `${module}.md`;
}

export function renderDocIndex(modules: readonly ModuleDoc[]): string {
  const line = ({ module, header, entries }: ModuleDoc) => {
    const about = header === "" ? "" : `: ${header.split("\n")[0]}`;
    return `- [${module}](${pageName(module)})${about}\n${entries.length === 0 ? "" : `  ${entries.map(({ name }) => `\`${name}\``).join(" ")}\n`}`;
  };
  return `# Modules\n\n${modules.map(line).join("")}`;
}
