function safe(rows, row) {
  const column = rows.length;
  for (let at = 0; at < rows.length; at++) {
    const other = rows[at];
    const apart = column - at;
    if (other === row || other === row - apart || other === row + apart) return false;
  }
  return true;
}

function place(rows, size) {
  if (rows.length === size) return 1;
  let ways = 0;
  for (let row = 0; row < size; row++) {
    if (safe(rows, row)) ways += place([...rows, row], size);
  }
  return ways;
}

export function run(size = 8) {
  return place([], size);
}
