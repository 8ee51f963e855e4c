/** Kinds of projects: by which files they are known, what they are built and tested with. The order decides the order of build commands. */

export interface ProjectKind {
  readonly id: string;
  readonly languages: readonly string[];
  readonly frameworks: readonly string[];
  readonly build_systems: readonly string[];
  readonly anchors: readonly string[];
  readonly lockfiles: readonly string[];
  readonly source_globs: readonly string[];
  readonly default_build_cmd: string | null;
  readonly default_test_cmd: string | null;
}

interface Known extends ProjectKind {
  /** How sure an anchor alone makes, 0 to 1. */
  readonly anchorScore: number;
}

const NODE_LOCKS = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lockb"];

/** `*.ext` at the top, and below each of the folders. */
const globs = (extensions: readonly string[], folders: readonly string[], top = true): readonly string[] => [
  ...(top ? extensions.map((extension) => `*.${extension}`) : []),
  ...folders.flatMap((folder) => extensions.map((extension) => `${folder}/**/*.${extension}`)),
];

export const PROJECT_KINDS: readonly Known[] = [
  {
    id: "rust",
    languages: ["rust"],
    frameworks: [],
    build_systems: ["cargo"],
    anchors: ["Cargo.toml"],
    lockfiles: ["Cargo.lock"],
    source_globs: globs(["rs"], ["src", "crates", "tests"]),
    default_build_cmd: "cargo build",
    default_test_cmd: "cargo test",
    anchorScore: 0.5,
  },
  {
    id: "go",
    languages: ["go"],
    frameworks: [],
    build_systems: ["go"],
    anchors: ["go.mod"],
    lockfiles: ["go.sum"],
    source_globs: globs(["go"], ["cmd", "internal", "pkg"]),
    default_build_cmd: "go build ./...",
    default_test_cmd: "go test ./...",
    anchorScore: 0.5,
  },
  {
    id: "python",
    languages: ["python"],
    frameworks: [],
    build_systems: ["python"],
    anchors: ["pyproject.toml", "setup.py", "requirements.txt"],
    lockfiles: ["uv.lock", "poetry.lock", "Pipfile.lock", "requirements.lock"],
    source_globs: globs(["py"], ["src", "tests"]),
    default_build_cmd: null,
    default_test_cmd: "pytest",
    anchorScore: 0.5,
  },
  {
    id: "typescript",
    languages: ["typescript"],
    frameworks: [],
    build_systems: ["npm"],
    anchors: ["tsconfig.json", "package.json"],
    lockfiles: NODE_LOCKS,
    source_globs: [...globs(["ts", "tsx"], ["src"]), "tests/**/*.ts"],
    default_build_cmd: "npm run build",
    default_test_cmd: "npm test",
    anchorScore: 0.2,
  },
  {
    id: "javascript",
    languages: ["javascript"],
    frameworks: [],
    build_systems: ["npm"],
    anchors: ["package.json"],
    lockfiles: NODE_LOCKS,
    source_globs: ["*.js", "*.jsx", "*.mjs", "*.cjs", "src/**/*.js", "src/**/*.jsx"],
    default_build_cmd: "npm run build",
    default_test_cmd: "npm test",
    anchorScore: 0.1,
  },
  {
    id: "nextjs",
    languages: ["javascript", "typescript"],
    frameworks: ["nextjs"],
    build_systems: ["npm"],
    anchors: ["next.config.js", "next.config.mjs", "next.config.ts"],
    lockfiles: [],
    source_globs: ["pages/**/*.tsx", "app/**/*.tsx", "pages/**/*.js", "app/**/*.js"],
    default_build_cmd: "npm run build",
    default_test_cmd: "npm test",
    anchorScore: 0.7,
  },
  {
    id: "ruby",
    languages: ["ruby"],
    frameworks: [],
    build_systems: ["bundler"],
    anchors: ["Gemfile"],
    lockfiles: ["Gemfile.lock"],
    source_globs: globs(["rb"], ["app", "lib", "spec"]),
    default_build_cmd: null,
    default_test_cmd: "bundle exec rspec",
    anchorScore: 0.5,
  },
];

/** Does one of the kind's globs fit this path, relative to the project? */
export function isSource(kind: ProjectKind, path: string): boolean {
  return kind.source_globs.some((glob) => {
    const star = glob.lastIndexOf("*.");
    const folder = glob.slice(0, star).replace(/\/\*\*\/$/, "");
    return path.startsWith(folder) && path.endsWith(glob.slice(star + 1));
  });
}

/** What is known of a kind by which files are there, 0 to 1. */
export function confidenceOf(kind: Known, found: { anchor: boolean; lockfile: boolean; source: boolean }): number {
  const score = Math.max(found.anchor ? kind.anchorScore : 0, found.source ? 0.5 : 0);
  if (!found.lockfile) return score;
  return found.source ? 1 : Math.min(1, score + 0.45);
}
