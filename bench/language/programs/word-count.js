function text(size) {
  const words = [
    "the",
    "Worker",
    "reads",
    "a",
    "file,",
    "then",
    "the",
    "tests",
    "fail",
    "and",
    "it",
    "repairs",
    "them.",
  ];
  const parts = [];
  let length = 0;
  let seed = 42;
  while (length < size) {
    seed = (seed * 1103 + 12345) % 65537;
    const word = words[seed % 13] + (seed % 5 === 0 ? String(seed % 97) : "");
    parts.push(word);
    length += word.length + 1;
  }
  return parts.join(" ");
}

export function run(size = 1000000) {
  const counts = new Map();
  for (const word of text(size).toLowerCase().split(" ")) {
    const bare = word.replaceAll(",", "").replaceAll(".", "");
    counts.set(bare, (counts.get(bare) ?? 0) + 1);
  }
  const best = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5);
  return best.map(([word, count]) => `${word} ${count}`).join(", ");
}
