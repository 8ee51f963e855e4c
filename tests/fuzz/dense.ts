/**
 * Texts that are worth the most nodes a byte, one for each form of the language: what a tree takes in memory shows here. Each is made of pieces that can be
 * repeated; a piece stays within the limits on depth and length of chains.
 */

/** What is repeated, how often in a row, and what stands around so many in a row. */
interface Dense {
  readonly before: string;
  /** Each `¤` in it is a number of its own in each piece, as short as it can be. */
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
  "sums that are known": { before: "let a=1\n[", piece: "a+a,", after: "]" },
  "sums with blanks": { before: "[", piece: "a  +  a,", after: "]" },
  "texts of several lines": { before: "[", piece: '"""\na\n"""', after: "]" },
  "bindings of their own": { before: "", piece: "let x¤=1\n", after: "" },
  "statements of their own": { before: "", piece: "x¤\n", after: "" },
  "functions of their own": { before: "", piece: "fn x¤(){}\n", after: "" },
  "functions that call the next": { before: "", piece: "fn x¤(x){x¤(x)}\n", after: "" },
  "closures of their own": { before: "", piece: "let x¤={x->x}\n", after: "" },
  "parameters of their own": { before: "fn f(", piece: "x¤,", after: "){}" },
  "fields of their own": { before: "struct S{", piece: "x¤,", after: "}" },
  "variants of their own": { before: "enum E{", piece: "x¤,", after: "}" },
  "names taken apart": { before: "let{", piece: "x¤,", after: "}=x" },
  "names taken apart in a function": { before: "fn f(x){let{", piece: "x¤,", after: "}=x}" },
  "entries of their own": { before: "let x={", piece: "k¤:1,", after: "}" },
  "literals of a type": { before: "type T=0", piece: '|"k¤"', after: "\nfn f(x:T){x}" },
  "arms of their own": { before: "match x{", piece: '"k¤"->{}', after: "}" },
  "arms of an enum": { before: "enum E{A,B}\nfn f(x:E){match x{", piece: "E.A->{}", after: "}}" },
  "imports of their own": { before: "", piece: 'import"x¤"\n', after: "" },
  "imported names": { before: "import{", piece: "x¤,", after: '}from"x"' },
} as const satisfies Readonly<Record<string, Dense>>;

export type DenseForm = keyof typeof FORMS;
export const DENSE_FORMS = Object.keys(FORMS) as readonly DenseForm[];

/** A text of about `size` characters. */
export function denseText(form: DenseForm, size: number): string {
  const { before, piece, close = "", inside = "", most = Number.POSITIVE_INFINITY, after }: Dense = FORMS[form];
  if (piece.includes("¤")) return before + numbered(piece, size) + after;
  const width = piece.length + close.length;
  const inRow = Math.min(most, Math.max(1, Math.floor(size / width)));
  const row = before + piece.repeat(inRow) + inside + close.repeat(close === "" ? 0 : inRow) + after;
  return row.repeat(Math.max(1, Math.round(size / row.length)));
}

function numbered(piece: string, size: number): string {
  const pieces: string[] = [];
  for (let length = 0, i = 0; length < size; i++) {
    pieces.push(piece.replaceAll("¤", i.toString(36)));
    length += pieces[i]!.length;
  }
  return pieces.join("");
}
