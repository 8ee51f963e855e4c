/** `npm run docs:stdlib`: writes docs/stdlib/ from the declarations of the library, and docs/harn.schema.json. Tests compare them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderLibraryPages } from "../src/tools/builtins/pages.ts";
import { MANIFEST_SCHEMA } from "../src/tools/project/manifest-schema.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "docs", "stdlib");
const pages = renderLibraryPages();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
const schema = join(root, "docs", "harn.schema.json");
writeFileSync(schema, JSON.stringify(MANIFEST_SCHEMA));
execFileSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "format", "--write", schema]);
console.log(`${pages.size} pages in docs/stdlib`);
