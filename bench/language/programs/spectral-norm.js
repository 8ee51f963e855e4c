function entry(i, j) {
  return 1 / (((i + j) * (i + j + 1)) / 2 + i + 1);
}

function times(vector) {
  const out = [];
  for (let i = 0; i < vector.length; i++) {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += entry(i, j) * vector[j];
    out.push(sum);
  }
  return out;
}

function transposedTimes(vector) {
  const out = [];
  for (let i = 0; i < vector.length; i++) {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += entry(j, i) * vector[j];
    out.push(sum);
  }
  return out;
}

export function run(size = 150) {
  let u = Array.from({ length: size }, () => 1);
  let v = u;
  for (let turn = 0; turn < 10; turn++) {
    v = transposedTimes(times(u));
    u = transposedTimes(times(v));
  }
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < size; i++) {
    top += u[i] * v[i];
    bottom += v[i] * v[i];
  }
  return Math.round(Math.sqrt(top / bottom) * 1000000000);
}
