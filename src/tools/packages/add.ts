/** `harn add`: writes a dependency into the text of `harn.toml`, where everything else stays as it is. */
import { Failure } from "../../base/failure.ts";
import { PACKAGE_NAME, type Source } from "./dependencies.ts";

/** The text with the dependency: in the place of one of the same name, else at the end of `[dependencies]`. */
export function addDependency(text: string, name: string, source: Source): string {
  if (!PACKAGE_NAME.test(name)) throw new Failure(`${name}: a package's name is letters, digits, _ and -`);
  const line = `${name} = ${sourceText(source)}`;
  const lines = text === "" ? [] : text.replace(/\n+$/, "").split("\n");
  const head = lines.findIndex((one) => /^\s*\[dependencies\]\s*(#.*)?$/.test(one));
  if (head < 0) return [...lines, ...(lines.length === 0 ? [] : [""]), "[dependencies]", line, ""].join("\n");
  const next = lines.findIndex((one, at) => at > head && /^\s*\[/.test(one));
  const end = next < 0 ? lines.length : next;
  const same = lines.findIndex((one, at) => at > head && at < end && keyOf(one) === name);
  if (same >= 0) lines[same] = line;
  else {
    let last = end;
    while (last > head + 1 && lines[last - 1]!.trim() === "") last--;
    lines.splice(last, 0, line);
  }
  return `${lines.join("\n")}\n`;
}

function keyOf(line: string): string | null {
  const found = /^\s*(?:"([^"]*)"|([A-Za-z0-9_-]+))\s*=/.exec(line);
  return found?.[1] ?? found?.[2] ?? null;
}

function sourceText(source: Source): string {
  const fields: [string, string | null][] =
    source.kind === "path"
      ? [["path", source.path]]
      : [
          ["git", source.url],
          ["tag", source.tag],
        ];
  const parts = fields.flatMap(([key, value]) => (value === null ? [] : [`${key} = ${JSON.stringify(value)}`]));
  return `{ ${parts.join(", ")} }`;
}
