/** A question to the person at the terminal, or whatever stands in its place. */
import { awaitEffect } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import type { Performer } from "../ports/effects.ts";
import { displayValue } from "../value/display.ts";

const READ_LINE = "terminal.read_line";

/** Asked again after a crash: who was asked has not answered. */
export const readLinePerformer: Performer = {
  kind: READ_LINE,
  version: 1,
  repeat: "safe",
  place: "any",
  perform: async (_args, { ports, signal }) => {
    const line = await ports.terminal.readLine(signal);
    return line === null ? null : line.trimEnd();
  },
};

export const promptBuiltins: readonly Builtin[] = [
  suspending("prompt_user", {
    sig: "(message?: any) -> string | nil",
    doc: "Prints a question and gives the line that comes as the answer; nil at the end of the input.",
    needs: "nothing",
    examples: [
      {
        code: 'fn ask_name() {\n  return prompt_user("Your name? ") ?? "nobody"\n}\nprintln(type_of(ask_name))',
        prints: "closure",
      },
    ],
    run(call, args) {
      call.write(displayValue(args.raw("message") ?? ""));
      return awaitEffect({ kind: READ_LINE, version: 1, args: {}, repeat: "safe", place: "any" });
    },
  }),
];
