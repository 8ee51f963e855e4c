class Point {
  constructor(x, y, z) {
    this.x = x;
    this.y = y;
    this.z = z;
  }
}

export function run(turns = 150000) {
  const points = [new Point(1, 2, 3), new Point(4, 5, 6)];
  let sum = 0;
  for (let i = 0; i < turns; i++) {
    const p = points[i % 2];
    sum += p.x * p.y - p.z;
  }
  return sum;
}
