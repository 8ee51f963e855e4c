function escapes(cx, cy, limit) {
  let x = 0;
  let y = 0;
  for (let i = 0; i < limit; i++) {
    const xx = x * x;
    const yy = y * y;
    if (xx + yy > 4) return true;
    y = 2 * x * y + cy;
    x = xx - yy + cx;
  }
  return false;
}

export function run(size = 200) {
  let inside = 0;
  for (let row = 0; row < size; row++) {
    const cy = (2 * row) / size - 1;
    for (let column = 0; column < size; column++) {
      const cx = (2 * column) / size - 1.5;
      if (!escapes(cx, cy, 50)) inside++;
    }
  }
  return inside;
}
