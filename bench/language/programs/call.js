function step(value, by) {
  if (value > 1000000) return value - 1000000;
  return value + by;
}

export function run(turns = 100000) {
  let value = 0;
  for (let i = 0; i < turns; i++) {
    value = step(value, i);
  }
  return value;
}
