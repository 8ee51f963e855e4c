/** Which skills fit a prompt and the files at hand, by what their entries say. Pure functions. */
import { matchesSegments } from "../policy/globs.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { type HDict, HList } from "../value/value.ts";

export interface SkillCandidate {
  readonly name: string;
  readonly score: number;
  /** For people. */
  readonly reason: string;
}

/** A name in the prompt says most, then files, then words. */
const NAME_WEIGHT = 2;
const FILE_WEIGHT = 1.5;
const WORD_SATURATION = 1.5;
/** Shorter words fit anywhere. */
const SHORTEST_WORD = 3;

/** Both spellings of a key: a skill file writes hyphens, a program underscores. */
function flag(skill: HDict, key: string): boolean {
  return skill.get(key) === true || skill.get(key.replaceAll("_", "-")) === true;
}

/** Only a person may choose it. */
export function isClosedToModels(skill: HDict): boolean {
  return flag(skill, "disable_model_invocation");
}

export function textsOf(value: Value | undefined): readonly string[] {
  return value instanceof HList ? value.items.map((item) => displayValue(item)) : [];
}

const text = (skill: HDict, key: string): string => displayValue(skill.get(key) ?? "");

/** Those that fit at all, best first; equal ones in the order of the registry. */
export function matchSkills(
  skills: readonly HDict[],
  prompt: string,
  files: readonly string[],
): readonly SkillCandidate[] {
  const words = new Set(
    (prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length >= SHORTEST_WORD),
  );
  return skills
    .filter((skill) => !isClosedToModels(skill))
    .flatMap((skill) => score(skill, prompt.toLowerCase(), words, files))
    .toSorted((a, b) => b.score - a.score);
}

function score(
  skill: HDict,
  prompt: string,
  words: ReadonlySet<string>,
  files: readonly string[],
): readonly SkillCandidate[] {
  const name = text(skill, "name");
  const said = [text(skill, "description"), text(skill, "when_to_use")].map((part) => part.toLowerCase());
  const hits = said.reduce((sum, part) => sum + [...words].filter((word) => part.includes(word)).length, 0);
  const isNamed = name !== "" && prompt.includes(name.toLowerCase());
  const paths = textsOf(skill.get("paths")).filter((pattern) => files.some((file) => matchesSegments(pattern, file)));
  const parts = [
    { points: hits / (hits + WORD_SATURATION), reason: `${hits} keyword hit(s)` },
    { points: isNamed ? NAME_WEIGHT : 0, reason: `prompt mentions '${name}'` },
    { points: FILE_WEIGHT * paths.length, reason: `${paths.length} path glob(s) matched` },
  ].filter(({ points }) => points > 0);
  if (parts.length === 0) return [];
  return [
    {
      name,
      score: parts.reduce((sum, { points }) => sum + points, 0),
      reason: parts.map(({ reason }) => reason).join("; "),
    },
  ];
}
