import { QueryError } from "./query-error.ts";
import type { Literal, Position } from "./syntax.ts";

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
