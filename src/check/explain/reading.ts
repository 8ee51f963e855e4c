/** Pages on mistakes that keep a text from being read as a program. */
import type { Explanations } from "./explanation.ts";

/** A hundred levels more than anyone writes, and more than may be. */
const TOO_MANY = 400;

export const readingPages: Explanations<
  | "unexpected-character"
  | "empty-interpolation"
  | "unterminated-string"
  | "unterminated-comment"
  | "unexpected-token"
  | "unexpected-end"
  | "stray-brace"
  | "nested-too-deeply"
> = {
  "unexpected-character": {
    title: "a character that means nothing outside of strings and comments",
    doc: "Often it came along from another language (`'` around a string, `#` before a comment, `&` for `&&`) or from a word processor (curly quotes, long dashes, invisible spaces). The help line says what to write instead.",
    wrong: "let name = 'Ada'\nprintln(name)\n",
    right: 'let name = "Ada"\nprintln(name)\n',
  },
  "empty-interpolation": {
    title: "`${}` without an expression in it",
    doc: "What stands between the braces is computed and put into the string, so there must be something. For the characters themselves write `\\${`.",
    wrong: 'println("total: ${}")\n',
    right: 'println("total: ${1 + 2}")\n',
  },
  "unterminated-string": {
    title: "a string that does not end",
    doc: 'A string in simple quotes ends on its own line. Either the closing quote is missing, or a quote inside of the text needs a backslash (`\\"`), or the text is meant to go over several lines and needs `"""`.',
    wrong: 'let greeting = "hello\nprintln(greeting)\n',
    right: 'let greeting = "hello"\nprintln(greeting)\n',
  },
  "unterminated-comment": {
    title: "a comment that does not end",
    doc: "Block comments can hold block comments. Every `/*` needs a `*/` of its own, also one that stands in a comment.",
    wrong: "/* switched off:\n/* inner */\nprintln(1)\n",
    right: "/* switched off:\n/* inner */\n*/\nprintln(1)\n",
  },
  "unexpected-token": {
    title: "something else was expected at this place",
    doc: "The text does not follow the grammar here. The message says what would have been possible, and the label marks the first thing that does not fit; the mistake may lie just before it. If it is a keyword where a name is needed, choose another name.",
    wrong: "let total == 3\nprintln(total)\n",
    right: "let total = 3\nprintln(total)\n",
  },
  "unexpected-end": {
    title: "the file ends in the middle of something",
    doc: "A brace, bracket or parenthesis was opened and not closed. Where that can be told, the report shows which one.",
    wrong: "fn double(n) {\n  return n * 2\nprintln(double(2))\n",
    right: "fn double(n) {\n  return n * 2\n}\nprintln(double(2))\n",
  },
  "stray-brace": {
    title: "a closing brace that nothing opened",
    doc: "Remove it, or look above for an opening brace that is missing: often the block of an `if` or a function was closed too early.",
    wrong: "fn double(n) {\n  return n * 2\n}\n}\nprintln(double(2))\n",
    right: "fn double(n) {\n  return n * 2\n}\nprintln(double(2))\n",
  },
  "nested-too-deeply": {
    title: "code inside of code inside of code, beyond what is allowed",
    doc: "Nobody writes such a text by hand; one that was generated may be as large as it likes, but neither as deep nor with as many operators in one expression. Give parts of it names, or put the data into a file and read it.",
    wrong: `println(${"[".repeat(TOO_MANY)}${"]".repeat(TOO_MANY)})\n`,
    right: "var nested = []\nfor _ in 1 to 400 {\n  nested = [nested]\n}\nprintln(len(nested))\n",
  },
};
