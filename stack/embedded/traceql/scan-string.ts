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
  "'": "'",
};

const escapeSequence =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/y;

/**
 * A string in double quotes with Go's escapes, or in backticks without any.
 * @param start Of the opening quote. `end` is behind the closing one.
 */
export function scanString(
  text: string,
  start: number,
  at: Position,
): { value: string; end: number } {
  const quote = text[start] ?? "";
  let value = "";
  let offset = start + 1;
  while (text[offset] !== quote) {
    const character = text[offset];
    if (character === undefined || (character === "\n" && quote !== "`")) {
      throw new QueryError("syntax", at, `expected a closing ${quote} of this string`);
    }
    if (character === "\\" && quote !== "`") {
      const [read, length] = scanEscape(text, offset, at);
      value += read;
      offset += length;
    } else {
      value += character;
      offset += 1;
    }
  }
  return { value, end: offset + 1 };
}

function scanEscape(text: string, offset: number, at: Position): [string, number] {
  escapeSequence.lastIndex = offset;
  const [whole, hex, unicode, longUnicode, octal, letter = ""] = escapeSequence.exec(text) ?? [];
  const code = codeOf(hex ?? unicode ?? longUnicode, octal);
  const read = code === undefined ? escapes[letter] : characterOf(code);
  if (whole === undefined || read === undefined) {
    throw new QueryError("syntax", at, `unknown escape in this string: ${whole ?? "\\"}`);
  }
  return [read, whole.length];
}

function codeOf(hex: string | undefined, octal: string | undefined): number | undefined {
  if (hex !== undefined) {
    return Number.parseInt(hex, 16);
  }
  return octal === undefined ? undefined : Number.parseInt(octal, 8);
}

function characterOf(code: number): string | undefined {
  return code > 0x10ffff ? undefined : String.fromCodePoint(code);
}
