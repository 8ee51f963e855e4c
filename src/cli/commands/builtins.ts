/**
 * `harn builtins [NAME]`: what the library has.
 *
 * `--json` prints a list of `{name, signature, doc, needs, topic, examples}`, also for one name.
 */
import { closestName } from "../../check/suggestion.ts";
import { type CatalogEntry, libraryCatalog } from "../../tools/builtins/catalog.ts";
import { moduleEntries } from "../../tools/builtins/modules.ts";
import { TOPICS } from "../../tools/builtins/topics.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

/** A name, a method's name (of every receiver), `list.map`, a topic, a module `std/NAME` or a name of one; nothing for all builtins. */
export function listBuiltins(name: string | undefined, json: boolean): number {
  const entries = libraryCatalog();
  const found = name === undefined ? entries : select(entries, name);
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else if (name === undefined) process.stdout.write(overview(found));
  else if (found.every(({ topic }) => topic === name)) process.stdout.write(signatures(found));
  else process.stdout.write(found.map(details).join("\n"));
  return EXIT.ok;
}

function select(entries: readonly CatalogEntry[], name: string): readonly CatalogEntry[] {
  const exact = entries.filter((entry) => entry.name === name);
  if (exact.length > 0) return exact;
  const methods = entries.filter((entry) => entry.name.endsWith(`.${name}`));
  if (methods.length > 0) return methods;
  const topic = entries.filter((entry) => entry.topic === name);
  if (topic.length > 0) return topic;
  const exported = moduleEntries();
  const ofModules = exported.filter((entry) => entry.topic === name || entry.name.endsWith(`.${name}`));
  if (ofModules.length > 0) return ofModules;
  const known = [...entries, ...exported].flatMap((entry) => [entry.name, entry.name.replace(/^.*\./, "")]);
  const near = closestName(name, [...known, ...TOPICS.map(({ id }) => id)]);
  const hint = near === null ? "`harn builtins` lists all" : `did you mean ${near}?`;
  throw new UsageFailure(`there is no builtin ${name}: ${hint}`);
}

function overview(entries: readonly CatalogEntry[]): string {
  return TOPICS.flatMap(({ id, title }) => {
    const own = entries.filter(({ topic }) => topic === id);
    return own.length === 0 ? [] : [`${title} (${id})\n${signatures(own)}`];
  }).join("\n");
}

function signatures(entries: readonly CatalogEntry[]): string {
  return entries.map(({ signature }) => `  ${signature}\n`).join("");
}

function details({ signature, doc, needs, examples }: CatalogEntry): string {
  const need = needs.length === 0 ? "" : `\nneeds: ${needs.join(", ")}\n`;
  const shown = examples.map(({ code, prints }) => `\nexample:\n${indent(code)}prints:\n${indent(prints.trimEnd())}`);
  return `${signature}\n\n${doc}\n${need}${shown.join("")}`;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}\n`)
    .join("");
}
