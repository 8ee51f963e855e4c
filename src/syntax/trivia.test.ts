import { expect, test } from "vitest";
import { tokenize } from "./lexer.ts";
import { docComment, leadingTrivia } from "./trivia.ts";

const before = (text: string, kind: string) => {
  const token = tokenize(text)
    .tokens.toArray()
    .find((candidate) => candidate.kind === kind)!;
  return { doc: docComment(text, token), pieces: leadingTrivia(text, token).map((piece) => piece.kind) };
};

test("every piece has its kind", () => {
  const text = "1 // a\n/* b /* c */ */ \\\n  fn";
  expect(before(text, "fn").pieces).toEqual([
    "whitespace",
    "line-comment",
    "newline",
    "block-comment",
    "whitespace",
    "continuation",
    "whitespace",
  ]);
});

test("a doc comment belongs to the declaration right below", () => {
  expect(before("/// One.\n/// Two.\nfn f() {}", "fn").doc).toBe("One.\nTwo.");
  expect(before("/** One.\n * Two.\n */\nfn f() {}", "fn").doc).toBe("One.\nTwo.");
  expect(before("/// Elsewhere.\n\nfn f() {}", "fn").doc).toBeNull();
  expect(before("// Plain.\nfn f() {}", "fn").doc).toBeNull();
  expect(before("//// Rule.\nfn f() {}", "fn").doc).toBeNull();
  expect(before("/** */\nfn f() {}", "fn").doc).toBeNull();
});
