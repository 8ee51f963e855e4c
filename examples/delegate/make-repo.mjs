/**
 * Makes the small git repository that the example works on: a JavaScript library with a bug that a test shows, a module without any test, and a
 * README that speaks of names which are no more. Needs git and Node 18 or newer, nothing else.
 *
 *   node make-repo.mjs FOLDER
 *
 * The same files, author and dates give the same commit every time. A folder that holds something is refused and left as it is.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const FILES = {
  "package.json": `{
  "name": "plain-words",
  "version": "2.0.0",
  "description": "Small functions over plain text",
  "type": "module",
  "exports": "./src/index.js",
  "scripts": {
    "test": "node --test"
  }
}
`,
  "src/index.js": `export { excerpt } from "./excerpt.js";
export { countWords, readingMinutes } from "./reading.js";
export { slugify } from "./slug.js";
`,
  // The bug: a cut in the wrong place leaves a separator at the end.
  "src/slug.js": `/** A text as part of an address: "Crème brûlée!" becomes "creme-brulee". */
export function slugify(text, { separator = "-", maxLength = 60 } = {}) {
  const words = text
    .normalize("NFKD")
    .replace(/[\\u0300-\\u036f]/g, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  if (words === null) return "";
  return words.join(separator).slice(0, maxLength);
}
`,
  "src/excerpt.js": `/** The first words of a text, with an ellipsis when there are more. */
export function excerpt(text, { words = 20, ellipsis = "…" } = {}) {
  const all = text.trim().split(/\\s+/);
  return all.length <= words ? all.join(" ") : all.slice(0, words).join(" ") + ellipsis;
}
`,
  "src/reading.js": `/** How many words a text has. */
export function countWords(text) {
  const trimmed = text.trim();
  return trimmed === "" ? 0 : trimmed.split(/\\s+/).length;
}

/** How long it takes to read, in whole minutes; at least one, unless there is nothing to read. */
export function readingMinutes(text, wordsPerMinute = 200) {
  return Math.ceil(countWords(text) / wordsPerMinute);
}
`,
  "test/slug.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { slugify } from "../src/slug.js";

test("words are joined in lower case, without accents", () => {
  assert.equal(slugify("Crème brûlée, twice!"), "creme-brulee-twice");
  assert.equal(slugify("Plain Words", { separator: "_" }), "plain_words");
  assert.equal(slugify("?!"), "");
});

test("a cut never leaves a separator at the end", () => {
  assert.equal(slugify("one two three", { maxLength: 7 }), "one-two");
  assert.equal(slugify("one two three", { maxLength: 8 }), "one-two");
  assert.equal(slugify("one two three", { separator: "--", maxLength: 4 }), "one");
});
`,
  "test/excerpt.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt } from "../src/excerpt.js";

test("a short text stays whole", () => {
  assert.equal(excerpt("just this"), "just this");
});

test("a long text is cut after so many words", () => {
  assert.equal(excerpt("one two three four", { words: 2 }), "one two…");
});
`,
  // Stale since version 2: toSlug and its delimiter are slugify and separator now.
  "README.md": `# plain-words

Small functions over plain text, without dependencies.

## toSlug(text, options)

\`\`\`js
import { toSlug } from "plain-words";

toSlug("Crème brûlée!"); // "creme-brulee"
toSlug("Plain Words", { delimiter: "_" }); // "plain_words"
\`\`\`

Options: \`delimiter\` (default \`-\`), \`maxLength\` (default 60).

## excerpt(text, options)

\`\`\`js
import { excerpt } from "plain-words";

excerpt("one two three four", { words: 2 }); // "one two…"
\`\`\`

## countWords(text), readingMinutes(text, wordsPerMinute)

The number of words, and the minutes it takes to read them.

## Tests

\`npm test\`
`,
};

const DATE = "2024-05-01T12:00:00Z";

/** Git as if nobody had configured it, so that the commit is the same everywhere. */
function git(folder, ...args) {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env;
  return execFileSync("git", ["-C", folder, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...env,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_DATE: DATE,
      GIT_COMMITTER_DATE: DATE,
    },
  }).trim();
}

/**
 * Makes the repository and answers its commit. Throws an `Error` that names the folder when it holds something, and git's own words when git fails.
 */
export function makeRepository(target) {
  const folder = resolve(target);
  if (existsSync(folder)) {
    let entries;
    try {
      entries = readdirSync(folder);
    } catch {
      throw new Error(`${folder} is there and is not a folder; give the path of a folder that is new or empty`);
    }
    if (entries.length > 0) {
      throw new Error(
        `${folder} is not empty (${entries.slice(0, 3).join(", ")}); give the path of a folder that is new or empty`,
      );
    }
  }
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  git(folder, "-c", "init.defaultBranch=main", "init", "--quiet");
  // Of this repository alone: who has no identity can commit here all the same.
  const settings = { "user.name": "Example Author", "user.email": "author@example.invalid", "commit.gpgsign": "false" };
  for (const [name, value] of Object.entries({ ...settings, "core.autocrlf": "false" }))
    git(folder, "config", name, value);
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "Small functions over plain text");
  return git(folder, "rev-parse", "HEAD");
}

const started = process.argv[1];
if (started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(import.meta.url)) {
  const target = process.argv[2];
  if (target === undefined) {
    console.error("usage: node make-repo.mjs FOLDER");
    process.exitCode = 2;
  } else {
    try {
      console.log(`${resolve(target)} at ${makeRepository(target).slice(0, 7)}`);
    } catch (error) {
      console.error(`make-repo: ${error.stderr?.trim() || error.message}`);
      process.exitCode = 1;
    }
  }
}
