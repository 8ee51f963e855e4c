function text(length, seed) {
  const letters = "acgt";
  let out = "";
  let at = seed;
  for (let i = 0; i < length; i++) {
    at = (at * 16807) % 2147483647;
    out += letters[at % 4];
  }
  return out;
}

function distance(a, b) {
  const left = [...a];
  const right = [...b];
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 0; i < left.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < right.length; j++) {
      const cost = left[i] === right[j] ? 0 : 1;
      row.push(Math.min(row[j] + 1, previous[j + 1] + 1, previous[j] + cost));
    }
    previous = row;
  }
  return previous[right.length];
}

export function run(length = 700) {
  return distance(text(length, 3), text(length, 5));
}
