import { type Automaton, AutomatonBuilder } from "./automaton.ts";
import { charactersOf } from "./character-set.ts";

/** Numbers of so many digits keep their order and their value in every reader of JSON. */
const mostDigits = 15;
/** All numbers with so many digits are below. */
const beyondAllDigits = 1e15;

export interface NumberRange {
  readonly isInteger: boolean;
  readonly from: Bound | undefined;
  readonly to: Bound | undefined;
}

export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

/** A bound has more digits than numbers are written with. */
export class BoundTooLong extends Error {
  override readonly name = "BoundTooLong";
}

/**
 * The decimal numbers in a range, without an exponent, as JSON writes them: digit by digit, a number is
 * still as the lower bound, still as the upper one, or free.
 *
 * @returns undefined when no number is in it
 * @throws BoundTooLong, AutomatonTooLarge
 */
export function rangeAutomaton({ isInteger, from, to }: NumberRange): Automaton | undefined {
  const writer = new RangeWriter(isInteger);
  const { builder } = writer;
  writer.write(builder.start, limitFromZero(from, "from"), limitFromZero(to, "to"));
  const minus = builder.node();
  builder.read(builder.start, charactersOf("-"), minus);
  writer.write(minus, limitBelowZero(to, "from"), limitBelowZero(from, "to"));
  return builder.toAutomaton(numberCharacters);
}

const numberCharacters = charactersOf("0123456789.-");

/** Digits before and after the point, without a sign. */
interface Digits {
  readonly whole: string;
  readonly fraction: string;
  readonly isExclusive: boolean;
}

/** `open`: there is no bound. `none`: it leaves no number. */
type Limit = Digits | "open" | "none";

const zero: Digits = { whole: "0", fraction: "", isExclusive: false };

/** The part of a bound that concerns numbers from 0 on. */
function limitFromZero(bound: Bound | undefined, side: "from" | "to"): Limit {
  const beyond = side === "from" ? "none" : "open";
  if (bound === undefined || bound.value < 0) {
    return side === "from" ? zero : bound === undefined ? "open" : "none";
  }
  return bound.value >= beyondAllDigits ? beyond : toDigits(bound);
}

/** The part that concerns numbers below 0, with the sign taken away; "-0" is not written. */
function limitBelowZero(bound: Bound | undefined, side: "from" | "to"): Limit {
  const mirrored = bound && { ...bound, value: -bound.value };
  if (mirrored === undefined || mirrored.value <= 0) {
    return side === "from"
      ? { ...zero, isExclusive: true }
      : mirrored === undefined
        ? "open"
        : "none";
  }
  return limitFromZero(mirrored, side);
}

function toDigits({ value, isExclusive }: Bound): Digits {
  const [, whole = "", decimals = "", exponent = "0"] =
    /^(\d+)(?:\.(\d+))?(?:e-(\d+))?$/.exec(String(value)) ?? [];
  const shift = Number(exponent);
  const digits =
    shift === 0
      ? { whole, fraction: decimals }
      : { whole: "0", fraction: whole.padStart(shift, "0") + decimals };
  if (digits.whole.length + digits.fraction.length > mostDigits + 1) {
    throw new BoundTooLong();
  }
  return { ...digits, isExclusive };
}

class RangeWriter {
  readonly builder = new AutomatonBuilder();
  readonly #isInteger: boolean;
  readonly #nodes = new Map<string, number>();

  constructor(isInteger: boolean) {
    this.#isInteger = isInteger;
  }

  /** All numbers, without a sign, that are neither below `from` nor above `to`. */
  write(start: number, from: Limit, to: Limit): void {
    if (from === "none" || to === "none" || from === "open") {
      return;
    }
    const longest = to === "open" ? mostDigits : Math.min(to.whole.length, mostDigits);
    for (let length = from.whole.length; length <= longest; length++) {
      const isLow = length === from.whole.length;
      const isHigh = to !== "open" && length === to.whole.length;
      this.#nodes.clear();
      const number = { length, from, to: to === "open" ? undefined : to };
      this.#digit(start, number, { at: 0, isLow, isHigh });
    }
  }

  /** The digit at a place: before the point while `at` is below the length, after it from there on. */
  #digit(here: number, number: Unsigned, place: Place): void {
    const { at, isLow, isHigh } = place;
    const least = isLow ? digitAt(number.from, number.length, at) : 0;
    const most = isHigh && number.to !== undefined ? digitAt(number.to, number.length, at) : 9;
    const first = at === 0 && number.length > 1 ? Math.max(least, 1) : least;
    for (let digit = first; digit <= most; digit++) {
      const after: Place = {
        at: at + 1,
        isLow: isLow && digit === least,
        isHigh: isHigh && digit === most,
      };
      this.builder.read(here, charactersOf(String(digit)), this.#after(number, after));
    }
  }

  #after(number: Unsigned, place: Place): number {
    const key = `${place.at} ${place.isLow} ${place.isHigh}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      return known;
    }
    const node = this.builder.node();
    this.#nodes.set(key, node);
    if (place.at >= number.length && isWithin(number, place)) {
      this.builder.skip(node, this.builder.end);
    }
    if (place.at < number.length) {
      this.#digit(node, number, place);
    } else if (!this.#isInteger && place.at < mostDigits) {
      const point = place.at === number.length ? this.builder.node() : node;
      if (point !== node) {
        this.builder.read(node, charactersOf("."), point);
      }
      this.#digit(point, number, place);
    }
    return node;
  }
}

/** A number without a sign: how many digits stand before the point, and its bounds. */
interface Unsigned {
  readonly length: number;
  readonly from: Digits;
  readonly to: Digits | undefined;
}

interface Place {
  readonly at: number;
  /** So far the digits are those of the lower bound. */
  readonly isLow: boolean;
  readonly isHigh: boolean;
}

function digitAt({ whole, fraction }: Digits, length: number, at: number): number {
  return Number((at < length ? whole[at] : fraction[at - length]) ?? 0);
}

/** The number may end here: what the bounds still have is compared with nothing, which is 0. */
function isWithin({ length, from, to }: Unsigned, { at, isLow, isHigh }: Place): boolean {
  const isBelow = isLow && (hasRest(from, length, at) || from.isExclusive);
  const isAbove = isHigh && to !== undefined && !hasRest(to, length, at) && to.isExclusive;
  return !(isBelow || isAbove);
}

/** Whether any digit but 0 follows. */
function hasRest({ fraction }: Digits, length: number, at: number): boolean {
  return /[1-9]/.test(fraction.slice(at - length));
}
