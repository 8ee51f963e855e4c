/** The lexer: tokens with their trivia are the text, without gap or overlap, whatever the text. */
import { tokenize } from "../../src/syntax/lexer.ts";
import { leadingTrivia } from "../../src/syntax/trivia.ts";
import { fuzzedText } from "./mutate-text.ts";
import { Broken, type Target } from "./target.ts";

export const lexerTarget: Target = {
  loadsLate: true,
  measuresMemory: true,
  make: fuzzedText,
  run(text) {
    return tokenize(text).diagnostics.length === 0 ? "clean" : "refused";
  },
  laws(text) {
    const tokens = tokenize(text).tokens.toArray();
    let end = 0;
    for (const token of tokens) {
      if (token.leading !== end)
        throw new Broken(`token at ${token.start}: its trivia begins at ${token.leading}, not ${end}`);
      const pieces = leadingTrivia(text, token);
      const gap = pieces.find(
        ({ kind, start, end: to }) => kind === "whitespace" && /[^ \t\r\ufeff]/.test(text.slice(start, to)),
      );
      if (gap !== undefined) throw new Broken(`what stands at ${gap.start} is in no token`);
      if (token.start < token.leading || token.end < token.start)
        throw new Broken(`token at ${token.start} ends before`);
      const breaks = pieces.some(({ kind }) => kind === "newline");
      if (token.onNewLine !== breaks) throw new Broken(`token at ${token.start}: on a new line or not?`);
      end = token.end;
    }
    if (end !== text.length) throw new Broken(`tokens end at ${end} of ${text.length}`);
    if (tokens.at(-1)?.kind !== "eof") throw new Broken("the last token is not the end of the file");
  },
};
