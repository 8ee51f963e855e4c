/**
 * The body of an HTTP answer as text, piece by piece, and as server-sent events. Characters and events that are split over chunks are put
 * together; a body that breaks off is a failure that says how far it came.
 */
import { createParser } from "eventsource-parser";
import type { Deadline } from "./deadline.ts";
import { causeText, excerpt, failureOfCut, failureOfMalformed } from "./http-failure.ts";

/** Longest event that is kept while its end has not come, in characters. */
const EVENT_LIMIT = 16 * 1024 * 1024;

export interface BodySource {
  readonly provider: string;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly deadline: Deadline;
}

/** Throws `transient_network` when the connection breaks, `server_error` for bytes that are no UTF-8, and the deadline's failure. */
export async function* readText(source: BodySource): AsyncGenerator<string> {
  if (source.body === null) return;
  const { provider, deadline } = source;
  const reader = source.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let whole = false;
  try {
    while (true) {
      const step = await Promise.race([reader.read(), deadline.aborted]).catch((error) => {
        throw deadline.failure() ?? failureOfCut(provider, `${bytes} bytes received`, causeText(error));
      });
      if (!step.done) {
        bytes += step.value.byteLength;
        deadline.touch();
      }
      const text = decode(provider, decoder, step.done ? undefined : step.value);
      if (text !== "") yield text;
      if (step.done) {
        whole = true;
        return;
      }
    }
  } finally {
    // Also when the consumer stops early: the socket must not linger.
    if (!whole) reader.cancel().catch(() => undefined);
  }
}

function decode(provider: string, decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    if (chunk === undefined) throw failureOfCut(provider, "in the middle of a character", null);
    throw failureOfMalformed(provider, "sent bytes that are not UTF-8", excerpt(new TextDecoder().decode(chunk)));
  }
}

export async function readWhole(source: BodySource): Promise<string> {
  let whole = "";
  for await (const piece of readText(source)) whole += piece;
  return whole;
}

export interface ServerEvent {
  /** The event's type, "" when it has none. */
  readonly type: string;
  readonly data: string;
}

/**
 * Server-sent events of a text. A line that is no field (a bare JSON error, an HTML page) comes as an event of type `stray`. The parser gets whole
 * lines only: of a line that arrives in pieces it would drop what cannot become a field, and with it the reason why a server gave up.
 */
export async function* readEvents(pieces: AsyncIterable<string>, provider: string): AsyncGenerator<ServerEvent> {
  const ready: ServerEvent[] = [];
  let overflow = false;
  const parser = createParser({
    onEvent: (event) => ready.push({ type: event.event ?? "", data: event.data }),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") overflow = true;
      else if (error.type === "unknown-field") ready.push({ type: "stray", data: error.line ?? error.message });
    },
    maxBufferSize: EVENT_LIMIT,
  });
  /** Of the line that has not ended; joined once, so that a long line in small pieces costs its length. */
  let held: string[] = [];
  let heldLength = 0;
  for await (const piece of pieces) {
    const end = Math.max(piece.lastIndexOf("\n"), piece.lastIndexOf("\r")) + 1;
    if (end > 0) {
      parser.feed(held.join("") + piece.slice(0, end));
      held = [];
      heldLength = 0;
    }
    held.push(piece.slice(end));
    heldLength += piece.length - end;
    yield* ready.splice(0);
    if (overflow || heldLength > EVENT_LIMIT) {
      throw failureOfMalformed(provider, `sent an event of more than ${EVENT_LIMIT} characters`, piece);
    }
  }
  // What is left is no whole event; when it is no event at all, it may say why.
  if (heldLength > 0) parser.feed(`${held.join("")}\n`);
  yield* ready.splice(0).filter((event) => event.type === "stray");
}
