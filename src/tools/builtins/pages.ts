/** The pages of `docs/stdlib/`, one a topic and an index, made from the declarations. `npm run docs:stdlib` writes them; a test compares. */

import type { ModuleDoc } from "../doc/module-doc.ts";
import { renderModulePage } from "../doc/pages.ts";
import { type CatalogEntry, libraryCatalog } from "./catalog.ts";
import { libraryModules } from "./modules.ts";
import { TOPICS, type Topic } from "./topics.ts";

/** Text by name of the page's file. */
export function renderLibraryPages(): ReadonlyMap<string, string> {
  const entries = libraryCatalog();
  const pages = TOPICS.map(
    (topic) =>
      [
        `${topic.id}.md`,
        renderTopic(
          topic,
          entries.filter((entry) => entry.topic === topic.id),
        ),
      ] as const,
  );
  const modules = libraryModules();
  return new Map([
    ["README.md", renderIndex(entries, modules)],
    ...pages,
    ...modules.map((module) => [modulePage(module), renderModulePage(module)] as const),
  ]);
}

function modulePage({ module }: ModuleDoc): string {
  return `${module.replace("/", "-")}.md`;
}

function renderIndex(entries: readonly CatalogEntry[], modules: readonly ModuleDoc[]): string {
  const rows = TOPICS.map(({ id, title, about }) => {
    const names = entries.filter((entry) => entry.topic === id).map(({ name }) => `\`${name}\``);
    return `## [${title}](${id}.md)\n\n${about}\n\n${names.join(" ")}\n`;
  });
  return `# The library

Made from the declarations by \`npm run docs:stdlib\`. \`harn builtins NAME\` prints the same about one of them.

${rows.join("\n")}
## Modules

To be imported: \`import "std/math"\`, or some of their names: \`import { mean } from "std/math"\`.

${modules.map((module) => `- [${module.module}](${modulePage(module)}): ${module.entries.map(({ name }) => `\`${name}\``).join(" ")}\n`).join("")}`;
}

function renderTopic({ title, about }: Topic, entries: readonly CatalogEntry[]): string {
  return `# ${title}\n\n${about}\n\n${entries.map(renderEntry).join("\n")}`;
}

function renderEntry({ name, signature, doc, needs, examples }: CatalogEntry): string {
  const need =
    needs.length === 0
      ? ""
      : `\nNeeds: ${needs.map((word) => (word.includes(" ") ? word : `\`${word}\``)).join(", ")}.\n`;
  const shown = examples.map(
    ({ code, prints }) => `\n\`\`\`harn\n${code}\n\`\`\`\n\n\`\`\`text\n${prints.trimEnd()}\n\`\`\`\n`,
  );
  return `## ${name}\n\n\`\`\`\n${signature}\n\`\`\`\n\n${doc}\n${need}${shown.join("")}`;
}
