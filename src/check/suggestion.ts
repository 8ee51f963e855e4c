/** "Did you mean": the nearest of the names that were possible. */

/** Edit distance by insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, replaced));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** The candidate within one to three edits, by length of the name (one letter is near to nothing); null when none is near. Internal names are never offered. */
export function closestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length < 2) return null;
  const farthest = name.length <= 2 ? 1 : name.length <= 5 ? 2 : 3;
  let best: string | null = null;
  let bestDistance = farthest + 1;
  for (const candidate of candidates) {
    if (candidate === name || candidate.startsWith("__")) continue;
    const gap = Math.abs(candidate.length - name.length);
    if (gap > farthest) continue;
    const distance = editDistance(name, candidate);
    if (distance > farthest || distance > bestDistance) continue;
    if (best !== null && distance === bestDistance) {
      const bestGap = Math.abs(best.length - name.length);
      if (gap > bestGap || (gap === bestGap && candidate > best)) continue;
    }
    best = candidate;
    bestDistance = distance;
  }
  return best;
}
