/**
 * Which builtins, methods and std exports of a table are missing here, and what the declarations lack.
 *
 *   node scripts/coverage-builtins.mjs TABLE.tsv [--all] [--json]
 *
 * TABLE.tsv: tab-separated with a head line; the columns `name`, `kind` (`builtin`, `method:KIND`, `std:MODULE`, …), `area` and `conformance_files`.
 * By default areas of later work are listed apart; with --all they count as missing too. Exits 1 when a name in scope is missing.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { allBuiltins } from "../src/runtime/language.ts";
import { stdlibGlobals } from "../src/stdlib/index.ts";
import { stdModules } from "../src/stdlib/modules/index.ts";

/** What the compiler makes itself, under names of its own. */
const COMPILED = /^(?:__(?:range__|assert_\w+|dict_rest|make_struct|select_(?:list|timeout|try))|spawn)$/;
/** Rows that describe a form, not a name. */
const FORM = /^</;
/** Only with a client at the other end. */
const HOSTED = new Set(["ask_user", "run_command", "emit_response"]);
const LATER = new Set(["workflow", "worker", "artifact", "mcp", "records", "eval", "policy"]);

const { values, positionals } = parseArgs({
  options: { all: { type: "boolean" }, json: { type: "boolean" } },
  allowPositionals: true,
});
const [table] = positionals;
if (table === undefined) {
  console.error("usage: npm run coverage:builtins -- TABLE.tsv [--all] [--json]");
  process.exit(2);
}

const [head, ...lines] = readFileSync(table, "utf8").trimEnd().split("\n");
const columns = head.split("\t");
for (const wanted of ["name", "kind", "area", "conformance_files"]) {
  if (!columns.includes(wanted)) {
    console.error(`error: ${table}: line 1: expected a column \`${wanted}\`, found ${columns.join(", ")}`);
    process.exit(2);
  }
}
const rows = lines.map((line) => Object.fromEntries(line.split("\t").map((cell, i) => [columns[i], cell])));

const builtins = allBuiltins();
const names = new Set(builtins.filter(({ receiver }) => receiver === null).map(({ name }) => name));
const methods = new Map();
for (const { receiver, name } of builtins) if (receiver !== null) methods.set(`${receiver}.${name}`, true);

/** Exports of a std module, in Harn: those that it marks, or all when it marks none. */
function exportsOf(source) {
  const declared = [...source.matchAll(/^(pub )?fn (\w+)/gm)];
  const marked = declared.filter((match) => match[1] !== undefined);
  return new Set((marked.length > 0 ? marked : declared).map((match) => match[2]));
}
const modules = new Map([...stdModules].map(([name, source]) => [name.replace("std/", ""), exportsOf(source)]));

function isHere({ name, kind }) {
  if (FORM.test(name) || COMPILED.test(name) || HOSTED.has(name)) return true;
  if (names.has(name) || stdlibGlobals.has(name)) return true;
  if (kind.startsWith("std:")) {
    const module = modules.get(kind.slice(4));
    // An internal name of a module may be called something else.
    return module !== undefined && (module.has(name) || name.startsWith("_"));
  }
  if (kind.startsWith("method")) {
    const receiver = kind.split(":")[1];
    return receiver === undefined || [...methods.keys()].some((key) => key.endsWith(`.${name}`));
  }
  return false;
}

const missing = rows.filter((row) => !isHere(row));
const later = values.all ? [] : missing.filter(({ area }) => LATER.has(area));
const scope = missing.filter((row) => !later.includes(row));
const plain = builtins.filter(({ receiver }) => receiver === null);
const nameOf = ({ receiver, name }) => (receiver === null ? name : `${receiver}.${name}`);
/** Names that begin with `__` are for the library's own modules: they have no page. */
const shown = builtins.filter(({ name }) => !name.startsWith("__"));
const report = {
  rows: rows.length,
  missing: scope.map(({ name, kind, area }) => ({ name, kind, area })),
  later: later.map(({ name }) => name),
  withoutDoc: shown.filter(({ doc }) => doc.trim() === "").map(nameOf),
  withoutExample: shown.filter(({ examples }) => (examples ?? []).length === 0).map(nameOf),
  own: plain.map(({ name }) => name).filter((name) => !rows.some((row) => row.name === name)),
};

if (values.json) console.log(JSON.stringify(report, null, 2));
else {
  console.log(
    `${rows.length} rows; ${rows.length - missing.length} here, ${scope.length} missing, ${later.length} later`,
  );
  for (const { name, kind, area, conformance_files } of scope)
    console.log(`missing  ${name}  (${kind}, ${area}, in ${conformance_files} cases)`);
  if (later.length > 0) console.log(`later: ${later.map(({ name }) => name).join(" ")}`);
  console.log(`without a doc: ${report.withoutDoc.join(" ") || "none"}`);
  console.log(`without an example: ${report.withoutExample.join(" ") || "none"}`);
  console.log(`own: ${report.own.join(" ") || "none"}`);
}
process.exitCode = scope.length > 0 ? 1 : 0;
