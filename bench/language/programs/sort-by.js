function rows(count) {
  const out = [];
  let seed = 7;
  for (let i = 0; i < count; i++) {
    seed = (seed * 16807) % 2147483647;
    out.push({ id: i, name: `row ${seed % 9973}`, score: seed % 100000 });
  }
  return out;
}

export function run(count = 100000) {
  const all = rows(count);
  const byScore = all.toSorted((a, b) => a.score - b.score);
  const byName = all.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return `${byScore[0].id} ${byScore[Math.trunc(count / 2)].id} ${byName[0].id} ${byName[count - 1].id}`;
}
