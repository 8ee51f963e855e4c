export function run(turns = 200000) {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  for (let i = 0; i < turns; i++) {
    const first = a;
    a = b;
    b = c;
    c = d;
    d = (first + a) % 65536;
  }
  return `${a} ${b} ${c} ${d}`;
}
