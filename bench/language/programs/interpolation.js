export function run(turns = 5000) {
  let length = 0;
  for (let i = 0; i < turns; i++) {
    const line = `item ${i}: ${i * 2} of ${turns}, ${i % 2 === 0}`;
    length += line.length;
  }
  return length;
}
