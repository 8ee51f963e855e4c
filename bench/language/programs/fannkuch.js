function game(given) {
  const cards = given.slice();
  let flips = 0;
  let top = cards[0];
  while (top !== 0) {
    let low = 0;
    let high = top;
    while (low < high) {
      const card = cards[low];
      cards[low] = cards[high];
      cards[high] = card;
      low++;
      high--;
    }
    flips++;
    top = cards[0];
  }
  return flips;
}

export function run(size = 8) {
  const cards = Array.from({ length: size }, (_, i) => i);
  const counts = cards.slice();
  let longest = 0;
  let checksum = 0;
  let sign = 1;
  let left = size;
  for (;;) {
    while (left > 1) {
      counts[left - 1] = left;
      left--;
    }
    const flips = game(cards);
    longest = Math.max(longest, flips);
    checksum += sign * flips;
    sign = -sign;
    for (;;) {
      if (left === size) return `${checksum} ${longest}`;
      const first = cards[0];
      for (let i = 0; i < left; i++) cards[i] = cards[i + 1];
      cards[left] = first;
      counts[left]--;
      if (counts[left] > 0) break;
      left++;
    }
  }
}
