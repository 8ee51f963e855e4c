/**
 * Everything that must hold before a change lands: types, lint and format, layers, unit tests, conformance programs in five modes, doc drift.
 * `node scripts/check.mjs [step …]` runs some of it. Runs on any Node from 18 on; the steps run on the pinned one.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const suffix = process.platform === "win32" ? ".cmd" : "";

if (!existsSync(join(bin, `tsc${suffix}`))) {
  console.error("check: dependencies are missing; run `npm install` first");
  process.exit(2);
}

const harn = ["node", ["bin/harn.js", "test", "conformance", "conformance"]];
const steps = {
  types: [["tsc", ["-p", "."]]],
  lint: [["biome", ["check", "--error-on-warnings", "."]]],
  test: [["vitest", ["run"]]],
  fmt: [["node", ["bin/harn.js", "fmt", "--check", "conformance", "examples"]]],
  conformance: [harn],
  "conformance-tiers": [
    [...harn, { HARN_TIER: "0" }],
    [...harn, { HARN_TIER: "1" }],
  ],
  "conformance-snapshots": [
    [...harn, { HARN_SNAPSHOT_EVERY_WAIT: "1", HARN_TIER: "0" }],
    [...harn, { HARN_SNAPSHOT_EVERY_WAIT: "1", HARN_TIER: "1" }],
  ],
  docs: [["node", ["scripts/doc-drift.mjs"]]],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`check: unknown step ${unknown.join(", ")}; the steps are ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}

const failed = [];
for (const [name, commands] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = Date.now();
  console.log(`\n── ${name}`);
  const ok = commands.every(([command, args, env]) => {
    const result = spawnSync(join(bin, command + suffix), args, {
      cwd: root,
      stdio: "inherit",
      shell: suffix !== "",
      env: { ...process.env, PATH: bin + delimiter + process.env.PATH, ...env },
    });
    return result.status === 0;
  });
  console.log(`── ${name}: ${ok ? "ok" : "FAILED"} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\ncheck: ${failed.join(", ")} failed`);
  process.exit(1);
}
console.log("\ncheck: all is well");
