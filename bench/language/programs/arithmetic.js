export function run(turns = 200000) {
  let sum = 0;
  for (let i = 0; i < turns; i++) {
    sum = (sum * 3 + i - Math.trunc(sum / 7)) % 1000003;
  }
  return sum;
}
