/** The results as a picture: one row a program, on a logarithmic scale of the ratio to JavaScript. The same results give the same bytes. */
import type { ProgramResult, Results } from "./results.ts";

const LEFT = 150;
const WIDTH = 520;
const ROW = 18;
const TOP = 64;
/** Ratios at the two ends; what lies beyond stands at the end. */
const LEAST = 0.25;
const MOST = 256;
const LINES = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256];

const LIGHT =
  ".paper{fill:#ffffff}text{fill:#222222}.warm{fill:#3b7dd8}.slow{fill:#d8683b}.long{fill:#14365f}.cold{stroke:#8a8a8a}.interpreted{stroke:#b59a2d}.line{stroke:#dddddd}.one{stroke:#444444}";
const DARK =
  ".paper{fill:#15181c}text{fill:#d8dce0}.warm{fill:#5b98ea}.slow{fill:#e8825a}.long{fill:#cfe2fb}.cold{stroke:#9a9a9a}.interpreted{stroke:#d3ba52}.line{stroke:#343a40}.one{stroke:#b8bec4}";

function across(ratio: number): number {
  const at = Math.log2(Math.min(MOST, Math.max(LEAST, ratio)) / LEAST) / Math.log2(MOST / LEAST);
  return Math.round((LEFT + at * WIDTH) * 10) / 10;
}

function row(result: ProgramResult, interpreted: number | undefined, y: number): string {
  const one = across(1);
  const end = across(result.ratio);
  const bar = `<rect class="${result.ratio > 4 ? "slow" : "warm"}" x="${Math.min(one, end)}" y="${y + 4}" width="${Math.abs(end - one).toFixed(1)}" height="9"/>`;
  const dots = [
    result.longRatio === null ? "" : `<circle class="long" cx="${across(result.longRatio)}" cy="${y + 8.5}" r="3"/>`,
    result.coldRatio === null
      ? ""
      : `<path class="cold" d="M${across(result.coldRatio)} ${y + 3.5}v10" stroke-width="2"/>`,
    interpreted === undefined
      ? ""
      : `<circle class="interpreted" cx="${across(interpreted)}" cy="${y + 8.5}" r="2.5" fill="none"/>`,
  ];
  return `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${result.name}</text>${bar}${dots.join("")}`;
}

export function drawResults(results: Results): string {
  const hot = results.tiers.hot ?? results.tiers.forced ?? results.tiers.off;
  if (hot === undefined) throw new Error("there are no results to draw");
  const interpreted = new Map(results.tiers.off?.programs.map(({ name, ratio }) => [name, ratio]));
  const height = TOP + hot.programs.length * ROW + 12;
  const grid = LINES.map(
    (ratio) =>
      `<path class="${ratio === 1 ? "one" : "line"}" d="M${across(ratio)} ${TOP - 6}V${height - 8}"/><text x="${across(ratio)}" y="${TOP - 12}" text-anchor="middle">${ratio}</text>`,
  );
  const rows = hot.programs.map((result, at) => row(result, interpreted.get(result.name), TOP + at * ROW));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 30}" height="${height}" font-family="sans-serif" font-size="11">
<title>Time of Harn against JavaScript, program by program</title>
<style>${LIGHT}@media(prefers-color-scheme:dark){${DARK}}</style>
<rect class="paper" width="100%" height="100%"/>
<text x="${LEFT}" y="18" font-size="13">Time of Harn against JavaScript (1 = the same); geometric mean ${hot.means.ratio ?? "-"}</text>
<text x="${LEFT}" y="34">bar: warm · dot: one activation of 2 s · tick: whole process · ring: interpreter alone</text>
${[...grid, ...rows].join("\n")}
</svg>
`;
}
