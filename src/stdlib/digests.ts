/** Digests, base64 and percent encoding. Text counts as its UTF-8 bytes. */
import { md5 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512, sha512_256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Meter } from "../value/cost.ts";
import { hashKey } from "../value/equality.ts";
import { normalizeInt } from "../value/numbers.ts";
import type { Value } from "../value/value.ts";
import { BYTES } from "./paces.ts";

/** Bits, and how. Functions, so that the library is only set up when a program asks for a digest. */
const DIGESTS: Readonly<Record<string, readonly [number, (bytes: Uint8Array) => Uint8Array]>> = {
  sha224: [224, (bytes) => sha224(bytes)],
  sha256: [256, (bytes) => sha256(bytes)],
  sha384: [384, (bytes) => sha384(bytes)],
  sha512: [512, (bytes) => sha512(bytes)],
  sha512_256: [256, (bytes) => sha512_256(bytes)],
  md5: [128, (bytes) => md5(bytes)],
};

/** Of a unit of text, in fuel. */
const HASHED = 4;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The SHA-256 of a text, in hexadecimal. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8(text)));
/** Invalid UTF-8 is replaced. */
const fromUtf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

/** Standard alphabet, padded, nothing else in between. */
function decodeBase64(text: string): Uint8Array {
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") end--;
  const wrong = text.slice(0, end).search(/[^A-Za-z0-9+/]/);
  if (wrong >= 0) {
    throw runtimeError(`base64 decode error: Invalid symbol ${text.codePointAt(wrong)}, offset ${wrong}.`);
  }
  if (!/^(?:.{4})*(?:[^=]{2}==|[^=]{3}=)?$/s.test(text)) throw runtimeError("base64 decode error: Invalid padding");
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** FNV-1a, 64 bits, in two halves: the prime is 2^40 + 0x1b3. */
export function fnv64(bytes: Uint8Array): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    const carry = Math.floor(product / 2 ** 32);
    high = (high * 0x1b3 + carry + low * 256) % 2 ** 32;
    low = product % 2 ** 32;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** A number of a value, the same for equal ones. */
export function hashOf(value: Value, meter: Meter): bigint {
  const key = hashKey(value, meter);
  meter.spend(key.length * HASHED);
  return fnv64(utf8(key));
}

/** Every byte but letters, digits and - _ . ~ */
function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const [PERCENT, PLUS, BLANK] = [0x25, 0x2b, 0x20];
/** In lower case, then again in upper case. */
const HEX_DIGITS = utf8("0123456789abcdef0123456789ABCDEF");

/** `+` is a blank; a percent sign without two hexadecimal digits stays. */
function percentDecode(text: string): string {
  const bytes = utf8(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    const high = byte === PERCENT ? HEX_DIGITS.indexOf(bytes[at + 1]!) : -1;
    const low = high < 0 ? -1 : HEX_DIGITS.indexOf(bytes[at + 2]!);
    if (low >= 0) at += 2;
    // Decoded in place: what is read is never behind what is written.
    bytes[length++] = low >= 0 ? (high % 16) * 16 + (low % 16) : byte === PLUS ? BLANK : byte;
  }
  return fromUtf8(bytes.subarray(0, length));
}

const overText = (name: string, doc: string, code: string, prints: string, run: (text: string) => Value): Builtin =>
  builtin(name, {
    sig: "(text: any) -> string",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code: `println(${code})`, prints }],
    pace: BYTES,
    run: (_call, args) => run(args.text("text")),
  });

export const digestBuiltins: readonly Builtin[] = [
  ...Object.entries(DIGESTS).map(([name, [bits, digest]]) =>
    overText(
      name,
      `The ${name.replace("_", "/")} digest of a text, in hexadecimal.`,
      `len(${name}("a"))`,
      String(bits / 4),
      (text) => bytesToHex(digest(utf8(text))),
    ),
  ),
  overText("base64_encode", "Base64 of a text.", 'base64_encode("hi")', "aGk=", (text) => encodeBase64(utf8(text))),
  overText("base64_decode", "The text of a base64 text.", 'base64_decode("aGk=")', "hi", (text) =>
    fromUtf8(decodeBase64(text)),
  ),
  overText(
    "url_encode",
    "Percent encoding of all but letters, digits and - _ . ~",
    'url_encode("a b/ü")',
    "a%20b%2F%C3%BC",
    percentEncode,
  ),
  overText(
    "url_decode",
    "The text of a percent-encoded one; `+` is a blank.",
    'url_decode("a+b%2F")',
    "a b/",
    percentDecode,
  ),
  builtin("hash_value", {
    sig: "(value: any) -> int",
    doc: "A number that is the same for equal values. For buckets, not for integrity.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(hash_value({a: 1, b: 2}) == hash_value({b: 2, a: 1}))", prints: "true" }],
    run: (call, args) => normalizeInt(hashOf(args.raw("value"), call)),
  }),
  builtin("uuid", {
    sig: "() -> string",
    doc: "A random UUID.",
    needs: "nothing",
    examples: [{ code: "println(len(uuid()))", prints: "36" }],
    run: (call) => call.ports.ids.uuidv4(),
  }),
];
