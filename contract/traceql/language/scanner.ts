import { QueryError } from "./query-error.ts";
import type { AttributeScope, Literal, Position } from "./syntax.ts";

/** A piece of a query's text. */
export type Token =
  | {
      readonly type: "attribute";
      readonly scope: AttributeScope;
      readonly name: string;
      at: Position;
    }
  /** A keyword, or an intrinsic, `span:name` included. */
  | { readonly type: "word"; readonly text: string; at: Position }
  | { readonly type: "literal"; readonly literal: Literal; readonly text: string; at: Position }
  | { readonly type: "operator"; readonly text: string; at: Position }
  | { readonly type: "end"; at: Position };

/** For messages: what stands there, as the user sees it. */
export function describeToken(token: Token): string {
  switch (token.type) {
    case "attribute":
      return `the attribute ${token.name}`;
    case "word":
    case "operator":
    case "literal":
      return `"${token.text}"`;
    case "end":
      return "the end of the query";
    default:
      return token satisfies never;
  }
}

/** Longer queries are nobody's, and would only cost time. */
const longestQuery = 65_536;

const scopes = {
  span: "span",
  resource: "resource",
  event: "event",
  link: "link",
  instrumentation: "instrumentation",
} as const satisfies Record<string, AttributeScope>;

/** The longest first, because each is tried in this order. */
const operators = [
  ..."!>> !<< &>> &<<".split(" "),
  ..."!> !< !~ &> &< &~ >> << >= <= != =~ && ||".split(" "),
  ..."{ } ( ) , | = < > ~ ! + - * / % ^".split(" "),
];

/** What ends the name of an attribute; `+ - * /` do not, so arithmetic needs spaces. */
const nameRun = /[^\s{}()=~!<>&|^,"]+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*(?::[A-Za-z_][A-Za-z0-9_]*)?/y;
const scopePrefix = /(span|resource|event|link|instrumentation|parent)\./y;

/**
 * Divides the text into tokens, the last of type `end`.
 * @throws QueryError at the first character that begins nothing.
 */
export function scan(text: string): Token[] {
  const places = new Places(text);
  if (text.length > longestQuery) {
    throw new QueryError(
      "syntax",
      places.at(longestQuery),
      `the query is longer than ${longestQuery} characters`,
    );
  }
  const tokens: Token[] = [];
  let offset = skipSpace(text, 0);
  while (offset < text.length) {
    const [token, end] = scanToken(text, offset, places);
    tokens.push(token);
    offset = skipSpace(text, end);
  }
  tokens.push({ type: "end", at: places.at(text.length) });
  return tokens;
}

/** A token and its text, or what begins no token: an open string, or one character. */
export interface Piece {
  readonly token: Token | null;
  readonly text: string;
}

/** Divides a text that may be unfinished. Null: it is too long, or has too many pieces. */
export function scanUnfinished(text: string, most: number): Piece[] | null {
  if (text.length > longestQuery) {
    return null;
  }
  const places = new Places(text);
  const pieces: Piece[] = [];
  let offset = skipSpace(text, 0);
  // A comment that is not closed yet goes on to the end.
  while (offset < text.length && !text.startsWith("/*", offset)) {
    const [token, end] = tryToken(text, offset, places);
    pieces.push({ token, text: text.slice(offset, end) });
    if (pieces.length > most) {
      return null;
    }
    offset = skipSpace(text, end);
  }
  return pieces;
}

function tryToken(text: string, offset: number, places: Places): [Token | null, number] {
  try {
    return scanToken(text, offset, places);
  } catch (error) {
    if (!(error instanceof QueryError)) {
      throw error;
    }
    return [null, /["`]/.test(text[offset] ?? "") ? text.length : offset + 1];
  }
}

function scanToken(text: string, offset: number, places: Places): [Token, number] {
  const at = places.at(offset);
  const number = scanNumber(text, offset, at);
  if (number !== undefined) {
    const end = offset + number.length;
    return [{ type: "literal", literal: number.literal, text: text.slice(offset, end), at }, end];
  }
  const quote = text[offset];
  if (quote === '"' || quote === "`") {
    const { value, end } = scanString(text, offset, at);
    const literal = { type: "string", value } as const;
    return [{ type: "literal", literal, text: text.slice(offset, end), at }, end];
  }
  return scanName(text, offset, at) ?? scanOperator(text, offset, at);
}

function scanName(text: string, offset: number, at: Position): [Token, number] | undefined {
  if (text[offset] === ".") {
    return scanAttribute(text, offset + 1, "any", at);
  }
  const scope = matchAt(scopePrefix, text, offset);
  if (scope !== undefined) {
    const name = scope.slice(0, -1);
    if (name === "parent") {
      throw new QueryError("unsupported", at, "attributes of the parent (parent.…)");
    }
    return scanAttribute(text, offset + scope.length, scopes[name as keyof typeof scopes], at);
  }
  const found = matchAt(word, text, offset);
  return found === undefined
    ? undefined
    : [{ type: "word", text: found, at }, offset + found.length];
}

/** Runs of plain characters and quoted parts by turns: `http."status code"`. */
function scanAttribute(
  text: string,
  start: number,
  scope: AttributeScope,
  at: Position,
): [Token, number] {
  let name = "";
  let offset = start;
  let isQuoted = false;
  for (;;) {
    const run = matchAt(nameRun, text, offset);
    if (run !== undefined) {
      name += run;
      offset += run.length;
    } else if (text[offset] === '"') {
      const quoted = scanString(text, offset, at);
      name += quoted.value;
      offset = quoted.end;
      isQuoted = true;
    } else {
      break;
    }
  }
  if (name === "" && !isQuoted) {
    throw new QueryError("syntax", at, "expected the name of an attribute after the point");
  }
  return [{ type: "attribute", scope, name, at }, offset];
}

function scanOperator(text: string, offset: number, at: Position): [Token, number] {
  const operator = operators.find((candidate) => text.startsWith(candidate, offset));
  if (operator === undefined) {
    const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
    throw new QueryError("syntax", at, `unexpected character ${JSON.stringify(character)}`);
  }
  return [{ type: "operator", text: operator, at }, offset + operator.length];
}

/** Spaces, and comments: from `//` to the end of the line, and between the two marks of C. */
function skipSpace(text: string, start: number): number {
  const skipped = matchAt(/(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y, text, start);
  return start + (skipped?.length ?? 0);
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}

/** From offsets to lines and columns. */
class Places {
  readonly #lineStarts = [0];

  constructor(text: string) {
    for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) {
      this.#lineStarts.push(index + 1);
    }
  }

  at(offset: number): Position {
    let line = this.#lineStarts.length;
    while (line > 1 && (this.#lineStarts[line - 1] ?? 0) > offset) {
      line -= 1;
    }
    return { offset, line, column: offset - (this.#lineStarts[line - 1] ?? 0) + 1 };
  }
}

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
  const parts: Uint8Array[] = [];
  let offset = start + 1;
  while (text[offset] !== quote) {
    const run = matchRun(isRaw ? rawRun : quotedRun, text, offset);
    if (run !== "") {
      parts.push(encoder.encode(isRaw ? run.replaceAll("\r", "") : run));
      offset += run.length;
    } else if (text[offset] === "\\") {
      const [read, length] = scanEscape(text, offset, at);
      parts.push(read);
      offset += length;
    } else {
      throw new QueryError("syntax", at, `expected a closing ${quote} of this string`);
    }
  }
  return {
    value: decoder.decode(Uint8Array.from(parts.flatMap((part) => [...part]))),
    end: offset + 1,
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const rawRun = /[^`]*/y;
const quotedRun = /[^"\\\n]*/y;

function matchRun(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? "";
}

function scanEscape(text: string, offset: number, at: Position): [Uint8Array, number] {
  escapeSequence.lastIndex = offset;
  const [whole = "\\", hex, unicode, longUnicode, octal, letter = ""] =
    escapeSequence.exec(text) ?? [];
  const byte = parseNumber(hex, 16) ?? parseNumber(octal, 8);
  const code = parseNumber(unicode ?? longUnicode, 16);
  const read =
    byte !== undefined
      ? encodeByte(byte)
      : code !== undefined
        ? encodeCharacter(code)
        : encodeText(escapes[letter]);
  if (read === undefined) {
    throw new QueryError("syntax", at, `unknown escape in this string: ${whole}`);
  }
  return [read, whole.length];
}

function parseNumber(digits: string | undefined, base: number): number | undefined {
  return digits === undefined ? undefined : Number.parseInt(digits, base);
}

function encodeByte(byte: number): Uint8Array | undefined {
  return byte > 0xff ? undefined : Uint8Array.of(byte);
}

function encodeCharacter(code: number): Uint8Array | undefined {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return isSurrogate || code > 0x10ffff ? undefined : encoder.encode(String.fromCodePoint(code));
}

function encodeText(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : encoder.encode(text);
}

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 24 * 3600e9,
  w: 7 * 24 * 3600e9,
  y: 365 * 24 * 3600e9,
};

const duration = /(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w|y))+(?![\w.])/y;
const durationPart = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h|d|w|y)/g;
/** Even of a year, more digits would be less than a nanosecond. */
const longestFraction = 20;
const float = /(?:\d+\.\d*|\.\d+|\d+(?=[eE][+-]?\d))(?:[eE][+-]?\d+)?(?!\w)/y;
const int = /\d+(?![\w.])/y;

export const smallestInt = -(2n ** 63n);
export const largestInt = 2n ** 63n - 1n;

/** A number or a duration without its sign, or undefined when none begins here. */
export function scanNumber(
  text: string,
  offset: number,
  at: Position,
): { literal: Literal; length: number } | undefined {
  if (!/[\d.]/.test(text[offset] ?? "")) {
    return undefined;
  }
  for (const [pattern, read] of readers) {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) {
      return { literal: read(found, at), length: found.length };
    }
  }
  if (text[offset] === ".") {
    return undefined;
  }
  throw new QueryError("syntax", at, "expected a number or a duration such as 1m30s");
}

const readers: readonly (readonly [RegExp, (text: string, at: Position) => Literal])[] = [
  [duration, readDuration],
  [float, (text) => ({ type: "float", value: Number(text) })],
  [int, readInt],
];

function readDuration(text: string, at: Position): Literal {
  let nanoseconds = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(durationPart)) {
    // In whole numbers: neither is a nanosecond lost among the years, nor is anything rounded up.
    const digits = fraction.slice(0, longestFraction);
    const ofUnit = BigInt(nanosecondsPerUnit[unit] ?? 0);
    nanoseconds += (BigInt(whole + digits) * ofUnit) / 10n ** BigInt(digits.length);
  }
  if (nanoseconds > largestInt) {
    throw new QueryError("syntax", at, "the duration is longer than 292 years");
  }
  return { type: "duration", nanoseconds };
}

function readInt(text: string, at: Position): Literal {
  const value = BigInt(text);
  if (value > largestInt) {
    throw new QueryError("syntax", at, "the integer has more than 64 bits; the least is minInt");
  }
  return { type: "int", value };
}
