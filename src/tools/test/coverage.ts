/** Which lines of the program ran: as a table for people, as lcov for other tools. */

export interface FileCoverage {
  /** As messages name it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** Lines with statements, in order, and how often they ran. */
  readonly lines: readonly { readonly line: number; readonly count: number }[];
}

/** Without the files of the tests themselves. `nameOf` says how messages name a path. */
export function coverageOf(
  counts: ReadonlyMap<string, ReadonlyMap<number, number>>,
  tests: ReadonlySet<string>,
  nameOf: (path: string) => string,
): readonly FileCoverage[] {
  return [...counts]
    .filter(([path]) => !tests.has(path))
    .map(([path, lines]) => ({
      file: nameOf(path),
      path,
      lines: [...lines].map(([line, count]) => ({ line, count })).sort((a, b) => a.line - b.line),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Rows of file, lines that ran, all lines, percentage, and the lines that did not run; the last row sums up. */
export function coverageRows(files: readonly FileCoverage[]): readonly (readonly string[])[] {
  const row = (name: string, lines: FileCoverage["lines"], missed: string) => {
    const ran = lines.filter(({ count }) => count > 0).length;
    return [name, `${ran}/${lines.length}`, lines.length === 0 ? "-" : `${percent(ran, lines.length)} %`, missed];
  };
  const rows = files.map(({ file, lines }) => row(file, lines, missedLines(lines)));
  return [
    ...rows,
    row(
      "all",
      files.flatMap(({ lines }) => lines),
      "",
    ),
  ];
}

/** Never 100 while a line is missing. */
function percent(ran: number, all: number): number {
  return Math.floor((ran * 100) / all);
}

/** `3, 7-9`: lines without statements between two that did not run do not part them. */
function missedLines(lines: FileCoverage["lines"]): string {
  const ranges: { first: number; last: number }[] = [];
  let open = false;
  for (const { line, count } of lines) {
    if (count > 0) open = false;
    else if (open) ranges.at(-1)!.last = line;
    else {
      ranges.push({ first: line, last: line });
      open = true;
    }
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}

export function renderLcov(files: readonly FileCoverage[]): string {
  return files
    .map(({ path, lines }) => {
      const ran = lines.filter(({ count }) => count > 0).length;
      const data = lines.map(({ line, count }) => `DA:${line},${count}\n`).join("");
      return `TN:\nSF:${path}\n${data}LF:${lines.length}\nLH:${ran}\nend_of_record\n`;
    })
    .join("");
}
