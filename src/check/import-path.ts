/** Where an import may lie. Apart from the module graph, so that a program whose code is cached need not load the parser. */
import { joinPath, parentPath } from "../base/path.ts";

/** Where a relative import may lie, best first. */
export function importCandidates(importer: string, path: string): readonly string[] {
  const whole = joinPath(parentPath(importer), path);
  return whole.endsWith(".harn") ? [whole] : [whole, `${whole}.harn`];
}
