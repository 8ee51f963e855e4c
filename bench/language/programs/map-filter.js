export function run(turns = 300000) {
  const items = [];
  for (let i = 0; i < 100; i++) items.push(i);
  let total = 0;
  let left = turns;
  while (left > 0) {
    const even = items.map((x) => x * 2 + 1).filter((x) => x % 3 !== 0);
    total += even.reduce((sum, x) => sum + x, 0);
    left -= 300;
  }
  return total;
}
