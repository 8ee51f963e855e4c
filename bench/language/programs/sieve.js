export function run(limit = 200000) {
  const prime = [];
  for (let i = 0; i < limit; i++) prime.push(true);
  let count = 0;
  for (let n = 2; n < limit; n++) {
    if (!prime[n]) continue;
    count++;
    for (let multiple = n * n; multiple < limit; multiple += n) prime[multiple] = false;
  }
  return count;
}
