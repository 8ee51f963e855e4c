/** Artifacts as a model reads them: tagged blocks, or JSON when the context policy says so (worker-runtime.md 3.2). */
import { stringifyJson } from "../value/json.ts";
import { HDict } from "../value/value.ts";

/** Texts between tags must not look like tags. */
export function escapeTags(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** What an artifact says: its text, else its data. */
export function artifactBody(artifact: HDict): string {
  const text = artifact.get("text");
  if (typeof text === "string") return text;
  const data = artifact.get("data") ?? null;
  return data === null ? "" : stringifyJson(data);
}

function artifactTitle(artifact: HDict): string {
  const title = artifact.get("title");
  return typeof title === "string" ? title : `${artifact.get("kind")} ${artifact.get("id")}`;
}

function block(artifact: HDict): string {
  const children = [
    ["title", artifactTitle(artifact)],
    ["kind", artifact.get("kind")],
    ["source", artifact.get("source") ?? "unknown"],
    ["freshness", artifact.get("freshness") ?? "normal"],
    ["priority", artifact.get("priority") ?? 0],
  ] as const;
  const lines = children.map(([tag, value]) => `<${tag}>${escapeTags(String(value))}</${tag}>`);
  return ["<artifact>", ...lines, "<body>", artifactBody(artifact), "</body>", "</artifact>"].join("\n");
}

function jsonBlock(artifact: HDict): string {
  const shown = HDict.of({
    id: artifact.get("id") ?? null,
    kind: artifact.get("kind") ?? null,
    title: artifactTitle(artifact),
    source: artifact.get("source") ?? null,
    freshness: artifact.get("freshness") ?? null,
    priority: artifact.get("priority") ?? null,
    text: artifactBody(artifact),
  });
  return stringifyJson(shown);
}

/** Of artifacts that were selected already. */
export function renderArtifacts(artifacts: readonly HDict[], policy: HDict): string {
  return artifacts.map(policy.get("render") === "json" ? jsonBlock : block).join("\n\n");
}
