/** Lists of messages: an empty one, how many tokens one takes, and long output cut short. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { asWhole } from "../stdlib/number-reading.ts";
import { HDict, HList } from "../value/value.ts";
import { microcompact } from "./microcompact.ts";

const MOST_BYTES = 20_000;

/** A quarter of the bytes of the texts. */
export function estimateTokens(messages: readonly unknown[]): number {
  const texts = messages.map((message) => (message instanceof HDict ? message.get("content") : null));
  const bytes = texts.reduce<number>(
    (sum, text) => sum + (typeof text === "string" ? new TextEncoder().encode(text).length : 0),
    0,
  );
  return Math.floor(bytes / 4);
}

export const messageListBuiltins: readonly Builtin[] = [
  builtin("conversation", {
    sig: "() -> list",
    doc: "An empty list of messages, for `add_user` and its kin.",
    needs: "nothing",
    examples: [{ code: 'println(add_user(conversation(), "hi"))', prints: "[{content: hi, role: user}]" }],
    run: () => new HList([]),
  }),
  builtin("estimate_tokens", {
    sig: "(messages: any) -> int",
    doc: "About how many tokens the texts of a list of messages take.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(estimate_tokens([{role: "user", content: "12345678"}]))', prints: "2" }],
    run: (_call, args) => estimateTokens(args.list("messages")?.items ?? []),
  }),
  builtin("microcompact", {
    sig: "(text: any, max_bytes?: any) -> string",
    doc: "A long text (above 20000 bytes) cut to its beginning, its end, and the lines that say what went wrong.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(microcompact("short"))', prints: "short" }],
    run: (_call, args) => microcompact(args.text("text"), asWhole(args.raw("max_bytes")) ?? MOST_BYTES),
  }),
];
