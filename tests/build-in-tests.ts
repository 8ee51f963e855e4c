/** The commands that tests start run what stands in `src/`: a build of something older is left aside, all of it. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export default function setup(): void {
  const built = join(root, "dist", "built.json");
  if (!existsSync(built)) return;
  const { looked } = JSON.parse(readFileSync(built, "utf8")) as { readonly looked: number };
  const isNewer = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).some(
      (path) => !path.endsWith(".test.ts") && statSync(join(root, folder, path)).mtimeMs > looked,
    );
  if (["src", "bin"].some(isNewer)) process.env.HARN_SOURCES = "1";
}
