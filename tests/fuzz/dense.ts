/**
 * Texts that are worth the most nodes a byte, one for each form of the language: what a tree takes in memory shows here. Each is made of pieces that can be
 * repeated; a piece stays within the limits on depth and length of chains.
 */

/** What is repeated, how often in a row, and what stands around so many in a row. */
interface Dense {
  readonly before: string;
  readonly piece: string;
  /** Closes each piece of a row, behind what stands inside the last; missing: pieces stand beside each other. */
  readonly close?: string;
  readonly inside?: string;
  /** In one row; missing: as many as the text has room for. */
  readonly most?: number;
  readonly after: string;
}

/** Levels of recursion that a row may have. */
const DEPTH = 90;
/** Operators and accesses of one chain. */
const CHAIN = 480;

const FORMS = {
  "nested lists": { before: "", piece: "[1,", close: "]", most: DEPTH, after: "\n" },
  "brackets alone": { before: "", piece: "[", close: "]", most: DEPTH, after: "\n" },
  "binary chains": { before: "a", piece: "+a", most: CHAIN, after: "\n" },
  "sums of numbers": { before: "1", piece: "+1", most: CHAIN, after: "\n" },
  "names that are known": { before: "let a=1\n[", piece: "a,", after: "]" },
  calls: { before: "f(", piece: "f()", after: ")" },
  "method calls": { before: "a", piece: ".f()", most: CHAIN, after: "\n" },
  "nested calls": { before: "", piece: "f(", close: ")", most: DEPTH, after: "\n" },
  members: { before: "a", piece: ".b", most: CHAIN, after: "\n" },
  subscripts: { before: "a", piece: "[1]", most: CHAIN, after: "\n" },
  "unary chains": { before: "", piece: "!", most: DEPTH, after: "a\n" },
  "list items": { before: "[", piece: "1,", after: "]" },
  "dict entries": { before: "{", piece: "a:b,", after: "}" },
  "nested dicts": { before: "", piece: "{a:", inside: "1", close: "}", most: DEPTH, after: "\n" },
  interpolations: { before: '"', piece: "${a}", after: '"' },
  "nested interpolations": { before: "", piece: '"${', inside: "1", close: '}"', most: DEPTH, after: "\n" },
  "short strings": { before: "[", piece: '"a"', after: "]" },
  statements: { before: "", piece: "a\n", after: "" },
  assignments: { before: "", piece: "a=b\n", after: "" },
  "small functions": { before: "", piece: "fn f(){}\n", after: "" },
  "functions of a parameter": { before: "", piece: "fn f(a){a}\n", after: "" },
  closures: { before: "[", piece: "{a->a}", after: "]" },
  "nested closures": { before: "", piece: "{a->", close: "}", most: DEPTH, after: "\n" },
  parameters: { before: "fn f(", piece: "a,", after: "){}" },
  "annotated parameters": { before: "fn f(", piece: "a:b,", after: "){}" },
  "union types": { before: "type T=a", piece: "|a", after: "\n" },
  "nested types": { before: "type T=", piece: "a<", inside: "a", close: ">", most: DEPTH, after: "\n" },
  "match arms": { before: "match x{", piece: "1->{}", after: "}" },
  alternatives: { before: "match x{a", piece: "|a", after: "->{}}" },
  "dict patterns": { before: "match x{{", piece: "a:b,", after: "}->{}}" },
  variants: { before: "enum E{", piece: "a,", after: "}" },
  "struct fields": { before: "struct S{", piece: "a,", after: "}" },
  "taken apart": { before: "let{", piece: "a,", after: "}=x" },
  attributes: { before: "", piece: "@a", after: "\nfn f(){}" },
  "else ifs": { before: "if a{}", piece: "else if a{}", most: DEPTH, after: "\n" },
  comments: { before: "", piece: "//\n", after: "" },
  "doc comments": { before: "", piece: "///a\nfn f(){}\n", after: "" },
  "line breaks": { before: "", piece: "\n", after: "" },
  "names of three letters": { before: "[", piece: "abc,", after: "]" },
  "names that are no Latin": { before: "[", piece: "漢,", after: "]" },
  "large numbers": { before: "[", piece: "3e9,", after: "]" },
  "no tokens at all": { before: "", piece: "#", after: "" },
  "strings of escapes": { before: "[", piece: '"\\n",', after: "]" },
} as const satisfies Readonly<Record<string, Dense>>;

export type DenseForm = keyof typeof FORMS;
export const DENSE_FORMS = Object.keys(FORMS) as readonly DenseForm[];

/** A text of about `size` characters. */
export function denseText(form: DenseForm, size: number): string {
  const { before, piece, close = "", inside = "", most = Number.POSITIVE_INFINITY, after }: Dense = FORMS[form];
  const width = piece.length + close.length;
  const inRow = Math.min(most, Math.max(1, Math.floor(size / width)));
  const row = before + piece.repeat(inRow) + inside + close.repeat(close === "" ? 0 : inRow) + after;
  return row.repeat(Math.max(1, Math.round(size / row.length)));
}
