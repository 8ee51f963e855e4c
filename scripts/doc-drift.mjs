/** What the documents claim and a script can see: links, named files, npm scripts, dependencies, the cases of `docs/differences.md`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const problems = [];

function documents(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", ".git", ".harn"].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? documents(path) : entry.name.endsWith(".md") ? [path] : [];
  });
}

const FOLDERS = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
  .map((entry) => entry.name);

for (const path of documents(root)) {
  const name = relative(root, path);
  const text = readFileSync(path, "utf8");
  const complain = (what) => problems.push(`${name}: ${what}`);
  for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)) {
    if (!existsSync(join(dirname(path), target))) complain(`links to ${target}, which does not exist`);
  }
  for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g)) {
    if (!(script in manifest.scripts)) complain(`names \`npm run ${script}\`, which package.json does not have`);
  }
  for (const [, file] of text.matchAll(/`([\w./-]+\/[\w./-]*\w)`/g)) {
    if (!FOLDERS.includes(file.split("/")[0])) continue;
    if (!existsSync(join(root, file)) && !existsSync(join(root, `${file}.harn`)))
      complain(`names ${file}, which does not exist`);
  }
}

const listed = readFileSync(join(root, "docs/dependencies.md"), "utf8");
for (const dependency of Object.keys(manifest.dependencies)) {
  if (!listed.includes(`\`${dependency}\``)) problems.push(`docs/dependencies.md: ${dependency} has no reason there`);
}
for (const [, dependency] of listed.matchAll(/^\| `([^`]+)`/gm)) {
  if (!(dependency in manifest.dependencies))
    problems.push(`docs/dependencies.md: ${dependency} is no dependency any more`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log("documents agree with the tree");
