/** The line below reports with codes that says what a code is good for. */

/** null when none of the reports has a code. */
export function explainHint(codes: Iterable<string | undefined>): string | null {
  const found = new Set(codes);
  found.delete(undefined);
  if (found.size === 0) return null;
  const [only] = found;
  return found.size === 1
    ? `\`harn explain ${only}\` tells more`
    : "`harn explain CODE` tells more about a code in brackets";
}
