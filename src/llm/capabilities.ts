/**
 * What models of a provider can do: native tool calls, tools that are loaded late, search among tools, caching, thinking. The first rule that fits
 * counts; a program's own rules stand before the built-in ones, and a provider without a rule asks its family.
 */
import { matchesGlob } from "./glob.ts";

export interface Capabilities {
  readonly nativeTools: boolean;
  readonly deferLoading: boolean;
  /** Variants of tool search, the preferred first. */
  readonly toolSearch: readonly string[];
  /** Most tools of one call; null: no known limit. */
  readonly maxTools: number | null;
  readonly promptCaching: boolean;
  readonly thinking: boolean;
}

export interface CapabilityRule extends Partial<Capabilities> {
  /** A pattern on the model's name in lower case. */
  readonly models: string;
  /** Least version, major and minor; a name without a version does not fit. */
  readonly least?: readonly [number, number];
}

export interface CapabilityTable {
  readonly rules: Readonly<Record<string, readonly CapabilityRule[]>>;
  /** Provider → whose rules it falls back to. */
  readonly families: Readonly<Record<string, string>>;
}

export const NO_RULES: CapabilityTable = { rules: {}, families: {} };

const NOTHING: Capabilities = {
  nativeTools: false,
  deferLoading: false,
  toolSearch: [],
  maxTools: null,
  promptCaching: false,
  thinking: false,
};

const claude = (line: string, least: readonly [number, number]): readonly CapabilityRule[] =>
  ["", "anthropic/"].map((prefix) => ({
    models: `${prefix}claude-${line}-*`,
    least,
    nativeTools: true,
    deferLoading: true,
    toolSearch: ["bm25", "regex"],
    maxTools: 10_000,
    promptCaching: true,
    thinking: true,
  }));

const gpt = (prefix: string): readonly CapabilityRule[] => [
  {
    models: `${prefix}gpt-*`,
    least: [5, 4],
    nativeTools: true,
    deferLoading: true,
    toolSearch: ["hosted", "client"],
  },
  { models: `${prefix}gpt-*`, nativeTools: true },
];

const BUILT_IN: CapabilityTable = {
  rules: {
    anthropic: [
      ...claude("haiku", [4, 5]),
      ...claude("opus", [4, 0]),
      ...claude("sonnet", [4, 0]),
      { models: "claude-*", nativeTools: true, promptCaching: true, thinking: true },
    ],
    openai: [...gpt(""), ...["o1*", "o3*", "o4*"].map((models) => ({ models, nativeTools: true })), ...gpt("openai/")],
    ollama: [{ models: "qwen3*", nativeTools: true, thinking: true }],
  },
  families: Object.fromEntries(
    ["openrouter", "together", "groq", "deepseek", "fireworks", "huggingface", "local"].map((name) => [name, "openai"]),
  ),
};

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** `mock` passes for whichever provider the model's name suggests. */
export function capabilitiesOf(provider: string, model: string, added: CapabilityTable): Capabilities {
  if (provider === "mock") return inLayer("anthropic", model, added) ?? inLayer("openai", model, added) ?? NOTHING;
  const seen = new Set<string>();
  for (let at: string | undefined = provider; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const found = inLayer(at, model, added);
    if (found !== null) return found;
    at = own(added.families, at) ?? own(BUILT_IN.families, at);
  }
  return NOTHING;
}

function inLayer(provider: string, model: string, added: CapabilityTable): Capabilities | null {
  const rules = [...(own(added.rules, provider) ?? []), ...(own(BUILT_IN.rules, provider) ?? [])];
  const rule = rules.find((candidate) => fits(candidate, model));
  if (rule === undefined) return null;
  const { models: _, least: __, ...capabilities } = rule;
  return { ...NOTHING, ...capabilities };
}

function fits({ models, least }: CapabilityRule, model: string): boolean {
  if (!matchesGlob(models.toLowerCase(), model.toLowerCase())) return false;
  if (least === undefined) return true;
  const version = versionOf(model);
  return version !== null && (version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1]));
}

/** `claude-opus-4-7` and `claude-opus-4.7` are 4.7, `gpt-5.4-preview` is 5.4; a date behind the major number is no minor one. */
function versionOf(model: string): readonly [number, number] | null {
  const name = model.toLowerCase();
  const found =
    /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2})(?!\d))?(?!\d)/.exec(name) ?? /gpt-(\d{1,2})(?:\.(\d{1,2}))?/.exec(name);
  return found === null ? null : [Number(found[1]), Number(found[2] ?? 0)];
}
