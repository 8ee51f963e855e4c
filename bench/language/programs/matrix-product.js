function matrix(size, seed) {
  const rows = [];
  for (let i = 0; i < size; i++) {
    const row = [];
    for (let j = 0; j < size; j++) row.push(((i * seed + j * 7) % 13) * 0.5 + 0.25);
    rows.push(row);
  }
  return rows;
}

function product(a, b) {
  const size = a.length;
  const rows = [];
  for (let i = 0; i < size; i++) {
    const left = a[i];
    const row = [];
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += left[k] * b[k][j];
      row.push(sum);
    }
    rows.push(row);
  }
  return rows;
}

export function run(size = 120) {
  const c = product(matrix(size, 3), matrix(size, 5));
  let trace = 0;
  for (let i = 0; i < size; i++) trace += c[i][i];
  return Math.round(trace * 1000);
}
