class Counter {
  constructor(step, limit) {
    this.step = step;
    this.limit = limit;
  }

  wrap(value) {
    return value >= this.limit ? value - this.limit : value;
  }

  next(value) {
    return this.wrap(value + this.step);
  }
}

export function run(turns = 100000) {
  const counter = new Counter(7, 1000);
  let value = 0;
  for (let i = 0; i < turns; i++) value = counter.next(value);
  return value;
}
