const DIGITS = "0123456789";

function tokenize(line) {
  const chars = [...line];
  const tokens = [];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at];
    if (char === " ") at++;
    else if (DIGITS.includes(char)) {
      let text = "";
      while (at < chars.length && DIGITS.includes(chars[at])) text += chars[at++];
      tokens.push({ kind: "number", text });
    } else {
      tokens.push({ kind: "sign", text: char });
      at++;
    }
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

function strength(sign) {
  switch (sign) {
    case "+":
    case "-":
      return 1;
    case "*":
    case "%":
      return 2;
    default:
      return 0;
  }
}

function parseAtom(tokens, at) {
  const token = tokens[at];
  if (token.kind === "number") return [{ kind: "number", value: Number.parseInt(token.text, 10) }, at + 1];
  if (token.text !== "(") throw new Error(`expected a number or ( and got ${token.text}`);
  const [inner, next] = parseSum(tokens, at + 1, 1);
  return [inner, next + 1];
}

function parseSum(tokens, start, least) {
  let [left, at] = parseAtom(tokens, start);
  while (strength(tokens[at].text) >= least) {
    const sign = tokens[at].text;
    const [right, next] = parseSum(tokens, at + 1, strength(sign) + 1);
    left = { kind: "pair", sign, left, right };
    at = next;
  }
  return [left, at];
}

function evaluate(tree) {
  if (tree.kind === "number") return tree.value;
  const a = evaluate(tree.left);
  const b = evaluate(tree.right);
  switch (tree.sign) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return (a * b) % 1000003;
    default:
      return b === 0 ? a : a % b;
  }
}

export function run(lines = 2000) {
  let sum = 0;
  for (let i = 0; i < lines; i++) {
    const line = `(${i} + 12) * 3 - 4 * (5 + ${i % 17}) % 7 + ((${i * 3} - 1) * 2 - (8 + 9))`;
    const [tree] = parseSum(tokenize(line), 0, 1);
    sum = (sum + evaluate(tree)) % 1000003;
  }
  return sum;
}
