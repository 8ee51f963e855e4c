/** The layout's options: the command line's words, else `[fmt]` of the nearest `harn.toml`, else the language's own. */
import { type Manifest, ManifestTable } from "../manifest.ts";
import { DEFAULT_FORMAT, type FormatOptions } from "./options.ts";

export interface FormatSettings {
  readonly options: FormatOptions;
  /** What is odd about the manifest's table. */
  readonly warnings: readonly string[];
}

export function readFormatSettings(manifest: Manifest | null, given: Partial<FormatOptions>): FormatSettings {
  const table = new ManifestTable(manifest, "fmt");
  const lineWidth = table.count("line_width", 1);
  const separatorWidth = table.count("separator_width", 1);
  return {
    options: {
      lineWidth: given.lineWidth ?? lineWidth ?? DEFAULT_FORMAT.lineWidth,
      separatorWidth: given.separatorWidth ?? separatorWidth ?? DEFAULT_FORMAT.separatorWidth,
    },
    warnings: table.unknownKeys(),
  };
}
