class Tree {
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
}

function grow(depth) {
  if (depth === 0) return new Tree(null, null);
  return new Tree(grow(depth - 1), grow(depth - 1));
}

function count(tree) {
  if (tree.left === null) return 1;
  return 1 + count(tree.left) + count(tree.right);
}

export function run(depth = 12) {
  const kept = grow(depth);
  let total = 0;
  for (let d = 4; d <= depth; d += 2) {
    const rounds = 2 ** (depth - d);
    for (let i = 0; i < rounds; i++) total += count(grow(d));
  }
  return `${total} ${count(kept)}`;
}
