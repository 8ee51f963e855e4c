function rows(count) {
  const out = [];
  let seed = 11;
  for (let i = 0; i < count; i++) {
    seed = (seed * 16807) % 2147483647;
    out.push({ id: i, team: `team ${seed % 101}`, points: seed % 1000 });
  }
  return out;
}

export function run(count = 100000) {
  const all = rows(count);
  const teams = Map.groupBy(all, (row) => row.team);
  const points = new Map();
  for (const row of all) {
    const list = points.get(row.team);
    if (list === undefined) points.set(row.team, [row.points]);
    else list.push(row.points);
  }
  let best = "";
  let most = -1;
  for (const team of [...points.keys()].sort()) {
    const sum = points.get(team).reduce((a, b) => a + b, 0);
    if (sum > most) {
      best = team;
      most = sum;
    }
  }
  return `${teams.size} ${best} ${most} ${teams.get(best).length}`;
}
