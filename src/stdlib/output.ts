/** Program output: plain text, `[harn]` lines, colours, progress lines. It goes to the fiber; what a task prints appears when it is joined. */
import type { Args } from "../builtin/arguments.ts";
import type { Call } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { displayCounted } from "../value/display.ts";
import type { HDict, Value } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { asWhole } from "./number-reading.ts";

const COLOR_CODES: Readonly<Record<string, string>> = {
  black: "30",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36",
  white: "37",
  bright_black: "90",
  gray: "90",
  grey: "90",
  bright_red: "91",
  bright_green: "92",
  bright_yellow: "93",
  bright_blue: "94",
  bright_magenta: "95",
  bright_cyan: "96",
  bright_white: "97",
};

export const outputBuiltins: readonly Builtin[] = [
  builtin("println", {
    sig: "(value?: any) -> nil",
    doc: "Prints a value and ends the line.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([1, 2.0, nil])", prints: "[1, 2.0, nil]" }],
    run(call, args) {
      call.write(`${shown(call, args)}\n`);
      return null;
    },
  }),
  builtin("print", {
    sig: "(value?: any) -> nil",
    doc: "Prints a value and stays on the line.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'print("a")\nprint("b")', prints: "ab" }],
    run(call, args) {
      call.write(shown(call, args));
      return null;
    },
  }),
  builtin("log", {
    sig: "(value?: any) -> nil",
    doc: "Prints a value on a line that starts with `[harn]`.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'log("ready")', prints: "[harn] ready" }],
    run(call, args) {
      call.write(`[harn] ${shown(call, args)}\n`);
      return null;
    },
  }),
  builtin("color", {
    sig: "(text: any, name: string) -> string",
    doc: "The text in a colour of the terminal (`red`, `bright_blue`, `gray`, …); unknown names leave it as it is.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(len(color("x", "red")) > 1)', prints: "true" }],
    run(_call, args) {
      const code = COLOR_CODES[args.text("name")];
      return code === undefined ? args.text("text") : `\u001b[${code}m${args.text("text")}\u001b[0m`;
    },
  }),
  builtin("bold", {
    sig: "(text: any) -> string",
    doc: "The text in bold.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(bold("now") != "now")', prints: "true" }],
    run: (_call, args) => `\u001b[1m${args.text("text")}\u001b[0m`,
  }),
  builtin("dim", {
    sig: "(text: any) -> string",
    doc: "The text dimmed.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(dim("later").contains("later"))', prints: "true" }],
    run: (_call, args) => `\u001b[2m${args.text("text")}\u001b[0m`,
  }),
  builtin("progress", {
    sig: "(phase: any, message: any, current?: any, total?: any) -> nil",
    doc: 'Prints a progress line: a percentage, `current/total`, or with `{mode: "bar" | "spinner", …}` a drawing.',
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'progress("build", "compiling", 3, 5)', prints: "[build] compiling (3/5)" },
      {
        code: 'progress("build", "compiling", {mode: "bar", current: 1, total: 2, width: 4})',
        prints: "[build] [##--] compiling (1/2)",
      },
    ],
    run(call, args) {
      call.write(progressLine(args));
      return null;
    },
  }),
];

/** With the state of values that have an identity. */
function shown(call: Call, args: Args<"value">): string {
  return args.has("value") ? displayCounted(args.raw("value"), call, vmCall(call).run.handleText) : "";
}

function progressLine(args: Args<"phase" | "message" | "current" | "total">): string {
  const phase = args.text("phase");
  const message = args.text("message");
  const options = args.dict("current");
  if (options !== null) {
    const mode = options.get("mode");
    if (mode === "spinner") {
      const step = option(options, "step") ?? option(options, "current") ?? 0;
      return `[${phase}] ${"|/-\\"[((step % 4) + 4) % 4]} ${message}\n`;
    }
    if (mode === "bar") {
      const current = option(options, "current") ?? 0;
      const total = option(options, "total") ?? 0;
      const width = Math.min(40, Math.max(3, option(options, "width") ?? 10));
      return `[${phase}] ${progressBar(current, total, width)} ${message} (${current}/${total})\n`;
    }
  }
  const current = asWhole(args.raw("current"));
  const total = asWhole(args.raw("total"));
  if (current === null) return `[${phase}] ${message}\n`;
  return total === null ? `[${phase}] ${message} (${current}%)\n` : `[${phase}] ${message} (${current}/${total})\n`;
}

function option(options: HDict, key: string): number | null {
  const value: Value | undefined = options.get(key);
  return value === undefined ? null : asWhole(value);
}

function progressBar(current: number, total: number, width: number): string {
  if (total <= 0) return `[${"-".repeat(width)}]`;
  const filled = Math.round((Math.min(total, Math.max(0, current)) / total) * width);
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`;
}
