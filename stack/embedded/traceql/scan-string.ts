import { QueryError } from "./query-error.ts";
import type { Position } from "./syntax.ts";

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

const escapeSequence =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/y;

/**
 * A string in double quotes with Go's escapes, or in backticks without any. `\x` and `\` with three
 * octal digits are bytes of UTF-8, not characters. Bytes that are no UTF-8 become U+FFFD, as they do
 * in what is stored.
 * @param start Of the opening quote. `end` is behind the closing one.
 */
export function scanString(
  text: string,
  start: number,
  at: Position,
): { value: string; end: number } {
  const quote = text[start] ?? "";
  const isRaw = quote === "`";
  const parts: Buffer[] = [];
  let offset = start + 1;
  while (text[offset] !== quote) {
    const run = runOf(isRaw ? rawRun : quotedRun, text, offset);
    if (run !== "") {
      parts.push(Buffer.from(isRaw ? run.replaceAll("\r", "") : run));
      offset += run.length;
    } else if (text[offset] === "\\") {
      const [read, length] = scanEscape(text, offset, at);
      parts.push(read);
      offset += length;
    } else {
      throw new QueryError("syntax", at, `expected a closing ${quote} of this string`);
    }
  }
  return { value: Buffer.concat(parts).toString(), end: offset + 1 };
}

const rawRun = /[^`]*/y;
const quotedRun = /[^"\\\n]*/y;

function runOf(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? "";
}

function scanEscape(text: string, offset: number, at: Position): [Buffer, number] {
  escapeSequence.lastIndex = offset;
  const [whole = "\\", hex, unicode, longUnicode, octal, letter = ""] =
    escapeSequence.exec(text) ?? [];
  const byte = numberOf(hex, 16) ?? numberOf(octal, 8);
  const code = numberOf(unicode ?? longUnicode, 16);
  const read =
    byte !== undefined
      ? byteOf(byte)
      : code !== undefined
        ? characterOf(code)
        : bufferOf(escapes[letter]);
  if (read === undefined) {
    throw new QueryError("syntax", at, `unknown escape in this string: ${whole}`);
  }
  return [read, whole.length];
}

function numberOf(digits: string | undefined, base: number): number | undefined {
  return digits === undefined ? undefined : Number.parseInt(digits, base);
}

function byteOf(byte: number): Buffer | undefined {
  return byte > 0xff ? undefined : Buffer.of(byte);
}

function characterOf(code: number): Buffer | undefined {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return isSurrogate || code > 0x10ffff ? undefined : Buffer.from(String.fromCodePoint(code));
}

function bufferOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
