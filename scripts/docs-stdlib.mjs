/** `npm run docs:stdlib`: writes docs/stdlib/ from the declarations of the library. A test compares the two. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderLibraryPages } from "../src/tools/builtins/pages.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "docs", "stdlib");
const pages = renderLibraryPages();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
console.log(`${pages.size} pages in docs/stdlib`);
